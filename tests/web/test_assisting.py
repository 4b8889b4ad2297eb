"""What is done for somebody's signing in, from the person's page and through the API: by whom, to what effect."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from guanxi.access.models import AuditEvent, User
from guanxi.engine import keys
from guanxi.engine.identity.provider import IdentityLink, IdentityProvider
from guanxi.engine.models import ApiKey
from guanxi.kernel import clock
from tests.access.test_administration import PEOPLE_OFFICE, give, role_with
from tests.support import dump, people
from tests.web.test_admin_pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(db: Any) -> Client:
    """An administrator."""
    return signed_in("boss", administrator=True)


@pytest.fixture
def clerk(db: Any) -> Client:
    """Somebody whose role administrates people, and no more."""
    give(people.person("clerk"), role_with("Office", PEOPLE_OFFICE))
    client = Client()
    assert client.login(username="clerk", password="clerk")
    return client


def invited(name: str = "fresh", **values: Any) -> User:
    """Somebody who has not set a password yet."""
    user = people.person(name)
    user.set_unusable_password()
    user.save()
    User.objects.filter(pk=user.pk).update(**values)
    return user


def enter(client: Client, name: str, password: str) -> int:
    """The status of an attempt to sign in."""
    return client.post("/signin", {"username": name, "password": password}).status_code


def last() -> tuple[str, str, int | None, str]:
    """The latest event: what, by whom, on which person, what is told."""
    found = AuditEvent.objects.order_by("-sequence")[0]
    return found.event, found.name, found.record, found.detail


@pytest.mark.parametrize("way", ["/admin/people/{}/unlock", "/api/v1/user/{}/unlock"])
def test_who_was_locked_out_tries_again_at_once(clerk: Client, way: str) -> None:
    li = people.person("li")
    for _ in range(10):
        enter(Client(), "li", "wrong")
    assert enter(Client(), "li", "li") == 422
    assert clerk.post(way.format(li.pk)).status_code in (204, 303)
    assert last() == ("permission_changed", "Person clerk", li.pk, "li: unlocked")
    assert enter(Client(), "li", "li") == 302


@pytest.mark.parametrize("way", ["/admin/people/{}/end-sessions", "/api/v1/user/{}/end-sessions"])
def test_somebody_is_signed_out_everywhere(clerk: Client, way: str) -> None:
    li = people.person("li")
    desk, phone = Client(), Client()
    for device in (desk, phone):
        enter(device, "li", "li")
        assert device.get("/").status_code == 200
    assert clerk.post(way.format(li.pk)).status_code in (200, 303)
    for device in (desk, phone):
        assert device.get("/").status_code == 302
    event, by, record, told = last()
    assert (event, by, record) == ("session_ended", "Person clerk", li.pk) and told.startswith("li: ")


def test_keys_are_named_to_who_administrates_people_and_revoked_by_administrators(boss: Client, clerk: Client) -> None:
    li = people.person("li", "salesperson")
    first, secret = keys.issue(people.actor(li), "Nightly export")
    second, other = keys.issue(people.actor(li), "Website")
    page = clerk.get(f"/admin/people/{li.pk}").content.decode()
    assert "Nightly export" in page and first.prefix in page and secret not in page and "revoke-keys" not in page
    told = clerk.get(f"/api/v1/user/{li.pk}/keys").json()["data"]
    assert [one["name"] for one in told] == ["Website", "Nightly export"] and secret not in str(told)
    before = dump.database()
    assert clerk.post(f"/admin/people/{li.pk}/revoke-keys", {"key": first.pk}).status_code == 403
    assert clerk.post(f"/api/v1/user/{li.pk}/revoke-keys", {}, content_type="application/json").status_code == 403
    assert dump.database() == before
    assert boss.post(f"/admin/people/{li.pk}/revoke-keys", {"key": first.pk}).status_code == 303
    assert last() == ("key_revoked", "Person boss", li.pk, f"li: Nightly export ({first.prefix}…)")
    assert [key_works(one) for one in (secret, other)] == [401, 200]
    assert boss.post(f"/api/v1/user/{li.pk}/revoke-keys", {}, content_type="application/json").json() == {"revoked": 1}
    assert key_works(other) == 401
    assert not ApiKey.objects.filter(revoked_at=None).exists()
    assert second.name not in boss.get(f"/admin/people/{li.pk}").content.decode()


def key_works(secret: str) -> int:
    """The status of a call with the key."""
    return Client().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"}).status_code


def test_a_key_without_all_rights_helps_nobody(boss: Client) -> None:
    li = people.person("li")
    _key, secret = keys.issue(people.actor(User.objects.get(username="boss")), "Narrow", ["read"])
    header = {"Authorization": f"Bearer {secret}"}
    for end in ("unlock", "end-sessions", "reset-factors", "invitation", "revoke-keys"):
        address = f"/api/v1/user/{li.pk}/{end}"
        assert Client().post(address, {}, content_type="application/json", headers=header).status_code == 403, end
    assert Client().get(f"/api/v1/user/{li.pk}/keys", headers=header).status_code == 403


def test_nobody_below_touches_an_administrator(boss: Client, clerk: Client) -> None:
    mighty = User.objects.get(username="boss").pk
    page = clerk.get(f"/admin/people/{mighty}").content.decode()
    assert "unlock" not in page and "deactivate" not in page and "end-sessions" not in page
    before = dump.database()
    for end in ("unlock", "end-sessions", "reset-factors", "invitation", "revoke-keys", "deactivate"):
        assert clerk.post(f"/admin/people/{mighty}/{end}").status_code == 403, end
    assert dump.database() == before


def test_a_salesperson_learns_nothing_about_leaving() -> None:
    seller = signed_in("seller", "salesperson")
    other = people.person("other")
    assert seller.post(f"/admin/people/{other.pk}/deactivate").status_code == 403


@pytest.fixture
def mail_server(settings: Any) -> None:
    """Mails can be sent."""
    settings.GUANXI_MAIL = True
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}


@pytest.mark.usefixtures("mail_server")
def test_an_invitation_goes_by_mail_in_the_language_of_the_one_invited(clerk: Client, settings: Any) -> None:
    user = invited(email="fresh@example.com", preferences={"language": "zh-hans"})
    shown = clerk.post(f"/admin/people/{user.pk}/invitation").content.decode()
    assert "fresh@example.com" in shown and 'value="mail"' in shown
    sent = clerk.post("/admin/invite", {"what": "mail", "user": user.pk}, headers={"HX-Request": "true"})
    assert sent.status_code == 204
    assert mail.outbox[0].to == ["fresh@example.com"] and "Person clerk邀请您" in str(mail.outbox[0].body)
    path = str(mail.outbox[0].body).split(settings.GUANXI.address)[1].split()[0]
    visitor = Client()
    assert visitor.get(path).status_code == 200
    chosen = {"new_password1": "long enough 42 Stones", "new_password2": "long enough 42 Stones"}
    assert visitor.post(path, chosen).status_code == 302
    assert clerk.post(
        f"/api/v1/user/{user.pk}/invitation", {"mail": True}, content_type="application/json"
    ).status_code in (
        400,
        403,
    )


@pytest.mark.usefixtures("mail_server")
def test_through_the_api_too(boss: Client) -> None:
    user = invited(email="fresh@example.com")
    link = boss.post(f"/api/v1/user/{user.pk}/invitation", {}, content_type="application/json").json()["link"]
    assert Client().get(link).status_code == 200
    answer = boss.post(f"/api/v1/user/{user.pk}/invitation", {"mail": True}, content_type="application/json")
    assert answer.status_code == 202 and len(mail.outbox) == 1


def test_without_a_mail_server_the_link_is_all_there_is(boss: Client) -> None:
    user = invited(email="fresh@example.com")
    shown = boss.post(f"/admin/people/{user.pk}/invitation").content.decode()
    assert "/signin/invited/" in shown and 'value="mail"' not in shown
    answer = boss.post(f"/api/v1/user/{user.pk}/invitation", {"mail": True}, content_type="application/json")
    assert answer.status_code == 403 and "Copy the link" in answer.json()["detail"]


def test_whom_a_directory_vouches_for_is_not_invited(boss: Client) -> None:
    user = invited()
    provider = IdentityProvider.objects.create(name="Company", kind="ldap", created_at=clock.now())
    IdentityLink.objects.create(
        person=user, provider=provider, subject="cn=fresh", created_at=clock.now(), last_used_at=clock.now()
    )
    page = boss.get(f"/admin/people/{user.pk}").content.decode()
    assert "A directory vouches" in page and "Make an invitation link" not in page
    assert boss.post(f"/admin/people/{user.pk}/invitation").status_code == 403


def test_the_log_names_its_events_in_words_and_is_proved_through_the_api(boss: Client) -> None:
    assert enter(Client(), "boss", "boss") == 302
    assert ">Signed in</a>" in boss.get("/o/audit_event").content.decode()
    proof = boss.get("/api/v1/audit-log/proof").json()
    assert proof["holds"] is True and proof["count"] == AuditEvent.objects.count()
    AuditEvent.objects.filter(sequence=1).update(detail="forged")
    assert boss.get("/api/v1/audit-log/proof").json()["reason"] == "changed"
    assert signed_in("seller", "salesperson").get("/api/v1/audit-log/proof").status_code == 403


def test_each_field_tells_who_can_see_it(boss: Client) -> None:
    from tests.support.samples import Samples

    account = Samples().create("account")
    whole = boss.get(f"/o/account/{account.pk}/access").content.decode()
    address = f"/o/account/fields/phone/access?record={account.pk}"
    assert address in whole
    told = boss.get(address).content.decode()
    assert "Salesperson" in told and f"/o/account/{account.pk}/access" in told
