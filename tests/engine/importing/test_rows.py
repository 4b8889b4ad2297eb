"""What becomes of rows: created, changed, left alone or rejected in words; and nothing of it before the commit."""

from __future__ import annotations

import argparse
import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from guanxi.domains.customers.models import Account, Contact, Tag
from guanxi.domains.integration import file_run
from guanxi.domains.integration.arguments import add_arguments
from guanxi.engine import undo
from guanxi.engine.importing import checking, receiving, rejected, running, sweeping, templates
from guanxi.engine.importing.limits import KEPT_DAYS
from guanxi.engine.importing.tables import Import, ImportRejection, ImportTemplate
from guanxi.engine.notifications.feed import NoticeFeed
from guanxi.engine.notifications.tables import Notification
from guanxi.journal import causes
from guanxi.journal.models import ChangeSet, Entry
from guanxi.kernel import clock
from guanxi.kernel.errors import Conflict, Invalid, NotFound
from tests.domains.pipelines import create
from tests.engine.importing.bringing import brought, carried_out, checked, mapped, received
from tests.support import dump, people

pytestmark = pytest.mark.django_db
OWN_TABLES = ("engine_import", "engine_job", "django_tasks")


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def counts(found: Import) -> tuple[int, ...]:
    return tuple(found.state[key] for key in running.COUNTS)


def data_of(database: dict[str, Any]) -> dict[str, Any]:
    return {table: rows for table, rows in database.items() if not table.startswith(OWN_TABLES)}


def test_columns_are_recognised_in_both_languages_and_by_what_they_hold() -> None:
    actor = people.program()
    chinese = received(
        actor,
        "contact",
        "姓名,公司名称,手机号码,电子邮箱,职位,负责人,标签,X\n张三,Acme,13800138000,a@b.cn,经理,x,VIP,\n",
    )
    fields = {chinese.columns[one["column"]]["name"]: one["field"] for one in chinese.mapping["columns"]}
    assert fields == {
        **{"姓名": "name", "公司名称": "account", "手机号码": "mobile", "电子邮箱": "email", "职位": "job_title"},
        **{"负责人": "owner", "标签": "tags", "X": ""},
    }
    english = received(actor, "contact", "Full Name,Company,Cell phone,E-Mail *,Job Title\nAnn,Acme,1,a@b.com,Boss\n")
    assert [one["field"] for one in english.mapping["columns"]] == ["name", "account", "mobile", "email", "job_title"]
    unnamed = received(actor, "contact", "13800138000,a@example.com\n13900139000,b@example.com\n")
    assert [one["field"] for one in unnamed.mapping["columns"]] == ["mobile", "email"]


def test_a_dry_run_writes_nothing_and_says_what_the_import_does() -> None:
    actor = people.program()
    create("account", name="Acme")
    lines = ("Ann,ann@example.com,Acme,user", "Bob,bad,Acme,", "Cid,,Nowhere,", ",x@example.com,,", "Eve,,,boss")
    text = "\n".join(("name,email,account,role", *lines))
    found = mapped(actor, received(actor, "contact", text))
    before = data_of(dump.database())
    finding = checked(actor, found)
    assert data_of(dump.database()) == before
    assert (finding["created"], finding["rejected"], finding["rows"]) == (1, 4, 5)
    kinds = {(one["code"], one["field"]): (one["count"], one["rows"][0]["row"]) for one in finding["problems"]}
    assert kinds == {
        ("check", "email"): (1, 3), ("not_found", "account"): (1, 4),
        ("refused", "name"): (1, 5), ("choice", "role"): (1, 6),
    }  # fmt: skip
    done = running.run_here(actor, found.pk)
    assert counts(done) == (1, 0, 0, 4)
    assert [one.row for one in ImportRejection.objects.order_by("row")] == [3, 4, 5, 6]


def test_problems_are_put_right_by_meanings_and_by_making_what_is_missing() -> None:
    actor = people.program()
    text = "name,account,role\nAnn,Acme,boss\nBob,Acme,boss\nCid,Beta,none\n"
    found = mapped(
        actor, received(actor, "contact", text),
        {"role": {"field": "role", "aliases": {"boss": "decision_maker", "none": ""}}, "account": {"create": True}},
    )  # fmt: skip
    finding = checked(actor, found)
    assert (finding["created"], finding["made"], finding["problems"]) == (3, {"account": 2}, [])
    assert not Account.objects.exists()
    running.run_here(actor, found.pk)
    assert Account.objects.count() == 2
    assert set(Contact.objects.values_list("name", "account__name", "role")) == {
        ("Ann", "Acme", "decision_maker"), ("Bob", "Acme", "decision_maker"), ("Cid", "Beta", ""),
    }  # fmt: skip
    assert ChangeSet.objects.filter(cause="import").count() == 1


