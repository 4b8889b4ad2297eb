"""Pipeline 销售管道: a sequence of stages that opportunities move through."""

from __future__ import annotations

from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import ObjectDeclaration, Related
from guanxi.schema.record import Record


class Pipeline(Record):
    """A sequence of stages."""

    name = fields.text("Name", "管道名称", required=True, unique=True, max_length=80)
    name_en = fields.text("English name", "英文名称", max_length=80)
    position = fields.integer("Position", "排序", default=0)
    is_default = fields.boolean("Default", "默认管道", help=("New opportunities start here.", "新商机默认进入此管道。"))
    active = fields.boolean("In use", "启用", default=True)
    description = fields.long_text("Description", "说明")

    class Declaration(ObjectDeclaration):
        key = "pipeline"
        label, plural = Label("Pipeline", "销售管道"), Label("Pipelines", "销售管道")
        icon = "timeline"
        kind = "setup"
        area, order = "setup", 230
        title_en = "name_en"
        list_columns = ("name", "name_en", "is_default", "active", "position")
        default_sort = "position"
        search = ("name", "name_en")
        quick = ("name", "name_en", "is_default")
        related = (Related("stage", "pipeline", ("name", "position", "probability", "category", "forecast_category")),)
        default_access = "read"
