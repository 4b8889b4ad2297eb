"""Fills an empty database with a company of a given size, through the write door."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from guanxi.access.actor import Actor
from guanxi.access.models import User
from guanxi.access.setup import default_roles
from guanxi.domains.sales.setup import ensure_pipeline
from guanxi.domains.sales.stage import Stage
from guanxi.engine import write
from guanxi.kernel import clock, db
from guanxi.schema import registry

CHUNK = 2000
MANAGER = "bench"
_CITIES = ("上海", "北京", "深圳", "杭州", "成都", "Berlin", "Lyon", "Osaka", "Austin", "Leeds")
_TRADES = ("精密机械", "智能科技", "新能源", "医疗器械", "物流", "Robotics", "Foods", "Logistics", "Energy", "Software")
_WANTS = ("产线改造", "年度维保", "数据平台", "机器视觉", "Retrofit", "Support plan", "Line upgrade", "Vision system")


def fill(rows: int, progress: Callable[[str], None]) -> None:
    """``rows`` opportunities on ``rows // 10`` accounts, 40 people in 8 departments; dates over five years.

    Raises when the database already holds accounts, so that nobody's data is mixed with the benchmark's.
    """
    dice = random.Random(1)  # noqa: S311  reproducible rows, not secrets
    program = Actor.program()
    people = _people(program)
    with write.change(program, "bench") as door:
        ensure_pipeline(door)
    stages = _stages()
    accounts: list[int] = []
    for chunk in _chunks(rows // 10):
        with write.change(program, "bench") as door:
            made = door.create_many("account", [_account(dice, index, people) for index in chunk])
        accounts.extend(record.pk for record in made)
    progress(f"{len(accounts):,} accounts")
    today = clock.today()
    for chunk in _chunks(rows):
        with write.change(program, "bench") as door:
            deals = [_opportunity(dice, index, people, accounts, stages, today) for index in chunk]
            door.create_many("opportunity", deals)
        if chunk.stop % 20_000 == 0:
            progress(f"{chunk.stop:,} opportunities")
    with db.cursor() as cursor:
        cursor.execute("ANALYZE")


def _chunks(rows: int) -> Iterator[range]:
    return (range(start, min(start + CHUNK, rows)) for start in range(0, rows, CHUNK))


def _people(program: Actor) -> list[int]:
    """40 people; the benchmark's own person manages a region, a fifth of the company."""
    roles = default_roles()
    with write.change(program, "bench") as door:
        top = door.create("department", {"name": "总部"}).pk
        regions = [door.create("department", {"name": f"Region {n}", "parent": top}).pk for n in range(5)]
        teams = [door.create("department", {"name": f"Team {n}", "parent": regions[n % 5]}).pk for n in range(10)]
        rows = [{"username": f"p{n}", "name": f"Person {n}", "department": teams[n % 10]} for n in range(40)]
        made = door.create_many("user", rows)
        manager = door.create("user", {"username": MANAGER, "name": "Bench", "department": regions[0]})
    for person in made:
        assert isinstance(person, User)
        person.roles.add(roles["salesperson"])
    assert isinstance(manager, User)
    manager.roles.add(roles["sales_manager"])
    registry.bump("access")
    return [person.pk for person in made]


def _stages() -> list[tuple[int, int, str]]:
    """The stages that ask for nothing the generator does not give."""
    found = Stage.objects.filter(deleted_at=None).exclude(required_fields__contains="contact").order_by("position")
    first = found.values_list("pipeline_id", flat=True).first()
    return list(found.filter(pipeline_id=first).values_list("pk", "pipeline_id", "category"))


def _account(dice: random.Random, index: int, people: list[int]) -> dict[str, Any]:
    return {
        "name": f"{dice.choice(_CITIES)}{dice.choice(_TRADES)} {index}",
        "level": dice.choices(("a", "b", "c"), (1, 3, 6))[0],
        "owner": people[int(len(people) * dice.random() ** 2)],
    }


def _opportunity(
    dice: random.Random,
    index: int,
    people: list[int],
    accounts: list[int],
    stages: list[tuple[int, int, str]],
    today: date,
) -> dict[str, Any]:
    stage, pipeline, category = dice.choices(stages, [5 if item[2] == "won" else 1 for item in stages])[0]
    opened = today - timedelta(days=dice.randrange(1, 5 * 365))
    closing = opened + timedelta(days=dice.randrange(10, 200))
    values: dict[str, Any] = {
        "name": f"{dice.choice(_WANTS)} {index}",
        "account": accounts[int(len(accounts) * dice.random() ** 3)],
        "owner": people[int(len(people) * dice.random() ** 2)],
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
        values["closed_on"] = min(closing, today)
    if category == "lost":
        values["lost_reason"] = "price"
    return values
