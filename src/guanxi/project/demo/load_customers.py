"""Writes the demo's accounts and contacts."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from guanxi.engine.write import Door
from guanxi.project.demo.ids import Ids
from guanxi.project.demo.world import World


def aware(moment: datetime) -> datetime:
    """A local moment of the generator as the database wants it."""
    return timezone.make_aware(moment)


def load_companies(door: Door, world: World, ids: Ids) -> dict[str, int]:
    """Accounts with owners and tags."""
    rows: list[dict[str, Any]] = []
    for index, company in enumerate(world.companies):
        owner = ids.people[company.owner]
        created = aware(datetime.combine(company.created, time(10, index % 60)))
        row = {**company.values, "owner": owner, "created_by": owner, "created_at": created}
        if index in world.tags:
            row["tags"] = tuple(sorted(ids.tags[tag] for tag in world.tags[index]))
        rows.append(row)
    ids.companies = [record.pk for record in door.create_many("account", rows)]
    return {"account": len(rows)}


def load_contacts(door: Door, world: World, ids: Ids) -> dict[str, int]:
    """Contacts, who reports to whom, the main contact and the parent of each account, and further affiliations."""
    rows: list[dict[str, Any]] = []
    for index, plan in enumerate(world.contacts):
        company = world.companies[plan.company]
        owner = ids.people[company.owner]
        day: date = company.created + timedelta(days=index % 3)
        values = {key: value for key, value in plan.values.items() if key != "called"}
        values |= {"account": ids.companies[plan.company], "owner": owner, "created_by": owner}
        rows.append({**values, "created_at": aware(datetime.combine(day, time(11, index % 60)))})
    ids.contacts = [record.pk for record in door.create_many("contact", rows)]
    reports = {
        ids.contacts[index]: {"reports_to": ids.contacts[plan.reports_to]}
        for index, plan in enumerate(world.contacts)
        if plan.reports_to is not None
    }
    door.update_each("contact", reports)
    changes: dict[int, dict[str, Any]] = {}
    for index, company in enumerate(world.companies):
        changes[ids.companies[index]] = {"primary_contact": ids.contacts[company.contacts[0]]}
        if company.parent is not None:
            changes[ids.companies[index]]["parent"] = ids.companies[company.parent]
    door.update_each("account", changes)
    affiliations = [
        {"contact": ids.contacts[contact], "account": ids.companies[company], "role": world.contacts[contact].role}
        for contact, company in world.affiliations
    ]
    door.create_many("affiliation", affiliations)
    return {"contact": len(rows), "affiliation": len(affiliations)}
