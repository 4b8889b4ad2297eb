"""The whole demo company before it is written: the same seed, day and scale give the same world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from guanxi.project.demo.companies import Company, make_companies
from guanxi.project.demo.contacts import ContactPlan, make_contacts
from guanxi.project.demo.deals import Deal, make_deals
from guanxi.project.demo.dice import Dice
from guanxi.project.demo.followups import FollowUp, make_followups
from guanxi.project.demo.leads import LeadPlan, make_leads
from guanxi.project.demo.offerings import TAGS
from guanxi.project.demo.people import Employee, make_people
from guanxi.project.demo.tasks import TaskPlan, make_tasks

ACCOUNTS, CONTACTS, DEALS, FOLLOWUPS, LEADS, TASKS = 300, 700, 1500, 6000, 250, 420


@dataclass(frozen=True)
class World:
    """Everything, by lists whose indices refer to one another."""

    people: list[Employee]
    companies: list[Company]
    contacts: list[ContactPlan]
    deals: list[Deal]
    leads: list[LeadPlan]
    followups: list[FollowUp]
    tasks: list[TaskPlan]
    tags: dict[int, list[int]]
    """Indices of tags by company."""
    affiliations: list[tuple[int, int]]
    """(contact, company) of contacts that also belong to another company of the group."""


def make_world(seed: int, today: date, scale: float = 1.0) -> World:
    """The demo company as it stands on ``today``; ``scale`` shrinks it for tests."""

    def sized(number: int) -> int:
        return max(1, round(number * scale))

    people = make_people(Dice(seed, "people"))
    companies = make_companies(Dice(seed, "companies"), sized(ACCOUNTS), today)
    _give_owners(Dice(seed, "owners"), companies, people)
    contacts = make_contacts(Dice(seed, "contacts"), companies, sized(CONTACTS), today)
    deals = make_deals(Dice(seed, "deals"), companies, people, sized(DEALS), today)
    leads = make_leads(Dice(seed, "leads"), deals, companies, contacts, people, sized(LEADS), today)
    followups = make_followups(Dice(seed, "followups"), deals, companies, contacts, leads, sized(FOLLOWUPS), today)
    tasks = make_tasks(Dice(seed, "tasks"), deals, companies, sized(TASKS), today)
    dice = Dice(seed, "tags")
    tags = {i: sorted(dice.some(range(len(TAGS)), dice.whole(1, 3))) for i in range(len(companies)) if dice.chance(0.4)}
    affiliations = [
        (contact, company.parent)
        for company in companies
        if company.parent is not None
        for contact in company.contacts[:1]
    ]
    _set_statuses(companies, deals, today)
    return World(people, companies, contacts, deals, leads, followups, tasks, tags, affiliations)


def _give_owners(dice: Dice, companies: list[Company], people: list[Employee]) -> None:
    teams: dict[str, dict[str, float]] = {}
    for person in people:
        if person.role == "salesperson":
            teams.setdefault(person.department, {})[person.username] = 2.0 if person.username == "sales" else 1.0
    for company in companies:
        company.owner = dice.weigh(teams[company.team])


def _set_statuses(companies: list[Company], deals: list[Deal], today: date) -> None:
    """An account is active with a won deal of the last 18 months, dormant with an older one, else by what is open."""
    won: dict[int, date] = {}
    open_ones: set[int] = set()
    for deal in deals:
        if deal.status == "won" and deal.closed_on:
            won[deal.company] = max(deal.closed_on, won.get(deal.company, date.min))
        elif deal.status == "open":
            open_ones.add(deal.company)
    touched = {deal.company for deal in deals}
    for index, company in enumerate(companies):
        if index in won:
            status = "active" if (today - won[index]).days < 540 else "dormant"
        elif index in open_ones:
            status = "following"
        else:
            status = "lost" if index in touched and index % 3 == 0 else "potential"
        company.values["status"] = status
