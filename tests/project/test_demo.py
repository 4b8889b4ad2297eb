"""The demo company: the same for a seed, consistent in time, and a business rather than noise."""

from __future__ import annotations

import statistics
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db.models import F, Q

from guanxi.access.models import User
from guanxi.domains.collaboration.models import Activity, Task
from guanxi.domains.customers.models import Account, Contact
from guanxi.domains.sales.models import Lead, Opportunity, StageChange
from guanxi.kernel import clock
from guanxi.kernel.errors import Conflict
from guanxi.project.demo.load import load_demo
from guanxi.project.demo.world import World, make_world

TODAY = date(2026, 6, 17)


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(2024, TODAY)


def test_the_same_seed_gives_the_same_company() -> None:
    first, second, other = (make_world(seed, TODAY, 0.1) for seed in (7, 7, 8))
    assert first == second
    assert [company.values["name"] for company in first.companies] != [
        company.values["name"] for company in other.companies
    ]


def test_sizes(world: World) -> None:
    assert len(world.people) == 40
    assert (len(world.companies), len(world.deals), len(world.followups), len(world.leads)) == (300, 1_500, 6_000, 250)
    assert 650 <= len(world.contacts) <= 760
    assert len({company.values["name"] for company in world.companies}) == 300


def test_everything_happens_in_order_and_before_today(world: World) -> None:
    for deal in world.deals:
        moments = [moment for _position, moment in deal.path]
        assert moments == sorted(moments) and moments[0] == deal.created
        assert world.companies[deal.company].created <= deal.created.date()
        assert moments[-1].date() < TODAY
        assert (deal.closed_on is None) == (deal.status == "open")
        if deal.closed_on:
            assert deal.created.date() <= deal.closed_on < TODAY
    assert max(one.at.date() for one in world.followups) < TODAY


def test_it_looks_like_a_business(world: World) -> None:
    amounts = sorted(deal.amount / 100 * world.companies[deal.company].rate for deal in world.deals)
    assert statistics.mean(amounts) > 1.5 * statistics.median(amounts)
    assert sum(amounts[-300:]) > 0.5 * sum(amounts)
    status = Counter(deal.status for deal in world.deals)
    assert 0.35 < status["won"] / (status["won"] + status["lost"]) < 0.65
    assert status["open"] > 100 and status["void"] > 10
    assert sum(deal.stalled for deal in world.deals) >= 20
    assert len({one.story.content for one in world.followups}) > 5_700
    chinese = sum(company.chinese for company in world.companies) / 300
    assert 0.6 < chinese < 0.9
    assert len({company.currency for company in world.companies}) >= 4


def test_there_is_something_to_do_today(world: World) -> None:
    assert sum(one.next_contact_on == TODAY for one in world.followups) >= 5
    assert any(task.due == TODAY and task.status == "open" for task in world.tasks)
    assert sum(task.due < TODAY and task.status == "open" for task in world.tasks) >= 10
    born = [plan.values["birthday"] for plan in world.contacts if "birthday" in plan.values]
    assert sum((day.month, day.day) == (TODAY.month, TODAY.day) for day in born) >= 2


@pytest.mark.django_db
def test_loading() -> None:
    report = load_demo(scale=0.08, progress=lambda text: None)
    assert report.counts["opportunity"] == Opportunity.objects.count() == 120
    assert report.counts["stage_change"] == StageChange.objects.count()
    assert [one.username for one in report.sign_ins] == ["admin", "manager", "sales"]
    seller = User.objects.get(username="sales")
    assert seller.check_password("guanxi-demo")
    assert [role.key for role in seller.roles.all()] == ["salesperson"]
    assert Opportunity.objects.filter(created_at__gt=clock.now()).count() == 0
    assert Opportunity.objects.filter(closed_on__gt=clock.today()).count() == 0
    assert Opportunity.objects.filter(status="lost", lost_reason="").count() == 0
    assert StageChange.objects.filter(left_at__lt=F("entered_at")).count() == 0
    assert StageChange.objects.filter(left_at=None).count() == 120
    assert StageChange.objects.filter(from_stage=None).count() == 120
    final = StageChange.objects.filter(left_at=None).exclude(to_stage=F("opportunity__stage"))
    assert final.count() == 0
    assert Lead.objects.filter(Q(status="converted") & Q(account=None)).count() == 0
    newest = Activity.objects.exclude(kind="note").exclude(account=None).order_by("-happened_at").first()
    assert newest is not None
    account = Account.objects.get(pk=newest.account_id)
    assert account.last_contacted_at >= newest.happened_at
    assert Account.objects.filter(next_contact_on__gte=clock.today() - timedelta(days=10)).exists()
    assert Contact.objects.filter(name="").count() == 0
    assert Task.objects.filter(account=None).count() == 0
    with pytest.raises(Conflict):
        load_demo(scale=0.08, progress=lambda text: None)
