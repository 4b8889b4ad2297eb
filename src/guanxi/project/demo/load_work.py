"""Writes the demo's opportunities with their history, leads, follow-ups and tasks."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from guanxi.domains.sales.stage_change import StageChange
from guanxi.engine.write import Door
from guanxi.kernel.text import full_name
from guanxi.project.demo.deals import Deal
from guanxi.project.demo.ids import Ids
from guanxi.project.demo.load_customers import aware
from guanxi.project.demo.world import World

_BUYING_ROLES = {"finance": "economic", "other": "user"}


def load_deals(door: Door, world: World, ids: Ids) -> dict[str, int]:
    """Opportunities, the stages they passed, their products, contacts and competitors."""
    rows = [_deal_values(deal, world, ids) for deal in world.deals]
    ids.deals = [record.pk for record in door.create_many("opportunity", rows)]
    changes = _write_history(door, world, ids)
    lines, roles, rivals = _parts(world, ids)
    door.create_many("opportunity_line", lines)
    door.create_many("opportunity_role", roles)
    door.create_many("opportunity_competitor", rivals)
    counts = {"opportunity": len(rows), "stage_change": changes, "opportunity_line": len(lines)}
    return counts | {"opportunity_role": len(roles), "opportunity_competitor": len(rivals)}


def _deal_values(deal: Deal, world: World, ids: Ids) -> dict[str, Any]:
    company = world.companies[deal.company]
    owner = ids.people[deal.owner]
    position, entered = deal.path[-1]
    values: dict[str, Any] = {key: value for key, value in deal.values.items() if value is not None}
    values |= {
        "account": ids.companies[deal.company],
        "contact": ids.contacts[deal.contacts[0]],
        "pipeline": ids.pipelines[deal.pipeline],
        "stage": ids.stages[deal.pipeline, position],
        "amount": deal.amount,
        "currency": company.currency,
        "product": ids.products[deal.offer.code],
        "kind": deal.kind,
        "opened_on": deal.created.date(),
        "stage_entered_at": aware(entered),
        "owner": owner,
        "created_by": owner,
        "created_at": aware(deal.created),
    }
    if deal.closed_on:
        values["closed_on"] = deal.closed_on
    if "lost_to" in values:
        values["lost_to"] = ids.competitors[values["lost_to"]]
    if "probability" in values:
        values["probability"] = Decimal(values["probability"])
    return values


def _write_history(door: Door, world: World, ids: Ids) -> int:
    """The rules have written the last stay of each opportunity; add the earlier ones and join them."""
    last = dict(StageChange.objects.filter(opportunity_id__in=ids.deals).values_list("opportunity_id", "pk"))
    joined: dict[int, dict[str, Any]] = {}
    earlier: list[dict[str, Any]] = []
    for index, deal in enumerate(world.deals):
        stages = [ids.stages[deal.pipeline, position] for position, _entered in deal.path]
        moments = [aware(entered) for _position, entered in deal.path]
        if len(stages) > 1:
            joined[last[ids.deals[index]]] = {"from_stage": stages[-2]}
        for number in range(len(stages) - 1):
            earlier.append(
                {
                    "opportunity": ids.deals[index],
                    "from_stage": stages[number - 1] if number else None,
                    "to_stage": stages[number],
                    "entered_at": moments[number],
                    "left_at": moments[number + 1],
                    "seconds": int((moments[number + 1] - moments[number]).total_seconds()),
                    "responsible": ids.people[deal.owner],
                    "created_at": moments[number],
                }
            )
    door.update_each("stage_change", joined)
    door.create_many("stage_change", earlier)
    return len(last) + len(earlier)


def _parts(world: World, ids: Ids) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    lines: list[dict[str, Any]] = []
    roles: list[dict[str, Any]] = []
    rivals: list[dict[str, Any]] = []
    for pk, deal in zip(ids.deals, world.deals, strict=True):
        created = aware(deal.created)
        for position, line in enumerate(deal.lines, 1):
            lines.append(
                {
                    "opportunity": pk,
                    "product": ids.products[line.offer.code],
                    "quantity": Decimal(line.quantity),
                    "price": line.price,
                    "discount": Decimal(line.discount) if line.discount else None,
                    "currency": world.companies[deal.company].currency,
                    "position": position,
                    "created_at": created,
                }
            )
        for contact in deal.contacts:
            role = world.contacts[contact].role
            buying = _BUYING_ROLES.get(role, role)
            influence = "high" if buying in ("decision_maker", "economic") else "medium"
            values = {"opportunity": pk, "contact": ids.contacts[contact], "role": buying, "influence": influence}
            roles.append({**values, "created_at": created})
        for competitor in deal.competitors:
            won = {"won": "behind", "lost": "ahead"}.get(deal.status, "level")
            values = {"opportunity": pk, "competitor": ids.competitors[competitor], "position": won}
            rivals.append({**values, "created_at": created})
    return lines, roles, rivals


def load_leads(door: Door, world: World, ids: Ids) -> dict[str, int]:
    """Leads, the converted ones pointing to what they became."""
    rows: list[dict[str, Any]] = []
    for plan in world.leads:
        owner = ids.people[plan.owner]
        values = {key: value for key, value in plan.values.items() if key not in ("family", "given")}
        values |= {
            "name": full_name(plan.values["family"], plan.values["given"]),
            "status": plan.status,
            "product": ids.products[plan.offer.code],
            "owner": owner,
            "created_by": owner,
            "created_at": aware(plan.created),
        }
        if plan.deal is not None and plan.converted is not None:
            deal = world.deals[plan.deal]
            values |= {"converted_at": aware(plan.converted), "opportunity": ids.deals[plan.deal]}
            values |= {"account": ids.companies[deal.company], "contact": ids.contacts[deal.contacts[0]]}
        rows.append(values)
    ids.leads = [record.pk for record in door.create_many("lead", rows)]
    return {"lead": len(rows)}


def load_followups(door: Door, world: World, ids: Ids) -> dict[str, int]:
    """Follow-ups, oldest first in each company, so that the next contact dates come out as they would have day by day."""
    targets = {"opportunity": ids.deals, "account": ids.companies, "lead": ids.leads}
    rows: list[dict[str, Any]] = []
    for one in world.followups:
        kind, index = one.about
        owner = ids.people[one.owner]
        moment = aware(one.at)
        values: dict[str, Any] = {
            "kind": one.story.kind,
            "content": one.story.content,
            "happened_at": moment,
            "about": f"{kind}:{targets[kind][index]}",
            "owner": owner,
            "created_by": owner,
            "created_at": moment,
        }
        optional = {
            "result": one.story.result or None,
            "duration": one.story.duration,
            "direction": one.story.direction,
            "contact": None if one.contact is None else ids.contacts[one.contact],
            "next_contact_on": one.next_contact_on,
        }
        rows.append(values | {key: value for key, value in optional.items() if value is not None})
    door.create_many("activity", rows)
    return {"activity": len(rows)}


def load_tasks(door: Door, world: World, ids: Ids) -> dict[str, int]:
    """Tasks about opportunities."""
    rows: list[dict[str, Any]] = []
    for task in world.tasks:
        owner = ids.people[task.owner]
        values: dict[str, Any] = {
            "subject": task.subject,
            "status": task.status,
            "priority": task.priority,
            "due_on": task.due,
            "about": f"opportunity:{ids.deals[task.deal]}",
            "owner": owner,
            "created_by": owner,
            "created_at": aware(task.created),
        }
        if task.completed is not None:
            values["completed_at"] = aware(task.completed)
        if task.description:
            values["description"] = task.description
        rows.append(values)
    door.create_many("task", rows)
    return {"task": len(rows)}