def test_upsert_by_a_field_creates_changes_and_leaves_alone() -> None:
    actor = people.program()
    create("contact", name="Ann", email="ann@example.com", job_title="Boss")
    create("contact", name="Bob", email="bob@example.com")
    for name in ("Twin 1", "Twin 2"):
        create("contact", name=name, email="twin@example.com")
    text = (
        "email,name,job_title\nann@example.com,Ann,Boss\nbob@example.com,Bob,Clerk\nnew@example.com,New,\n"
        "twin@example.com,Twin,\nnew@example.com,Again,\n,Nobody,\n"
    )
    done = brought(actor, "contact", text, mode="upsert", key="email")
    assert counts(done) == (2, 1, 1, 2)
    reasons = {one.row: one.reasons[0]["code"] for one in ImportRejection.objects.all()}
    assert reasons == {5: "several", 6: "repeated"}
    assert Contact.objects.get(email="bob@example.com").job_title == "Clerk"
    done = brought(
        actor, "contact", "email,name\nnone@example.com,X\nann@example.com,Anna\n", mode="update", key="email"
    )
    assert counts(done) == (0, 1, 0, 1)
    done = brought(actor, "contact", "email,name\nann@example.com,X\nfresh@example.com,Y\n", mode="create", key="email")
    assert counts(done) == (1, 0, 0, 1)


def test_an_empty_cell_leaves_or_empties_the_field() -> None:
    actor = people.program()
    ann = create("contact", name="Ann", email="ann@example.com", job_title="Boss", notes="Kept")
    text = "email,job_title,notes\nann@example.com,,NULL\n"
    assert counts(brought(actor, "contact", text, mode="update", key="email")) == (0, 0, 1, 0)
    assert counts(brought(actor, "contact", text, mode="update", key="email", clear=True)) == (0, 1, 0, 0)
    ann.refresh_from_db()
    assert (ann.job_title, ann.notes, ann.email) == ("", "", "ann@example.com")


def test_dates_and_numbers_that_can_be_read_in_two_ways_are_asked_for() -> None:
    actor = people.program()
    text = "name,founded,annual_revenue,next_contact_on\nAcme,1990,1.234,03/04/2025\n"
    found = mapped(actor, received(actor, "account", text))
    finding = checked(actor, found)
    assert [(one["field"], one["what"]) for one in finding["questions"]] == [
        ("annual_revenue", "number"), ("next_contact_on", "date"),
    ]  # fmt: skip
    with pytest.raises(Conflict, match="dates or numbers"):
        running.start(actor, found.pk)
    assert not Account.objects.exists()
    answers = {"annual_revenue": {"number": "comma"}, "next_contact_on": {"date": "dmy"}}
    carried_out(actor, mapped(actor, found, answers))
    acme = Account.objects.get()
    assert (acme.annual_revenue, acme.next_contact_on) == (123_400, date(2025, 4, 3))


def test_references_to_later_rows_follow_at_the_end() -> None:
    actor = people.program()
    text = "name,parent\nDaughter,Mother\nMother,Grandmother\nGrandmother,\nOrphan,Nowhere\n"
    done = brought(actor, "account", text, {"parent": "parent"})
    assert counts(done) == (3, 0, 0, 1)
    assert dict(Account.objects.values_list("name", "parent__name")) == {
        "Daughter": "Mother", "Mother": "Grandmother", "Grandmother": None,
    }  # fmt: skip
    assert ChangeSet.objects.filter(cause="import").count() == 1


def test_tags_by_name_are_made_where_wanted() -> None:
    actor = people.program()
    create("tag", name="VIP")
    text = 'name,tags\nAnn,"VIP, Fair"\nBob,VIP、Fair\n'
    done = brought(actor, "contact", text, {"tags": {"create": True}})
    assert (counts(done), Tag.objects.count()) == ((2, 0, 0, 0), 2)


