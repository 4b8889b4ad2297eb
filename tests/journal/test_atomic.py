"""A change and its journal entry are one: a process killed between write and commit leaves neither."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from django.db import connection

from guanxi.access.models import Department
from guanxi.engine import write
from guanxi.journal import horizon
from guanxi.journal.models import ChangeSet, Entry
from guanxi.kernel import db
from guanxi.kernel.errors import Invalid
from tests.support import people

_WRITER = """
import os, signal, sys
import django
django.setup()
from guanxi.access.actor import Actor
from guanxi.engine import write
from guanxi.journal.models import Entry
with write.change(Actor.program(), "test") as door:
    record = door.create("department", {"name": sys.argv[1]})
    assert Entry.objects.filter(object="department", record=record.pk).exists()
    print("written", flush=True)
    if sys.argv[2] == "die":
        os.kill(os.getpid(), signal.SIGKILL)
"""


def database_url() -> str:
    """The address of the database this test runs on, for another process."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    return f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST'] or '127.0.0.1'}:{at['PORT'] or 5432}/{at['NAME']}"


def write_elsewhere(name: str, end: str) -> subprocess.CompletedProcess[str]:
    """Run the writer in a process of its own."""
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "guanxi.project.settings"}
    return subprocess.run(
        [sys.executable, "-c", _WRITER, name, end], env=environment, capture_output=True, text=True, timeout=120
    )


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_before_commit_leaves_neither_record_nor_entry() -> None:
    killed = write_elsewhere("Killed", "die")
    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL, "written\n"), killed.stderr
    assert not Department.objects.filter(name="Killed").exists()
    assert not Entry.objects.exists()
    assert not ChangeSet.objects.exists()

    done = write_elsewhere("Done", "live")
    assert done.returncode == 0, done.stderr
    record = Department.objects.get(name="Done")
    entry = Entry.objects.get(object="department", record=record.pk)
    assert entry.changes["name"] == [None, "Done"]


@pytest.mark.django_db
def test_a_refused_change_set_leaves_nothing_of_its_earlier_writes() -> None:
    with pytest.raises(Invalid), write.change(people.program(), "test") as door:
        door.create("department", {"name": "First"})
        door.create("department", {"name": ""})
    assert not Department.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_one_act_is_one_change_set_and_a_write_that_changes_nothing_is_none() -> None:
    with write.change(people.program(), "test") as door:
        made = door.create_many("department", [{"name": f"D{index}"} for index in range(3)])
        door.update_many("department", [record.pk for record in made], {"position": 5})
    assert ChangeSet.objects.count() == 1
    assert Entry.objects.count() == 6
    with write.change(people.program(), "test") as door:
        door.update("department", made[0].pk, {"position": 5})
    assert ChangeSet.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_change_set_that_began_inside_a_savepoint_rolled_back_goes_on_without_it() -> None:
    with write.change(people.program(), "test") as door:
        with pytest.raises(Invalid), db.atomic():
            door.create("department", {"name": "First"})
            door.create("department", {"name": ""})
        door.create("department", {"name": "Second"})
        end = horizon.settled()
        assert end is None or end < Entry.objects.latest("id").pk  # readers are still held back
        with db.atomic():
            door.create("department", {"name": "Third"})
        door.create("department", {"name": "Fourth"})
    assert ChangeSet.objects.count() == 1
    made = Entry.objects.filter(change_set=ChangeSet.objects.get(), verb="created").order_by("id")
    assert [entry.changes["name"][1] for entry in made] == ["Second", "Third", "Fourth"]
