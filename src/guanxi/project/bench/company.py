"""A large company for the cost of permissions: 300 people in a tree of five levels, 50 roles, 200 sharing rules.

The opportunities are made through the door up to a point and then copied by the database itself, so that a million of them
take a minute; what they are about does not matter here, whose they are does.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from guanxi.access.actor import Actor
from guanxi.access.models import EVERY_OBJECT, Grant, Role, RoleAction, RoleScope, User
from guanxi.domains.sales.opportunity import Opportunity
from guanxi.domains.sales.setup import ensure_pipeline
from guanxi.engine import write
from guanxi.kernel import clock, db
from guanxi.schema import registry

PEOPLE, LEVELS, ROLES, RULES, GRANTS = 300, 5, 50, 200, 20_000
SEED = 500
"""Opportunities made through the door; the others are copies."""
_RIGHTS = ("read", "create", "edit", "delete", "assign", "export", "change_state", "share")
_CONDITIONS = (
    *(
        "amount>=90000000",
        "amount<100",
        "forecast_category:commit amount>=80000000",
        "source:referral",
        "probability>=95",
    ),
    *("close_on<2001-01-01", "name:Retrofit amount>=70000000", "status:lost amount>=95000000", "next_step:any"),
)


@dataclass(frozen=True)
class Company:
    """The people whose pages are compared."""

    administrator: User
    manager: User
    """In the middle of the tree: a department tree of its own, a role of its own, rules and grants besides."""


def build(rows: int, progress: Callable[[str], None] = lambda line: None) -> Company:
    """Fill an empty database and return the people to compare."""
    dice = random.Random(7)  # noqa: S311  reproducible rows, not secrets
    program = Actor.program()
    departments = _departments(program)
    roles = _roles(program, dice)
    people = _people(program, dice, departments, roles)
    progress(f"{len(departments)} departments, {len(roles)} roles, {len(people)} people")
    registry.bump("access")
    _opportunities(program, dice, people, rows, progress)
    _rules(program, dice, departments, roles, people)
    progress(f"{RULES} sharing rules")
    manager = User.objects.get(username="middle")
    _grants(dice, people, manager, rows)
    registry.bump("access")
    with db.cursor() as cursor:
        cursor.execute("ANALYZE")
    return Company(User.objects.get(username="all"), manager)


def _departments(program: Actor) -> list[list[int]]:
    """Ids by level: one on top, each with three below, five levels deep (1, 3, 9, 27, 81)."""
    levels: list[list[int]] = []
    with write.change(program, "bench") as door:
        for level in range(LEVELS):
            parents = levels[-1] if levels else [None]
            rows = [
                {"name": f"Department {level}-{number}", "parent": parent}
                for number, parent in enumerate(parent for parent in parents for _ in range(3 if levels else 1))
            ]
            levels.append([made.pk for made in door.create_many("department", rows)])
    return levels


def _roles(program: Actor, dice: random.Random) -> list[int]:
    scopes = ("own", "reports", "department", "department_tree")
    with write.change(program, "bench") as door:
        made = door.create_many("role", [{"name": f"Role {number}"} for number in range(ROLES)])
    ids = [role.pk for role in made]
    RoleAction.objects.bulk_create(
        RoleAction(role_id=role, object=EVERY_OBJECT, right=right) for role in ids for right in _RIGHTS
    )
    RoleScope.objects.bulk_create(
        RoleScope(role_id=role, object=EVERY_OBJECT, read=dice.choice(scopes), edit="own") for role in ids
    )
    RoleScope.objects.filter(role_id=ids[0]).update(read="department_tree", edit="department_tree")
    return ids


def _people(program: Actor, dice: random.Random, departments: list[list[int]], roles: list[int]) -> list[int]:
    every = [pk for level in departments for pk in level]
    rows: list[dict[str, Any]] = [
        {"username": f"p{n}", "name": f"Person {n}", "department": every[n % len(every)]} for n in range(PEOPLE - 2)
    ]
    with write.change(program, "bench") as door:
        made = door.create_many("user", rows)
        middle = door.create("user", {"username": "middle", "name": "Middle", "department": departments[1][0]})
        door.create("user", {"username": "all", "name": "All", "department": departments[0][0], "is_superuser": True})
    people = [person.pk for person in made]
    links = [User.roles.through(user_id=person, role_id=dice.choice(roles[1:])) for person in people]
    links.append(User.roles.through(user_id=middle.pk, role_id=roles[0]))
    User.roles.through.objects.bulk_create(links)
    assert Role.objects.count() >= ROLES
    return people


def _rules(
    program: Actor, dice: random.Random, departments: list[list[int]], roles: list[int], people: list[int]
) -> None:
    """Half of them about opportunities; a tenth of those reach the manager by department, role or person."""
    rows = []
    for number in range(RULES):
        key = "opportunity" if number % 2 else "account"
        query = dice.choice(_CONDITIONS) if key == "opportunity" else "level:a"
        row: dict[str, Any] = {"name": f"Rule {number}", "object": key, "query": query, "level": "read"}
        if number % 20 == 1:
            row["to_role"] = roles[0]
        elif number % 3 == 0:
            row["to_department"] = dice.choice(departments[dice.randrange(1, LEVELS)])
        elif number % 3 == 1:
            row["to_role"] = dice.choice(roles[1:])
        else:
            row["to_user"] = dice.choice(people)
        rows.append(row)
    with write.change(program, "bench") as door:
        door.create_many("sharing_rule", rows)


def _opportunities(
    program: Actor, dice: random.Random, people: list[int], rows: int, progress: Callable[[str], None]
) -> None:
    wants = ("Retrofit", "Support plan", "Line upgrade", "Vision system")
    with write.change(program, "bench") as door:
        ensure_pipeline(door)
        accounts = door.create_many(
            "account",
            [{"name": f"Account {n}", "level": "abc"[n % 3], "owner": people[n % len(people)]} for n in range(300)],
        )
        door.create_many(
            "opportunity",
            [
                {"name": f"{dice.choice(wants)} {n}", "account": accounts[n % 300].pk, "owner": people[0]}
                for n in range(min(SEED, rows))
            ],
        )
    columns = [str(field.column) for field in Opportunity._meta.concrete_fields if field.column != "id"]
    quoted = ", ".join(db.connection().ops.quote_name(column) for column in columns)
    table = Opportunity._meta.db_table
    while (held := Opportunity.objects.count()) < rows:
        limit = min(held, rows - held)
        with db.cursor() as cursor:
            cursor.execute(f"INSERT INTO {table} ({quoted}) SELECT {quoted} FROM {table} ORDER BY id LIMIT {limit}")
    _spread(table, people)
    progress(f"{rows:,} opportunities")


def _spread(table: str, people: list[int]) -> None:
    """Owners, amounts, moments of creation and outcomes all over."""
    moved = "created_at - (id %% 2000000) * interval '1 minute'"
    if not db.is_postgresql():
        moved = "strftime('%%Y-%%m-%%d %%H:%%M:%%S.000000', created_at, '-' || (id %% 2000000) || ' minutes')"
    first, number = people[0], len(people)
    assert people == list(range(first, first + number))
    with db.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET owner_id = %s + (id * 7919) %% %s, amount = ((id * 104729) %% 100000000) * 100, "
            f"created_at = {moved}, "
            "status = CASE id %% 5 WHEN 0 THEN 'open' WHEN 1 THEN 'lost' ELSE 'won' END",
            [first, number],
        )


def _grants(dice: random.Random, people: list[int], manager: User, rows: int) -> None:
    """Records shared one by one: a tenth of them with the manager."""
    first = Opportunity.objects.order_by("pk").values_list("pk", flat=True)[0]
    now = clock.now()
    Grant.objects.bulk_create(
        Grant(
            object="opportunity",
            record=first + dice.randrange(rows),
            principal_kind="user",
            principal=manager.pk if number % 10 == 0 else dice.choice(people),
            level="read",
            cause="manual",
            created_at=now,
        )
        for number in range(min(GRANTS, rows // 10))
    )
