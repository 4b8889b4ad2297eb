"""Stage 销售阶段: one step of a pipeline."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models
from django.utils.translation import gettext as _

from guanxi.kernel.labels import Label
from guanxi.schema import fields, registry
from guanxi.schema.declaration import ObjectDeclaration
from guanxi.schema.fields import option
from guanxi.schema.record import Record
from guanxi.schema.rules import Draft, ObjectRules, WriteDoor

LIVE = models.Q(deleted_at__isnull=True)

CATEGORIES = (
    option("open", "Open", "进行中", "blue"),
    option("won", "Won", "赢单", "green"),
    option("lost", "Lost", "输单", "red"),
    option("void", "Void", "作废", "gray"),
)
"""Also the statuses of an opportunity, which follow the category of its stage."""

FORECAST = (
    option("pipeline", "Pipeline", "储备", "gray"),
    option("best_case", "Best case", "争取", "blue"),
    option("commit", "Commit", "承诺", "orange"),
    option("closed", "Closed", "已成交", "green"),
    option("omitted", "Omitted", "不计入", "red"),
)

COLORS = tuple(
    option(key, en, zh, key)
    for key, en, zh in (
        ("gray", "Gray", "灰"),
        ("blue", "Blue", "蓝"),
        ("cyan", "Cyan", "青"),
        ("teal", "Teal", "蓝绿"),
        ("green", "Green", "绿"),
        ("yellow", "Yellow", "黄"),
        ("orange", "Orange", "橙"),
        ("red", "Red", "红"),
        ("purple", "Purple", "紫"),
        ("indigo", "Indigo", "靛"),
    )
)


def required_keys(required_fields: str | None) -> tuple[str, ...]:
    """The field keys in the text ``amount, close_on``."""
    return tuple(part.strip() for part in (required_fields or "").replace("，", ",").split(",") if part.strip())


class StageRules(ObjectRules):
    """A stage asks only for fields that opportunities have."""

    def check(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        opportunity = registry.get("opportunity")
        for draft in drafts:
            for key in required_keys(draft.get("required_fields")) if draft.changed("required_fields") else ():
                if key not in opportunity.fields or not opportunity.fields[key].writable:
                    message = _("Opportunities have no field “%(key)s” that could be asked for.")
                    draft.error("required_fields", message % {"key": key})


class Stage(Record):
    """One step of a pipeline."""

    pipeline = fields.lookup("Pipeline", "销售管道", "pipeline", "sales.Pipeline", required=True, cascade=True)
    name = fields.text("Name", "阶段名称", required=True, max_length=80)
    name_en = fields.text("English name", "英文名称", max_length=80)
    position = fields.integer("Position", "排序", default=0)
    category = fields.select("Category", "阶段类型", CATEGORIES, default="open", required=True)
    probability = fields.percent("Probability", "赢单概率", default=0)
    forecast_category = fields.select("Forecast category", "预测类别", FORECAST, default="pipeline")
    required_fields = fields.text(
        "Required fields", "必填字段", max_length=500,
        help=(
            "Keys of the fields asked for when an opportunity enters, separated by commas: amount, close_on.",
            "商机进入本阶段时必填的字段键，以逗号分隔，例如：amount, close_on。",
        ),
    )  # fmt: skip
    color = fields.select("Color", "颜色", COLORS, default="blue")

    class Meta:
        indexes = [models.Index(fields=["pipeline", "position", "id"], condition=LIVE, name="stage_pipeline_position")]

    class Declaration(ObjectDeclaration):
        key = "stage"
        label, plural = Label("Stage", "销售阶段"), Label("Stages", "销售阶段")
        icon = "progress"
        kind = "setup"
        area, order = "setup", 240
        title_en = "name_en"
        list_columns = ("name", "name_en", "pipeline", "position", "probability", "category", "forecast_category")
        default_sort = "position"
        search = ("name", "name_en")
        quick = ("pipeline", "name", "name_en", "position", "probability", "category")
        rules = StageRules
        default_access = "read"
