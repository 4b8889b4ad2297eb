"""Affiliation 任职关系: which contact belongs to which accounts, and as what."""

from __future__ import annotations

from django.db import models

from guanxi.domains.customers.contact import ROLES
from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import ObjectDeclaration
from guanxi.schema.record import Record

LIVE = models.Q(deleted_at__isnull=True)


class Affiliation(Record):
    """One contact at one account, besides or before the contact's own account."""

    contact = fields.lookup("Contact", "联系人", "contact", "customers.Contact", required=True, cascade=True)
    account = fields.lookup("Account", "客户", "account", "customers.Account", required=True, cascade=True)
    role = fields.select("Role", "角色", ROLES)
    job_title = fields.text("Job title", "职务", max_length=120)
    current = fields.boolean("Current", "在任", default=True)
    since = fields.date("Since", "开始日期")
    until = fields.date("Until", "结束日期")

    class Meta:
        indexes = [models.Index(fields=["-created_at", "-id"], condition=LIVE, name="affiliation_recent")]

    class Declaration(ObjectDeclaration):
        key = "affiliation"
        label, plural = Label("Affiliation", "任职关系"), Label("Affiliations", "任职关系")
        icon = "id-badge"
        kind = "relation"
        area, order = "customers", 30
        title = "contact"
        list_columns = ("contact", "account", "role", "job_title", "current")
        quick = ("contact", "account", "role", "job_title")
        inherits = ("account", "contact")
        unique_together = (("contact", "account"),)
