"""Writes the demo's people, products, pipelines, competitors and tags."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth.hashers import make_password

from guanxi.access.models import User
from guanxi.access.setup import default_roles
from guanxi.domains.sales.pipeline import Pipeline
from guanxi.domains.sales.setup import create_pipeline
from guanxi.domains.sales.stage import Stage
from guanxi.engine.write import Door
from guanxi.kernel import clock
from guanxi.project.demo.ids import Ids
from guanxi.project.demo.offerings import CATEGORIES, COMPETITORS, OFFERS, PIPELINES, TAGS
from guanxi.project.demo.people import DEPARTMENTS, PASSWORD
from guanxi.project.demo.world import World
from guanxi.schema import registry

LANGUAGE_ABROAD = "en"


def load_people(door: Door, world: World, ids: Ids) -> dict[str, int]:
    """Departments, people with superiors, roles and the demo's password."""
    departments: dict[str, int] = {}
    for position, (key, name, parent) in enumerate(DEPARTMENTS, 1):
        values = {"name": name, "parent": departments.get(parent), "position": position}
        departments[key] = door.create("department", values).pk
    rows = [
        {
            "username": person.username,
            "name": person.name,
            "job_title": person.title,
            "email": person.email,
            "phone": person.phone,
            "department": departments[person.department],
            "is_superuser": person.role == "administrator",
        }
        for person in world.people
    ]
    for person, record in zip(world.people, door.create_many("user", rows), strict=True):
        ids.people[person.username] = record.pk
    door.update_each(
        "user", {ids.people[p.username]: {"manager": ids.people[p.manager]} for p in world.people if p.manager}
    )
    heads = {departments[p.department]: {"head": ids.people[p.username]} for p in world.people if p.head}
    door.update_each("department", heads)
    _sign_in(world, ids)
    shared = _sharing(door, departments)
    return {"department": len(departments), "user": len(ids.people), "sharing_rule": shared}


def _sharing(door: Door, departments: dict[str, int]) -> int:
    """Two rules, so that everybody sees what they are for."""
    managers = default_roles()["sales_manager"].pk
    rules = [
        {"name": "大额商机通报 Large deals", "object": "opportunity", "query": "amount>=1000000", "to_role": managers},
        {
            "name": "华东重点客户 Key accounts",
            "object": "account",
            "query": "level:a",
            "to_department": departments["east"],
        },
    ]
    return len(door.create_many("sharing_rule", [{**rule, "level": "read"} for rule in rules]))


def _sign_in(world: World, ids: Ids) -> None:
    """Passwords, roles and preferences are no fields of the person: they are not shown, journaled or imported."""
    roles = default_roles()
    members = User.roles.through
    members.objects.bulk_create(
        [members(user_id=ids.people[p.username], role_id=roles[p.role].pk) for p in world.people]
    )
    User.objects.filter(pk__in=ids.people.values()).update(
        password=make_password(PASSWORD), password_changed_at=clock.now()
    )
    abroad = [ids.people[person.username] for person in world.people if person.english]
    User.objects.filter(pk__in=abroad).update(preferences={"language": LANGUAGE_ABROAD})
    registry.bump("access")


def load_offerings(door: Door, world: World, ids: Ids) -> dict[str, int]:
    """Products in their categories, pipelines with stages, competitors and tags."""
    rows = [{"name": zh, "name_en": en, "position": position} for position, (_key, zh, en) in enumerate(CATEGORIES, 1)]
    records = door.create_many("product_category", rows)
    categories = {key: record.pk for (key, _zh, _en), record in zip(CATEGORIES, records, strict=True)}
    products = [
        {
            "name": offer.name,
            "name_en": offer.english,
            "code": offer.code,
            "category": categories[offer.category],
            "kind": offer.kind,
            "unit": offer.unit,
            "series": offer.code.split("-")[0],
            "price": offer.price * 100,
            "cost": int(Decimal(offer.price) * 100 * Decimal("0.55")),
            "currency": "CNY",
        }
        for offer in OFFERS
    ]
    for offer, record in zip(OFFERS, door.create_many("product", products), strict=True):
        ids.products[offer.code] = record.pk
    stages = _pipelines(door, ids)
    competitors = [
        {
            "name": name,
            "threat": threat,
            "headquarters": place,
            "strengths": strengths,
            "weaknesses": weaknesses,
            "strategy": strategy,
        }
        for name, threat, place, strengths, weaknesses, strategy, _weight in COMPETITORS
    ]
    ids.competitors = [record.pk for record in door.create_many("competitor", competitors)]
    tags = [{"name": name, "color": color, "description": description} for name, color, description in TAGS]
    ids.tags = [record.pk for record in door.create_many("tag", tags)]
    counts = {"product_category": len(categories), "product": len(ids.products), "pipeline": len(ids.pipelines)}
    return counts | {"stage": stages, "competitor": len(ids.competitors), "tag": len(ids.tags)}


def _pipelines(door: Door, ids: Ids) -> int:
    """Create the pipelines; the standard one may be there from the installation and is then used."""
    there = dict(Pipeline.objects.filter(deleted_at=None).values_list("name", "pk"))
    for position, (key, (name, english, steps)) in enumerate(PIPELINES.items(), 1):
        values = {"name": name, "name_en": english, "position": position, "is_default": key == "new"}
        ids.pipelines[key] = there[name] if name in there else create_pipeline(door, values, steps)
    keys = {pk: key for key, pk in ids.pipelines.items()}
    rows = Stage.objects.filter(pipeline_id__in=keys, deleted_at=None)
    for pk, pipeline, position in rows.values_list("pk", "pipeline_id", "position"):
        ids.stages[keys[pipeline], position] = pk
    return len(ids.stages)
