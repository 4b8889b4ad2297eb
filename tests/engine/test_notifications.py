"""Who is told what: changes by others to one's own and followed records, as each chose, and never more than they see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from guanxi.access.models import RoleField, User
from guanxi.engine import notifications, write
from guanxi.engine.notifications import choices, following
from guanxi.engine.notifications.feed import NoticeFeed
from guanxi.engine.notifications.tables import Notification
from guanxi.journal.models import Entry
from guanxi.kernel.errors import Invalid
from guanxi.kernel.labels import Label
from guanxi.schema import registry
from tests.access.test_administration import role_with
from tests.support import people

pytestmark = pytest.mark.django_db


class Team:
    """Li owns an account; Wang changes it."""

    def __init__(self) -> None:
        everything = {"*": {"rights": ["read", "create", "edit", "delete", "restore", "assign", "mass_update"]}}
        everything["*"] |= {"read": "all", "edit": "all"}  # type: ignore[dict-item]
        self.role = role_with("All", everything)
        self.li, self.wang = people.person("li"), people.person("wang")
        for person in (self.li, self.wang):
            person.roles.set([self.role])
        registry.bump("access")
        self.accounts = [self.account(f"Acme {number}") for number in range(6)]
        self.taken = Entry.objects.order_by("-pk").values_list("pk", flat=True)[0]
        Notification.objects.all().delete()

    def account(self, name: str) -> int:
        """A new account of Li's."""
        with write.change(people.program(), "test") as door:
            return int(door.create("account", {"name": name, "owner": self.li.pk}).pk)

    def change(self, who: User, values: dict[str, Any], accounts: Sequence[int] | None = None) -> None:
        """Somebody changes accounts, and the journal is followed."""
        ids = list(accounts or self.accounts[:1])
        with write.change(people.actor(who), "test") as door:
            door.update_many("account", ids, values)
        self.follow_journal()

    def follow_journal(self, batch: int = 500) -> None:
        """Give the consumer what is new, as the dispatcher would."""
        entries = list(Entry.objects.filter(pk__gt=self.taken).order_by("pk"))
        for at in range(0, len(entries), batch):
            NoticeFeed().take(entries[at : at + batch])
        self.taken = entries[-1].pk if entries else self.taken

    @staticmethod
    def told(who: User) -> list[str]:
        """What somebody reads, newest first."""
        return [notice.text for notice in notifications.latest(people.actor(who))]


def test_the_owner_is_told_what_others_change_and_no_values() -> None:
    team = Team()
    team.change(team.wang, {"website": "https://secret.example", "level": "a"})
    assert team.told(team.li) == ["Person wang changed Level and Website of the account “Acme 0”"]
    assert team.told(team.wang) == []
    Notification.objects.all().delete()
    team.change(team.li, {"level": "b"})
    assert team.told(team.li) == []


def test_in_chinese() -> None:
    team = Team()
    team.li.preferences = {"language": "zh-hans"}
    team.li.save()
    team.change(team.wang, {"level": "a"})
    assert team.told(team.li) == ["Person wang 修改了客户“Acme 0”的客户级别"]


def test_changes_one_after_another_become_one_line_until_it_is_read() -> None:
    team = Team()
    for level in ("a", "b", "c"):
        team.change(team.wang, {"level": level})
    assert team.told(team.li) == ["Person wang changed Level of the account “Acme 0” (3 changes)"]
    notifications.mark_record_read(people.actor(team.li), "account", team.accounts[0])
    team.change(team.wang, {"level": "a"})
    assert len(team.told(team.li)) == 2


@pytest.mark.parametrize("batch", (1, 2, 500))
def test_a_mass_update_is_one_line(batch: int) -> None:
    team = Team()
    with write.change(people.actor(team.wang), "test") as door:
        door.update_many("account", team.accounts, {"level": "a"})
    team.follow_journal(batch)
    assert team.told(team.li) == ["Person wang changed 6 accounts of yours"]
    assert notifications.unread(people.actor(team.li)) == 1


