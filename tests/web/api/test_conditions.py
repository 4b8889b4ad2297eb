"""Tags of records, limits of requests, and the manners of HTTP: methods, forms, languages, bodies that are none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client

from guanxi.access.models import Role
from guanxi.domains.customers.models import Account
from guanxi.web.api import rates
from tests.support import dump, people
from tests.support.samples import Samples
from tests.web.api.calling import Program, administrator

pytestmark = pytest.mark.django_db


def test_a_known_record_is_not_sent_again_and_a_changed_one_is() -> None:
    program = administrator()
    pk = program.ask("POST", "account", {"name": "One"}).json()["id"]
    first = program.ask("GET", f"account/{pk}")
    tag = first.headers["ETag"]
    same = program.ask("GET", f"account/{pk}", If_None_Match=f'"x", {tag}')
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    assert program.ask("GET", f"account/{pk}?fields=name", If_None_Match=tag).status_code == 200
    # What is counted from other records belongs to the answer, though the version stays.
    Samples().create("contact", account=pk)
    assert Account.objects.get(pk=pk).version == first.json()["version"]
    assert program.ask("GET", f"account/{pk}", If_None_Match=tag).status_code == 200


def test_if_match_keeps_from_overwriting() -> None:
    program = administrator()
    made = program.ask("POST", "account", {"name": "One"})
    pk, tag = made.json()["id"], made.headers["ETag"]
    weak = f"W/{tag}"
    changed = program.ask("PATCH", f"account/{pk}", {"city": "Suzhou"}, If_Match=weak)
    assert changed.status_code == 200 and changed.headers["ETag"].startswith('"2-')
    before = dump.database()
    for method, body in (("PATCH", {"city": "Wuxi"}), ("DELETE", None)):
        refused = program.ask(method, f"account/{pk}", body, If_Match=tag)
        assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed")
    assert program.ask("PATCH", f"account/{pk}", {"city": "Wuxi"}, If_Match="nonsense").status_code == 400
    assert program.ask("PATCH", f"account/{pk}", {"city": "Wuxi", "version": 1}).status_code == 409
    assert dump.database() == before
    assert program.ask("DELETE", f"account/{pk}", If_Match="*").status_code == 204


def test_an_installation_can_demand_the_version(settings: Any) -> None:
    settings.GUANXI_API_PRECONDITIONS = "required"
    program = administrator()
    made = program.ask("POST", "account", {"name": "One"})
    path = f"account/{made.json()['id']}"
    assert program.ask("PATCH", path, {"city": "X"}).json()["code"] == "precondition_required"
    assert program.ask("DELETE", path).status_code == 428
    assert program.ask("PATCH", path, {"city": "X"}, If_Match=made.headers["ETag"]).status_code == 200
    assert program.ask("PUT", "account/by/external_id/N", {"name": "New"}).status_code == 428
    assert program.ask("PUT", "account/by/external_id/N", {"name": "New"}, If_None_Match="*").status_code == 201


def test_each_key_has_its_own_minute(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.GUANXI_API_RATE = 3
    caches["rates"].clear()
    monkeypatch.setattr("time.time", lambda: 1_000_000 * rates.WINDOW + 20.0)
    user = people.person("root", administrator=True)
    program, other = Program(user), Program(user)
    left = []
    for _ in range(3):
        answer = program.ask("GET", "me")
        assert answer.status_code == 200
        assert (answer.headers["RateLimit-Limit"], answer.headers["RateLimit-Reset"]) == ("3", "40")
        left.append(answer.headers["RateLimit-Remaining"])
    assert left == ["2", "1", "0"]
    over = program.ask("POST", "account", {"name": "Too many"})
    assert (over.status_code, over.headers["Retry-After"], over.headers["RateLimit-Remaining"]) == (429, "40", "0")
    assert over.json()["code"] == "too_many_requests" and not Account.objects.exists()
    assert other.ask("GET", "me").status_code == 200
    monkeypatch.setattr("time.time", lambda: 1_000_001 * rates.WINDOW + 1.0)
    assert program.ask("GET", "me").headers["RateLimit-Remaining"] == "2"
    caches["rates"].clear()


def test_methods_are_told() -> None:
    program = administrator()
    pk = program.ask("POST", "account", {"name": "One"}).json()["id"]
    wrong = program.ask("PUT", f"account/{pk}", {})
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET, PATCH, DELETE, HEAD, OPTIONS")
    assert program.ask("OPTIONS", f"account/{pk}").headers["Allow"] == "GET, PATCH, DELETE, HEAD, OPTIONS"
    auditor = Program(people.person("auditor", "auditor"))
    assert auditor.ask("OPTIONS", "account").headers["Allow"] == "GET, HEAD, OPTIONS"
    head, full = program.ask("HEAD", f"account/{pk}"), program.ask("GET", f"account/{pk}")
    assert (head.status_code, head.content, head.headers["ETag"]) == (200, b"", full.headers["ETag"])
    assert head.headers["Content-Length"] == str(len(full.content))
    assert program.ask("TRACE", "account").status_code == 405
    for path in ("/api/", "/api/v2/account", "/api/v1/zzz", "/api/v1/account/1/zzz", f"/api/v1/account/{10**30}"):
        answer = program.ask("GET", path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'"x"', 400),
        (b"\xff\xfe{}", 400),
        (b'{"name": "\xc3\x28"}', 400),
        (b'{"name": "a", "name": "b"}', 400),
        (b'{"name": NaN}', 400),
        (b'{"employees": 1e999}', 400),
        (b'{"employees": ' + b"9" * 5000 + b"}", 400),
        (b'{"name": "a\\u0000b"}', 400),
        (b'{"name": "\\ud800"}', 400),
        (b'{"\\u0000": 1}', 400),
        (b'{"name":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
        (b'{"name":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"}", 400),
        (b'{"name":' + b"[" * 150 + b"]" * 150 + b"}", 400),
        (b'{"name": "' + b"x" * 5_100_000 + b'"}', 413),
        (b'{"employees": 99999999999999999999, "name": "x"}', 422),
        (b'{"name": 12}', 422),
        (b'{"name": ["x"]}', 422),
        (b'{"name": "x", "tags": "1"}', 422),
        (b'{"name": "x", "zzz": 1}', 422),
        (b'{"name": "x", "owner": 1.5}', 422),
    ],
)
def test_bad_bodies_are_refused_in_words(body: bytes, status: int) -> None:
    program = administrator()
    before = dump.database()
    answer = program.ask("POST", "account", body)
    assert answer.status_code == status, answer.content[:300]
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status and told["detail"] and told["title"] and told["type"].endswith(told["code"])
    assert dump.database() == before


def test_other_forms_are_refused() -> None:
    program = administrator()
    form = program.client.post("/api/v1/account", {"name": "x"})
    assert form.status_code == 415
    assert program.ask("GET", "account", Accept="application/xml").status_code == 406
    assert program.ask("GET", "account", Accept="text/html, */*;q=0.1").status_code == 200
    assert program.ask("GET", "account/export", Accept="text/csv").status_code == 200
    for query in (
        "limit=1&limit=2",
        "zzz=1",
        "limit=01",
        "deleted=1",
        "filter=%00",
        "as_of=",
        "expand=name",
        "expand=zzz",
    ):
        assert program.ask("GET", f"account?{query}").status_code in (400, 422), query


def test_errors_speak_the_language_asked_for_else_that_of_the_person() -> None:
    user = people.person("root", administrator=True)
    program = Program(user)
    assert "name" in program.ask("POST", "account", {}).json()["errors"]
    english = program.ask("POST", "account", {}, Accept_Language="en-GB, zh;q=0.5")
    chinese = program.ask("POST", "account", {}, Accept_Language="zh-CN, en;q=0.5")
    assert english.json()["title"] == "Some values were not accepted" and english.headers["Content-Language"] == "en"
    assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese.json()["detail"])
    user.preferences = {"language": "zh-hans"}
    user.save()
    own = program.ask("POST", "account", {}, Accept_Language="fr")
    assert any("\u4e00" <= sign <= "\u9fff" for sign in own.json()["detail"])


def test_whoever_is_unknown_learns_nothing() -> None:
    stranger = Client()
    for method in ("get", "post", "put", "patch", "delete"):
        answer = getattr(stranger, method)("/api/v1/account/by/external_id/1", content_type="application/json")
        assert answer.status_code in (401, 405), method
    assert json.loads(stranger.get("/api/v1/changes").content)["code"] == "unauthenticated"


def test_lookups_are_expanded_as_far_as_the_caller_may_see() -> None:
    seller, other = people.person("seller", "salesperson"), people.person("other", "salesperson")
    samples = Samples()
    mine = samples.create("account", name="Mine", owner=seller.pk)
    theirs = samples.create("account", name="Theirs", owner=other.pk)
    first = samples.create("contact", account=mine.pk, owner=seller.pk)
    second = samples.create("contact", account=theirs.pk, owner=seller.pk)
    program = Program(seller)
    page = program.ask("GET", "contact?expand=account,owner&fields=name").json()["data"]
    found = {row["id"]: row for row in page}
    assert set(found[first.pk]) == {"id", "version", "title", "name", "expanded"}
    assert found[first.pk]["expanded"]["account"]["name"] == "Mine"
    assert found[first.pk]["expanded"]["owner"]["username"] == "seller"
    assert found[second.pk]["expanded"]["account"] is None
    one = program.ask("GET", f"contact/{first.pk}?expand=account").json()
    assert one["account"] == mine.pk and one["expanded"]["account"]["id"] == mine.pk


def test_every_address_under_the_api_is_answered_by_the_api() -> None:
    program = Program(people.person("root", administrator=True))
    for path in ("nothing", "account/%0A/follow", "%0A", "account/1/follow%0A", "role/fields/a%0Ab/access"):
        answer = program.ask("GET", path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json"), path


def test_a_role_is_not_emptied_by_a_slip() -> None:
    program = Program(people.person("root", administrator=True))
    role = Role.objects.get(key="salesperson").pk
    before = program.ask("GET", f"role/{role}/rights").json()
    for method, path in (("PUT", "rights"), ("POST", "simulation")):
        refused = program.ask(method, f"role/{role}/{path}", {"object": before["objects"]})
        assert refused.status_code == 400 and "object" in refused.json()["detail"]
    assert program.ask("GET", f"role/{role}/rights").json() == before


def test_who_can_see_a_record_is_asked_about_one_person_or_all_never_about_nobody() -> None:
    program = administrator()
    pk = program.ask("POST", "account", {"name": "One"}).json()["id"]
    assert program.ask("GET", f"account/{pk}/access").status_code == 200
    for wrong in ("", "x", "-1", "9" * 30):
        told = program.ask("GET", f"account/{pk}/access?user={wrong}")
        assert told.status_code == 400, wrong
        assert "id of a person" in told.json()["detail"]
