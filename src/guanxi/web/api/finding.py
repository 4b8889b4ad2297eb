"""What the addresses of objects have in common: the object, its fields, filters, and the records that lookups point to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import among
from guanxi.engine import query, read
from guanxi.engine.export.jsonlines import as_json
from guanxi.engine.query import Tree
from guanxi.engine.rows import fetch
from guanxi.engine.shapes import Row
from guanxi.kernel.errors import NotFound, QueryError
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web.api.bodies import loads
from guanxi.web.problems import Malformed

EXPANDED = "expanded"
MOST_EXPANDED = 10


def kind_of(actor: Actor, object_key: str) -> ObjectType:
    """The object of an address; :class:`NotFound` when there is none for the caller."""
    kind = snapshot().get(object_key)
    if not actor.can("read", kind.key):
        raise NotFound(_("There is no object called “%(key)s”.") % {"key": object_key[:63]})
    return kind


def fields_of(actor: Actor, kind: ObjectType, wanted: str) -> tuple[FieldDefinition, ...]:
    """The fields named, separated by commas; every visible one when none is."""
    open_fields = {field.key: field for field in actor.visible_fields(kind)}
    if not wanted:
        return tuple(open_fields.values())
    keys = _keys(wanted)
    for key in keys:
        if key not in open_fields:
            raise QueryError(_("There is no field “%(field)s” to show.") % {"field": key[:63]})
    return tuple(open_fields[key] for key in keys)


def expansions_of(actor: Actor, kind: ObjectType, wanted: str) -> tuple[FieldDefinition, ...]:
    """The lookups named in ``expand``."""
    lookups = {field.key: field for field in actor.visible_fields(kind) if field.kind.family == "lookup"}
    keys = _keys(wanted)
    for key in keys:
        field = lookups.get(key)
        if field is None or field.spec.target not in snapshot().objects:
            raise QueryError(_("“%(field)s” is no lookup that can be expanded.") % {"field": key[:63]})
    if len(keys) > MOST_EXPANDED:
        raise QueryError(_("Expand at most %(limit)d lookups.") % {"limit": MOST_EXPANDED})
    return tuple(lookups[key] for key in keys)


def _keys(text: str) -> list[str]:
    return list(dict.fromkeys(key.strip() for key in text.split(",") if key.strip()))


def data_of(
    actor: Actor, rows: Sequence[Row], fields: Iterable[FieldDefinition], expansions: Sequence[FieldDefinition] = ()
) -> list[dict[str, Any]]:
    """Rows as the API gives them, with the records their lookups point to; ``null`` for those closed to the caller."""
    shown = list(fields)
    data = [as_json(row, shown) for row in rows]
    if not expansions:
        return data
    for one in data:
        one[EXPANDED] = {}
    for field in expansions:
        pointed = _pointed(actor, field, rows)
        for one, row in zip(data, rows, strict=True):
            masked = field.key in row.masked
            one[EXPANDED][field.key] = None if masked else pointed.get(row.values.get(field.key))
    return data


def _pointed(actor: Actor, field: FieldDefinition, rows: Sequence[Row]) -> dict[Any, dict[str, Any]]:
    target = snapshot().get(field.spec.target)
    ids: set[int] = {row.values.get(field.key) or 0 for row in rows if field.key not in row.masked} - {0}
    if not ids or not actor.can("read", target.key):
        return {}
    fields = actor.visible_fields(target)
    found, _marks = fetch(among(actor, target, ids).filter(deleted_at=None), target, fields, actor, editable=False)
    return {row.id: as_json(row, fields) for row in found}


def one(
    actor: Actor, kind: ObjectType, record_id: int, wanted: str = "", expand: str = "", *, deleted: bool = False
) -> dict[str, Any]:
    """One record as the API gives it."""
    fields, expansions = fields_of(actor, kind, wanted), expansions_of(actor, kind, expand)
    view = read.get(actor, kind.key, record_id, deleted=deleted)
    return data_of(actor, [view.row], fields, expansions)[0]


def tree_of(text: str, kind: ObjectType, actor: Actor) -> Tree | None:
    """A filter in either spelling: JSON when it begins with a brace, a typed line otherwise."""
    if not text.strip():
        return None
    if not text.lstrip().startswith("{"):
        return query.parse(text, kind, actor)
    try:
        data = loads(text.encode("utf-8", "surrogatepass"))
    except Malformed as error:
        raise QueryError(_("The filter is not valid JSON.")) from error
    return query.from_json(data)


def request_id(request: HttpRequest) -> str:
    """The caller's own name for the request, kept with the change."""
    return "".join(sign for sign in request.headers.get("X-Request-Id", "")[:40] if sign.isprintable())
