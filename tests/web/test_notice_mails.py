"""Mails with notices, through a real mail server: at once or once a day, in the person's language, never twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from guanxi.access.models import User
from guanxi.engine import write
from guanxi.engine.notifications import choices, notify, outbox
from guanxi.engine.notifications.tables import NoticeMail, Notification
from guanxi.kernel import clock, db
from guanxi.kernel.labels import Label
from guanxi.web import notices
from tests.support import people
from tests.support.mail import Post, mail_server

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 0, 30, tzinfo=UTC)  # 08:30 in Shanghai


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    """A mail server."""
    with mail_server(settings) as kept:
        yield kept


def person(name: str, language: str = "en", zone: str = "Asia/Shanghai") -> User:
    """Somebody with a mail address."""
    made = people.person(name)
    made.email = f"{name}@example.com"
    made.preferences = {"language": language, "time_zone": zone}
    made.save()
    return made


def say(who: User, text: str = "Something happened", chinese: str = "有事发生", **more: Any) -> None:
    """Tell somebody something."""
    notify([who.pk], Label(text, chinese), **{"kind": "webhook", **more})


def test_at_once(post: Post) -> None:
    li = person("li")
    with clock.frozen(MONDAY):
        say(li, "A <b>bold</b> webhook & more")
        assert notices.send_due() == 0  # others may join it for a moment
    with clock.frozen(MONDAY + timedelta(seconds=6)):
        assert notices.send_due() == 1
        assert notices.send_due() == 0
    [(address, mail)] = post.received
    assert (address, mail["Subject"]) == ("li@example.com", "A <b>bold</b> webhook & more")
    assert mail["From"] == "Guanxi <crm@example.com>" and mail["Auto-Submitted"] == "auto-generated"
    assert "/preferences#notices" in mail["List-Unsubscribe"]
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and html is not None
    assert "A <b>bold</b> webhook & more" in plain.get_content() and "Hello Person li," in plain.get_content()
    assert "A &lt;b&gt;bold&lt;/b&gt; webhook &amp; more" in html.get_content() and 'lang="en"' in html.get_content()


def test_several_at_once_share_a_mail_in_the_persons_language(post: Post) -> None:
    li = person("li", "zh-hans")
    with write.change(people.program(), "test") as door:
        account = door.create("account", {"name": "华为", "owner": li.pk}).pk
    with clock.frozen(MONDAY):
        Notification.objects.all().delete()
        say(li)
        say(li, object_key="account", record=account)
    with clock.frozen(MONDAY + timedelta(minutes=1)):
        assert notices.send_due() == 1
    [(_address, mail)] = post.received
    plain = mail.get_body(("plain",))
    assert plain is not None
    text = plain.get_content()
    assert "2" in mail["Subject"] and text.count("有事发生") == 2 and f"/o/account/{account}" in text
    assert "您好" in text


def test_the_daily_mail_comes_once_at_its_hour_and_on_working_days(post: Post) -> None:
    li = person("li")
    choices.choose(people.actor(li), {"webhook": ["app", "digest"]}, "08:00", "working")
    friday = MONDAY - timedelta(days=3)
    with clock.frozen(friday):  # half an hour after Friday's mail
        assert notices.send_due() == 0
        say(li, "On Friday")
        assert notices.send_due() == 0
    with clock.frozen(MONDAY - timedelta(days=1)):
        say(li, "On Sunday")
        assert notices.send_due() == 0
    with clock.frozen(MONDAY - timedelta(minutes=31)):
        assert notices.send_due() == 0
    with clock.frozen(MONDAY):
        assert notices.send_due() == 1
        say(li, "After the mail of Monday")
        assert notices.send_due() == 0
    with clock.frozen(MONDAY + timedelta(hours=5)):
        assert notices.send_due() == 0
    with clock.frozen(MONDAY + timedelta(days=1)):
        assert notices.send_due() == 1
    with clock.frozen(MONDAY + timedelta(days=2)):
        assert notices.send_due() == 0  # nothing to say, nothing sent
    first, second = (mail.get_body(("plain",)) for _address, mail in post.received)
    assert first is not None and second is not None
    assert "On Friday" in first.get_content() and "On Sunday" in first.get_content()
    assert "After the mail" in second.get_content() and "On Friday" not in second.get_content()


def test_the_hour_is_that_of_the_persons_own_time_zone(post: Post) -> None:
    for name, zone in (("li", "Asia/Shanghai"), ("ann", "America/New_York")):
        who = person(name, zone=zone)
        choices.choose(people.actor(who), {"webhook": ["digest"]}, "08:00", "daily")
        with clock.frozen(MONDAY - timedelta(hours=2)):
            say(who)
    with clock.frozen(MONDAY):
        assert notices.send_due() == 1
    with clock.frozen(MONDAY + timedelta(hours=12, minutes=20)):
        assert notices.send_due() == 0
    with clock.frozen(MONDAY + timedelta(hours=12, minutes=40)):
        assert notices.send_due() == 1
    assert [address for address, _mail in post.received] == ["li@example.com", "ann@example.com"]


def test_what_was_read_in_the_program_is_left_out_of_the_daily_mail(post: Post) -> None:
    li = person("li")
    choices.choose(people.actor(li), {"webhook": ["app", "digest"]}, "08:00", "daily")
    with clock.frozen(MONDAY - timedelta(hours=2)):
        say(li)
    Notification.objects.update(read_at=MONDAY)
    with clock.frozen(MONDAY):
        assert notices.send_due() == 0
    assert post.received == []


def test_nothing_of_a_record_that_has_been_closed_meanwhile(post: Post) -> None:
    li, wang = person("li"), person("wang")
    with write.change(people.program(), "test") as door:
        account = door.create("account", {"name": "Secret", "owner": wang.pk}).pk
    choices.choose(people.actor(li), {"shared": ["mail"]})
    with clock.frozen(MONDAY):
        say(li, "The account “Secret” is yours", kind="shared", object_key="account", record=account)
    with clock.frozen(MONDAY + timedelta(minutes=1)):
        assert notices.send_due() == 0
    assert post.received == []


def test_a_server_that_is_away_or_refuses_for_now_is_tried_again(post: Post, settings: Any) -> None:
    li = person("li")
    port = settings.EMAIL_PORT
    with clock.frozen(MONDAY):
        say(li)
    now = MONDAY + timedelta(minutes=1)
    settings.EMAIL_PORT = 1  # nobody listens there
    with clock.frozen(now):
        assert notices.send_due() == 0
    settings.EMAIL_PORT = port
    post.refuse = "451 Greylisted, come back"
    with clock.frozen(now + timedelta(seconds=30)):
        assert notices.send_due() == 0 and not post.received  # not yet
    with clock.frozen(now + timedelta(minutes=2)):
        assert notices.send_due() == 0
    mail = NoticeMail.objects.get()
    assert (mail.state, mail.attempts) == (NoticeMail.WAITING, 2) and "451" in mail.error
    post.refuse = ""
    with clock.frozen(now + timedelta(minutes=8)):
        assert notices.send_due() == 1
    assert len(post.received) == 1


def test_a_server_that_refuses_for_good_is_left_alone(post: Post) -> None:
    li = person("li")
    post.refuse = "550 No such person"
    with clock.frozen(MONDAY):
        say(li)
    for minutes in (1, 10, 1000):
        with clock.frozen(MONDAY + timedelta(minutes=minutes)):
            assert notices.send_due() == 0
    mail = NoticeMail.objects.get()
    assert (mail.state, mail.attempts) == (NoticeMail.FAILED, 1)


def test_a_mail_whose_worker_ended_while_sending_is_not_sent_again(post: Post) -> None:
    li = person("li")
    with clock.frozen(MONDAY):
        say(li)

    def die(letter: outbox.Letter) -> None:
        notices.send(letter)
        raise SystemExit  # after the server has taken it

    with clock.frozen(MONDAY + timedelta(minutes=1)), pytest.raises(SystemExit):
        outbox.send_due(die)
    for minutes in (2, 20, 2000):
        with clock.frozen(MONDAY + timedelta(minutes=minutes)):
            assert notices.send_due() == 0
    assert len(post.received) == 1
    assert NoticeMail.objects.get().state == NoticeMail.UNCERTAIN


@pytest.mark.django_db(transaction=True)
def test_many_workers_send_each_mail_once(post: Post) -> None:
    everybody = [person(f"p{number}") for number in range(12)]
    with clock.frozen(MONDAY):
        for who in everybody:
            say(who)
    sent: list[int] = []

    def work() -> None:
        try:
            sent.append(notices.send_due())
        finally:
            db.close_all()

    with clock.frozen(MONDAY + timedelta(minutes=1)):
        workers = [threading.Thread(target=work) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        notices.send_due()
    assert sorted(address for address, _mail in post.received) == sorted(
        f"{who.username}@example.com" for who in everybody
    )


def test_without_a_mail_server_nothing_waits_for_one() -> None:
    li = person("li")
    say(li)
    assert notices.send_due() == 0
    assert Notification.objects.get().mail == ""