def test_followers_are_told_and_those_who_stop_are_not() -> None:
    team = Team()
    chen = people.person("chen")
    chen.roles.set([team.role])
    registry.bump("access")
    following.follow(people.actor(chen), "account", team.accounts[0])
    following.follow(people.actor(chen), "account", team.accounts[0])
    team.change(team.wang, {"level": "a"})
    assert len(team.told(chen)) == len(team.told(team.li)) == 1
    assert Notification.objects.get(recipient=chen).kind == "followed_changed"
    with write.change(people.actor(team.wang), "test") as door:
        door.delete("account", team.accounts[:1])
    team.follow_journal()
    assert team.told(chen)[0] == "Person wang moved the account “Acme 0” to the recycle bin"
    following.unfollow(people.actor(chen), "account", team.accounts[1])
    following.unfollow(people.actor(chen), "account", team.accounts[0])
    with write.change(people.actor(team.wang), "test") as door:
        door.restore("account", team.accounts[:1])
    team.follow_journal()
    assert len(team.told(chen)) == 2


def test_nothing_is_told_of_closed_fields_or_records() -> None:
    team = Team()
    RoleField.objects.create(role=team.role, object="account", field="level", level="hidden", mask="none")
    RoleField.objects.create(role=team.role, object="account", field="phone", level="read", mask="all")
    registry.bump("access")
    with write.change(people.program(), "test") as door:
        wang = people.actor(team.wang)
        door = write.Door(wang.as_program(), door.recorder)
        door.recorder.actor = team.wang.pk
        door.update("account", team.accounts[0], {"level": "a", "phone": "+8613800138000"})
        door.update("account", team.accounts[1], {"level": "a", "website": "https://x.example"})
    team.follow_journal()
    assert team.told(team.li) == ["Person wang changed Website of the account “Acme 1”"]
    chen = people.person("chen")
    following.follow(people.actor(chen), "account", team.accounts[2])  # and sees nothing any more
    team.change(team.wang, {"website": "https://y.example"}, [team.accounts[2]])
    assert team.told(chen) == []


def test_what_was_told_closes_with_its_record() -> None:
    team = Team()
    team.change(team.wang, {"website": "https://x.example"})
    assert "Acme" in team.told(team.li)[0]
    team.li.roles.set([])
    registry.bump("access")
    [notice] = notifications.latest(people.actor(team.li))
    assert notice.text == "About a record that is no longer open to you."
    assert (notice.object, notice.record) == ("", None)


def test_a_new_owner_is_told_once() -> None:
    team = Team()
    team.change(team.li, {"owner": team.wang.pk})
    assert team.told(team.wang) == ["Person li gave you the account “Acme 0”"]


def test_everybody_chooses_what_reaches_them(settings: Any) -> None:
    team = Team()
    li = people.actor(team.li)
    choices.choose(li, {"own_changed": [], "assigned": ["mail"], "shared": ["mail", "digest", "app"]}, "07:15", "daily")
    held = choices.get(people.actor(team.li))
    assert (held.time, held.days, held.channels["own_changed"]) == ("07:15", "daily", frozenset())
    assert held.channels["shared"] == {"app", "mail"}  # what is mailed at once is not mailed again
    assert held.channels["reminder"] == {"app"}
    team.change(team.wang, {"level": "a"})
    assert team.told(team.li) == []
    notifications.notify([team.li.pk], Label("Only by mail", "仅邮件"), kind="assigned")
    assert team.told(team.li) == [] and notifications.unread(people.actor(team.li)) == 0
    assert not Notification.objects.filter(recipient=team.li).get().shown
    for wrong in ({"nonsense": ["app"]}, {"assigned": ["pigeon"]}):
        with pytest.raises(Invalid):
            choices.choose(li, wrong)
    for time in ("8:00", "24:00", "08:60", ""):
        with pytest.raises(Invalid):
            choices.choose(li, time=time)
    with pytest.raises(Invalid):
        choices.choose(li, days="sometimes")


def test_people_who_left_are_told_nothing() -> None:
    team = Team()
    User.objects.filter(pk=team.li.pk).update(is_active=False)
    team.change(team.wang, {"level": "a"})
    notifications.notify([team.li.pk], Label("Hello", "您好"))
    assert not Notification.objects.filter(recipient=team.li).exists()


def test_pages_of_notices_go_on_where_they_ended() -> None:
    li = people.person("li")
    for number in range(7):
        notifications.notify([li.pk], Label(f"Notice {number}", f"通知 {number}"))
    actor = people.actor(li)
    first = notifications.page(actor, 3)
    second = notifications.page(actor, 3, first.next)
    third = notifications.page(actor, 3, second.next)
    read = [notice.text for page in (first, second, third) for notice in page.items]
    assert read == [f"Notice {number}" for number in reversed(range(7))] and third.next is None
    notifications.mark_read(actor, [first.items[0].id])
    assert len(notifications.page(actor, 10, only_unread=True).items) == 6
    assert notifications.mark_read(actor) == 6
