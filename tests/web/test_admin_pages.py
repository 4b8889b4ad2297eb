"""The administration pages: who reaches them, what they do, and that they cost the same for few people and many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from guanxi.access import audit
from guanxi.access.models import AuditEvent, Department, Grant, User
from guanxi.access.setup import default_roles
from guanxi.kernel import db
from tests.access.test_administration import PEOPLE_OFFICE, give, role_with
from tests.support import dump, people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db


def signed_in(username: str, *roles: str, **values: Any) -> Client:
    """A client of a new person."""
    people.person(username, *roles, **values)
    client = Client()
    assert client.login(username=username, password=username)
    return client


def pages() -> list[str]:
    """Every page of the administration."""
    role, person = default_roles()["salesperson"].pk, User.objects.order_by("pk")[0].pk
    return [
        *("/admin", "/admin/people", f"/admin/people/{person}", "/admin/invite", "/admin/departments"),
        *(
            "/admin/roles",
            f"/admin/roles/{role}",
            "/admin/defaults",
            "/admin/security",
            "/admin/audit",
            "/admin/indexes",
        ),
        *("/o/sharing_rule", "/o/sharing_rule/new", "/o/audit_event", "/o/role", "/admin/people?q=li&state=all"),
    ]


def test_administrators_reach_every_page_in_both_languages() -> None:
    client = signed_in("boss", administrator=True)
    for language in ("en", "zh-hans"):
        User.objects.update(preferences={"language": language})
        for page in pages():
            response = client.get(page)
            assert response.status_code == 200, page
            assert "<script>" not in response.content.decode()


def test_a_salesperson_reaches_none_and_sees_no_way_there() -> None:
    client = signed_in("seller", "salesperson")
    for page in pages():
        if page != "/o/role":
            assert client.get(page).status_code in (403, 404), page
    assert 'href="/admin"' not in client.get("/").content.decode()


def test_who_administrates_people_reaches_people_alone() -> None:
    role = role_with("Office", PEOPLE_OFFICE)
    user = people.person("clerk")
    give(user, role)
    client = Client()
    assert client.login(username="clerk", password="clerk")
    reached = [page for page in pages() if client.get(page).status_code == 200]
    assert set(reached) == {"/admin", "/admin/people", f"/admin/people/{User.objects.order_by('pk')[0].pk}", "/admin/invite",
                            "/o/role", "/admin/people?q=li&state=all"}  # fmt: skip


def test_an_auditor_proves_the_log() -> None:
    client = signed_in("auditor", "auditor")
    audit.note("refused", name="Somebody")
    assert client.get("/admin/audit").status_code == 200
    assert "none changed" in client.post("/admin/audit/verify").content.decode()
    AuditEvent.objects.filter(sequence=1).update(detail="forged")
    assert "tampered" in client.post("/admin/audit/verify").content.decode()
    assert client.get("/admin/security").status_code == 403


def test_the_matrix_saves_what_it_shows() -> None:
    client = signed_in("boss", administrator=True)
    role = role_with("Sellers", {"*": {"rights": ["read"], "read": "own", "edit": "own"}})
    form = {
        "o.*.r": ["read", "edit"], "o.*.read": "all", "o.*.edit": "own",
        "o.account.named": "yes", "o.account.r": ["read"], "o.account.read": "own",
        "field": ["account.phone", ""], "field_level": ["read", "read"], "field_mask": ["list", "none"],
    }  # fmt: skip
    preview = client.post(f"/admin/roles/{role.pk}/preview", form, headers={"HX-Request": "true"}).content.decode()
    assert "Rights gained" in preview
    response = client.post(f"/admin/roles/{role.pk}/save", form, headers={"HX-Request": "true"})
    assert response.status_code == 204
    from guanxi.engine.administration import roles

    saved = roles.document(role.pk)
    assert saved["objects"]["*"] == {"rights": ["read", "edit"], "read": "all", "edit": "own"}
    assert saved["objects"]["account"] == {"rights": ["read"], "read": "own", "edit": "own"}
    assert saved["fields"] == {"account.phone": {"level": "read", "mask": "list"}}


def test_looking_as_somebody_else_shows_theirs_writes_nothing_and_is_recorded() -> None:
    client = signed_in("boss", administrator=True)
    seller, other = people.person("seller", "salesperson"), people.person("other", "salesperson")
    samples = Samples()
    mine = samples.create("account", name="Mine alone", owner=seller.pk)
    theirs = samples.create("account", name="Of the other", owner=other.pk)
    assert client.post(f"/admin/people/{seller.pk}/see-as").status_code == 303
    before = dump.database()
    listed = client.get("/o/account").content.decode()
    assert "Mine alone" in listed and "Of the other" not in listed and "You see what Person seller sees" in listed
    assert client.get(f"/o/account/{mine.pk}").status_code == 200
    assert client.get(f"/o/account/{theirs.pk}").status_code == 404
    refused = [
        client.post(f"/o/account/{mine.pk}/edit", {"name": "Changed"}),
        client.post(f"/o/account/{mine.pk}/delete"),
        client.post("/preferences", {"language": "en"}),
        client.patch(f"/api/v1/account/{mine.pk}", '{"name": "x"}', content_type="application/json"),
        client.get("/preferences/security"),
        client.get("/admin"),
        client.get("/api/v1/keys"),
    ]
    assert {response.status_code for response in refused} == {403}
    assert dump.database() == before
    assert client.post("/see-as/end").status_code == 303
    assert client.get(f"/o/account/{theirs.pk}").status_code == 200
    events = list(AuditEvent.objects.filter(event__startswith="see_as").order_by("pk").values_list("event", "record"))
    assert events == [("see_as_started", seller.pk), ("see_as_ended", seller.pk)]


def test_only_administrators_look_as_somebody_else() -> None:
    role = role_with("Office", PEOPLE_OFFICE)
    user = people.person("clerk")
    give(user, role)
    boss = people.person("boss", administrator=True)
    client = Client()
    client.login(username="clerk", password="clerk")
    assert client.post(f"/admin/people/{boss.pk}/see-as").status_code == 403
    assert not AuditEvent.objects.filter(event="see_as_started").exists()


def test_departments_are_moved_and_never_into_themselves() -> None:
    client = signed_in("boss", administrator=True)
    top, below, third = people.department("Top"), None, people.department("Third")
    below = people.department("Below", top)
    assert client.post("/admin/departments/move", {"id": third.pk, "parent": below.pk, "place": 0}).status_code == 204
    assert Department.objects.get(pk=third.pk).parent_id == below.pk
    before = dump.database()
    assert client.post("/admin/departments/move", {"id": top.pk, "parent": third.pk}).status_code == 422
    assert dump.database() == before


def test_sharing_from_the_record_and_taking_it_back() -> None:
    client = signed_in("boss", administrator=True)
    guest = people.person("guest", "salesperson")
    account = Samples().create("account")
    page = client.post(
        f"/o/account/{account.pk}/share",
        {
            "principal_kind": "user",
            "user": guest.pk,
            "level": "read",
            "team": "yes",
            "note": "Pre-sales",
            "until": "2999-01-01",
        },
    ).content.decode()
    assert "Person guest" in page and "Pre-sales" in page
    grant = Grant.objects.get()
    assert (grant.cause, grant.level) == ("team", "read")
    seen = client.get(f"/o/account/{account.pk}/access").content.decode()
    assert "Member of the record&#39;s team: Pre-sales." in seen
    client.post(f"/o/account/{account.pk}/share/{grant.pk}/remove")
    assert not Grant.objects.exists()


@pytest.mark.parametrize("address", ["/admin/people", "access", "/admin/departments", "/admin/roles"])
def test_the_number_of_queries_does_not_grow_with_the_company(address: str) -> None:
    client = signed_in("boss", administrator=True)
    account = Samples().create("account")
    page = f"/o/account/{account.pk}/access" if address == "access" else address

    def grown(number: int) -> int:
        for _ in range(number):
            name = f"p{User.objects.count()}"
            people.person(name, "auditor", department=people.department(name))
        return _queries(lambda: client.get(page))

    _queries(lambda: client.get(page))
    assert grown(2) == grown(8)


def _queries(ask: Callable[[], Any]) -> int:
    number = 0

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal number
        number += 1
        return execute(sql, params, many, context)

    with db.connection().execute_wrapper(count):
        assert ask().status_code == 200
    return number