def test_owners_by_name_and_constants() -> None:
    actor = people.program()
    seller = people.person("seller", "salesperson")
    done = brought(
        actor,
        "contact",
        "name,owner\nAnn,Person seller\nBob,seller\n",
        constants={"role": "User", "do_not_call": "yes"},
    )
    assert counts(done) == (2, 0, 0, 0)
    assert set(Contact.objects.values_list("owner", "role", "do_not_call")) == {(seller.pk, "user", True)}
    with pytest.raises(Invalid):
        checked(actor, mapped(actor, received(actor, "contact", "name\nAnn\n"), constants={"role": "emperor"}))


def test_many_batches_are_one_change_set_that_is_undone_as_one() -> None:
    actor = people.program()
    lines = "\n".join(f"Contact {number},Company {number % 7}" for number in range(4_500))
    done = brought(actor, "contact", f"name,account\n{lines}\n", {"account": {"create": True}})
    assert counts(done) == (4_500, 0, 0, 0)
    entries = Entry.objects.filter(change_set=done.change_set)
    assert ChangeSet.objects.filter(cause="import").count() == 1
    assert (entries.filter(object="contact").count(), entries.filter(object="account").count()) == (4_500, 7)
    undone = undo.undo(actor, done.change_set or 0)
    assert (undone.records, undone.refused) == (4_507, [])
    assert not Contact.objects.filter(deleted_at=None).exists()
    assert not Account.objects.filter(deleted_at=None).exists()
    again = undo.undo(actor, undone.change_set or 0)
    assert (again.records, Contact.objects.filter(deleted_at=None).count()) == (4_507, 4_500)


def test_undo_gives_former_values_back() -> None:
    actor = people.program()
    create("contact", name="Ann", email="ann@example.com", job_title="Boss")
    before = list(Contact.objects.values("name", "job_title", "email"))
    done = brought(actor, "contact", "email,job_title\nann@example.com,Clerk\n", mode="update", key="email")
    undo.undo(actor, done.change_set or 0)
    assert list(Contact.objects.values("name", "job_title", "email")) == before


def test_the_rejected_rows_come_back_corrected_with_the_same_mapping() -> None:
    actor = people.program()
    text = "Who,Post\nAnn,ann@example.com\n'=cmd|x,bad\nBob,worse\n"
    done = brought(actor, "contact", text, {"Who": "name", "Post": "email"})
    assert counts(done) == (1, 0, 0, 2)
    file = b"".join(rejected.export(actor, done.pk, "csv").chunks).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(file)))
    assert rows[0] == ["Who", "Post", "Row in the file", "Why it was rejected"]
    assert rows[1][:3] == ["'=cmd|x", "bad", "3"]
    assert "mail address" in rows[1][3]
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(rejected.export(actor, done.pk, "xlsx").chunks))).active
    assert [cell.value for cell in sheet[2]][:2] == ["'=cmd|x", "bad"]
    corrected = file.replace("bad", "cmd@example.com").replace("worse", "bob@example.com")
    again = received(actor, "contact", corrected)
    again = checking.decide(actor, again, templates.like(actor, again, done))
    assert counts(carried_out(actor, again)) == (2, 0, 0, 0)
    assert set(Contact.objects.values_list("name", flat=True)) == {"Ann", "=cmd|x", "Bob"}


def test_a_saved_mapping_serves_the_next_file() -> None:
    actor = people.actor(people.person("boss", administrator=True))
    first = mapped(
        actor, received(actor, "contact", "Who,Post,Job\nAnn,a@example.com,Boss\n"), {"Who": "name", "Post": "email"}
    )
    kept = templates.save(actor, first.pk, " Fair  list ")
    assert (kept.name, ImportTemplate.objects.count()) == ("Fair list", 1)
    templates.save(actor, first.pk, "Fair list")
    assert ImportTemplate.objects.count() == 1
    second = received(actor, "contact", "Extra,Post,Who\nx,b@example.com,Bob\n")
    second = checking.decide(actor, second, templates.applied(actor, second, kept))
    assert [one["field"] for one in second.mapping["columns"]] == ["", "email", "name"]
    other = people.actor(people.person("other", administrator=True))
    with pytest.raises(NotFound):
        templates.get(other, kept.pk)
    templates.save(actor, first.pk, "For all", everybody=True)
    assert [one.name for one in templates.of(other, "contact")] == ["For all"]


