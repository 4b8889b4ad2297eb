"""``guanxi bench load``: an empty database filled with a realistic company of any size, through the write door.

Owners and accounts are skewed (a few have much, most have little), names are Chinese and English, dates lie over five years.
Everything is made in batches, so that memory does not grow with the number of records.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from guanxi.access.actor import Actor
from guanxi.access.models import Grant, User
from guanxi.engine import write
from guanxi.engine.aggregates import upkeep
from guanxi.engine.indexing import building
from guanxi.engine.jobs.running import run
from guanxi.kernel import bulk, clock, db
from guanxi.project.bench.fill import MANAGER, Company, accounts_of, deals_of, found
from guanxi.project.bench.making import make
from guanxi.schema import registry
from guanxi.schema.models import CustomField

INDEXED = "custom_1"
BUSY = 2000
"""So many follow-ups has the one record on which everybody works."""
_FAMILY = "张王李赵刘陈杨黄周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红建国文志海云飞鹏宇晨欣怡佳琪思雨梦瑶子轩浩然"
_FIRST = ("Anna", "Ben", "Clara", "David", "Emma", "Felix", "Grace", "Hugo", "Irene", "Jack", "Kate", "Leo")
_LAST = ("Adams", "Baker", "Clark", "Davis", "Evans", "Fischer", "Garcia", "Haas", "Ito", "Jones", "Klein", "Lopez")
_JOBS = ("采购经理", "技术总监", "总经理", "工程师", "财务主管", "Buyer", "Engineer", "Plant manager", "CFO")
_KINDS = ("call", "mail", "meeting", "visit", "note")
_SAID = (
    "讨论了报价与交期",
    "客户需要样品测试",
    "约定下周复访",
    "Sent the offer",
    "Agreed on a trial",
    "Asked for references",
)
_COLORS = ("red", "blue", "green", "orange")


def load(rows: int, progress: Callable[[str], None] = print) -> None:
    """``rows`` opportunities and as many contacts, a tenth as many accounts, half as many follow-ups, 20 custom fields,
    people in departments, and records shared one by one.

    Raises :class:`SystemExit` where the database already holds records.
    """
    began = time.perf_counter()
    dice = random.Random(1)  # noqa: S311  reproducible rows, not secrets
    company = found(Actor.program(), people=max(40, min(300, rows // 2000)))
    _custom_fields()

    def say(what: str) -> None:
        progress(f"{what} after {time.perf_counter() - began:.0f} s")

    accounts_of(company, rows // 10)
    say(f"{len(company.accounts):,} accounts")
    make(company.program, "contact", rows, partial(_contact, company, clock.now()), say)
    say(f"{rows:,} contacts")
    deals_of(company, rows, _custom_values, say)
    say(f"{rows:,} opportunities")
    _followups(company, rows // 2, dice, say)
    say(f"{rows // 2 + BUSY:,} follow-ups")
    _shared(company, dice)
    _indexed(company)
    say("An index of a custom field")
    for kind, aggregate in upkeep.aggregates():
        with db.atomic():
            upkeep.check(kind, aggregate)
    say("Kept sums")
    with db.cursor() as cursor:
        # On PostgreSQL what autovacuum does within minutes.
        cursor.execute("VACUUM ANALYZE" if db.is_postgresql() else "ANALYZE")
    say("Ready")


def _custom_fields() -> None:
    """Twenty fields of opportunities, of the kinds that administrators add most."""
    options = [{"key": f"o{n}", "en": f"Option {n}", "zh": f"选项{n}", "color": _COLORS[n]} for n in range(4)]
    kinds: tuple[tuple[str, dict[str, Any]], ...] = (
        *(("text", {}), ("integer", {}), ("select", {"options": options}), ("date", {}), ("boolean", {})),
        *(("decimal", {"decimals": 2}), ("url", {}), ("email", {}), ("long_text", {}), ("integer", {})),
    )
    for number, (kind, properties) in enumerate(kinds * 2):
        CustomField.objects.create(
            object="opportunity",
            key=f"custom_{number}",
            kind=kind,
            label_en=f"Custom {number}",
            label_zh=f"自定义{number}",
            properties=properties,
            position=number,
        )
    registry.bump("schema")
    registry.ensure(registry.versions().get("schema", 0))


def _indexed(company: Company) -> None:
    """The index that an administrator adds where a list is filtered by a custom field."""
    made = building.add(company.program, "opportunity", INDEXED)
    assert made.job is not None
    run(made.job)


def _custom_values(dice: random.Random, index: int) -> dict[str, Any]:
    """Some of the custom fields are filled in, as people do."""
    values: dict[str, Any] = {"custom_1": dice.randrange(1000), "custom_2": f"o{dice.randrange(4)}"}
    if index % 2:
        values["custom_0"] = f"Batch {dice.randrange(5000)}"
    if index % 3 == 0:
        values["custom_4"] = True
        values["custom_11"] = dice.randrange(100_000)
    return values


def _contact(company: Company, now: datetime, dice: random.Random, index: int) -> dict[str, Any]:
    chinese = dice.random() < 0.7
    family = dice.choice(_FAMILY if chinese else _LAST)
    given = "".join(dice.choices(_GIVEN, k=dice.randrange(1, 3))) if chinese else dice.choice(_FIRST)
    return {
        "family_name": family,
        "given_name": given,
        "account": company.account(dice),
        "owner": company.owner(dice),
        "job_title": dice.choice(_JOBS),
        "mobile": f"+861{30_000_000_00 + index}",
        "email": f"person{index}@example.com",
        "created_at": now - timedelta(minutes=dice.randrange(5 * 365 * 24 * 60)),
    }


def _followups(company: Company, rows: int, dice: random.Random, progress: Callable[[str], None]) -> None:
    """Most accounts have a few; one opportunity has :data:`BUSY` of them."""
    now = clock.now()
    busy = company.newest_deal()
    make(
        company.program,
        "activity",
        rows,
        lambda dice, index: _followup(company, dice, now, account=company.account(dice)),
        progress,
    )
    with write.change(company.program, "bench") as door:
        door.create_many(
            "activity", [_followup(company, dice, now, about=f"opportunity:{busy}") for _number in range(BUSY)]
        )


def _followup(company: Company, dice: random.Random, now: datetime, **about: Any) -> dict[str, Any]:
    moment = now - timedelta(minutes=dice.randrange(5 * 365 * 24 * 60))
    return {
        "kind": dice.choice(_KINDS),
        "content": dice.choice(_SAID),
        "happened_at": moment,
        "created_at": moment,
        "owner": company.owner(dice),
        **about,
    }


def _shared(company: Company, dice: random.Random) -> None:
    """Opportunities opened one by one: to the benchmark's person a hundred, to the others some thousands."""
    manager = User.objects.get(username=MANAGER).pk
    first, last = company.deals
    # The busiest one comes first, so that the benchmark's person is among those who see it.
    records = [last, *dice.sample(range(first, last), min(5000, (last - first) // 5) - 1)]
    bulk.insert(
        [
            _grant(record, manager if number < 100 else dice.choice(company.people))
            for number, record in enumerate(records)
        ]
    )
    registry.bump("access")


def _grant(record: int, person: int) -> Grant:
    return Grant(
        object="opportunity",
        record=record,
        principal_kind="user",
        principal=person,
        level="read",
        cause="manual",
        created_at=clock.now(),
    )
