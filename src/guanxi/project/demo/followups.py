"""The demo's follow-ups: spread over deals, customers and leads as busy people leave them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from guanxi.project.demo.companies import Company
from guanxi.project.demo.contacts import ContactPlan
from guanxi.project.demo.deals import Deal
from guanxi.project.demo.dice import Dice, workday
from guanxi.project.demo.leads import LeadPlan
from guanxi.project.demo.offerings import COMPETITORS, OFFERS, OPEN_STAGES
from guanxi.project.demo.stories import Scene, Story, tell

Target = tuple[str, int]
"""Object key and index in the generator's list."""


@dataclass
class FollowUp:
    """A follow-up before it is written."""

    about: Target
    contact: int | None
    owner: str
    at: datetime
    story: Story
    next_contact_on: date | None = None


def make_followups(
    dice: Dice,
    deals: list[Deal],
    companies: list[Company],
    contacts: list[ContactPlan],
    leads: list[LeadPlan],
    count: int,
    today: date,
) -> list[FollowUp]:
    """``count`` follow-ups, company by company: four fifths about deals, the rest about customers and leads."""
    yesterday = workday(today - timedelta(days=1))
    shares = {"opportunity": count * 80 // 100, "lead": count * 8 // 100}
    shares["account"] = count - sum(shares.values())
    found: list[FollowUp] = []
    for index, moments in _spread(dice, [_busy(deal) for deal in deals], shares["opportunity"]):
        found += _about_deal(dice, index, deals[index], companies[deals[index].company], contacts, moments, yesterday)
    for index, moments in _spread(dice, [1.0 + (lead.status != "new") * 2 for lead in leads], shares["lead"]):
        found += _about_lead(dice, index, leads[index], moments, yesterday)
    customers = [float({"a": 5, "b": 2, "c": 1}[company.level]) for company in companies]
    for index, moments in _spread(dice, customers, shares["account"]):
        found += _about_account(dice, index, companies[index], contacts, moments, yesterday)
    _next_contacts(dice, found, deals, leads, today)
    found.sort(key=lambda one: (_company(one, deals, leads), one.at))
    return found


def _company(one: FollowUp, deals: list[Deal], leads: list[LeadPlan]) -> int:
    """The company a follow-up belongs to: kept together, the write door touches each of its records once."""
    kind, index = one.about
    if kind == "lead":
        deal = leads[index].deal
        return -1 if deal is None else deals[deal].company
    return deals[index].company if kind == "opportunity" else index


def _busy(deal: Deal) -> float:
    return 1.0 + len(deal.path) + (1.5 if deal.status == "open" and not deal.stalled else 0)


def _spread(dice: Dice, weights: list[float], count: int) -> list[tuple[int, int]]:
    """How many follow-ups each gets, drawn by weight: (index, number)."""
    numbers: dict[int, int] = {}
    for index in dice.random.choices(range(len(weights)), weights, k=count) if weights else ():
        numbers[index] = numbers.get(index, 0) + 1
    return sorted(numbers.items())


def _about_deal(
    dice: Dice, index: int, deal: Deal, company: Company, contacts: list[ContactPlan], number: int, last: date
) -> list[FollowUp]:
    end = deal.closed_on or (deal.path[-1][1].date() + timedelta(days=12) if deal.stalled else last)
    found = []
    for at in _moments(dice, deal.created, min(end, last), number):
        position = max((stage for stage, entered in deal.path if entered <= at), default=1)
        depth = round(1 + (min(position, OPEN_STAGES[deal.pipeline]) - 1) * 4 / (OPEN_STAGES[deal.pipeline] - 1))
        contact = dice.pick(deal.contacts)
        rival = dice.pick(deal.competitors) if deal.competitors else dice.whole(0, len(COMPETITORS) - 1)
        offer = deal.offer.name if company.chinese else deal.offer.english
        scene = Scene(depth, contacts[contact].called, offer, COMPETITORS[rival][0], company.chinese)
        found.append(FollowUp(("opportunity", index), contact, deal.owner, at, tell(dice, scene)))
    return found


def _about_lead(dice: Dice, index: int, lead: LeadPlan, number: int, last: date) -> list[FollowUp]:
    end = lead.converted.date() if lead.converted else min(last, lead.created.date() + timedelta(days=60))
    scene = Scene(
        1, lead.called, lead.offer.name if lead.chinese else lead.offer.english, COMPETITORS[0][0], lead.chinese
    )
    return [
        FollowUp(("lead", index), None, lead.owner, at, tell(dice, scene))
        for at in _moments(dice, lead.created, end, number)
    ]


def _about_account(
    dice: Dice, index: int, company: Company, contacts: list[ContactPlan], number: int, last: date
) -> list[FollowUp]:
    found = []
    for at in _moments(dice, datetime.combine(company.created, time(9)), last, number):
        contact = dice.pick(company.contacts)
        offer = dice.pick(OFFERS)
        rival = dice.pick(COMPETITORS)[0]
        name = offer.name if company.chinese else offer.english
        scene = Scene(0, contacts[contact].called, name, rival, company.chinese)
        found.append(FollowUp(("account", index), contact, company.owner, at, tell(dice, scene)))
    return found


def _moments(dice: Dice, start: datetime, end: date, number: int) -> list[datetime]:
    """Moments of working days from start to end, in order."""
    return sorted(max(start + timedelta(minutes=30), dice.moment(start.date(), end)) for _moment in range(number))


def _next_contacts(dice: Dice, found: list[FollowUp], deals: list[Deal], leads: list[LeadPlan], today: date) -> None:
    """What was agreed for next time: the day of the next follow-up, roughly; for living deals a day around today."""
    by_target: dict[Target, list[FollowUp]] = {}
    for one in found:
        by_target.setdefault(one.about, []).append(one)
    for (kind, index), group in by_target.items():
        for earlier, later in pairwise(group):
            if dice.chance(0.6) and (later.at.date() - earlier.at.date()).days > 1:
                earlier.next_contact_on = workday(later.at.date() - timedelta(days=dice.whole(0, 1)))
        alive = kind == "opportunity" and deals[index].status == "open" and not deals[index].stalled
        alive = alive or (kind == "lead" and leads[index].status in ("new", "following"))
        if alive and dice.chance(0.8):
            offset = dice.weigh({-6: 2.0, -3: 3.0, -1: 4.0, 0: 9.0, 1: 6.0, 2: 5.0, 4: 5.0, 7: 6.0, 11: 4.0, 15: 3.0})
            group[-1].next_contact_on = max(group[-1].at.date(), today + timedelta(days=offset))
