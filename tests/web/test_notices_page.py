"""Notifications at the pages and through the API: the bell, the list, following, choosing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from guanxi.access.models import User
from guanxi.engine import keys, notifications, write
from guanxi.engine.notifications import following
from guanxi.kernel.labels import Label
from tests.support import people

pytestmark = pytest.mark.django_db


def me() -> User:
    """The visitor."""
    return User.objects.get(username="lead")


def account() -> int:
    """A new account."""
    with write.change(people.program(), "test") as door:
        return int(door.create("account", {"name": "Acme"}).pk)


def test_looking_at_the_bell_marks_nothing_and_opening_the_record_does(visitor: Client) -> None:
    pk = account()
    notifications.notify([me().pk], Label("Acme has changed", "Acme 变了"), "account", pk, kind="own_changed")
    assert "Acme has changed" in visitor.get("/notifications").content.decode()
    assert visitor.get("/notifications/unread").content == b"1"
    visitor.get(f"/o/account/{pk}")
    assert visitor.get("/notifications/unread").content == b""


def test_the_page_of_all(visitor: Client) -> None:
    for number in range(60):
        notifications.notify([me().pk], Label(f"Notice {number:02}", f"通知 {number:02}"))
    page = visitor.get("/notifications/all").content.decode()
    assert "Notice 59" in page and "Notice 10" in page and "Notice 09" not in page
    before = page.split("before=")[1].split('"')[0]
    older = visitor.get(f"/notifications/all?before={before}", headers={"HX-Request": "true"}).content.decode()
    assert "Notice 09" in older and "Notice 10" not in older and "<html" not in older
    assert visitor.post("/notifications/read").status_code == 303
    assert "Nothing is unread" in visitor.get("/notifications/all?unread=1").content.decode()
    assert "Notice 59" in visitor.get("/notifications/all").content.decode()


def test_mark_all_in_the_panel(visitor: Client) -> None:
    notifications.notify([me().pk], Label("Hello", "您好"))
    answer = visitor.post("/notifications/read", {"panel": "1"}, headers={"HX-Request": "true"})
    assert "Hello" in answer.content.decode() and json.loads(answer.headers["HX-Trigger"]) == {"unread": 0}


def test_following_from_the_record_page(visitor: Client) -> None:
    pk, actor = account(), people.actor(me())
    assert f'hx-post="/o/account/{pk}/follow"' in visitor.get(f"/o/account/{pk}").content.decode()
    assert 'aria-pressed="true"' in visitor.post(f"/o/account/{pk}/follow").content.decode()
    assert following.follows(actor, "account", pk)
    assert 'aria-pressed="false"' in visitor.post(f"/o/account/{pk}/follow").content.decode()
    assert not following.follows(actor, "account", pk)
    assert visitor.post("/o/account/999999/follow").status_code == 404


def test_choosing(visitor: Client) -> None:
    page = visitor.get("/preferences").content.decode()
    assert 'name="own_changed" value="digest"' in page and 'value="08:00"' in page
    body = {"own_changed": ["app"], "assigned": ["mail"], "digest_time": "09:15", "digest_days": "daily"}
    assert visitor.post("/preferences/notices", body).status_code == 303
    held = User.objects.get(username="lead").preferences
    assert held["notices"]["own_changed"] == ["app"] and held["notices"]["shared"] == []
    assert held["digest"] == {"time": "09:15", "days": "daily"}
    assert visitor.post("/preferences/notices", {**body, "digest_time": "25:00"}).status_code == 422
    assert (
        visitor.post(
            "/preferences", {"language": "en", "theme": "auto", "time_zone": "", "density": "cozy"}
        ).status_code
        == 303
    )
    assert User.objects.get(username="lead").preferences["digest"]["time"] == "09:15"


def test_the_api() -> None:
    person = people.person("boss", administrator=True)
    _key, secret = keys.issue(people.actor(person), "test")
    api = Client(headers={"Authorization": f"Bearer {secret}"})
    pk = account()
    for number in range(3):
        notifications.notify([person.pk], Label(f"Notice {number}", "通知"), "account", pk, kind="own_changed")
    body = api.get("/api/v1/notifications?limit=2").json()
    assert [one["text"] for one in body["data"]] == ["Notice 2", "Notice 1"] and body["unread"] == 3
    rest = api.get(f"/api/v1/notifications?before={body['next']}").json()
    assert [one["text"] for one in rest["data"]] == ["Notice 0"] and rest["next"] is None
    assert _send(api, "post", "notifications/read", {"ids": [body["data"][0]["id"]]}) == (200, {"marked": 1})
    assert len(api.get("/api/v1/notifications?unread=true").json()["data"]) == 2
    assert _send(api, "post", "notifications/read", {}) == (200, {"marked": 2})
    for wrong in ({"ids": "all"}, {"ids": [True]}, {"other": 1}, {"ids": [-1]}):
        assert _send(api, "post", "notifications/read", wrong)[0] == 422, wrong
    status, held = _send(
        api, "patch", "notification-choices", {"channels": {"assigned": ["mail"]}, "digest_time": "06:45"}
    )
    assert (status, held["channels"]["assigned"], held["digest_time"]) == (200, ["mail"], "06:45")
    refused: list[dict[str, Any]] = [
        {"channels": {"x": []}},
        {"channels": {"assigned": "mail"}},
        {"digest_time": 5},
        {"a": 1},
    ]
    for body in [*refused, {"digest_days": "never"}]:
        assert _send(api, "patch", "notification-choices", body)[0] == 422, body
    assert api.get(f"/api/v1/account/{pk}/follow").json() == {"follows": False}
    assert _send(api, "put", f"account/{pk}/follow", {}) == (200, {"follows": True})
    assert _send(api, "delete", f"account/{pk}/follow", {}) == (200, {"follows": False})
    assert api.get("/api/v1/account/999999/follow").status_code == 404


def _send(api: Client, method: str, path: str, body: Any) -> tuple[int, Any]:
    answer = getattr(api, method)(f"/api/v1/{path}", json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json()
