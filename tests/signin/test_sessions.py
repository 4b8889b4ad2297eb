"""Sessions: a new key at sign-in, a list that can be ended, idle time-out, and nobody stays who may not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from guanxi.access.models import User
from guanxi.engine import keys
from guanxi.engine.models import Notification
from guanxi.engine.write import change
from tests.signin.conftest import enter, events, is_in
from tests.support import people

pytestmark = pytest.mark.django_db

ELSEWHERE = (
    *("https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example"),
    *("javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "http:evil.example", "https:///evil.example"),
    *(
        "//evil.example\\@testserver",
        "http://testserver@evil.example/",
        "/\t/evil.example",
        "http://testserver:80@e.example",
    ),
    *(
        "\x00//evil.example",
        "%2F%2Fevil.example",
        "https://testserver.evil.example",
        "/%09//evil.example",
        " //evil.example",
    ),
    *("/signout", "/signin?next=//evil.example"),
)


@pytest.mark.parametrize("goal", ELSEWHERE)
def test_the_way_on_never_leads_elsewhere(li: User, door: Client, goal: str) -> None:
    location = enter(door, next=goal).headers["Location"]
    assert location.startswith("/") and not location.startswith(("//", "/\\")), location
    assert "evil" not in location or location.startswith(("/%09", "/%2F", "%2F")), location
    again = door.get("/signin", {"next": goal}).headers["Location"]
    assert again == location
    language = door.post("/language", {"language": "en", "next": goal}).headers["Location"]
    assert language.startswith("/") and not language.startswith(("//", "/\\"))


def test_the_session_has_a_new_key_after_signing_in(li: User, door: Client) -> None:
    door.get("/signin")
    session = door.session
    session["planted"] = "1"
    session.save()
    door.cookies["guanxi_session"] = session.session_key or ""
    planted = session.session_key or ""
    enter(door)
    assert door.cookies["guanxi_session"].value != planted
    thief = Client()
    thief.cookies["guanxi_session"] = planted
    assert not is_in(thief)


def test_a_key_that_the_server_never_gave_is_not_taken_over(li: User, door: Client) -> None:
    door.cookies["guanxi_session"] = "abcdefghijklmnopqrstuvwxyz012345"
    enter(door)
    assert door.cookies["guanxi_session"].value != "abcdefghijklmnopqrstuvwxyz012345"


def test_cookies_are_for_the_server_alone(li: User, door: Client) -> None:
    cookie = enter(door).cookies["guanxi_session"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"


def test_the_list_of_sessions_shows_them_and_ends_them(li: User, door: Client) -> None:
    phone, other = Client(HTTP_USER_AGENT="Mozilla/5.0 (iPhone) Safari/604"), Client()
    for client in (door, phone, other):
        enter(client)
    page = door.get("/preferences/security").content.decode()
    assert "Chrome · Windows" in page and "Safari · iPhone" in page and "this device" in page
    ended = UserSession.objects.get(user_agent__contains="iPhone")
    assert door.post(f"/preferences/security/sessions/{ended.pk}/end").status_code == 303
    assert not is_in(phone)
    assert is_in(other) and is_in(door)
    door.post("/preferences/security/sessions/end-others")
    assert not is_in(other)
    assert is_in(door)
    assert events(li).count("session_ended") == 2


def test_nobody_ends_the_sessions_of_others(li: User, door: Client) -> None:
    people.person("wang")
    other = Client()
    enter(other, "wang")
    enter(door)
    theirs = UserSession.objects.get(user__username="wang")
    assert door.post(f"/preferences/security/sessions/{theirs.pk}/end").status_code == 404
    assert is_in(other)


def test_whoever_is_deactivated_or_deleted_is_out_at_once(li: User, door: Client) -> None:
    enter(door)
    _key, secret = keys.issue(people.actor(li), "program")
    header = {"Authorization": f"Bearer {secret}"}
    assert is_in(door)
    assert Client().get("/api/v1/me", headers=header).status_code == 200
    with change(people.program(), "test") as write:
        write.update("user", li.pk, {"is_active": False})
    assert not is_in(door)
    assert Client().get("/api/v1/me", headers=header).status_code == 401
    assert enter(Client()).status_code == 422
    with change(people.program(), "test") as write:
        write.update("user", li.pk, {"is_active": True})
    assert enter(door).status_code == 302
    User.objects.filter(pk=li.pk).update(deleted_at=people.department("x").created_at)
    assert not is_in(door)
    assert enter(Client()).status_code == 422


def test_an_idle_session_ends(
    li: User, door: Client, policy: Callable[..., None], later: Callable[[timedelta], Any]
) -> None:
    policy(idle_minutes=15)
    enter(door)
    assert is_in(door)
    later(timedelta(minutes=14))
    assert is_in(door)
    later(timedelta(minutes=14))
    assert is_in(door), "using it counts"
    later(timedelta(minutes=10))
    door.get("/notifications/unread")
    later(timedelta(minutes=6))
    assert not is_in(door), "what the page asks for on its own does not count"
    assert events(li)[-1] == "session_ended"
    assert UserSession.objects.count() == 0


def test_signing_out_is_noted_and_ends_the_session_for_good(li: User, door: Client) -> None:
    enter(door)
    kept = door.cookies["guanxi_session"].value
    door.post("/signout")
    assert events(li)[-1] == "signed_out"
    thief = Client()
    thief.cookies["guanxi_session"] = kept
    assert not is_in(thief)
    assert UserSession.objects.count() == 0


def test_changing_the_password_ends_all_other_sessions(li: User, door: Client) -> None:
    other = Client()
    enter(other)
    enter(door)
    fresh = "Spring-rain-2026"
    fields = {"old_password": "li", "new_password1": fresh, "new_password2": fresh}
    assert door.post("/preferences/password", fields).status_code == 303
    assert is_in(door) and not is_in(other)
    assert "this device" in door.get("/preferences/security").content.decode()
    assert events(li)[-1] == "password_changed"


@pytest.mark.parametrize(
    "path",
    [
        *("/signup", "/signup/", "/accounts/signup/", "/email/", "/accounts/email/", "/confirm-email/", "/inactive/"),
        *(
            "/password/change/",
            "/password/reset/",
            "/2fa/",
            "/2fa/totp/activate/",
            "/sessions/",
            "/3rdparty/",
            "/login/",
        ),
        *(
            "/social/signup/",
            "/signin/signup",
            "/signin/3rdparty/signup/",
            "/preferences/security/trust",
            "/login/code/",
        ),
    ],
)
def test_the_pages_we_do_not_want_do_not_exist(visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == 404
    assert visitor.post(path).status_code == 404


FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


def test_a_sign_in_on_a_new_device_is_told_once(li: User) -> None:
    told = Notification.objects.filter(recipient=li, kind="device")
    for agent, expected in ((FIREFOX, 0), (FIREFOX, 0), (CHROME, 1), (CHROME, 1), (FIREFOX, 1)):
        enter(Client(headers={"User-Agent": agent}))
        assert told.count() == expected, agent
    notice = told.get()
    assert "Chrome · Linux" in notice.text_en and "Chrome · Linux" in notice.text_zh
