"""A rebuild puts right whatever is wrong, goes on after being killed, and the check tells what is wrong."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from guanxi.access.actor import Actor
from guanxi.domains.customers.account import Account
from guanxi.engine import write
from guanxi.engine.job import Job
from guanxi.engine.search import index, job, rebuild, words
from guanxi.engine.search.tables import SearchDocument, SearchRebuild
from guanxi.kernel.errors import NotFound
from guanxi.project.cli import main
from tests.engine.search.indexed import follow_journal, large, titles
from tests.support import people

pytestmark = pytest.mark.django_db


def accounts(number: int, name: str = "华为") -> list[int]:
    """New accounts."""
    with write.change(people.program(), "test") as door:
        return [made.pk for made in door.create_many("account", [{"name": f"{name} {n}"} for n in range(number)])]


def spoil(ids: list[int]) -> None:
    """Make the index wrong in every way there is."""
    index.remove("account", ids[:2])
    Account.objects.filter(pk=ids[2]).update(name="小米科技")
    Account.objects.filter(pk=ids[3]).delete()
    SearchDocument.objects.create(object="gone", record=1, title="x", title_words=" x | x ", words=" x ")


def test_the_check_finds_every_difference_and_a_rebuild_puts_it_right() -> None:
    people.person("lead", administrator=True)
    ids = accounts(10)
    rebuild.order()
    rebuild.go_on()
    assert rebuild.check().whole
    spoil(ids)
    finding = rebuild.check()
    assert finding.counts == {"missing": 2, "stale": 1, "superfluous": 2}
    assert set(finding.examples["missing"]) == {f"account:{pk}" for pk in ids[:2]}
    assert finding.examples["superfluous"] == [f"account:{ids[3]}", "gone:1"]
    assert main(["search", "check"]) == 1
    assert main(["search", "rebuild", "--object", "account"]) == 0
    assert rebuild.check().counts == {"missing": 0, "stale": 0, "superfluous": 1}
    assert main(["search", "rebuild"]) == 0
    assert main(["search", "check"]) == 0
    lead = people.actor(people.person("boss", administrator=True))
    assert titles(lead, "xmkj") == ["小米科技"]


def test_search_stays_there_meanwhile_and_a_rebuild_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    lead = people.actor(people.person("lead", administrator=True))
    accounts(25)
    follow_journal()
    monkeypatch.setattr(rebuild, "BATCH", 4)
    rebuild.order(["account"])
    for _ in range(3):
        rebuild.step()
        assert len(titles(lead, "huawei", 50)) == 25
    [held] = SearchRebuild.objects.all()
    assert held.after > 0
    looked: list[int] = []
    rebuild.go_on(lambda step: looked.append(step.looked))
    assert sum(looked) == 25 - 12 and not rebuild.under_way()
    with pytest.raises(NotFound):
        rebuild.order(["nonsense"])


def test_the_job_of_the_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    from guanxi.engine.jobs.running import run

    lead = people.actor(people.person("lead", administrator=True))
    ids = accounts(10)
    follow_journal()
    spoil(ids)
    started = job.start(lead)
    run(started.pk)
    started.refresh_from_db()
    assert started.status == "done" and started.state["written"] >= 5
    assert rebuild.check().whole


def test_an_index_of_before_two_characters_were_words_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    from guanxi.engine.jobs.running import run
    from guanxi.project.commands import database

    lead = people.actor(people.person("lead", administrator=True))
    monkeypatch.setattr(words, "pairs", lambda _found: [])
    accounts(10, "华为技术")
    follow_journal()
    monkeypatch.undo()
    assert rebuild.check().counts["stale"] == 10
    import_module("guanxi.engine.migrations.0033_search_by_pairs").begin_anew(apps, None)
    database.furnish()
    run(Job.objects.get(kind=job.KIND).pk)
    assert rebuild.check().whole
    with large(monkeypatch):
        assert len(titles(lead, "为技", 50)) == 10


_SCRIPT = """
import os, sys
import django
django.setup()
from guanxi.engine.search import rebuild
rebuild.BATCH = 2
def tell(step):
    print(step.object, step.looked, flush=True)
    import time; time.sleep(0.02)
rebuild.go_on(tell)
print("ended", flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_a_rebuild_that_is_killed_goes_on(settings: Any, tmp_path: Path) -> None:
    from guanxi.journal import dispatcher
    from guanxi.kernel import db

    people.person("lead", administrator=True)
    dispatcher.run_once()
    accounts(60)
    dispatcher.run_until_idle()
    assert SearchDocument.objects.filter(object="account").count() == 60
    for pk in SearchDocument.objects.filter(object="account").values_list("record", flat=True)[:30]:
        index.remove("account", [pk])
    rebuild.order()
    held = db.connection().settings_dict
    address = f"sqlite:///{held['NAME']}"
    if db.is_postgresql():
        address = f"postgresql://{held['USER']}@{held['HOST']}:{held['PORT']}/{held['NAME']}"
    environment = {**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "guanxi.project.settings"}
    environment |= {"GUANXI_DATA_DIR": str(tmp_path), "GUANXI_CONFIG": str(tmp_path / "none.toml")}
    (tmp_path / "none.toml").touch()
    kills = 0
    while rebuild.under_way() and kills < 8:
        process = subprocess.Popen([sys.executable, "-c", _SCRIPT], env=environment, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for _ in range(2 + kills):
            if process.stdout.readline().startswith("ended"):
                break
        process.send_signal(signal.SIGKILL)
        process.wait()
        kills += 1
        time.sleep(0.05)
    assert kills >= 3
    rebuild.go_on()
    assert rebuild.check().whole
    assert SearchDocument.objects.filter(object="account").count() == 60
    assert Actor.program().is_program
