"""Who has to wait for whom, and who must not."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.domains.customers.models import Account, Contact
from guanxi.engine import write
from guanxi.kernel import clock, db
from tests.domains.pipelines import create
from tests.support import people


class Other(threading.Thread):
    """Somebody else, who does something meanwhile."""

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__()
        self._work = work
        self.failure: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            with db.cursor() as cursor:
                cursor.execute("SET lock_timeout = '5s'")
            self._work()
        except BaseException as error:
            self.failure = error
        finally:
            db.close_all()

    def done(self) -> None:
        """Wait until it is done, without a failure."""
        self.join(20)
        assert not self.is_alive()
        assert self.failure is None, self.failure


@pytest.mark.django_db(transaction=True)
def test_who_points_at_a_record_does_not_wait_for_who_changes_it() -> None:
    if not db.is_postgresql():
        pytest.skip("SQLite has one writer")
    account = create("account", name="Northwind").pk
    with write.change(people.program(), "test") as door:
        door.update("account", account, {"name": "Northwind Traders"})
        Other(lambda: create("contact", name="Ann", account=account)).done()
        assert Contact.objects.filter(account_id=account).count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_follow_ups_at_once_the_newer_one_is_the_last_contact() -> None:
    if not db.is_postgresql():
        pytest.skip("SQLite has one writer")
    account, now = create("account", name="Northwind").pk, clock.now()
    call = {"kind": "call", "content": "x", "account": account}
    with write.change(people.program(), "test") as door:
        door.create("activity", {**call, "happened_at": now})
        other = Other(lambda: create("activity", **call, happened_at=now - timedelta(days=1)))
        with db.cursor() as cursor:
            for _turn in range(400):
                cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
                if cursor.fetchone()[0]:
                    break
                time.sleep(0.01)
            else:
                pytest.fail("the other does not wait for the account")
    other.done()
    assert Account.objects.get(pk=account).last_contacted_at == now


@pytest.mark.django_db
def test_follow_ups_lock_what_they_are_about_in_one_order() -> None:
    """Or else two that are about an account and a lead each wait for the other's for ever."""
    about = [f"{key}:{create(key, name='Ann').pk}" for key in ("lead", "account")]
    with CaptureQueriesContext(connection) as asked, write.change(people.program(), "test") as door:
        door.create_many("activity", [{"kind": "call", "content": "x", "about": one} for one in about])
    changed = re.findall(
        r'UPDATE "(?:customers|sales)_(\w+)" SET', " ".join(one["sql"] for one in asked.captured_queries)
    )
    assert changed == ["account", "lead"]
