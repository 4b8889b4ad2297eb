"""Opportunity 商机: a deal that may be won."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import models

from guanxi.domains.customers.choices import SOURCES
from guanxi.domains.sales.opportunity_closing import CLOSING_ACTIONS, LOST_REASONS
from guanxi.domains.sales.opportunity_rules import OpportunityRules
from guanxi.domains.sales.stage import CATEGORIES, FORECAST
from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.aggregates import Aggregate, Part, Tile
from guanxi.schema.currencies import CURRENCIES, taken_over
from guanxi.schema.declaration import Board, Calendar, ObjectDeclaration, Preset, Related, Section
from guanxi.schema.fields import option
from guanxi.schema.record import OwnedRecord

LIVE = models.Q(deleted_at__isnull=True)
_CLOSE, _SINCE = "close_on", "stage_entered_at"
OPEN = LIVE & models.Q(status="open")
_WON, _DECIDED = "status:won closed_on:this_", "status:won,lost closed_on:this_"
BRIEFING = (
    Tile("open", Label("Open pipeline", "进行中商机"), "status:open", "amount"),
    Tile("forecast", Label("Weighted, due this quarter", "本季度加权预测"), "status:open close_on:this_quarter", "weighted"),
    Tile(
        "won", Label("Won this month", "本月赢单"), f"{_WON}month", "amount", before="status:won closed_on:last_month"
    ),
    Tile("rate", Label("Win rate this quarter", "本季度赢单率"), f"{_WON}quarter", of=f"{_DECIDED}quarter"),
    Tile("stages", Label("Open pipeline by stage", "各阶段商机"), "status:open", "amount", Part("stage")),
    Tile(
        "months", Label("Weighted, by month of expected close", "各月加权预测"), "status:open close_on>=this_month",
        "weighted", Part("close_on", "month"),
    ),
    Tile("people", Label("Won this quarter, by owner", "本季度赢单排行"), f"{_WON}quarter", "amount", Part("owner"), top=8),
    Tile("year", Label("Won this year, by month", "本年各月赢单"), f"{_WON}year", "amount", Part("closed_on", "month")),
)  # fmt: skip

TYPES = (
    option("new", "New business", "新客户", "blue"),
    option("upsell", "Upsell", "增购", "purple"),
    option("renewal", "Renewal", "续约", "green"),
)


def weighted_amount(record: Any) -> int | None:
    """Amount × probability in hundredths; nothing for lost and void ones, empty without an amount."""
    if record.amount is None:
        return None
    if record.status in ("lost", "void"):
        return 0
    share = Decimal(record.amount) * Decimal(record.probability or 0) / 100
    return int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP))


class Opportunity(OwnedRecord):
    """A deal that may be won."""

    name = fields.text("Opportunity name", "商机名称", required=True, max_length=200)
    number = fields.auto_number("Opportunity number", "商机编号", "OPP-{year}-{number:05d}")
    account = fields.lookup("Account", "客户", "account", "customers.Account")
    contact = fields.lookup("Main contact", "主要联系人", "contact", "customers.Contact")
    # Without an index of its own: there are few pipelines, and SQLite would take it for a good one.
    pipeline = fields.lookup("Pipeline", "销售管道", "pipeline", "sales.Pipeline", index=False)
    stage = fields.lookup("Stage", "销售阶段", "stage", "sales.Stage", depends="pipeline")
    status = fields.select("Status", "商机状态", CATEGORIES, default="open")
    amount = fields.money("Amount", "预计金额", minimum=0)
    currency = fields.select("Currency", "币种", CURRENCIES, default=taken_over)
    probability = fields.percent("Probability", "赢单概率")
    weighted = fields.formula("Weighted amount", "加权金额", weighted_amount, reads=("amount", "probability", "status"))
    forecast_category = fields.select("Forecast category", "预测类别", FORECAST)
    forecast_manual = fields.boolean("Forecast set by hand", "手动预测", hidden=True, read_only=True)
    close_on = fields.date("Expected close", "预计成交日期")
    opened_on = fields.date("Opened on", "商机发现日期")
    closed_on = fields.date("Closed on", "实际关闭日期")
    stage_entered_at = fields.datetime("In stage since", "进入阶段时间", read_only=True)
    lost_reason = fields.select("Lost reason", "输单原因", LOST_REASONS)
    lost_to = fields.lookup("Lost to", "输给对手", "competitor", "sales.Competitor")
    lost_note = fields.long_text("What happened", "输单/作废说明")
    product = fields.lookup("Main product", "主要产品", "product", "catalog.Product")
    source = fields.select("Source", "商机来源", SOURCES)
    kind = fields.select("Type", "商机类型", TYPES, default="new")
    next_step = fields.text("Next step", "下一步计划", max_length=255)
    needs = fields.long_text("Needs", "客户需求")
    next_contact_on = fields.date("Next contact", "下次联系日期")
    last_contacted_at = fields.datetime("Last contact", "最近跟进时间", read_only=True, quiet=True)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at", "-id"], condition=LIVE, name="opp_recent"),
            # With the day of deletion, which is always empty here: SQLite would open every record it counts to see that.
            models.Index(fields=["owner", "-created_at", "-id", "deleted_at"], condition=LIVE, name="opp_owner_recent"),
            models.Index(fields=["amount", "id"], condition=LIVE, name="opp_amount"),
            models.Index(fields=["close_on", "id", "owner", "deleted_at"], condition=LIVE, name="opp_close"),
            models.Index(fields=["name", "id"], condition=LIVE, name="opp_name"),
            models.Index(fields=["stage", "-created_at", "-id"], condition=LIVE, name="opp_stage_recent"),
            # Sums and counts of what some people own without opening a record, whatever they are grouped by.
            models.Index(
                fields=[
                    *(
                        "owner",
                        "stage",
                        "amount",
                        "currency",
                        "weighted",
                        "pipeline",
                        "status",
                        "close_on",
                        "deleted_at",
                    ),
                ],
                condition=LIVE,
                name="opp_sums",
            ),
            models.Index(fields=["status", "-created_at", "-id", "owner"], condition=LIVE, name="opp_status_recent"),
            models.Index(fields=["status", "closed_on", "id"], condition=LIVE, name="opp_closed"),
            models.Index(fields=["owner", "close_on", "id", "status"], condition=OPEN, name="opp_owner_open"),
            models.Index(fields=["account", "status", "amount"], condition=LIVE, name="opp_account_status"),
            models.Index(fields=["external_id"], condition=~models.Q(external_id=""), name="opp_external"),
        ]

    class Declaration(ObjectDeclaration):
        key = "opportunity"
        label, plural = Label("Opportunity", "商机"), Label("Opportunities", "商机")
        icon = "target"
        area, order = "sales", 40
        subtitle = "account"
        list_columns = ("name", "account", "stage", "amount", "probability", "close_on", "owner")
        highlights = ("amount", "account", "close_on", "probability", "owner", "next_contact_on")
        path = "stage"
        sections = (
            Section(
                Label("Opportunity", "基本信息"),
                ("name", "number", "account", "contact", "kind", "source", "product", "owner", "tags"),
            ),
            Section(
                Label("Sale", "销售信息"),
                (
                    *("pipeline", "stage", "amount", "currency", "probability", "weighted", "forecast_category"),
                    *("close_on", "opened_on", "next_step", "next_contact_on", "last_contacted_at", "needs"),
                ),
            ),
            Section(
                Label("Closing", "关闭信息"),
                ("status", "closed_on", "lost_reason", "lost_to", "lost_note", "stage_entered_at"),
            ),
            Section(Label("Products", "产品信息"), ("line_count", "line_total")),
        )
        search = ("name", "number", "next_step")
        quick = ("name", "account", "pipeline", "stage", "amount", "currency", "close_on", "owner")
        board = Board(
            group="stage", scope="pipeline", amount="amount", weighted="weighted",
            card=("account", "amount", "close_on", "owner"), age="stage_entered_at", stalled_after=30,
        )  # fmt: skip
        calendar = Calendar(start="close_on", color="status")
        aggregates = (
            Aggregate("stage", (Part("pipeline"), Part("stage"), Part("status")), ("amount", "weighted")),
            Aggregate("closing_month", (Part("close_on", "month"),), ("amount", "weighted")),
            Aggregate("closing", (Part("close_on", "month"), Part("stage"), Part("status")), ("amount", "weighted")),
            Aggregate("closed", (Part("closed_on", "month"), Part("status")), ("amount",)),
        )
        tiles = BRIEFING
        related = (
            Related("opportunity_line", "opportunity", ("product", "quantity", "price", "discount", "amount")),
            Related("opportunity_role", "opportunity", ("contact", "role", "influence"), through="contact"),
            Related("opportunity_competitor", "opportunity", ("competitor", "position"), through="competitor"),
            Related("task", "about", ("subject", "status", "due_on", "owner")),
            Related("stage_change", "opportunity", ("to_stage", "entered_at", "left_at", "responsible")),
        )
        presets = (
            Preset("open", Label("Open", "进行中"), "status:open"),
            Preset("mine", Label("My open opportunities", "我的进行中商机"), "status:open owner:me", "close_on"),
            Preset("quarter", Label("This quarter", "本季度预计成交"), "status:open close_on:this_quarter", _CLOSE),
            Preset("late", Label("Past the expected close", "已过预计成交日"), "status:open close_on<today", _CLOSE),
            Preset("large", Label("Large", "大额商机"), "status:open amount>=500000", "-amount"),
            Preset("stalled", Label("Stalled", "停滞商机"), "status:open stage_entered_at<last_30_days", _SINCE),
            Preset("won", Label("Won this year", "本年赢单"), "status:won closed_on:this_year", "-closed_on"),
            Preset(
                "lost", Label("Lost this year", "本年输单"), "status:lost closed_on:this_year", "-closed_on",
                ("name", "account", "amount", "lost_reason", "lost_to", "closed_on", "owner"),
            ),
        )  # fmt: skip
        actions = CLOSING_ACTIONS
        virtual = {
            "tags": fields.tags(),
            "line_count": fields.count_of("Product lines", "产品行数", "opportunity_line", "opportunity"),
            "line_total": fields.sum_of("Product total", "产品合计", "opportunity_line", "opportunity", "amount"),
        }
        rules = OpportunityRules
        import_names = {
            "name": ("opportunity", "deal", "deal name", "商机", "项目名称", "机会名称"),
            "account": ("account name", "company", "company name", "customer", "公司", "公司名称", "客户名称"),
            "contact": ("contact", "contact name", "联系人"),
            "stage": ("deal stage", "sales stage", "阶段", "商机阶段"),
            "amount": ("close value", "deal amount", "销售金额"),
            "close_on": ("close date", "closing date", "expected close date", "预计成交", "预计签单日期"),
            "opened_on": ("engage date", "created date", "open date", "发现日期"),
            "product": ("product name", "产品"),
            "external_id": ("opportunity id", "deal id"),
        }
        timeline = True
