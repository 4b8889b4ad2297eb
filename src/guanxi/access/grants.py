"""Grants: one record opened to one principal."""

from __future__ import annotations

from django.conf import settings
from django.db import models

LEVELS = [("read", "read"), ("write", "write")]
PRINCIPALS = ("user", "department", "department_tree", "role")
"""Whom a grant is for: a person, the members of a department, those of it and all below, the holders of a role."""
EVERYONE = "everyone"
"""The principal of a rule that is for everybody."""


class Grant(models.Model):
    """One record opened to one principal, with the cause and an optional end.

    Whoever writes the first grant of an object must ``registry.bump("access")`` in the same transaction; until then it opens
    nothing.
    """

    object = models.CharField(max_length=63)
    record = models.BigIntegerField()
    principal_kind = models.CharField(max_length=16, choices=[(kind, kind) for kind in (*PRINCIPALS, EVERYONE)])
    principal = models.BigIntegerField()
    level = models.CharField(max_length=10, choices=LEVELS)
    cause = models.CharField(max_length=20)
    """team (a member of the record's team), manual (shared by hand) or rule; parent and pool are kept for what comes."""
    rule = models.ForeignKey("access.SharingRule", on_delete=models.CASCADE, null=True, related_name="+")
    """The sharing rule it follows from; such grants are kept by :mod:`guanxi.access.sharing` alone."""
    note = models.CharField(max_length=120, blank=True, default="")
    """What a team member does on the record, or why it was shared."""
    expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["object", "principal_kind", "principal", "level", "record"], name="access_grant_who"),
            models.Index(fields=["object", "record"], name="access_grant_record"),
            models.Index(fields=["rule", "record"], condition=models.Q(rule__isnull=False), name="access_grant_rule"),
        ]
