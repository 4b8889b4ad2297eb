"""``guanxi bench load`` fills an empty database with a company, and leaves one with records alone."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from guanxi.access.actor import Actor
from guanxi.access.models import Department, Grant, User
from guanxi.domains.customers.account import Account
from guanxi.domains.customers.contact import Contact
from guanxi.domains.sales.opportunity import Opportunity
from guanxi.engine.field_index import FieldIndex
from guanxi.engine.indexing import building
from guanxi.journal.models import Entry
from guanxi.kernel import db
from guanxi.project.bench import load as loading
from guanxi.schema.models import CustomField
from tests.support.databases import copied

pytestmark = pytest.mark.django_db(transaction=True)

MAKING = """
import os
from guanxi.project import django_start
django_start.start()
from guanxi.access.actor import Actor
from guanxi.project.bench import making

def row(dice, index):
    assert index != {refused}, "This one cannot be made."
    return {{"family_name": str(dice.random()), "given_name": str(index), "job_title": str(os.getpid())}}

making.CHUNK = 50
making.make(Actor.program(), "contact", 240, row, print)
"""


def test_an_empty_database_becomes_a_company(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "BUSY", 20)
    said: list[str] = []
    loading.load(200, said.append)
    assert (Opportunity.objects.count(), Contact.objects.count(), Account.objects.count()) == (200, 200, 20)
    assert CustomField.objects.filter(object="opportunity").count() == 20
    assert Department.objects.count() == 16
    assert Grant.objects.filter(object="opportunity", cause="manual").count() == 39
    owned = sorted(Opportunity.objects.filter(owner=person).count() for person in User.objects.all())
    assert owned[-1] > 3 * owned[len(owned) // 2], "a few have much, most have little"
    made = Entry.objects.filter(object="opportunity", verb="created").count()
    assert made == 200, "all of it went through the write door"
    assert said[-1].startswith("Ready")
    with pytest.raises(SystemExit, match="already holds records"):
        loading.load(200, said.append)
    assert Opportunity.objects.count() == 200
    for one in FieldIndex.objects.all():
        building.remove(Actor.program(), one.pk)


def test_a_filled_database_is_measured_and_left_as_it_is(tmp_path: Path) -> None:
    """All pages on a database that was filled beforehand, as the command is typed; not where it holds fewer records."""
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"GUANXI_DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "guanxi.project.settings"}

    def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "guanxi.project.cli", "bench", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)

    assert bench("load", "--rows", "300").returncode == 0
    filled = ("--filled", f"sqlite:///{tmp_path}/guanxi.sqlite3", "--runs", "1")
    done = bench(*filled, "--rows", "300", "--results", str(tmp_path / "kept"))
    assert done.returncode == 0, done.stderr
    assert "## pages, SQLite, 300 rows" in (tmp_path / "kept" / "RESULTS.md").read_text(encoding="utf-8")
    assert all(f"\n{name}" in done.stdout for name in ("list, newest first", "briefing, 8 tiles", "API create"))
    refused = bench(*filled, "--rows", "400")
    assert refused.returncode == 1 and "not 400" in refused.stderr


def making(url: str, folder: Path, refused: int) -> subprocess.CompletedProcess[str]:
    """240 contacts in batches of 50, made by a program of its own; one of them is refused."""
    environment = os.environ | {"DATABASE_URL": url, "GUANXI_DATA_DIR": str(folder)}
    environment |= {"DJANGO_SETTINGS_MODULE": "guanxi.project.settings", "GUANXI_SECRET_KEY": "s" * 64}
    command = [sys.executable, "-c", MAKING.format(refused=refused)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)


def test_several_processes_make_the_records_that_one_makes(tmp_path: Path) -> None:
    with copied(tmp_path) as url:
        done = making(url, tmp_path, refused=-1)
        assert done.returncode == 0, done.stderr
        assert "of 240 records of contact" in done.stdout
        made = list(Contact.objects.values_list("given_name", "family_name", "job_title"))
    expected: dict[str, str] = {}
    for start in range(0, 240, 50):
        dice = random.Random(f"contact {start}")
        expected |= {str(index): str(dice.random()) for index in range(start, min(start + 50, 240))}
    assert {given: family for given, family, _process in made} == expected
    assert len(made) == 240
    processes = {process for _given, _family, process in made}
    assert len(processes) == (min(os.cpu_count() or 1, 5) if db.is_postgresql() else 1)


def test_a_batch_that_cannot_be_made_ends_the_load_and_leaves_no_half_of_one(tmp_path: Path) -> None:
    with copied(tmp_path) as url:
        done = making(url, tmp_path, refused=130)
        assert done.returncode != 0 and "This one cannot be made." in done.stderr
        made = set(map(int, Contact.objects.values_list("given_name", flat=True)))
    assert not made & set(range(100, 150)), "nothing of its batch is there"
    assert all(
        set(range(start, min(start + 50, 240))) & made in (set(), set(range(start, min(start + 50, 240))))
        for start in range(0, 240, 50)
    )
