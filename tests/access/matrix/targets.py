"""What a pattern can be asked about: every id it takes, with what there is for it in the world."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot
from tests.access.matrix.bodies import ACTIONS, changed_field
from tests.access.matrix.routes import NOTHING, OF_EVERY_OBJECT, Need
from tests.access.matrix.world import GHOST, SIDES, World

_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
ALWAYS = {"activity": ("about",)}
"""Further sides that are asked for everywhere."""


@dataclass(frozen=True)
class Target:
    """One thing to ask for."""

    parameters: tuple[tuple[str, object], ...] = ()
    key: str = ""
    """The object."""
    side: str = ""
    record: int = 0
    name: str = ""
    """The file, view, grant, person, action or field, as the world calls it."""
    thing: int = 0

    def address(self, pattern: str, query: str) -> str:
        """The address of the target below a pattern."""
        known = dict(self.parameters)
        path = "api/nothing/here"
        if pattern != NOTHING:
            path = _PARAMETER.sub(lambda found: str(known[found[1]]), pattern)
        return f"/{path}{'?' + query if query else ''}"


def of(world: World, pattern: str, need: Need) -> list[Target]:
    """Everything that a pattern is asked about for a need."""
    names = tuple(_PARAMETER.findall(pattern)) if pattern != NOTHING else ()
    every = (pattern in OF_EVERY_OBJECT and not need.query) or "action_key" in names
    kinds = list(snapshot()) if every else sorts()
    if names[:2] == ("object_key", "record_id"):
        return list(_of_records(world, kinds, names[2:], need))
    if names[:1] == ("object_key",):
        return list(_of_objects(world, kinds, names[1:], need))
    if names == ():
        return [Target()]
    (name,) = names
    return [Target(((name, value),), name=called, thing=_number(value)) for called, value in world.things[name].items()]


def _number(value: int | str) -> int:
    return value if isinstance(value, int) else 0


def sorts() -> list[ObjectType]:
    """One object of each sort: of those whose declarations say the same about access, the one with most to do."""
    found: dict[tuple[object, ...], ObjectType] = {}
    for kind in sorted(snapshot(), key=lambda kind: -len(kind.declaration.actions)):
        said = kind.declaration
        purpose = "setup" if said.kind == "directory" else said.kind
        about = (purpose, said.restricted, said.default_access, bool(said.inherits), kind.owned)
        found.setdefault(about, kind)
    return list(found.values())


def _of_objects(world: World, kinds: list[ObjectType], names: tuple[str, ...], need: Need) -> Iterator[Target]:
    for kind in kinds:
        given = (("object_key", kind.key),)
        if names == ("view_id",) or need.rule == "view_used":
            if kind.key == "opportunity":
                for called, view in world.things["view_id"].items():
                    yield Target((*given, ("view_id", view)), kind.key, name=called, thing=_number(view))
        elif names == ("field_key", "value"):
            for side in need.sides or SIDES:
                if (pk := record(world, kind.key, side)) is not None:
                    named = world.external_id(kind.key, side)
                    yield Target((*given, ("field_key", "external_id"), ("value", named)), kind.key, side, pk)
        elif names == ("field_key",):
            for key in _pointing(kind):
                yield Target((*given, ("field_key", key)), kind.key, name=key)
        elif need.rule in ("record", "bulk_both", "purged", "merged"):
            for side in need.sides or SIDES:
                if (pk := record(world, kind.key, side)) is not None:
                    yield Target(given, kind.key, side, pk)
        else:
            yield Target(given, kind.key)
    if not names and need.rule not in ("view_used", "bulk_both", "record", "purged", "merged"):
        yield Target((("object_key", "nothing"),), "nothing")


def _pointing(kind: ObjectType) -> list[str]:
    """One lookup of the object and one other field."""
    lookups = [field.key for field in kind.fields.values() if field.kind.family == "lookup" and field.shown]
    return [*lookups[:1], kind.title.key] if kind.title.key not in lookups[:1] else lookups[:1]


def record(world: World, key: str, side: str) -> int | None:
    """The record of an object on a side."""
    return GHOST if side == "ghost" else world.records.get((key, side))


def _of_records(world: World, kinds: list[ObjectType], names: tuple[str, ...], need: Need) -> Iterator[Target]:
    for kind in kinds:
        if names == ("action_key",):
            yield from _of_actions(world, kind)
            continue
        for side in need.sides or (*SIDES, *ALWAYS.get(kind.key, ())):
            pk = record(world, kind.key, side)
            # What does not exist is asked for everywhere, but not as every sort of object.
            if pk is None or (side == "ghost" and len(kinds) < len(snapshot().objects) and kind.key != "opportunity"):
                continue
            if side == "foreign" and kind.declaration.kind in ("setup", "directory"):
                continue  # nobody's more than anybody else's
            base = Target((("object_key", kind.key), ("record_id", pk)), kind.key, side, pk)
            if names == ("grant_id",):
                yield from _of_grants(world, base)
            elif names == ("stream_key",):
                streams = ("activity", "task") if kind.declaration.timeline else ("activity",)
                for stream in (*streams, *(("account",) if kind.key == "opportunity" else ())):
                    yield _with(base, "stream_key", stream)
            elif names == ("field_key",):
                yield _with(base, "field_key", changed_field(kind))
            else:
                yield base


def _with(base: Target, parameter: str, value: Any) -> Target:
    return Target((*base.parameters, (parameter, value)), base.key, base.side, base.record, str(value), _number(value))


def _of_actions(world: World, kind: ObjectType) -> Iterator[Target]:
    for action in kind.declaration.actions:
        own = ACTIONS[(kind.key, action.key)].side
        for side in ("ghost", own, *(("foreign",) if own == "own" else ())):
            pk = record(world, kind.key, side)
            assert pk is not None
            yield _with(
                Target((("object_key", kind.key), ("record_id", pk)), kind.key, side, pk), "action_key", action.key
            )


def _of_grants(world: World, base: Target) -> Iterator[Target]:
    """A grant of the record itself, and for one object also a grant of another record."""
    grants = world.things["grant_id"]
    if base.key not in ("opportunity", "task"):
        return
    named = {f"{base.key}_own_reader", "opportunity_own_reader", "opportunity_foreign_plain"}
    for called in sorted(named):
        found = _with(base, "grant_id", grants[called])
        yield Target(found.parameters, base.key, base.side, base.record, called, _number(grants[called]))
    yield Target((*base.parameters, ("grant_id", GHOST)), base.key, base.side, base.record, "ghost", GHOST)
