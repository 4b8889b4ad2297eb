"""What cannot be seen cannot be pointed to, and nothing can be put where one may not put it: by forms and by the API."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi.schema.registry import snapshot
from guanxi.web import widgets
from tests.access.matrix.asking import ask
from tests.access.matrix.company import Asker
from tests.access.matrix.expected import Judge
from tests.access.matrix.test_matrix import FIRST_GROUP, world
from tests.access.matrix.world import GHOST, World
from tests.support import dump

__all__ = ["world"]
pytestmark = [pytest.mark.django_db, FIRST_GROUP]
ASKERS = ("owner", "other", "writer", "key")
"""People who may create and edit, but do not see everything."""
CLEARED = {("opportunity", "lost_to")}
"""Emptied without a word as long as the opportunity is open, whatever was sent."""


def _pointers() -> list[tuple[str, str]]:
    """Every lookup and reference of every object of work that somebody may fill in."""
    return [
        (kind.key, field.key)
        for kind in snapshot()
        if kind.declaration.kind in ("standard", "relation")
        for field in kind.fields.values()
        if field.kind.family in ("lookup", "reference")
        and field.writable
        and field.shown
        and (kind.key, field.key) not in CLEARED
    ]


def _closed(world: World, judge: Judge, asker: Asker, key: str, name: str) -> list[Any]:
    """Values that would point to what the asker may not see, and one that points to nothing."""
    field = snapshot().get(key).fields[name]
    if field.kind.family == "reference":
        targets = ("opportunity", "account", "lead")
        return [
            f"{target}:{pk}"
            for target in targets
            for pk in (world.records[(target, "own")], world.records[(target, "foreign")], GHOST)
            if not judge.sees(asker, target, pk)
        ]
    sides = [world.records[(field.spec.target, side)] for side in ("own", "foreign")]
    return [pk for pk in (*sides, GHOST) if not judge.sees(asker, field.spec.target, pk)]


def _editable(world: World, judge: Judge, asker: Asker, key: str) -> int | None:
    sides = (world.records.get((key, side)) for side in ("own", "foreign"))
    return next((pk for pk in sides if pk is not None and judge.writes(asker, key, pk)), None)


@pytest.mark.parametrize("name", ASKERS)
def test_nothing_closed_can_be_pointed_to(world: World, name: str) -> None:
    judge, asker = Judge(world), world.company.askers[name]
    before = dump.database()
    asked, wrong = 0, []
    for key, pointer in _pointers():
        kind, record = snapshot().get(key), _editable(world, judge, asker, key)
        for value in _closed(world, judge, asker, key, pointer):
            made = {one: kind.fields[one].kind.to_json(given) for one, given in world.new[key].items()}
            requests: list[tuple[str, str, Any]] = [("POST", f"/api/v1/{key}", made | {pointer: value})]
            if record is not None:
                requests.append(("PATCH", f"/api/v1/{key}/{record}", {pointer: value}))
            if asker.way == "session":
                texts = {one: widgets.form_text(kind.fields[one].spec, given) for one, given in world.new[key].items()}
                requests.append(("POST", f"/o/{key}/new", texts | {pointer: str(value)}))
                if record is not None:
                    requests.append(("POST", f"/o/{key}/{record}/cell/{pointer}", {pointer: str(value)}))
            for method, address, body in requests:
                answer = ask(asker, method, address, body, lambda: _changed(before), fragment=True)
                asked += 1
                told = [
                    word
                    for word, (k, pk) in world.secrets.items()
                    if word in answer.text and not judge.sees(asker, k, pk)
                ]
                if answer.status not in (403, 404, 422) or answer.difference or told:
                    wrong.append(f"{method} {address} {pointer}={value}: {answer.status} {answer.difference} {told}")
    assert not wrong, "\n".join(wrong)
    assert asked > 50


@pytest.mark.parametrize("name", [*ASKERS, "superior"])
def test_nothing_can_be_put_outside_the_scope(world: World, name: str) -> None:
    """Neither a new record nor one's own goes to an owner beyond one's reach; nor is anything taken from there."""
    judge, asker = Judge(world), world.company.askers[name]
    before = dump.database()
    asked, wrong = 0, []
    people = [world.person(one) for one in ("owner", "other", "colleague", "boss")]
    for kind in snapshot():
        if not kind.owned:
            continue
        for owner in people:
            reached = judge.would_write(asker, kind.key, owner, [])
            made = {one: kind.fields[one].kind.to_json(given) for one, given in world.new[kind.key].items()}
            pointed = judge._pointed(kind).values()
            requests: list[tuple[str, str, Any, bool]] = []
            if all(judge.sees(asker, *one) for one in pointed):
                requests.append(("POST", f"/api/v1/{kind.key}", made | {"owner": owner}, reached))
            for side in ("own", "foreign"):
                pk = world.records[(kind.key, side)]
                # To whom one cannot reach nobody gives a record, not even one that was opened by a grant.
                stays = judge.model.records[(kind.key, pk)].owner == owner
                may = judge.writes(asker, kind.key, pk) and (reached or stays)
                requests.append(("PATCH", f"/api/v1/{kind.key}/{pk}", {"owner": owner}, may))
                texts = {"what": "edit", "id": [pk], "field": "owner", "owner": str(owner)}
                if asker.way == "session":
                    requests.append(("POST", f"/o/{kind.key}/bulk", texts, may))
            for method, address, body, may in requests:
                answer = ask(asker, method, address, body, None if may else (lambda: _changed(before)), fragment=True)
                asked += 1
                if (answer.status < 400) != may or answer.difference:
                    wrong.append(f"{method} {address} owner={owner}: {may} {answer.status} {answer.text[-200:]}")
    assert not wrong, "\n".join(wrong)
    assert asked > 50


def _changed(before: dict[str, Any]) -> str:
    after = dump.database()
    return ", ".join(table for table in before if before[table] != after[table])
