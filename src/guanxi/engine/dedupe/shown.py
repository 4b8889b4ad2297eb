"""What is told of a record that was found: to whoever may see it the record, to others what an administrator chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from guanxi.access.actor import Actor
from guanxi.access.models import User
from guanxi.access.visibility import among
from guanxi.engine.labels import labels_for, pointed_to
from guanxi.engine.rows import fetch
from guanxi.schema.definition import FieldDefinition, ObjectType

OPEN = ("read", "write")
COLUMNS = 5
"""So many columns of the list are told of a record that may be seen, and its owner."""


@dataclass(frozen=True)
class Shown:
    """One record as it is told of. ``id`` and ``deleted`` are those of records that may be opened alone."""

    kind: ObjectType
    title: str
    fields: tuple[tuple[str, str], ...]
    """(label, value) of the fields told besides the title."""
    id: int | None = None
    deleted: bool = False
    owner: str = ""
    owner_mail: str = ""


def show(actor: Actor, kind: ObjectType, ids: Sequence[int], limited: Sequence[str]) -> dict[int, Shown]:
    """The records by id. ``limited`` are the keys of the fields told to everybody who may read the object at all."""
    if not ids:
        return {}
    visible = set(among(actor, kind, ids).values_list("pk", flat=True))
    told = [kind.fields[key] for key in limited if key in kind.fields and _open(actor, kind, key)]
    own = [kind.fields["owner"]] if kind.owned else []
    columns = [field for field in kind.columns[:COLUMNS] if field.key != "owner" and not field.virtual]
    columns = [field for field in (*columns, *own) if _open(actor, kind, field.key)]
    fields = list({field.key: field for field in (*told, *columns, *own)}.values())
    program = actor.as_program()
    rows, _marks = fetch(kind.model._default_manager.filter(pk__in=ids), kind, fields, program, editable=False)
    labels = labels_for(program, pointed_to(fields, (row.values for row in rows)))
    mails = _mails([row.values.get("owner") for row in rows]) if kind.owned and _open(actor, kind, "owner") else {}
    found = {}
    for row in rows:
        open_to = row.id in visible
        said = columns if open_to else told
        texts = [(field, _text(actor, field, row.values.get(field.key), labels, row.currency)) for field in said]
        title = next((text for field, text in texts if field.key == kind.title.key), "")
        owner = row.values.get("owner") if open_to or "owner" in limited else None
        found[row.id] = Shown(
            kind=kind,
            title=title or (f"{kind.label} #{row.id}" if open_to else str(kind.label)),
            fields=tuple((str(field.label), text) for field, text in texts if text and field.key != kind.title.key),
            id=row.id if open_to else None,
            deleted=row.deleted and open_to,
            owner=labels.get(("user", owner or 0), "") if _owner_open(actor, kind) else "",
            owner_mail=mails.get(owner or 0, ""),
        )
    return found


def _open(actor: Actor, kind: ObjectType, key: str) -> bool:
    return actor.field_level(kind.key, key) in OPEN


def _owner_open(actor: Actor, kind: ObjectType) -> bool:
    return kind.owned and _open(actor, kind, "owner")


def _mails(people: Sequence[int | None]) -> dict[int, str]:
    return dict(User.objects.filter(pk__in=[pk for pk in people if pk]).values_list("pk", "email"))


def _text(
    actor: Actor, field: FieldDefinition, value: object, labels: dict[tuple[str, int], str], currency: str
) -> str:
    if value is None or value == "":
        return ""
    if field.kind.family == "lookup":
        return labels.get((field.spec.target, int(str(value))), "")
    return field.display(value, actor.reading(currency))
