"""Product 产品: what we sell."""

from __future__ import annotations

from django.db import models

from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.currencies import CURRENCIES
from guanxi.schema.declaration import ObjectDeclaration, Preset, Related, Section
from guanxi.schema.fields import option
from guanxi.schema.record import Record

LIVE = models.Q(deleted_at__isnull=True)

KINDS = (
    option("goods", "Goods", "硬件", "blue"),
    option("software", "Software", "软件", "purple"),
    option("subscription", "Subscription", "订阅", "indigo"),
    option("service", "Service", "服务", "green"),
)

UNITS = (
    option("piece", "piece", "件"),
    option("set", "set", "套"),
    option("unit", "unit", "台"),
    option("license", "licence", "许可"),
    option("year", "year", "年"),
    option("month", "month", "月"),
    option("day", "day", "人天"),
    option("project", "project", "项"),
)


class Product(Record):
    """A thing or a service on the price list."""

    name = fields.text("Product name", "产品名称", required=True, max_length=160)
    name_en = fields.text("English name", "英文名称", max_length=160)
    code = fields.text("Product code", "产品编码", max_length=60, unique=True, index=True)
    category = fields.lookup("Category", "产品分类", "product_category", "catalog.ProductCategory")
    kind = fields.select("Kind", "产品类型", KINDS, default="goods")
    series = fields.text("Series", "系列", max_length=80)
    unit = fields.select("Unit", "单位", UNITS, default="piece")
    price = fields.money("List price", "标价", minimum=0)
    cost = fields.money("Cost", "成本价", minimum=0)
    currency = fields.select("Currency", "币种", CURRENCIES)
    active = fields.boolean("On sale", "在售", default=True)
    description = fields.long_text("Description", "产品描述")

    class Meta:
        indexes = [
            models.Index(fields=["name", "id"], condition=LIVE, name="product_name"),
            models.Index(fields=["external_id"], condition=~models.Q(external_id=""), name="product_external"),
        ]

    class Declaration(ObjectDeclaration):
        key = "product"
        label, plural = Label("Product", "产品"), Label("Products", "产品")
        icon = "package"
        area, order = "catalog", 60
        title_en = "name_en"
        subtitle = "code"
        list_columns = ("name", "code", "category", "kind", "unit", "price", "active")
        default_sort = "name"
        highlights = ("code", "category", "price", "active")
        sections = (
            Section(
                Label("Basics", "基本信息"),
                ("name", "name_en", "code", "category", "kind", "series", "unit", "active", "tags"),
            ),
            Section(Label("Price", "价格信息"), ("price", "cost", "currency")),
            Section(Label("Description", "产品描述"), ("description",)),
        )
        search = ("name", "name_en", "code", "series")
        quick = ("name", "code", "category", "price")
        related = (
            Related("opportunity", "product", ("name", "account", "stage", "amount")),
            Related(
                "opportunity_line", "product", ("opportunity", "quantity", "price", "amount"), through="opportunity"
            ),
        )
        presets = (
            Preset("active", Label("On sale", "在售产品"), "active:yes", "name"),
            Preset("retired", Label("Off sale", "停售产品"), "active:no", "name"),
        )
        virtual = {"tags": fields.tags()}
        import_names = {
            "name": ("product", "name", "item", "item name", "产品", "名称", "商品名称"),
            "code": ("code", "sku", "item code", "product id", "编码", "货号", "商品编码"),
            "price": ("sales price", "list price", "msrp", "售价"),
        }
        default_access = "read"
