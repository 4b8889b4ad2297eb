"""Redaction: no trace of the value stays anywhere, and nothing brings it back."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from django.db.utils import OperationalError

from guanxi.access.models import AuditEvent
from guanxi.domains.customers.models import Contact
from guanxi.engine import files, write
from guanxi.engine.jobs import running
from guanxi.engine.models import Notification
from guanxi.engine.redaction import plan as plans
from guanxi.engine.redaction import run, steps
from guanxi.engine.retention import removal
from guanxi.journal.models import Delivery, Entry
from guanxi.journal.redaction import REDACTED
from guanxi.kernel import clock, db
from guanxi.kernel.errors import Invalid, NotFound, Refused
from guanxi.kernel.text import search_key
from guanxi.schema.kinds import KINDS
from guanxi.schema.registry import snapshot
from tests.support import people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db

SECRETS = {
    "name": "欧阳贾思敏",
    "mobile": "+8613912345678",
    "email": "ouyang.jiasimin@example.com",
    "wechat": "oy-jsm-1988",
    "address": "幸福路 77 号",
    "notes": "Likes orchids exceedingly",
}
LATER = {
    "name": "诸葛敏儿",
    "mobile": "+8613987654321",
    "email": "zhuge.miner@example.com",
    "wechat": "zg-mr-1999",
    "address": "长安街 88 号",
    "notes": "Prefers tulips vehemently",
}


def trace(*words: str) -> list[str]:
    """The tables in whose rows any of the words stands: everything there is in the database, indexes of text included."""
    found = []
    for table in sorted(db.connection().introspection.table_names()):
        if any(word in row for row in _rows(table) for word in words):
            found.append(table)
    return found


def _rows(table: str) -> list[str]:
    """Every row as one text; what is kept as bytes or as JSON is read as text too."""
    with db.cursor() as cursor:
        try:
            cursor.execute(f'SELECT * FROM "{table}"')
            rows = cursor.fetchall()
        except OperationalError:
            return []  # the virtual table of the full-text index, whose content is in tables of its own
    return [" ".join(_text(value) for value in row) for row in rows]


def _text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    # SQLite keeps JSON as text with escapes.
    return text + (json.dumps(json.loads(text), ensure_ascii=False) if text.startswith(("{", "[")) else "")


@pytest.fixture
def boss() -> Any:
    return people.person("boss", administrator=True)


@pytest.fixture
def contact(boss: Any) -> Contact:
    """A contact whose data changed, who was given to somebody, written about and sent elsewhere."""
    samples = Samples()
    ann = people.person("ann", "salesperson")
    made = samples.create("contact", owner=boss.pk, **SECRETS)
    with write.change(people.actor(boss), "test") as door:
        door.update("contact", made.pk, {"owner": ann.pk})
        door.update("contact", made.pk, LATER)
    name = f"{SECRETS['name']}.txt"
    stored = files.attach(people.actor(boss), "contact", made.pk, name, io.BytesIO(b"x"), 1)
    files.remove(people.actor(boss), stored.pk)
    entry = Entry.objects.filter(object="contact", record=made.pk).earliest("pk")
    Delivery.objects.create(
        consumer="webhook", target="1", entry=entry, object="contact", record=made.pk, key="k", status="done",
        created_at=clock.now(), next_at=clock.now(), request=json.dumps(entry.changes, ensure_ascii=False),
        response=SECRETS["name"], detail=SECRETS["mobile"],
    )  # fmt: skip
    found = Contact.objects.get(pk=made.pk)
    assert isinstance(found, Contact)
    return found


def redact(boss: Any, record: int, **more: Any) -> run.Outcome:
    """Redact what is chosen beforehand, and the names of files."""
    actor = people.actor(boss)
    fields = [*plans.personal(snapshot().get("contact")), plans.FILES]
    return run.run(actor, plans.make(actor, "contact", record, fields, "Asked to be forgotten", **more))


def test_no_trace_of_the_values_is_left_in_any_table(boss: Any, contact: Contact) -> None:
    assert Notification.objects.filter(text_en__contains=SECRETS["name"]).exists()
    assert {"journal_entry", "engine_notification", "journal_delivery", "journal_changeset"} <= set(
        trace(*SECRETS.values())
    )
    outcome = redact(boss, contact.pk)
    assert outcome.job is None
    assert outcome.entries == 4
    assert trace(*SECRETS.values()) == []
    # The record itself was not asked to be emptied: it, and it alone, has what it had.
    assert {"customers_contact"} >= set(trace(*LATER.values())) - {"engine_searchdocument"}
    redact(boss, contact.pk, erase=True)
    follow_the_journal()
    assert trace(*SECRETS.values(), *LATER.values(), search_key([LATER["name"]])) == []
    emptied = Contact.objects.get(pk=contact.pk)
    assert (emptied.name, emptied.mobile, emptied.notes) == ("Redacted", "", "")


def follow_the_journal() -> None:
    """Let the consumers of the journal (the search index) take up what happened."""
    from guanxi.journal import dispatcher

    while dispatcher.run_once():
        pass


def test_that_it_was_done_is_told_without_the_values(boss: Any, contact: Contact) -> None:
    redact(boss, contact.pk)
    said = Entry.objects.get(object="contact", record=contact.pk, verb="redacted")
    assert said.actor == boss.pk
    assert said.changes["redaction.entries"] == [None, 4]
    assert said.changes["redaction.reason"] == [None, "Asked to be forgotten"]
    assert {"name", "mobile", "birthday", "file"} <= set(said.changes["redaction.fields"][1])
    event = AuditEvent.objects.get(event="redacted")
    assert (event.record, event.person_id) == (contact.pk, boss.pk)
    assert "Asked to be forgotten" in event.detail


def test_only_the_chosen_fields_of_this_record_are_touched(boss: Any, contact: Contact) -> None:
    other = Samples().create("contact", name=SECRETS["name"], mobile=SECRETS["mobile"])
    before = list(Entry.objects.filter(record=other.pk, object="contact").values())
    actor = people.actor(boss)
    run.run(actor, plans.make(actor, "contact", contact.pk, ["mobile"], "Wrong number"))
    entries = list(Entry.objects.filter(object="contact", record=contact.pk).order_by("pk"))
    assert entries[0].changes["mobile"] == [None, REDACTED]
    assert entries[0].changes["name"] == [None, SECRETS["name"]]
    assert entries[2].changes["mobile"] == [REDACTED, REDACTED]
    assert list(Entry.objects.filter(record=other.pk, object="contact").values()) == before


def test_no_kind_of_field_takes_the_marker_for_a_value() -> None:
    accepted = []
    for kind in snapshot():
        for field in kind.fields.values():
            if field.kind.virtual or field.kind.family in ("choices", "links"):
                continue
            try:
                value = field.kind.parse(dict(REDACTED), field.spec)
            except (ValueError, TypeError, AttributeError):
                continue
            if value is not None:
                accepted.append((kind.key, field.key, value))
    assert KINDS
    # Texts take anything; the doors refuse an object where a text belongs, before it gets there.
    assert all(isinstance(value, str) for _key, _field, value in accepted)


def test_follow_ups_are_redacted_by_a_job(boss: Any, contact: Contact) -> None:
    samples = Samples()
    told = "Met 欧阳贾思敏 at the orchid fair"
    samples.create("activity", content=told, contact=contact.pk, about=f"contact:{contact.pk}", owner=boss.pk)
    task = samples.create("task", subject=f"Call {told}", about=f"contact:{contact.pk}", owner=boss.pk)
    Notification.objects.create(
        recipient_id=boss.pk, created_at=clock.now(), text_en=told, text_zh=told, object="task", record=task.pk
    )
    outcome = redact(boss, contact.pk, follow_ups=True)
    assert outcome.job is not None
    assert SECRETS["name"] in json.dumps(list(Entry.objects.values_list("changes", flat=True)), ensure_ascii=False)
    running.run(outcome.job.pk)
    outcome.job.refresh_from_db()
    assert (outcome.job.status, outcome.job.error) == ("done", "")
    assert outcome.job.result["counts"]["entries"] == 6
    assert set(trace(*SECRETS.values())) <= {"collaboration_activity", "collaboration_task"}, (
        "what people wrote stays theirs"
    )


def test_a_long_history_is_redacted_in_steps(boss: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "AT_ONCE", 5)
    monkeypatch.setattr(steps, "BATCH", 3)
    made = Samples().create("contact", mobile="+8613900000000")
    for number in range(1, 10):
        with write.change(people.program(), "test") as door:
            door.update("contact", made.pk, {"mobile": f"+861390000000{number}"})
    actor = people.actor(boss)
    outcome = run.run(actor, plans.make(actor, "contact", made.pk, ["mobile"], "Wrong number"))
    assert outcome.job is not None
    running.run(outcome.job.pk)
    assert Entry.objects.filter(object="contact", record=made.pk, verb="redacted").count() == 1
    left = [
        entry.changes["mobile"]
        for entry in Entry.objects.filter(object="contact", record=made.pk, changes__has_key="mobile").order_by("pk")
    ]
    assert left == [[None, REDACTED]] + [[REDACTED, REDACTED]] * 9


def test_records_in_the_bin_and_removed_for_good_can_be_redacted(boss: Any, contact: Contact) -> None:
    actor = people.actor(boss)
    with write.change(actor, "test") as door:
        door.delete("contact", [contact.pk])
    with pytest.raises(Invalid):
        plans.make(actor, "contact", contact.pk, None, "Asked to be forgotten", erase=True)
    removal.purge(actor, "contact", [contact.pk], "web")
    assert "journal_entry" in trace(*SECRETS.values()), "removing a record does not touch its history"
    redact(boss, contact.pk)
    follow_the_journal()
    assert trace(*SECRETS.values(), *LATER.values()) == []


def test_only_administrators_and_only_for_a_reason(boss: Any, contact: Contact) -> None:
    manager = people.person("eve", "sales_manager")
    for actor in (people.actor(manager), replace(people.actor(boss), allowed=frozenset({"read", "edit"}))):
        with pytest.raises(Refused):
            plans.make(actor, "contact", contact.pk, ["mobile"], "Asked for")
    boss_actor = people.actor(boss)
    for fields, reason in ((["mobile"], " "), (["nothing"], "Asked for"), ([], "Asked for"), (["mobile"], "x" * 501)):
        with pytest.raises(Invalid):
            plans.make(boss_actor, "contact", contact.pk, fields, reason)
    with pytest.raises(NotFound):
        plans.make(boss_actor, "contact", 999_999, ["mobile"], "Asked for")
    with pytest.raises(Refused):
        plans.make(boss_actor, "audit_event", 1, ["name"], "Asked for")


def test_the_audit_log_holds_afterwards(boss: Any, contact: Contact) -> None:
    from guanxi.access import audit

    redact(boss, contact.pk, erase=True)
    assert audit.verify().holds
