"""Opportunity competitor 商机竞争对手: who competes in which opportunity."""

from __future__ import annotations

from django.db import models

from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import ObjectDeclaration
from guanxi.schema.fields import option
from guanxi.schema.record import Record

LIVE = models.Q(deleted_at__isnull=True)

POSITIONS = (
    option("ahead", "Ahead of us", "领先", "red"),
    option("level", "Level with us", "相当", "orange"),
    option("behind", "Behind us", "落后", "green"),
    option("unknown", "Unknown", "未知", "gray"),
)


class OpportunityCompetitor(Record):
    """A competitor in an opportunity."""

    opportunity = fields.lookup("Opportunity", "商机", "opportunity", "sales.Opportunity", required=True, cascade=True)
    competitor = fields.lookup("Competitor", "竞争对手", "competitor", "sales.Competitor", required=True, cascade=True)
    position = fields.select("Position", "竞争态势", POSITIONS, default="unknown")
    price = fields.text("Their offer", "对手报价", max_length=120)
    notes = fields.long_text("Notes", "备注")

    class Meta:
        indexes = [models.Index(fields=["-created_at", "-id"], condition=LIVE, name="oppcompetitor_recent")]

    class Declaration(ObjectDeclaration):
        key = "opportunity_competitor"
        label, plural = (
            Label("Competitor in the deal", "商机竞争对手"),
            Label("Competitors in the deal", "商机竞争对手"),
        )
        icon = "swords"
        kind = "relation"
        area, order = "sales", 170
        title = "competitor"
        list_columns = ("opportunity", "competitor", "position", "price")
        quick = ("opportunity", "competitor", "position")
        inherits = ("opportunity",)
        unique_together = (("opportunity", "competitor"),)
