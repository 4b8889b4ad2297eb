"""Tag 标签: a word put on records of any object."""

from __future__ import annotations

from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import ObjectDeclaration, Preset
from guanxi.schema.fields import option
from guanxi.schema.record import Record

COLORS = tuple(
    option(key, en, zh, key)
    for key, en, zh in (
        ("blue", "Blue", "蓝"),
        ("cyan", "Cyan", "青"),
        ("teal", "Teal", "蓝绿"),
        ("green", "Green", "绿"),
        ("lime", "Lime", "黄绿"),
        ("yellow", "Yellow", "黄"),
        ("orange", "Orange", "橙"),
        ("red", "Red", "红"),
        ("pink", "Pink", "粉"),
        ("purple", "Purple", "紫"),
        ("indigo", "Indigo", "靛"),
        ("gray", "Gray", "灰"),
    )
)
"""The palette; also used by the stages of a pipeline."""


class Tag(Record):
    """A word put on records of any object."""

    name = fields.text("Name", "标签名称", required=True, unique=True, max_length=60, index=True)
    color = fields.select("Color", "颜色", COLORS, default="blue")
    description = fields.text("Description", "说明", max_length=255)

    class Declaration(ObjectDeclaration):
        key = "tag"
        label, plural = Label("Tag", "标签"), Label("Tags", "标签")
        icon = "tag"
        area, order = "setup", 210
        list_columns = ("name", "color", "description")
        default_sort = "name"
        search = ("name", "description")
        quick = ("name", "color")
        presets = (Preset("all", Label("All tags", "全部标签")),)
        default_access = "write"
