"""The company of the benchmark: its people, accounts and opportunities, made through the write door."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Max, Min

from guanxi.access.actor import Actor
from guanxi.access.models import User
from guanxi.access.setup import default_roles
from guanxi.domains.customers.account import Account
from guanxi.domains.sales.opportunity import Opportunity
from guanxi.domains.sales.setup import ensure_pipeline
from guanxi.domains.sales.stage import Stage
from guanxi.engine import write
from guanxi.kernel import clock, db
from guanxi.project.bench.making import CHUNK, Row, make
from guanxi.schema import registry

MANAGER = "bench"
_CITIES = ("上海", "北京", "深圳", "杭州", "成都", "Berlin", "Lyon", "Osaka", "Austin", "Leeds")
_TRADES = ("精密机械", "智能科技", "新能源", "医疗器械", "物流", "Robotics", "Foods", "Logistics", "Energy", "Software")
_WANTS = ("产线改造", "年度维保", "数据平台", "机器视觉", "Retrofit", "Support plan", "Line upgrade", "Vision system")


@dataclass
class Company:
    """What the records point to."""

    program: Actor
    people: list[int]
    stages: list[tuple[int, int, str]]
    """(id, pipeline, category) of the stages that ask for nothing the generator does not give."""
    accounts: array[int] = field(default_factory=lambda: array("q"))
    """Their ids; eight bytes each, for there may be a million."""
    deals: tuple[int, int] = (0, 0)
    """The first and the last id of the opportunities."""

    def owner(self, dice: random.Random) -> int:
        """A person; a few have much to do."""
        return self.people[int(len(self.people) * dice.random() ** 2)]

    def account(self, dice: random.Random) -> int:
        """An account; a few are large."""
        return self.accounts[int(len(self.accounts) * dice.random() ** 3)]

    def newest_deal(self) -> int:
        """The last opportunity made."""
        return self.deals[1]


def fill(rows: int, progress: Callable[[str], None]) -> None:
    """``rows`` opportunities on ``rows // 10`` accounts, 40 people in 16 departments; dates over five years."""
    company = found(Actor.program(), people=40)
    accounts_of(company, rows // 10)
    progress(f"{len(company.accounts):,} accounts")
    deals_of(company, rows, progress=progress)
    with db.cursor() as cursor:
        cursor.execute("ANALYZE")


def found(program: Actor, people: int) -> Company:
    """People in a tree of departments; the benchmark's own person manages a region, a fifth of the company.

    Raises :class:`SystemExit` when there are records already, so that nobody's data is mixed with the benchmark's.
    """
    if Account.objects.exists() or Opportunity.objects.exists():
        raise SystemExit("This database already holds records. Name an empty one with DATABASE_URL.")
    roles = default_roles()
    with write.change(program, "bench") as door:
        ensure_pipeline(door)
        top = door.create("department", {"name": "总部"}).pk
        regions = [door.create("department", {"name": f"Region {n}", "parent": top}).pk for n in range(5)]
        teams = [door.create("department", {"name": f"Team {n}", "parent": regions[n % 5]}).pk for n in range(10)]
        rows = [{"username": f"p{n}", "name": f"Person {n}", "department": teams[n % 10]} for n in range(people)]
        made = door.create_many("user", rows)
        manager = door.create("user", {"username": MANAGER, "name": "Bench", "department": regions[0]})
    for person in made:
        assert isinstance(person, User)
        person.roles.add(roles["salesperson"])
    assert isinstance(manager, User)
    manager.roles.add(roles["sales_manager"])
    registry.bump("access")
    return Company(program, [person.pk for person in made], _stages())


def _stages() -> list[tuple[int, int, str]]:
    found = Stage.objects.filter(deleted_at=None).exclude(required_fields__contains="contact").order_by("position")
    first = found.values_list("pipeline_id", flat=True).first()
    return list(found.filter(pipeline_id=first).values_list("pk", "pipeline_id", "category"))


def accounts_of(company: Company, rows: int) -> None:
    """Make accounts."""
    make(company.program, "account", rows, partial(_account, company))
    company.accounts.extend(Account.objects.order_by("pk").values_list("pk", flat=True).iterator())


def deals_of(
    company: Company,
    rows: int,
    more: Row = lambda dice, index: {},
    progress: Callable[[str], None] = lambda line: None,
) -> None:
    """Make opportunities; ``more`` gives further values of one."""
    today = clock.today()
    make(
        company.program,
        "opportunity",
        rows,
        lambda dice, index: _opportunity(company, _opened(rows, today, dice, index), dice, index) | more(dice, index),
        progress,
    )
    ends = Opportunity.objects.aggregate(first=Min("pk"), last=Max("pk"))
    company.deals = (ends["first"], ends["last"])


def _account(company: Company, dice: random.Random, index: int) -> dict[str, Any]:
    return {
        "name": f"{dice.choice(_CITIES)}{dice.choice(_TRADES)} {index}",
        "level": dice.choices(("a", "b", "c"), (1, 3, 6))[0],
        "owner": company.owner(dice),
    }


def _opened(rows: int, today: date, dice: random.Random, index: int) -> date:
    """A day within five years. Of many records each batch has a year of its own: numbers are counted by the year, and a
    counter is held until a batch is written, so that other processes would wait for it.
    """
    if rows < 10 * CHUNK:
        return today - timedelta(days=dice.randrange(1, 5 * 365))
    year = index // CHUNK * 2 % 5
    return today - timedelta(days=365 * year + dice.randrange(1, 366))


def _opportunity(company: Company, opened: date, dice: random.Random, index: int) -> dict[str, Any]:
    weights = [5 if category == "won" else 1 for _stage, _pipeline, category in company.stages]
    stage, pipeline, category = dice.choices(company.stages, weights)[0]
    closing = opened + timedelta(days=dice.randrange(10, 200))
    values: dict[str, Any] = {
        "name": f"{dice.choice(_WANTS)} {index}",
        "account": company.account(dice),
        "owner": company.owner(dice),
        "pipeline": pipeline,
        "stage": stage,
        "amount": int(dice.lognormvariate(11, 1.1)) * 100,
        "currency": "CNY",
        "close_on": closing,
        "opened_on": opened,
        "created_at": datetime.combine(opened, datetime.min.time(), clock.now().tzinfo)
        + timedelta(seconds=index % 86_400),
        "needs": "需求说明",
    }
    if category != "open":
        values["closed_on"] = min(closing, clock.today())
    if category == "lost":
        values["lost_reason"] = "price"
    return values
