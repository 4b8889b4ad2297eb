"""An object declared here, in this one file, gets everything; nothing else in the house knows of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from guanxi.kernel.labels import Label
from guanxi.schema import fields, registry
from guanxi.schema.declaration import Board, Calendar, ObjectDeclaration
from guanxi.schema.fields import option
from guanxi.schema.record import OwnedRecord
from tests.conformance.suite import ConformanceSuite


def declare() -> type[OwnedRecord]:
    """The whole declaration of the object."""

    class Gadget(OwnedRecord):
        """A throw-away object."""

        name: Any = fields.text("Gadget name", "装置名称", required=True)
        state: Any = fields.select(
            "State", "状态", (option("new", "New", "新"), option("old", "Old", "旧")), default="new"
        )
        price: Any = fields.money("Price", "价格")
        currency: Any = fields.text("Currency", "币种", max_length=3, hidden=True)
        due_on: Any = fields.date("Due", "到期")
        seen_at: Any = fields.datetime("Seen", "看到时间")
        ratio: Any = fields.decimal("Ratio", "比例")
        share: Any = fields.percent("Share", "份额")
        size: Any = fields.integer("Size", "大小")
        useful: Any = fields.boolean("Useful", "有用")
        colours: Any = fields.multi_select("Colours", "颜色", (option("r", "Red", "红"), option("b", "Blue", "蓝")))
        mail: Any = fields.email("Mail", "邮箱")
        call: Any = fields.phone("Phone", "电话")
        site: Any = fields.url("Site", "网站")
        story: Any = fields.long_text("Story", "故事")
        secret: Any = fields.encrypted("Secret", "密文")
        place: Any = fields.geo_point("Place", "位置")

        class Meta:
            app_label = "engine"

        class Declaration(ObjectDeclaration):
            key = "gadget"
            label, plural = Label("Gadget", "装置"), Label("Gadgets", "装置")
            icon = "box"
            list_columns = ("name", "state", "price", "due_on", "owner")
            search = ("name", "mail")
            board = Board(group="state", amount="price", card=("due_on",))
            calendar = Calendar(start="due_on")
            timeline = True

    return Gadget


@pytest.fixture(scope="module", autouse=True)
def _gadgets(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The object exists, with its table, while the tests of this file run."""
    with django_db_blocker.unblock():
        model = declare()
        registry.forget()
        with connection.schema_editor() as editor:
            editor.create_model(model)
        yield
        with connection.schema_editor() as editor:
            editor.delete_model(model)
        del apps.all_models["engine"]["gadget"]
        apps.clear_cache()
        registry.forget()


class TestThrowAwayObject(ConformanceSuite):
    """The whole suite over the object above."""

    key = "gadget"
