"""Opportunity line 商机产品: a product, its quantity and its price in an opportunity."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.conf import settings
from django.db import models

from guanxi.domains.catalog.product import Product
from guanxi.domains.sales.opportunity import Opportunity
from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.currencies import CURRENCIES, taken_over
from guanxi.schema.declaration import ObjectDeclaration
from guanxi.schema.record import Record
from guanxi.schema.rules import Draft, ObjectRules, WriteDoor

LIVE = models.Q(deleted_at__isnull=True)
BATCH = 5_000


def line_amount(record: Any) -> int | None:
    """Quantity × price × (1 − discount), in hundredths; empty without a price."""
    if record.price is None:
        return None
    share = 1 - Decimal(record.discount or 0) / 100
    amount = Decimal(record.price) * Decimal(record.quantity if record.quantity is not None else 1) * share
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


class LineRules(ObjectRules):
    """A new line is in the currency of its opportunity; its price is the list price where the currencies agree."""

    def prepare(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        created = [draft for draft in drafts if draft.created]
        currencies = _by_id(Opportunity, {d.get("opportunity") for d in created if not d.get("currency")}, "currency")
        prices = _by_id(Product, {d.get("product") for d in created if d.get("price") is None}, "price", "currency")
        for draft in created:
            if not draft.get("currency"):
                draft.set(
                    "currency",
                    (currencies.get(draft.get("opportunity")) or {}).get("currency") or settings.GUANXI_CURRENCY,
                )
            listed = prices.get(draft.get("product"))
            if draft.get("price") is None and listed and listed["currency"] == draft.get("currency"):
                draft.set("price", listed["price"])
            if draft.get("quantity") is None:
                draft.set("quantity", Decimal(1))


def _by_id(model: Any, wanted: set[int | None], *columns: str) -> dict[int | None, dict[str, Any]]:
    ids = sorted(pk for pk in wanted if pk is not None)
    found: dict[int | None, dict[str, Any]] = {}
    for start in range(0, len(ids), BATCH):
        rows = model.objects.filter(pk__in=ids[start : start + BATCH]).values("pk", *columns)
        found.update({row["pk"]: row for row in rows})
    return found


class OpportunityLine(Record):
    """A product in an opportunity."""

    opportunity = fields.lookup("Opportunity", "商机", "opportunity", "sales.Opportunity", required=True, cascade=True)
    product = fields.lookup("Product", "产品", "product", "catalog.Product", required=True)
    quantity = fields.decimal("Quantity", "数量", minimum=0)
    price = fields.money("Price", "单价", minimum=0)
    discount = fields.percent("Discount", "折扣率")
    currency = fields.select("Currency", "币种", CURRENCIES, default=taken_over)
    amount = fields.formula("Amount", "小计", line_amount, reads=("quantity", "price", "discount"))
    position = fields.integer("Position", "排序", default=0)
    notes = fields.text("Notes", "备注", max_length=255)

    class Meta:
        indexes = [models.Index(fields=["-created_at", "-id"], condition=LIVE, name="oppline_recent")]

    class Declaration(ObjectDeclaration):
        key = "opportunity_line"
        label, plural = Label("Opportunity product", "商机产品"), Label("Opportunity products", "商机产品")
        icon = "list-details"
        kind = "relation"
        area, order = "sales", 150
        title = "product"
        list_columns = ("opportunity", "product", "quantity", "price", "discount", "amount")
        default_sort = "position"
        quick = ("opportunity", "product", "quantity", "price", "discount")
        rules = LineRules
        inherits = ("opportunity",)
