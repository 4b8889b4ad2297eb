"""Who may: the tables of access. People and departments are in :mod:`guanxi.access.people`."""

from __future__ import annotations

from typing import Any

from django.db import models

from guanxi.access.events import AuditEvent, AuditHead
from guanxi.access.grants import EVERYONE, LEVELS, PRINCIPALS, Grant
from guanxi.access.people import Department, User
from guanxi.access.roles import Role
from guanxi.access.sharing import SharingRule
from guanxi.access.signin import Attempt, FormerPassword

__all__ = [
    "EVERYONE",
    "PRINCIPALS",
    "Attempt",
    "AuditEvent",
    "AuditHead",
    "Department",
    "FormerPassword",
    "Grant",
    "ObjectDefault",
    "Role",
    "RoleAction",
    "RoleField",
    "RoleScope",
    "SecurityPolicy",
    "SharingRule",
    "User",
]

EVERY_OBJECT = "*"


class RoleAction(models.Model):
    """A role may do ``right`` on an object (``*`` for every object)."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="actions")
    object = models.CharField(max_length=63)
    right = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "object", "right"], name="access_roleaction_once")]


class RoleScope(models.Model):
    """How far a role reaches on an object: own, reports, department, department_tree or all; reading and editing apart."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="scopes")
    object = models.CharField(max_length=63)
    read = models.CharField(max_length=20, default="own")
    edit = models.CharField(max_length=20, default="own")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "object"], name="access_rolescope_once")]


class ObjectDefault(models.Model):
    """What everybody may do with every record of an object; overrides the declaration's ``default_access``."""

    object = models.CharField(max_length=63, primary_key=True)
    level = models.CharField(max_length=10, choices=[("private", "private"), *LEVELS])


class RoleField(models.Model):
    """What a role may do with one field: hidden, read or write; and whether it sees it masked.

    ``mask``: ``none``, ``list`` (masked in lists, shown on the record) or ``all``. A masked field can be neither
    filtered, sorted, grouped, searched nor edited.
    """

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="fields")
    object = models.CharField(max_length=63)
    field = models.CharField(max_length=63)
    level = models.CharField(max_length=10, choices=[("hidden", "hidden"), *LEVELS])
    mask = models.CharField(max_length=10, default="none")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "object", "field"], name="access_rolefield_once")]


class SecurityPolicy(models.Model):
    """The company's rules for signing in, watermarks and exports: one row, read through :mod:`guanxi.access.policy`."""

    values: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict)
