"""Records taken back to an earlier moment, in memory, from what they are today and what the journal says since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import among
from guanxi.engine.write.deletion import DELETED_AT
from guanxi.journal.models import Entry
from guanxi.journal.redaction import is_redacted
from guanxi.kernel.errors import GuanxiError
from guanxi.schema.definition import ObjectType
from guanxi.schema.models import Link
from guanxi.schema.record import Record

LIMIT = 200_000
"""So many changes can be taken back for one look; it takes some ten seconds."""
CHUNK = 2000


class TooMuch(GuanxiError):
    """More has changed since then than can be taken back at once."""

    status = 422
    code = "too_much_since"


@dataclass
class Since:
    """What happened to the records of one object since the moment: the value each field had, by record."""

    values: dict[int, dict[str, Any]] = field(default_factory=dict)
    """``{record: {field: value before the first change since, in JSON form}}``."""
    made: set[int] = field(default_factory=set)
    """Records that did not exist yet."""


def since(kind: ObjectType, moment: datetime) -> Since:
    """What the journal says of an object's records since the moment. Raises :class:`TooMuch` above :data:`LIMIT`."""
    found = Since()
    entries = Entry.objects.filter(object=kind.key, at__gt=moment)
    if entries.order_by()[: LIMIT + 1].count() > LIMIT:
        raise TooMuch(
            _("More than %(limit)s changes of %(objects)s have been made since that day. Choose a later day.")
            % {"limit": f"{LIMIT:,}", "objects": kind.plural}
        )
    # Backwards in time: the last value written is that of the earliest change.
    for record, verb, changes in entries.order_by("-at", "-id").values_list("record", "verb", "changes").iterator():
        values = found.values.setdefault(record, {})
        if verb == "created":
            found.made.add(record)
        for key, pair in changes.items():
            if isinstance(pair, list) and len(pair) == 2:
                values[key] = pair[0]
    return found


def rolled_back(actor: Actor, kind: ObjectType, known: Since) -> Iterator[tuple[Record, dict[str, tuple[int, ...]]]]:
    """The records as they were that the actor may see today, with their links by field."""
    ids = [pk for pk in known.values if pk not in known.made]
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        links = _links(kind, chunk)
        for record in among(actor, kind, chunk):
            yield _as_it_was(kind, record, known.values[record.pk], links.get(record.pk, {}))


def _as_it_was(
    kind: ObjectType, record: Record, former: dict[str, Any], links: dict[str, tuple[int, ...]]
) -> tuple[Record, dict[str, tuple[int, ...]]]:
    for key, value in former.items():
        definition = kind.fields.get(key)
        if key == DELETED_AT:
            record.deleted_at = datetime.fromisoformat(value) if value else None
        elif definition is not None and definition.spec.compute is None:
            known = value is not None and not is_redacted(value)
            before = definition.kind.parse(value, definition.spec) if known else None
            if definition.kind.family == "links":
                links = {**links, key: before or ()}
            else:
                definition.write(record, before)
    for definition in kind.fields.values():
        if definition.spec.compute is not None:
            definition.write(record, definition.spec.compute(record))
    return record, links


def _links(kind: ObjectType, ids: list[int]) -> dict[int, dict[str, tuple[int, ...]]]:
    if not any(definition.kind.family == "links" for definition in kind.fields.values()):
        return {}
    found: dict[int, dict[str, tuple[int, ...]]] = {}
    rows = Link.objects.filter(object=kind.key, record__in=ids).order_by("target")
    for record, key, target in rows.values_list("record", "field", "target"):
        known = found.setdefault(record, {})
        known[key] = (*known.get(key, ()), target)
    return found
