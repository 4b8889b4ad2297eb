"""People are told what became theirs, and reminded once of what they are to do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from guanxi.domains.collaboration.reminders import remind
from guanxi.engine import notifications, write
from guanxi.kernel import clock
from tests.support import people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db


def texts(user: object) -> list[str]:
    """What a person's notifications say."""
    return [notice.text for notice in notifications.latest(people.actor(user))]  # type: ignore[arg-type]


def test_a_new_owner_is_told_and_nobody_is_told_of_their_own_doing() -> None:
    team = people.department("Team")
    boss = people.person("boss", "sales_manager", department=team)
    ann = people.person("ann", "salesperson", department=team)
    accounts = [Samples().create("account", name=f"Harbour {n}", owner=boss.pk).pk for n in range(6)]
    with write.change(people.actor(boss), "test") as door:
        door.update("account", accounts[0], {"owner": ann.pk})
    assert texts(ann) == ["Person boss gave you the account “Harbour 0”"]
    with write.change(people.actor(boss), "test") as door:
        door.update_many("account", accounts[1:], {"owner": ann.pk})
    assert texts(ann)[0] == "Person boss gave you 5 accounts"
    assert texts(boss) == []


def test_a_reminder_is_given_once_and_again_when_set_anew() -> None:
    ann = people.person("ann", "salesperson")
    past = clock.now() - timedelta(minutes=1)
    task = Samples().create("task", subject="Call the harbour", owner=ann.pk, remind_at=past)
    Samples().create("task", subject="Later", owner=ann.pk, remind_at=clock.now() + timedelta(hours=1))
    assert (remind(), remind()) == (1, 0)
    assert texts(ann) == ["Reminder: Call the harbour"]
    with write.change(people.actor(ann), "test") as door:
        door.update("task", task.pk, {"remind_at": past + timedelta(seconds=5)})
    assert remind() == 1
