"""The page of all results, its neighbours in palette and API."""

from __future__ import annotations

import pytest
from django.test import Client

from guanxi.access.models import Role
from guanxi.engine import keys, write
from guanxi.schema import registry
from tests.support import people

pytestmark = pytest.mark.django_db


def company(**values: object) -> int:
    """A new account."""
    with write.change(people.program(), "test") as door:
        return int(door.create("account", {"name": "华为技术有限公司", **values}).pk)


def test_the_page_marks_what_was_found(visitor: Client) -> None:
    pk = company(phone="+8613800138000")
    page = visitor.get("/search?q=技术").content.decode()
    assert "华为<mark>技术</mark>有限公司" in page and f'href="/o/account/{pk}"' in page
    assert "<mark>华为技术</mark>有限公司" in visitor.get("/search?q=huaweijishu").content.decode()
    assert "<mark>华为技术</mark>有限公司" in visitor.get("/search?q=hwjs").content.decode()
    page = visitor.get("/search?q=8000").content.decode()
    assert "<mark>8000</mark>" in page and "Phone" in page


def test_typed_marks_are_text(visitor: Client) -> None:
    company(name="<b>Bold</b> & co")
    page = visitor.get("/search?q=bold+%3Cscript%3E").content.decode()
    assert "<script>" not in page.replace('<script type="module"', "").replace("<script src", "")
    page = visitor.get("/search?q=bold").content.decode()
    assert "&lt;b&gt;<mark>Bold</mark>&lt;/b&gt; &amp; co" in page


def test_one_object_alone(visitor: Client) -> None:
    company()
    with write.change(people.program(), "test") as door:
        door.create("competitor", {"name": "华为云"})
    everything = visitor.get("/search?q=华为").content.decode()
    assert everything.count("data-hit") == 2
    one = visitor.get("/search?q=华为&object=competitor").content.decode()
    assert one.count("data-hit") == 1 and "华为</mark>云" in one
    assert visitor.get("/search?q=华为&object=nonsense").content.decode().count("data-hit") == 2


def test_typing_takes_the_results_alone(visitor: Client) -> None:
    company()
    answer = visitor.get("/search?q=华为", headers={"HX-Request": "true", "HX-Target": "results"}).content.decode()
    assert "data-hit" in answer and "<html" not in answer
    assert "Type a name" in visitor.get("/search").content.decode()
    assert "Nothing found" in visitor.get("/search?q=zzzz").content.decode()


def test_the_palette_leads_to_all_results(visitor: Client) -> None:
    company()
    answer = visitor.get("/palette?q=华为").content.decode()
    assert "/search?q=%E5%8D%8E%E4%B8%BA" in answer and "All results for" in answer


def test_the_palette_offers_what_the_rights_and_the_language_of_the_moment_say() -> None:
    person = people.person("li", "salesperson")
    visitor = Client()
    visitor.force_login(person)

    def offered(text: str) -> str:
        people.refreshed()
        return str(visitor.get(f"/palette?q={text}").content.decode())

    assert "/o/account/new" in offered("account") == offered("account")
    assert "Nothing found" in offered("kehu")
    person.roles.set([])
    registry.bump("access")
    assert "/o/account" not in offered("account")
    person.roles.set(Role.objects.filter(key="salesperson"))
    registry.bump("access")
    person.preferences = {**person.preferences, "language": "zh-hans"}
    person.save()
    answer = offered("kehu")
    assert "/o/account" in answer and "客户" in answer and "New: Account" not in answer


def test_the_api(visitor: Client) -> None:
    pk = company()
    person = people.person("key", "salesperson")
    _key, secret = keys.issue(people.actor(people.person("boss", administrator=True)), "test")
    api = Client(headers={"Authorization": f"Bearer {secret}"})
    body = api.get("/api/v1/search?q=hwjs").json()
    assert [(one["object"], one["id"], one["title"]) for one in body["data"]] == [("account", pk, "华为技术有限公司")]
    assert body["data"][0]["address"] == f"/api/v1/account/{pk}" and body["more"] is False
    assert api.get("/api/v1/search?q=hwjs&object=contact").json()["data"] == []
    for wrong in ("", "?q=", "?q=x&limit=0", "?q=x&limit=101", "?q=x&nonsense=1"):
        assert api.get("/api/v1/search" + wrong).status_code == 400, wrong
    assert api.get("/api/v1/search?q=x&object=nonsense").status_code == 404
    _key, secret = keys.issue(people.actor(person), "test")
    other = Client(headers={"Authorization": f"Bearer {secret}"})
    assert other.get("/api/v1/search?q=hwjs").json()["data"] == []
