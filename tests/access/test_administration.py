"""Roles, people, sharing and the policy: through the API, with nobody giving more than they hold."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from guanxi.access import audit, compiled
from guanxi.access.models import AuditEvent, AuditHead, Grant, Role, User
from guanxi.access.setup import default_roles
from guanxi.access.visibility import visible
from guanxi.engine import keys, write
from guanxi.journal.models import Entry
from guanxi.kernel import clock, db
from guanxi.schema import registry
from tests.support import dump, people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db


class Caller:
    """A person at the API."""

    def __init__(self, user: User) -> None:
        self.user = user
        _key, secret = keys.issue(people.actor(user), "test")
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        send = getattr(self.client, method)
        text = json.dumps(body) if body is not None else None
        response = send(f"/api/v1/{path}", text, content_type="application/json") if text else send(f"/api/v1/{path}")
        return response.status_code, (response.json() if response.content else None)


@pytest.fixture
def boss() -> Caller:
    """An administrator."""
    return Caller(people.person("boss", administrator=True))


def role_with(name: str, rights: dict[str, Any], fields: dict[str, Any] | None = None) -> Role:
    """A role that allows what the document says."""
    with write.change(people.program(), "test") as door:
        role = door.create("role", {"name": name})
    document = {"objects": rights, "fields": fields or {}}
    from guanxi.engine.administration import roles

    people.refreshed()
    with write.change(people.program(), "test") as door:
        roles.define(door, role.pk, document)
    people.refreshed()
    assert isinstance(role, Role)
    return role


def give(user: User, *roles: Role) -> None:
    """Let the person hold these roles and no other."""
    user.roles.set(roles)
    registry.bump("access")
    people.refreshed()


PEOPLE_OFFICE = {"*": {"rights": ["read", "edit"], "read": "own", "edit": "own"}, "user": {"rights": ["administrate"]}}


def test_a_role_is_read_changed_and_journaled(boss: Caller) -> None:
    role = default_roles()["salesperson"]
    status, document = boss("get", f"role/{role.pk}/rights")
    assert status == 200 and document["objects"]["*"]["read"] == "own"
    document["objects"]["account"] = {"rights": ["read"], "read": "all", "edit": "own"}
    document["fields"]["account.phone"] = {"level": "read", "mask": "all"}
    assert boss("put", f"role/{role.pk}/rights", document)[0] == 200
    assert boss("get", f"role/{role.pk}/rights")[1] == document
    entry = Entry.objects.filter(object="role", record=role.pk).latest("id")
    assert entry.verb == "rights_changed" and entry.changes["account.phone"] == [None, "read, mask all"]
    assert AuditEvent.objects.filter(event="permission_changed", record=role.pk).exists()
    person = people.person("li", "salesperson")
    actor = people.actor(person)
    assert actor.can("read", "account") and not actor.can("edit", "account") and actor.can("edit", "contact")
    assert actor.field_level("account", "phone") == "masked"


@pytest.mark.parametrize(
    "document",
    [
        {"objects": {"account": {"rights": ["fly"]}}},
        {"objects": {"nothing": {"rights": ["read"]}}},
        {"objects": {"account": {"rights": ["read"], "read": "galaxy"}}},
        {"objects": {"account": "read"}},
        {"objects": [1]},
        {"fields": {"account.nothing": {"level": "read"}}},
        {"fields": {"account.phone": {"level": "open"}}},
        {"fields": {"account.phone": {"level": "read", "mask": "some"}}},
    ],
)
def test_a_wrong_document_is_refused_in_words(boss: Caller, document: Any) -> None:
    role = default_roles()["salesperson"]
    before = dump.database()
    status, problem = boss("put", f"role/{role.pk}/rights", document)
    assert status == 422 and problem["errors"]
    assert _unchanged(before)


def test_an_object_without_any_right_is_closed_although_others_are_open(boss: Caller) -> None:
    role = role_with("No accounts", {"*": {"rights": ["read"], "read": "all"}, "account": {"rights": []}})
    person = people.person("li")
    give(person, role)
    actor = people.actor(person)
    assert actor.can("read", "contact") and not actor.can("read", "account")


def test_nobody_gives_more_than_they_hold(boss: Caller) -> None:
    """Escalation by role edit, by giving a role, by making administrators, by a key, and by an invitation."""
    office = role_with(
        "Office", {**PEOPLE_OFFICE, "role": {"rights": ["administrate"]}}, {"account.phone": {"level": "hidden"}}
    )
    clerk_user = people.person("clerk")
    give(clerk_user, office)
    clerk = Caller(clerk_user)
    everything = default_roles()["administrator"]
    wider = {"objects": {**PEOPLE_OFFICE, "role": {"rights": ["administrate"]}}}
    wider["objects"]["*"] = {"rights": ["read", "edit", "delete"], "read": "own", "edit": "own"}
    further = {"objects": {"*": {"rights": ["read"], "read": "all"}}, "fields": {"account.phone": {"level": "hidden"}}}
    sees_hidden = {"objects": {"account": {"rights": ["read"], "read": "own"}}}
    victim = people.person("victim", "salesperson")
    before = dump.database()
    attempts = [
        clerk("put", f"role/{office.pk}/rights", wider),
        clerk("put", f"role/{office.pk}/rights", further),
        clerk("put", f"role/{office.pk}/rights", sees_hidden),
        clerk("put", f"role/{everything.pk}/rights", {"objects": {}}),
        clerk("put", f"user/{clerk_user.pk}/roles", {"roles": [office.pk, everything.pk]}),
        clerk("put", f"user/{clerk_user.pk}/roles", {"roles": [office.pk], "administrator": True}),
        clerk("put", f"user/{victim.pk}/roles", {"roles": []}),
        clerk("put", f"user/{boss.user.pk}/roles", {"roles": [office.pk]}),
        clerk("post", f"user/{boss.user.pk}/deactivate", {}),
        clerk("patch", "security-policy", {"password_length": 8}),
        clerk("patch", "object-defaults", {"account": "write"}),
        clerk("patch", f"user/{clerk_user.pk}", {"is_superuser": True}),
        clerk("post", "invitations", {"csv": "username,name,roles\nnew,New,administrator\n"}),
    ]
    assert [status for status, _body in attempts if status not in (403, 422)] == []
    assert _unchanged(before)
    assert (
        clerk("put", f"user/{victim.pk}/roles", {"roles": []})[0] == 403
    )  # a role wider than one's own is not taken, too
    friend = people.person("friend")
    assert clerk("put", f"user/{friend.pk}/roles", {"roles": [office.pk]})[0] == 200


def test_a_key_gives_no_more_than_its_rights(boss: Caller) -> None:
    _key, secret = keys.issue(people.actor(boss.user), "reader", ["read"])
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    person, role = people.person("li"), default_roles()["salesperson"]
    before = dump.database()
    for path, body in (
        (f"user/{person.pk}/roles", {"roles": [], "administrator": True}),
        (f"role/{role.pk}/rights", {"objects": {}}),
    ):
        assert client.put(f"/api/v1/{path}", json.dumps(body), content_type="application/json").status_code == 403
    for path, rule in (("security-policy", '{"password_length": 8}'), ("object-defaults", '{"account": "write"}')):
        assert client.patch(f"/api/v1/{path}", rule, content_type="application/json").status_code == 403
    assert _unchanged(before)


def test_leaving_hands_over_records_reports_and_departments(boss: Caller) -> None:
    leaver = people.person("leaver", "salesperson", manager=people.person("chief", "sales_manager"))
    heir = people.person("heir", "salesperson", manager=leaver)
    report = people.person("report", "salesperson", manager=leaver)
    samples = Samples()
    account = samples.create("account", owner=leaver.pk)
    deal = samples.create("opportunity", owner=leaver.pk, account=account.pk)
    department = people.department("Sales")
    with write.change(people.program(), "test") as door:
        door.update("department", department.pk, {"head": leaver.pk})
    _key, secret = keys.issue(people.actor(leaver), "old")
    status, answer = boss("post", f"user/{leaver.pk}/deactivate", {"successor": heir.pk})
    assert (status, answer) == (200, {"moved": 2})
    for record in (account, deal):
        record.refresh_from_db()
        assert record.owner_id == heir.pk
        assert Entry.objects.filter(record=record.pk, verb="updated").exists()
    for one in (heir, report, department):
        one.refresh_from_db()
    assert (heir.manager_id, report.manager_id, department.head_id) == (leaver.manager_id, heir.pk, heir.pk)
    assert Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/v1/me").status_code == 401
    assert not Client().login(username="leaver", password="leaver")
    assert AuditEvent.objects.filter(event="deactivated", record=leaver.pk).exists()


def test_an_administrator_always_remains(boss: Caller) -> None:
    before = dump.database()
    assert boss("put", f"user/{boss.user.pk}/roles", {"roles": [], "administrator": False})[0] == 403
    assert boss("post", f"user/{boss.user.pk}/deactivate", {})[0] == 403
    assert _unchanged(before)


def test_sharing_opens_one_record_until_its_end_and_only_as_far_as_given(boss: Caller) -> None:
    owner, guest = people.person("owner", "salesperson"), people.person("guest", "salesperson")
    account = Samples().create("account", name="Shared one", owner=owner.pk)
    mine, theirs = Caller(owner), Caller(guest)
    assert theirs("get", f"account/{account.pk}")[0] == 404
    until = clock.now() + timedelta(days=1)
    body = {"principal": guest.pk, "level": "read", "expires_at": until.isoformat(), "note": "helps"}
    status, share = mine("post", f"account/{account.pk}/shares", body)
    assert status == 201
    assert theirs("get", f"account/{account.pk}")[0] == 200
    assert theirs("patch", f"account/{account.pk}", {"name": "Mine now"})[0] == 403
    assert theirs("post", f"account/{account.pk}/shares", {"principal": guest.pk, "level": "write"})[0] == 403
    assert theirs("delete", f"shares/{share['id']}")[0] == 403
    assert [row["name"] for row in mine("get", f"account/{account.pk}/shares")[1]["data"]] == ["Person guest"]
    Grant.objects.filter(pk=share["id"]).update(expires_at=clock.now() - timedelta(seconds=1))
    assert theirs("get", f"account/{account.pk}")[0] == 404
    assert mine("get", f"account/{account.pk}/shares")[1]["data"][0]["ended"] is True
    mine(
        "post",
        f"account/{account.pk}/shares",
        {"principal": guest.pk, "level": "write", "cause": "team", "note": "Pre-sales"},
    )
    assert theirs("patch", f"account/{account.pk}", {"phone": "+8613800138000"})[0] == 200
    assert theirs("patch", f"account/{account.pk}", {"owner": guest.pk})[0] in (403, 422)
    for row in mine("get", f"account/{account.pk}/shares")[1]["data"]:
        assert mine("delete", f"shares/{row['id']}")[0] == 204
    assert theirs("get", f"account/{account.pk}")[0] == 404
    verbs = set(Entry.objects.filter(object="account", record=account.pk).values_list("verb", flat=True))
    assert {"shared", "unshared"} <= verbs


def test_wrong_shares_are_refused_in_words(boss: Caller) -> None:
    account = Samples().create("account", owner=boss.user.pk)
    gone = people.person("gone")
    User.objects.filter(pk=gone.pk).update(is_active=False)
    role = default_roles()["salesperson"]
    past = (clock.now() - timedelta(days=1)).isoformat()
    before = dump.database()
    for body, status in (
        ({"principal": gone.pk}, 422),
        ({"principal": 10**15}, 422),
        ({"principal": "x"}, 400),
        ({"principal": boss.user.pk, "expires_at": past}, 422),
        ({"principal": boss.user.pk, "expires_at": "tomorrow"}, 400),
        ({"principal": boss.user.pk, "level": "own"}, 422),
        ({"principal_kind": "role", "principal": role.pk, "cause": "team"}, 422),
        ({"principal": boss.user.pk, "note": "x" * 200}, 422),
    ):
        assert boss("post", f"account/{account.pk}/shares", body)[0] == status, body
    stage = Samples().create("stage")
    assert boss("post", f"stage/{stage.pk}/shares", {"principal": boss.user.pk})[0] == 403
    assert {table: rows for table, rows in before.items() if table == "access_grant"} == {"access_grant": []}
    assert Grant.objects.count() == 0


def test_a_sharing_rule_opens_what_meets_it_at_once(boss: Caller) -> None:
    owner, reader = people.person("owner", "salesperson"), people.person("reader", "salesperson")
    samples = Samples()
    good, poor = (samples.create("account", owner=owner.pk, level=level) for level in ("a", "b"))
    status, rule = boss(
        "post", "sharing_rule", {"name": "A", "object": "account", "query": "客户级别:a", "to_user": reader.pk}
    )
    assert status == 201, rule
    assert rule["query"] == "level=a"
    seen = visible(people.actor(reader), registry.get("account")).values_list("pk", flat=True)
    assert list(seen) == [good.pk]
    with write.change(people.program(), "test") as door:
        door.update_each("account", {good.pk: {"level": "b"}, poor.pk: {"level": "a"}})
    assert list(visible(people.actor(reader), registry.get("account")).values_list("pk", flat=True)) == [poor.pk]
    for wrong in (
        {"object": "nothing", "query": "", "to_user": reader.pk},
        {"object": "account", "query": "nothing:1", "to_user": reader.pk},
        {"object": "account", "query": ""},
        {"object": "account", "query": "", "to_user": reader.pk, "to_everybody": True},
        {"object": "stage", "query": "", "to_user": reader.pk},
    ):
        assert boss("post", "sharing_rule", {"name": "Wrong", **wrong})[0] == 422, wrong
    assert Caller(reader)("get", "sharing_rule")[0] in (403, 404)


@pytest.mark.parametrize(
    "line", ["account.level:a", "owner:me", "close_on:this_quarter", "Retrofit", "line_count>1", "stage:Nowhere"]
)
def test_a_rule_that_looks_beyond_the_record_is_refused_in_words(boss: Caller, line: str) -> None:
    reader = people.person("reader", "salesperson")
    body = {"name": "Wrong", "object": "opportunity", "query": line, "to_user": reader.pk}
    status, problem = boss("post", "sharing_rule", body)
    assert status == 422 and problem["errors"]["query"], line


def test_a_rule_keeps_what_it_named_although_the_name_changes(boss: Caller) -> None:
    reader, owner = people.person("reader", "salesperson"), people.person("owner", "salesperson")
    deal = Samples().create("opportunity", owner=owner.pk)
    stage = deal.stage.name
    status, rule = boss(
        "post",
        "sharing_rule",
        {"name": "S", "object": "opportunity", "query": f'stage="{stage}"', "to_user": reader.pk},
    )
    assert status == 201 and rule["query"] == f"stage=#{deal.stage_id}"
    with write.change(people.program(), "test") as door:
        door.update("stage", deal.stage_id, {"name": "Renamed"})
        door.update("opportunity", deal.pk, {"next_step": "Call"})
    assert visible(people.actor(reader), registry.get("opportunity")).filter(pk=deal.pk).exists()
    boss("patch", f"sharing_rule/{rule['id']}", {"to_user": owner.pk})
    assert not visible(people.actor(reader), registry.get("opportunity")).exists()
    boss("patch", f"sharing_rule/{rule['id']}", {"to_user": reader.pk})
    boss("delete", f"sharing_rule/{rule['id']}")
    assert not Grant.objects.filter(cause="rule").exists()
    boss("post", f"sharing_rule/{rule['id']}/restore")
    assert visible(people.actor(reader), registry.get("opportunity")).filter(pk=deal.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_no_record_slips_past_a_rule_that_is_being_made() -> None:
    """A writer who began before the rule ends after it: the rule waits, and finds the record."""
    if not db.is_postgresql():
        pytest.skip("SQLite has a single writer")
    reader = people.person("reader", "salesperson")
    written, made = threading.Event(), threading.Event()
    kept: list[int] = []

    def write_a_record() -> None:
        with write.change(people.program(), "test") as door:
            kept.append(door.create("account", {"name": "Early", "level": "a"}).pk)
            written.set()
            assert not made.wait(1.0)  # the rule cannot be finished before this
        db.close_all()

    def make_a_rule() -> None:
        assert written.wait(10)
        with write.change(people.program(), "test") as door:
            door.create("sharing_rule", {"name": "R", "object": "account", "query": "level=a", "to_user": reader.pk})
        made.set()
        db.close_all()

    threads = [threading.Thread(target=work) for work in (write_a_record, make_a_rule)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert Grant.objects.filter(object="account", record=kept[0], cause="rule").exists()


def test_the_simulation_counts_what_a_save_then_does(boss: Caller) -> None:
    role = role_with("Sellers", {"*": {"rights": ["read", "edit"], "read": "own", "edit": "own"}})
    one, two = people.person("one"), people.person("two")
    give(one, role)
    give(two, role)
    samples = Samples()
    for owner in (one, one, two):
        samples.create("account", owner=owner.pk)
    wanted = {"objects": {"*": {"rights": ["read", "edit"], "read": "all", "edit": "own"}}}
    before = dump.database()
    status, effect = boss("post", f"role/{role.pk}/simulation", wanted)
    assert status == 200 and _unchanged(before)
    accounts = [row for row in effect["effects"] if (row["object"], row["level"]) == ("account", "read")]
    assert accounts == [
        {"object": "account", "level": "read", "gained": {"number": 3, "more": False},
         "lost": {"number": 0, "more": False}, "people": 2}
    ]  # fmt: skip
    counts = [visible(people.actor(user), registry.get("account")).count() for user in (one, two)]
    assert boss("put", f"role/{role.pk}/rights", wanted)[0] == 200
    assert counts == [2, 1]
    assert [visible(people.actor(user), registry.get("account")).count() for user in (one, two)] == [3, 3]


def test_explanations_name_the_reason_and_only_to_those_who_may_ask(boss: Caller) -> None:
    owner, reader = people.person("owner", "salesperson"), people.person("reader", "salesperson")
    account = Samples().create("account", owner=owner.pk)
    assert boss("post", f"account/{account.pk}/shares", {"principal": reader.pk})[0] == 201
    told = boss("get", f"account/{account.pk}/access?user={reader.pk}")[1]["data"][0]
    assert told["read"] == ["Shared with Person reader."] and told["write"] == []
    everybody = {row["name"]: row for row in boss("get", f"account/{account.pk}/access")[1]["data"]}
    assert everybody["Person owner"]["write"] == ["Role “Salesperson” reaches: Own."]
    assert set(everybody) >= {"Person owner", "Person reader", "Person boss"}
    stranger = people.person("stranger", "salesperson")
    assert Caller(stranger)("get", f"account/{account.pk}/access")[0] == 404
    assert Caller(stranger)("get", f"account/{account.pk}/shares")[0] == 404


def test_the_policy_and_the_defaults_are_checked(boss: Caller) -> None:
    assert boss("patch", "security-policy", {"password_length": 12, "networks": "127.0.0.0/8"})[0] == 200
    assert boss("get", "security-policy")[1]["password_length"] == 12
    for wrong in (
        {"password_length": 2},
        {"networks": "everywhere"},
        {"networks": "10.0.0.0/8"},
        {"mfa_everybody": "x"},
        {"a": 1},
    ):
        assert boss("patch", "security-policy", wrong)[0] == 422, wrong
    assert compiled.current().policy.password_length in (10, 12)
    assert boss("patch", "object-defaults", {"account": "read"})[0] == 200
    assert boss("patch", "object-defaults", {"account": "all"})[0] == 422
    assert AuditEvent.objects.filter(event="policy_changed").count() == 1


class TestChain:
    """The audit log shows every change, removal and addition."""

    @pytest.fixture(autouse=True)
    def _filled(self) -> None:
        for number in range(20):
            audit.note("refused", name=f"Person {number}", detail="…")

    def test_it_holds(self) -> None:
        finding = audit.verify()
        assert finding.holds and finding.count == 20
        noted = AuditEvent.objects.get(sequence=10).digest
        assert audit.verify(noted).holds
        assert audit.verify("0" * 64).reason == "unknown"

    def test_a_change_shows(self) -> None:
        AuditEvent.objects.filter(sequence=7).update(detail="nothing happened")
        assert (audit.verify().reason, audit.verify().sequence) == ("changed", 7)

    def test_a_changed_moment_or_person_shows(self) -> None:
        AuditEvent.objects.filter(sequence=9).update(at=clock.now() + timedelta(days=1))
        assert audit.verify().sequence == 9

    def test_a_removal_shows(self) -> None:
        AuditEvent.objects.filter(sequence=7).delete()
        assert audit.verify().reason == "missing"

    def test_cutting_the_end_shows_even_with_the_head_put_right(self) -> None:
        AuditEvent.objects.filter(sequence__gt=15).delete()
        assert audit.verify().reason == "cut"
        last = AuditEvent.objects.get(sequence=15)
        AuditHead.objects.update(count=15, digest=last.digest)
        assert audit.verify().reason == "head"

    def test_an_event_written_past_the_program_shows(self) -> None:
        last = AuditEvent.objects.get(sequence=20)
        last.pk, last.sequence, last.previous = None, 21, last.digest
        last.save(force_insert=True)
        assert audit.verify().holds is False

    def test_nobody_writes_it_through_the_doors(self, boss: Caller) -> None:
        one = AuditEvent.objects.latest("pk")
        assert boss("post", "audit_event", {"detail": "x"})[0] == 403
        assert boss("patch", f"audit_event/{one.pk}", {"detail": "x"})[0] == 403
        assert boss("delete", f"audit_event/{one.pk}")[0] == 403

    def test_auditors_read_it_and_change_nothing(self) -> None:
        auditor = Caller(people.person("auditor", "auditor"))
        assert auditor("get", "audit_event")[0] == 200
        seller = Caller(people.person("seller", "salesperson"))
        assert seller("get", "audit_event")[0] in (403, 404)
        account = Samples().create("account")
        assert auditor("get", f"account/{account.pk}")[0] == 200
        assert auditor("patch", f"account/{account.pk}", {"name": "x"})[0] == 403
        assert auditor("delete", f"account/{account.pk}")[0] == 403


def _unchanged(before: dict[str, Any]) -> bool:
    """Callers make themselves keys on the way."""
    after = dump.database()
    return all(after[table] == rows for table, rows in before.items() if table != "engine_apikey")
