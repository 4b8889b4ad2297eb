"""The demo's opportunities: three years of selling, with seasons, skills, stalled deals and reasons for losing."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from guanxi.project.demo.companies import Company
from guanxi.project.demo.dice import Dice, quarter_end, season, workday
from guanxi.project.demo.offerings import COMPETITORS, OFFERS, OPEN_STAGES, RENEWABLE, Offer
from guanxi.project.demo.people import Employee
from guanxi.project.demo.pricing import Line, price_lines
from guanxi.project.demo.wording import deal_name, lost_note, needs, next_step

YEARS = 3
_SOURCES = {
    **{"referral": 0.55, "existing": 0.5, "partner": 0.25, "seminar": 0.1, "exhibition": 0.0, "website": 0.05},
    **{"search": -0.15, "social": -0.3, "cold_call": -0.55, "tender": -0.6},
}
_LOST = {
    **{"price": 26.0, "competitor": 24.0, "function": 12.0, "budget": 13.0, "postponed": 12.0, "no_decision": 8.0},
    **{"relationship": 6.0, "delivery": 5.0, "service": 3.0},
}
_CYCLE = {"new": 95.0, "renewal": 45.0, "channel": 75.0}


@dataclass
class Deal:
    """An opportunity before it is written. ``path`` is the stages entered, by position from 1, oldest first."""

    company: int
    owner: str
    pipeline: str
    kind: str
    offer: Offer
    created: datetime
    lines: list[Line]
    amount: int
    status: str = "open"
    path: list[tuple[int, datetime]] = field(default_factory=list)
    closed_on: date | None = None
    stalled: bool = False
    contacts: list[int] = field(default_factory=list)
    competitors: list[int] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)


def make_deals(dice: Dice, companies: list[Company], people: list[Employee], count: int, today: date) -> list[Deal]:
    """``count`` deals in the order of their creation; every company's ``created`` is moved before its first deal."""
    skills = {person.username: person.skill for person in people}
    history: dict[int, list[Deal]] = {}
    weights = {index: {"a": 6.0, "b": 2.2, "c": 0.8}[c.level] for index, c in enumerate(companies)}
    order = dice.random.choices(list(weights), list(weights.values()), k=count)
    deals = []
    for index, day in zip(order, _days(dice, count, today), strict=True):
        company = companies[index]
        deal = _deal(dice, index, company, history.setdefault(index, []), day)
        _run(dice, deal, company, skills[company.owner], today)
        _describe(dice, deal, company, today)
        history[index].append(deal)
        deals.append(deal)
    for index, company in enumerate(companies):
        first = history[index][0].created.date() if index in history else _days(dice, 1, today)[0]
        company.created = workday(first - timedelta(days=dice.whole(0, 30)))
    return deals


def _days(dice: Dice, count: int, today: date) -> list[date]:
    """Days of creation over the years up to yesterday; the business grows by half in that time."""
    span = YEARS * 365
    days = [today - timedelta(days=back) for back in range(span, 0, -1)]
    weights = [season(day) * (1 + 0.6 * number / span) for number, day in enumerate(days)]
    return sorted(dice.random.choices(days, weights, k=count))


def _deal(dice: Dice, index: int, company: Company, earlier: list[Deal], day: date) -> Deal:
    won = [deal for deal in earlier if deal.status == "won" and deal.closed_on and deal.closed_on < day]
    kind, pipeline, offer = "new", "new", dice.weigh({offer: _fit(offer, company) for offer in OFFERS})
    if won and dice.chance(0.4):
        kind, pipeline, offer = "renewal", "renewal", dice.pick(RENEWABLE)
    elif won:
        kind = "upsell"
    if pipeline == "new" and company.source == "partner" and dice.chance(0.8):
        pipeline = "channel"
    lines, amount = price_lines(dice, offer, company)
    deal = Deal(index, company.owner, pipeline, kind, offer, dice.moment(day, day), lines, amount)
    deal.contacts = dice.some(company.contacts, dice.whole(1, 3))
    if pipeline != "renewal" and dice.chance(0.5):
        met = {number: competitor[6] for number, competitor in enumerate(COMPETITORS)}
        deal.competitors = sorted({dice.weigh(met) for _time in range(dice.whole(1, 2))})
    return deal


def _fit(offer: Offer, company: Company) -> float:
    liked = {
        "automotive": ("robot", "drive"),
        "electronics": ("vision", "drive"),
        "energy": ("control", "software"),
        "food": ("control", "software"),
        "medical": ("vision", "software"),
        "logistics": ("robot",),
        "education": ("control", "robot"),
    }
    return offer.weight * (2.2 if offer.category in liked.get(company.industry, ()) else 1.0)


