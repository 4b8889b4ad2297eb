"""The kinds on values nobody here wrote."""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path

import phonenumbers
import pytest
from django.test import Client

from guanxi.engine import keys
from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.fields import SPEC_ATTRIBUTE
from guanxi.schema.kinds import KINDS
from guanxi.schema.spec import FieldSpec
from tests.support import people
from tests.support.hostile import dangers, strings


def test_every_official_example_number_is_kept_in_e164(guanxi_data: Path) -> None:
    column = fields.phone("Phone", "电话")
    spec = getattr(column, SPEC_ATTRIBUTE)
    with (guanxi_data / "phone-numbers" / "example_numbers.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 1000
    wrong = [row for row in rows if row["e164"] and spec.kind.parse(row["e164"], spec) != row["e164"]]
    assert wrong == []


@pytest.mark.django_db
def test_hostile_strings_are_stored_and_given_back_and_run_nowhere(guanxi_data: Path) -> None:
    user = people.person("root", administrator=True)
    _key, secret = keys.issue(people.actor(user), "test")
    api = Client(headers={"Authorization": f"Bearer {secret}"})
    pages = Client()
    pages.login(username="root", password="root")
    kept: list[int] = []
    for text in [text for text in strings(guanxi_data) if len(text) <= 160][::2]:
        response = api.post("/api/v1/tag", json.dumps({"name": text}), content_type="application/json")
        body = response.json()
        if response.status_code == 201:
            assert body["name"] == text.strip()
            assert api.get(f"/api/v1/tag/{body['id']}").json()["name"] == text.strip()
            kept.append(body["id"])
        else:
            assert response.status_code == 422, text
            assert body["errors"]["name"]
    assert len(kept) > 200
    for page in [*(f"/o/tag/{pk}" for pk in kept[::12]), "/o/tag", "/palette?q=script"]:
        assert dangers(pages.get(page).content.decode()) == [], page


def test_plain_chinese_mobile_numbers_are_read_as_the_library_reads_them() -> None:
    """What is read without asking the library is what the library says, near numbers that are none included."""
    dice = random.Random(8)
    kind = KINDS["phone"]
    spec = FieldSpec(kind=kind, label=Label("Phone", "电话"))
    quick = 0
    for _ in range(5_000):
        digits = "".join(dice.choice("0123456789") for _ in range(dice.choice((9, 10, 10, 10, 11))))
        text = f"{dice.choice(('', '+86', '86', '0086'))}1{digits}"
        expected = text
        try:
            number = phonenumbers.parse(text, "CN")
            if phonenumbers.is_valid_number(number):
                expected = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        except phonenumbers.NumberParseException:
            pass
        assert kind.parse(text, spec) == expected
        quick += expected != text
    assert quick > 500