@pytest.mark.parametrize("notify", [True, False])
def test_people_are_told_once_or_not_at_all(notify: bool) -> None:
    actor = people.actor(people.person("boss", administrator=True))
    seller = people.person("seller", "salesperson")
    lines = "\n".join(f"Contact {number},{seller.name}" for number in range(2_500))
    done = brought(actor, "contact", f"name,owner\n{lines}\n", notify=notify, automate=False)
    told = Notification.objects.filter(recipient=seller, kind="assigned")
    assert told.count() == (1 if notify else 0)
    if notify:
        assert "2,500 contacts" in told.get().text_en
    entries = list(Entry.objects.filter(change_set=done.change_set)[:50])
    assert {entry.cause for entry in entries} == {"import;unautomated" if notify else "import;quiet;unautomated"}
    assert {causes.notifies(entry.cause) for entry in entries} == {notify}
    assert not any(causes.automates(entry.cause) for entry in entries)
    Notification.objects.all().delete()
    NoticeFeed().take(entries)
    assert not Notification.objects.filter(kind="assigned").exists()


def test_files_are_removed_after_some_days(tmp_path: Path) -> None:
    actor = people.program()
    done = brought(actor, "contact", "name,email\nAnn,bad\nBob,b@example.com\n")
    assert [path.name != "file.csv" for path in tmp_path.rglob("*") if path.is_file()] == [True]
    assert sweeping.sweep() == 0
    with clock.frozen(clock.now() + timedelta(days=KEPT_DAYS + 1)):
        assert sweeping.sweep() == 1
        assert sweeping.sweep() == 0
    done.refresh_from_db()
    assert (done.path, counts(done), ImportRejection.objects.count()) == ("", (1, 0, 0, 1), 0)
    assert "b@example.com" not in json.dumps([done.columns, done.checked])
    with pytest.raises(NotFound):
        rejected.export(actor, done.pk, "csv")


def test_a_change_of_the_mapping_must_be_checked_anew() -> None:
    actor = people.program()
    found = mapped(actor, received(actor, "contact", "name,email\nAnn,a@example.com\n"))
    with pytest.raises(Conflict, match="Check"):
        running.start(actor, found.pk)
    checked(actor, found)
    mapped(actor, found, {"email": ""})
    with pytest.raises(Conflict, match="Check"):
        running.start(actor, found.pk)


def test_what_no_database_can_hold_is_rejected_in_words() -> None:
    actor = people.program()
    found = received(actor, "contact", b"name,notes\nAnn,a\x00b\nBob,fine\n")
    done = carried_out(actor, mapped(actor, found))
    assert counts(done) == (1, 0, 0, 1)
    refused = ImportRejection.objects.get()
    assert "cannot be stored" in refused.reasons[0]["message"]
    assert refused.cells == ["Ann", "a\ufffdb"]
    rows = [{"name": "Cid", "notes": "\ud800"}, {"name": "Dan", "notes": "fine"}]
    done = carried_out(actor, receiving.receive_rows(actor, "contact", rows))
    assert counts(done) == (1, 0, 0, 1)


def test_rows_with_too_many_cells_are_rejected() -> None:
    done = brought(people.program(), "contact", "name,email\nAnn,a@example.com,surplus\nBob,b@example.com\n")
    assert counts(done) == (1, 0, 0, 1)
    assert "1 more cells" in ImportRejection.objects.get().reasons[0]["message"]


def test_one_file_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    people.person("boss", administrator=True)
    path = tmp_path / "contacts.csv"
    path.write_text("Who,company,email,birthday\nAnn,Acme,a@example.com,03/04/1990\nBob,Acme,bad,\n", encoding="utf-8")
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    usual = [str(path), "--object", "contact", "--user", "boss", "--map", "Who=name", "--create-missing"]
    with pytest.raises(Invalid, match="--date-format"):
        file_run.main(parser.parse_args(usual))
    chosen = [*usual, "--date-format", "dmy", "--set", "role=user"]
    assert file_run.main(parser.parse_args([*chosen, "--dry-run"])) == 1
    assert not Contact.objects.exists() and not Import.objects.exists()
    assert file_run.main(parser.parse_args([*chosen, "--rejected", str(tmp_path / "rejected")])) == 1
    ann = Contact.objects.get()
    assert (ann.name, ann.account.name, ann.birthday, ann.role) == ("Ann", "Acme", date(1990, 4, 3), "user")
    assert "1 created, 0 updated, 0 unchanged, 1 rejected" in capsys.readouterr().out
    assert "Bob" in (tmp_path / "rejected" / "contacts-rejected.csv").read_text(encoding="utf-8-sig")
