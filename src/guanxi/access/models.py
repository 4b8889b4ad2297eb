"""Who may: the tables of access. People and departments are in :mod:`guanxi.access.people`."""

from __future__ import annotations

from django.db import models

from guanxi.access.people import Department, User
from guanxi.kernel.labels import Label

__all__ = ["Department", "Grant", "ObjectDefault", "Role", "RoleAction", "RoleField", "RoleScope", "User"]

LEVELS = [("read", "read"), ("write", "write")]
EVERY_OBJECT = "*"


class Role(models.Model):
    """A named set of rights; a person may have several, and holds the union."""

    key = models.CharField(max_length=63, unique=True)
    label_en = models.CharField(max_length=120)
    label_zh = models.CharField(max_length=120)

    @property
    def label(self) -> Label:
        """The label in both languages."""
        return Label(self.label_en, self.label_zh)


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


class Grant(models.Model):
    """One record opened to one principal, with the cause and an optional end.

    Whoever writes the first grant of an object must ``registry.bump("access")`` in the same transaction; until then it opens
    nothing.
    """

    object = models.CharField(max_length=63)
    record = models.BigIntegerField()
    principal_kind = models.CharField(
        max_length=12, choices=[("user", "user"), ("department", "department"), ("role", "role")]
    )
    principal = models.BigIntegerField()
    level = models.CharField(max_length=10, choices=LEVELS)
    cause = models.CharField(max_length=20)
    """owner, team, rule, manual, parent or pool."""
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["object", "principal_kind", "principal", "level", "record"], name="access_grant_who"),
            models.Index(fields=["object", "record"], name="access_grant_record"),
        ]


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