def _run(dice: Dice, deal: Deal, company: Company, skill: float, today: date) -> None:
    """Let the deal live: how long it takes, how it ends, and which stages it passes when."""
    yuan = deal.amount / 100 * company.rate
    cycle = max(6, int(dice.skewed(_CYCLE[deal.pipeline], 0.5) * (max(yuan, 1e4) / 300_000) ** 0.12))
    end = workday(deal.created.date() + timedelta(days=cycle))
    odds = {"new": -0.8, "upsell": 0.1, "renewal": 1.0}[deal.kind] + skill + _source_odds(deal, company)
    odds += {"a": 0.2, "b": 0.0, "c": -0.1}[company.level] - 0.35 * math.log10(max(yuan, 1e4) / 300_000)
    odds -= 0.35 * len(deal.competitors)
    stages = OPEN_STAGES[deal.pipeline]
    if dice.chance(0.03):
        deal.status, reached = "void", dice.whole(1, 2)
    elif dice.chance(1 / (1 + math.exp(-odds))):
        deal.status, reached = "won", stages
        if dice.chance(0.3):
            # Sellers push towards the end of the quarter.
            end = max(end, quarter_end(end))
    else:
        reached = min(stages, dice.weigh({1: 2.0, 2: 3.0, 3: 3.0, 4: 1.6, 5: 0.4}))
        deal.status = "lost"
    recent = (today - end).days < 270
    if deal.status in ("lost", "void") and recent and end < today and dice.chance(0.25):
        deal.status, deal.stalled = "open", True
        reached = max(1, min(reached, stages - 1))
    elif end >= today:
        elapsed = (today - deal.created.date()).days / max(1, (end - deal.created.date()).days)
        deal.status, reached = "open", max(1, min(stages, math.ceil(elapsed * stages * dice.random.uniform(0.6, 1.1))))
    expected = end + timedelta(days=dice.whole(-20, 12) if deal.status != "open" else 0)
    deal.values["close_on"] = max(deal.created.date() + timedelta(days=5), expected)
    stop = end if deal.status != "open" else min(end, today - timedelta(days=1))
    if deal.stalled:
        stop = deal.created.date() + (end - deal.created.date()) * 3 // 4
    deal.path = _path(dice, deal.created, stop, reached, skip=deal.status == "won" and dice.chance(0.15))
    if deal.status != "open":
        deal.closed_on = max(end, deal.path[-1][1].date())
        position = stages + {"won": 1, "lost": 2, "void": 3}[deal.status]
        deal.path.append((position, max(dice.moment(deal.closed_on, deal.closed_on), deal.path[-1][1])))


def _source_odds(deal: Deal, company: Company) -> float:
    return _SOURCES.get(company.source if deal.kind == "new" else "existing", 0.0)


def _path(dice: Dice, start: datetime, stop: date, reached: int, *, skip: bool) -> list[tuple[int, datetime]]:
    """The stages from the first to the one reached, with the moments of entering between start and stop."""
    positions = list(range(1, reached + 1))
    if skip and len(positions) > 3:
        positions.pop(dice.whole(1, len(positions) - 2))
    span = max(0, (stop - start.date()).days)
    shares = [dice.random.uniform(0.5, 1.5) for _position in positions]
    total, passed, path = sum(shares), 0.0, [(positions[0], start)]
    for position, share in zip(positions[1:], shares, strict=False):
        passed += share
        day = start.date() + timedelta(days=int(span * passed / total))
        path.append((position, max(path[-1][1], dice.moment(day, day))))
    return path


def _describe(dice: Dice, deal: Deal, company: Company, today: date) -> None:
    values = deal.values
    values["name"] = deal_name(dice, deal.offer, deal.kind, company)
    values["source"] = company.source if deal.kind == "new" else "existing"
    values["next_contact_on"] = None
    if dice.chance(0.7):
        values["needs"] = needs(dice, deal.offer, company)
    if deal.status == "open":
        values["next_step"] = next_step(dice, deal.path[-1][0], company)
        if dice.chance(0.08):
            values["forecast_category"] = dice.pick(("commit", "best_case", "omitted"))
        if dice.chance(0.1):
            values["probability"] = dice.pick((20, 30, 50, 60, 70, 90))
    if deal.status == "lost":
        reason = dice.weigh(_LOST)
        if reason in ("competitor", "price") and (reason == "competitor" or dice.chance(0.6)):
            deal.competitors = deal.competitors or [dice.whole(0, len(COMPETITORS) - 1)]
            values["lost_to"] = dice.pick(deal.competitors)
        values["lost_reason"] = reason
        if dice.chance(0.75):
            values["lost_note"] = lost_note(dice, reason, company)
    if deal.status == "void":
        values["lost_note"] = (
            "客户重复登记，合并到另一商机。" if company.chinese else "Registered twice; see the other one."
        )
