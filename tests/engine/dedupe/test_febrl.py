"""The shipped rules against the Febrl data sets, whose true pairs are known: one set of rules, nothing set per data set.

Febrl (Christen, 2008) made them from records of a generator of Australian people: mistyped, swapped and missing values.
"""

from __future__ import annotations

import csv
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from guanxi.engine import write
from guanxi.engine.dedupe import scanning
from guanxi.engine.jobs import running
from guanxi.engine.match_record import DuplicateGroup, FoundPair
from tests.support import people

pytestmark = pytest.mark.django_db
WANTED = 0.99


def contact_of(row: dict[str, str]) -> dict[str, Any]:
    """A record of the data set as a contact; what identifies it there stays outside."""
    lines = (f"{row['street_number']} {row['address_1']}".strip(), row["address_2"])
    name = f"{row['given_name']} {row['surname']}".strip()
    values = {
        "family_name": row["surname"],
        "given_name": row["given_name"],
        "name": name or "Unknown",
        "identity_number": row["soc_sec_id"],
        "birthday": _day(row["date_of_birth"]),
        "address": "\n".join(filter(None, lines)),
        "city": row["suburb"],
        "state": row["state"],
        "postcode": row["postcode"],
    }
    return {key: value for key, value in values.items() if value}


def _day(text: str) -> date | None:
    """A mistyped day that is none in the calendar cannot be kept."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return [{k.strip(): v.strip() for k, v in row.items()} for row in csv.DictReader(file)]


@pytest.mark.parametrize("number", [1, 2])
def test_a_scan_finds_the_true_pairs(number: int, guanxi_data: Path) -> None:
    folder = guanxi_data / "dedupe-febrl"
    rows = _rows(folder / f"dataset{number}.csv")
    gold = {frozenset((row["a"], row["b"])) for row in _rows(folder / f"gold_dataset{number}.csv")}
    with write.change(people.program(), "import") as door:
        made = door.create_many("contact", [contact_of(row) for row in rows])
    names = {record.pk: row["rec_id"] for record, row in zip(made, rows, strict=True)}
    boss = people.actor(people.person("boss", administrator=True))
    job = scanning.start(boss, "contact")
    running.run(job.pk)
    job.refresh_from_db()
    assert job.status == "done", job.result
    found = {
        frozenset((names[a], names[b]))
        for group in DuplicateGroup.objects.all()
        for a, b in combinations(group.members, 2)
    }
    right = len(found & gold)
    precision, recall = right / len(found), right / len(gold)
    f1 = 2 * precision * recall / (precision + recall)
    print(f"Febrl {number}: precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f}")
    assert f1 >= WANTED
    assert not FoundPair.objects.exists()
