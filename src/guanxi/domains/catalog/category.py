"""Product category 产品分类: a small tree."""

from __future__ import annotations

from collections.abc import Sequence

from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import ObjectDeclaration, Related
from guanxi.schema.record import Record
from guanxi.schema.rules import Draft, ObjectRules, WriteDoor
from guanxi.schema.tree import refuse_cycles


class CategoryRules(ObjectRules):
    """A category is never below itself."""

    def check(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        refuse_cycles(drafts, "parent")


class ProductCategory(Record):
    """A branch of the product catalogue."""

    name = fields.text("Name", "分类名称", required=True, max_length=120)
    name_en = fields.text("English name", "英文名称", max_length=120)
    parent = fields.lookup("Parent category", "上级分类", "product_category", "catalog.ProductCategory")
    position = fields.integer("Position", "排序", default=0)
    description = fields.long_text("Description", "说明")

    class Declaration(ObjectDeclaration):
        key = "product_category"
        label, plural = Label("Product category", "产品分类"), Label("Product categories", "产品分类")
        icon = "category"
        kind = "setup"
        area, order = "setup", 220
        title_en = "name_en"
        list_columns = ("name", "name_en", "parent", "position")
        default_sort = "position"
        search = ("name", "name_en")
        quick = ("name", "name_en", "parent")
        related = (
            Related("product", "category", ("name", "code", "price", "active")),
            Related("product_category", "parent", ("name", "position"), Label("Subcategories", "下级分类")),
        )
        rules = CategoryRules
        default_access = "read"
