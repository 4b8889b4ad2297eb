"""The person's own API keys on the security page."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from guanxi.access.models import User
from guanxi.engine.models import ApiKey
from tests.signin.conftest import enter, events

pytestmark = pytest.mark.django_db
NEW = "/preferences/security/keys/new"


def test_a_key_is_shown_once_works_and_is_revoked(li: User, door: Client) -> None:
    enter(door)
    made = door.post(NEW, {"name": "Report", "days": "30", "reach": "some", "rights": ["read"]}).content.decode()
    secret = re.search(r'id="secret">(gx_[\w-]+)<', made)
    assert secret
    overview = door.get("/preferences/security").content.decode()
    assert "Report" in overview and secret[1] not in overview
    header = {"Authorization": f"Bearer {secret[1]}"}
    assert Client().get("/api/v1/me", headers=header).status_code == 200
    assert Client().get("/api/v1/me", headers=header).status_code == 200
    assert Client().post("/api/v1/account", {}, headers=header, content_type="application/json").status_code == 403
    key = ApiKey.objects.get()
    assert key.expires_at is not None
    assert door.post(f"/preferences/security/keys/{key.pk}/revoke").status_code == 303
    assert Client().get("/api/v1/me", headers=header).status_code == 401
    assert events(li).count("key_used") == 1, "at most every five minutes"
    assert [event for event in events(li) if event.startswith("key")] == ["key_made", "key_used", "key_revoked"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "", "days": "30", "reach": "all"},
        {"name": "x", "days": "7", "reach": "all"},
        {"name": "x", "days": "30", "reach": "some"},
        {"name": "x", "days": "30", "reach": "some", "rights": ["rule"]},
        {"name": "x" * 500, "days": "", "reach": "all"},
    ],
)
def test_what_was_typed_comes_back_with_the_reason(li: User, door: Client, wrong: dict[str, object]) -> None:
    enter(door)
    answer = door.post(NEW, wrong)
    assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_nobody_revokes_the_keys_of_others(li: User, door: Client) -> None:
    from tests.support import people

    enter(door)
    door.post(NEW, {"name": "Mine", "days": "30", "reach": "all"})
    people.person("wang")
    other = Client()
    enter(other, "wang")
    assert other.post(f"/preferences/security/keys/{ApiKey.objects.get().pk}/revoke").status_code == 404
    assert ApiKey.objects.get().revoked_at is None
