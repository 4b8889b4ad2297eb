"""Who has to wait for whom, and who must not."""

from __future__ import annotations

import re
import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from guanxi.domains.customers.models import Contact
from guanxi.engine import write
from guanxi.kernel import db
from tests.domains.pipelines import create
from tests.support import people


@pytest.mark.django_db(transaction=True)
def test_who_points_at_a_record_does_not_wait_for_who_changes_it() -> None:
    if not db.is_postgresql():
        pytest.skip("SQLite has one writer")
    account = create("account", name="Northwind").pk
    failures: list[BaseException] = []

    def point() -> None:
        try:
            with db.cursor() as cursor:
                cursor.execute("SET lock_timeout = '5s'")
            create("contact", name="Ann", account=account)
        except BaseException as error:
            failures.append(error)
        finally:
            db.close_all()

    with write.change(people.program(), "test") as door:
        door.update("account", account, {"name": "Northwind Traders"})
        thread = threading.Thread(target=point)
        thread.start()
        thread.join(20)
        assert not failures, failures
        assert Contact.objects.filter(account_id=account).count() == 1


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
