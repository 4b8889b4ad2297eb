"""Competitor 竞争对手: who else the customer talks to."""

from __future__ import annotations

from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import ObjectDeclaration, Preset, Related, Section
from guanxi.schema.fields import option
from guanxi.schema.record import Record

THREATS = (
    option("high", "High", "高", "red"),
    option("medium", "Medium", "中", "orange"),
    option("low", "Low", "低", "green"),
)


class Competitor(Record):
    """Somebody else who sells what we sell."""

    name = fields.text("Name", "名称", required=True, unique=True, max_length=160)
    website = fields.url("Website", "网址")
    threat = fields.select("Threat", "威胁程度", THREATS)
    headquarters = fields.text("Headquarters", "总部所在地", max_length=120)
    products = fields.long_text("Products", "主要产品")
    strengths = fields.long_text("Strengths", "优势")
    weaknesses = fields.long_text("Weaknesses", "劣势")
    strategy = fields.long_text("How to win", "应对策略")

    class Declaration(ObjectDeclaration):
        key = "competitor"
        label, plural = Label("Competitor", "竞争对手"), Label("Competitors", "竞争对手")
        icon = "swords"
        area, order = "sales", 50
        subtitle = "headquarters"
        list_columns = ("name", "threat", "headquarters", "website", "open_count", "lost_count")
        default_sort = "name"
        highlights = ("threat", "headquarters", "website", "lost_count", "lost_amount")
        sections = (
            Section(Label("Basics", "基本信息"), ("name", "website", "threat", "headquarters", "products", "tags")),
            Section(Label("Assessment", "竞争分析"), ("strengths", "weaknesses", "strategy")),
            Section(Label("Record", "交锋记录"), ("open_count", "lost_count", "lost_amount")),
        )
        search = ("name", "website", "products")
        quick = ("name", "website", "threat")
        related = (
            Related(
                "opportunity_competitor", "competitor", ("opportunity", "position"),
                Label("Met in opportunities", "交锋商机"), through="opportunity",
            ),
            Related(
                "opportunity", "lost_to", ("name", "account", "amount", "lost_reason", "closed_on"),
                Label("Lost to them", "输给该对手的商机"),
            ),
        )  # fmt: skip
        presets = (Preset("threats", Label("Main threats", "主要威胁"), "threat:high"),)
        virtual = {
            "tags": fields.tags(),
            "open_count": fields.count_of("Met", "交锋次数", "opportunity_competitor", "competitor"),
            "lost_count": fields.count_of("Lost to them", "输单数", "opportunity", "lost_to", status="lost"),
            "lost_amount": fields.sum_of("Lost amount", "输单金额", "opportunity", "lost_to", "amount", status="lost"),
        }
        default_access = "write"
        timeline = True
