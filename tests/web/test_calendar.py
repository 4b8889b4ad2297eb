"""The calendar: the first records of each day, the number of the rest, and the way to them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from urllib.parse import unquote

import pytest
from django.test import Client

from guanxi.access.models import User
from guanxi.domains.sales.opportunity import Opportunity
from guanxi.engine import write
from tests.support import people
from tests.web import deals

pytestmark = pytest.mark.django_db
MONTH = "/o/opportunity?layout=calendar&month=2030-03-01"


def on_days(count: int, *days: date) -> None:
    """Deals closing on each of some days."""
    ids = deals.make(count * len(days))
    for index, day in enumerate(days):
        Opportunity.objects.filter(pk__in=ids[index * count : (index + 1) * count]).update(close_on=day)


def cells(page: str) -> list[str]:
    """What stands in each day of the calendar."""
    return page.split('<div class="day ')[1:] if '<div class="day ' in page else []


def test_each_day_shows_its_first_records_and_says_how_many_there_are(visitor: Client) -> None:
    on_days(7, date(2030, 3, 1), date(2030, 3, 31))
    page = visitor.get(MONTH).content.decode()
    assert page.count('class="event') == 8
    assert page.count("3 more") == 2
    first = page[page.index("2030", page.index('class="month')) :]
    shown = re.findall(r"商机 14-(\d+)</a>", first)
    assert shown == ["0", "1", "2", "3", "7", "8", "9", "10"]
    more = [unquote(one) for one in re.findall(r'class="rest" href="([^"]+)"', page)]
    assert [re.search(r"month=([0-9-]+)", one)[1] for one in more] == ["2030-03-01", "2030-03-31"]  # type: ignore[index]
    week = visitor.get(more[1].replace("&amp;", "&")).content.decode()
    assert week.count('class="event') == 7


def test_what_a_week_has_no_room_for_is_in_the_list_of_the_day(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("guanxi.web.views.calendar.SHOWN_IN_WEEK", 5)
    on_days(8, date(2030, 3, 5), date(2030, 3, 6))
    page = visitor.get(f"{MONTH[:-2]}06&mode=week&q=amount>=100").content.decode()
    assert page.count('class="event') == 10
    href = re.findall(r'class="rest" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert "layout" not in href
    listed = visitor.get(href, headers={"HX-Request": "true", "HX-Target": "list"}).content.decode()
    assert ">8</span>" in listed


def test_a_moment_falls_on_the_day_of_the_viewer(visitor: Client) -> None:
    late = datetime(2030, 3, 9, 17, 30, tzinfo=UTC)
    with write.change(people.program(), "test") as door:
        door.create("activity", {"subject": "深夜来电", "kind": "call", "happened_at": late})
    viewer = User.objects.get(pk=visitor.session["_auth_user_id"])
    for zone, day, hour in (("Asia/Shanghai", 10, "01:30"), ("America/New_York", 9, "12:30")):
        viewer.preferences = {**viewer.preferences, "time_zone": zone}
        viewer.save()
        page = visitor.get("/o/activity?layout=calendar&month=2030-03-01").content.decode()
        before = page[: page.index("深夜来电")]
        assert before.count("March ") and f"March {day}, 2030" in before[before.rindex('class="date"') :]
        assert hour in page
        listed = visitor.get(f"/o/activity?q=happened_at:2030-03-{day:02d}").content.decode()
        assert "深夜来电" in listed, "the list of that day, where the calendar leads"


def test_a_colleague_sees_what_is_theirs() -> None:
    on_days(6, date(2030, 3, 5))
    seller = people.person("seller", "salesperson")
    mine = Opportunity.objects.order_by("pk").last()
    assert mine is not None
    Opportunity.objects.filter(pk=mine.pk).update(owner=seller)
    client = Client()
    client.force_login(seller)
    page = client.get(MONTH).content.decode()
    assert page.count('class="event') == 1
    assert 'class="rest"' not in page
