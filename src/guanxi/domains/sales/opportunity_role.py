"""Opportunity role 商机联系人: which contact plays which part in the buying decision."""

from __future__ import annotations

from django.db import models

from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import ObjectDeclaration
from guanxi.schema.fields import option
from guanxi.schema.record import Record

LIVE = models.Q(deleted_at__isnull=True)

BUYING_ROLES = (
    option("decision_maker", "Decision maker", "决策者", "red"),
    option("economic", "Economic buyer", "经济决策人", "orange"),
    option("technical", "Technical evaluator", "技术评估人", "blue"),
    option("user", "User", "使用者", "green"),
    option("champion", "Champion", "内部支持者", "purple"),
    option("purchaser", "Purchaser", "采购执行", "yellow"),
    option("blocker", "Opponent", "反对者", "gray"),
)

INFLUENCES = (
    option("high", "High", "高", "red"),
    option("medium", "Medium", "中", "orange"),
    option("low", "Low", "低", "gray"),
)

ATTITUDES = (
    option("for", "For us", "支持", "green"),
    option("neutral", "Neutral", "中立", "gray"),
    option("against", "Against us", "反对", "red"),
)


class OpportunityRole(Record):
    """A contact's part in an opportunity."""

    opportunity = fields.lookup("Opportunity", "商机", "opportunity", "sales.Opportunity", required=True, cascade=True)
    contact = fields.lookup("Contact", "联系人", "contact", "customers.Contact", required=True, cascade=True)
    role = fields.select("Buying role", "决策角色", BUYING_ROLES)
    influence = fields.select("Influence", "影响力", INFLUENCES)
    attitude = fields.select("Attitude", "态度", ATTITUDES)
    notes = fields.long_text("Notes", "备注")

    class Meta:
        indexes = [models.Index(fields=["-created_at", "-id"], condition=LIVE, name="opprole_recent")]

    class Declaration(ObjectDeclaration):
        key = "opportunity_role"
        label, plural = Label("Buying role", "商机联系人"), Label("Buying roles", "商机联系人")
        icon = "users"
        kind = "relation"
        area, order = "sales", 160
        title = "contact"
        list_columns = ("opportunity", "contact", "role", "influence", "attitude")
        quick = ("opportunity", "contact", "role", "influence")
        inherits = ("opportunity",)
        unique_together = (("opportunity", "contact"),)
