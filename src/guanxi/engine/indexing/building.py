"""Building an index in a job, and taking it away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import DatabaseError
from django.db.models import F, Index, Q
from django.db.models.sql import Query
from django.utils.translation import gettext as _

from guanxi.access import audit
from guanxi.access.actor import Actor
from guanxi.engine import jobs
from guanxi.engine.field_index import FAILED, READY, FieldIndex
from guanxi.engine.indexing.advice import indexable, lacking
from guanxi.engine.jobs import Context, Result, job
from guanxi.kernel import clock, db
from guanxi.kernel.errors import Conflict, Invalid, NotFound, Refused
from guanxi.kernel.labels import Label
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot

KIND = "index"
MOST = 20
"""Indexes of one object: each makes every write a little slower."""
SCALES = ("number", "date", "datetime")
"""Families of kinds whose values are asked for from here to there."""


def can_index(actor: Actor) -> bool:
    """Whether the actor may add and remove indexes."""
    return actor.is_administrator and actor.observer is None


def listed(actor: Actor) -> Sequence[FieldIndex]:
    """The indexes that were added. Raises :class:`Refused` for who is no administrator."""
    _require(actor)
    return list(FieldIndex.objects.order_by("object", "field"))


def add(actor: Actor, object_key: str, field_key: str) -> FieldIndex:
    """Add an index and start the job that builds it; the one that failed is built anew.

    Raises :class:`Refused`, :class:`NotFound`, :class:`Invalid` for a field that no index can serve, and :class:`Conflict`
    where it has one or the object has :data:`MOST`.
    """
    _require(actor)
    kind = snapshot().objects.get(object_key)
    if kind is None:
        raise NotFound(_("There is no object called “%(key)s”.") % {"key": object_key[:63]})
    field = next((one for one in indexable(kind) if one.key == field_key), None)
    if field is None:
        message = _("Choose a field with a short value: a text, number, date, choice or link.")
        raise Invalid(_("Some values need attention."), {"field": [message]})
    with db.atomic():
        FieldIndex.objects.filter(object=kind.key, field=field.key, state=FAILED).delete()
        if field.key not in {one.key for one in lacking(kind)}:
            raise Conflict(_("“%(field)s” has an index already.") % {"field": field.label})
        if FieldIndex.objects.filter(object=kind.key).count() >= MOST:
            raise Conflict(
                _("At most %(limit)d indexes can be added to one object. Remove one first.") % {"limit": MOST}
            )
        made = FieldIndex.objects.create(object=kind.key, field=field.key, made_by=actor.user_id, made_at=clock.now())
        made.job = jobs.start(actor, KIND, {"index": made.pk}, _title(kind, field)).pk
        made.save(update_fields=["job"])
        audit.note("index_added", actor, object_key=kind.key, detail=field.key)
    return made


def remove(actor: Actor, index_id: int) -> None:
    """Take an index away again. Raises :class:`Refused` and :class:`NotFound`."""
    _require(actor)
    with db.atomic():
        found = FieldIndex.objects.filter(pk=index_id).first()
        if found is None:
            raise NotFound(_("There is no such index."))
        with db.cursor() as cursor:
            for name in (found.name, found.walk):
                cursor.execute(f"DROP INDEX IF EXISTS {name}")
            if db.counts_expressions():
                cursor.execute(f"DROP STATISTICS IF EXISTS {found.name}")
        audit.note("index_removed", actor, object_key=found.object, detail=found.field)
        found.delete()


@job(KIND)
def build(context: Context, index: int) -> Result:
    """Build an index; one half built by a worker that died is begun anew."""
    found = FieldIndex.objects.filter(pk=index).first()
    kind = snapshot().objects.get(found.object) if found is not None else None
    field = kind.fields.get(found.field) if kind is not None and found is not None else None
    if found is None or kind is None or field is None:
        return Result(Label("The index is no longer wanted.", "该索引已不再需要。"))
    try:
        _create(kind, field, found)
    except DatabaseError:
        FieldIndex.objects.filter(pk=index).update(state=FAILED)
        raise
    FieldIndex.objects.filter(pk=index).update(state=READY)
    english = f"{field.label.en} of {kind.plural.en.lower()} has an index."
    return Result(Label(english, f"{kind.label.zh}的{field.label.zh}已有索引。"), {}, "/admin/indexes")


def _create(kind: ObjectType, field: FieldDefinition, found: FieldIndex) -> None:
    """PostgreSQL goes on writing meanwhile; SQLite, which has one writer, waits for some seconds."""
    editor = db.connection().schema_editor(collect_sql=True)
    freely: dict[str, Any] = {"concurrently": True} if db.is_postgresql() and not db.in_transaction() else {}
    table = kind.model._meta.db_table
    with db.cursor() as cursor:
        for made in _indexes(kind, field, found):
            cursor.execute(f"DROP INDEX IF EXISTS {made.name}")
            cursor.execute(str(made.create_sql(kind.model, editor, **freely)))
        if field.custom and db.counts_expressions():
            # PostgreSQL counts the values of columns, and those of an expression only where it is told to: for an index
            # over some of the rows it would take a third of all to be meant by every condition.
            cursor.execute(f"DROP STATISTICS IF EXISTS {found.name}")
            cursor.execute(f"CREATE STATISTICS {found.name} ON ({_sql(kind, field)}) FROM {table}")
            cursor.execute(f"ANALYZE {table}")


def _indexes(kind: ObjectType, field: FieldDefinition, found: FieldIndex) -> list[Index]:
    """By the value, then in the order of the list, so that the newest records of a value are found without sorting; then the
    owner and the day of deletion, so that rights and counts are looked at without opening the records.

    From here to there, many values are meant, and their newest records lie all over that index. A second one is therefore
    in the list's order with the value in it: the database walks along and opens only the records that are meant.
    """
    order = [F(part.lstrip("-")).desc() if part.startswith("-") else F(part).asc() for part in _order(kind)]
    order.append(F("id").desc())
    rest = [F("owner").asc()] if kind.owned and field.key != "owner" else []
    value, live = field.expression(), Q(deleted_at=None)
    indexes = [Index(value, *order, *rest, F("deleted_at").asc(), name=found.name, condition=live)]
    if field.kind.family in SCALES:
        # SQLite looks at the owner in the index, too; PostgreSQL would rather begin once for each of the owners.
        seen = [] if db.is_postgresql() else rest
        indexes.append(Index(*order, value, *seen, name=found.walk, condition=live))
    return indexes


def _sql(kind: ObjectType, field: FieldDefinition) -> str:
    query = Query(kind.model, alias_cols=False)
    unresolved: Any = field.expression()
    expression = unresolved.resolve_expression(query)
    compiled, _parameters = query.get_compiler(connection=db.connection()).compile(expression)
    return str(compiled)


def _order(kind: ObjectType) -> list[str]:
    """The attributes of the list's own order, as far as they are columns."""
    parts = []
    for part in kind.declaration.default_sort.split(","):
        key, sign = part.strip().lstrip("-"), "-" if part.strip().startswith("-") else ""
        definition = kind.fields.get(key)
        if definition is None or definition.custom or not definition.attribute or definition.kind.family == "lookup":
            break
        parts.append(sign + definition.attribute)
    return parts


def _title(kind: ObjectType, field: FieldDefinition) -> Label:
    return Label(
        f"Index of {kind.plural.en.lower()} by {field.label.en.lower()}", f"为{kind.label.zh}的{field.label.zh}建立索引"
    )


def _require(actor: Actor) -> None:
    if not can_index(actor):
        raise Refused(_("This page is for administrators."))
