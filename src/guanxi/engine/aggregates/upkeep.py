"""Building kept counts and sums, comparing them with the records, and putting their rows together."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import jobs
from guanxi.engine.aggregates.tables import AggregateRow, AggregateState
from guanxi.engine.job import UNFINISHED, Job
from guanxi.engine.jobs import Context, Result
from guanxi.kernel import clock, db, statistics
from guanxi.kernel.errors import Refused
from guanxi.kernel.labels import Label
from guanxi.schema.aggregates import MOST_PARTS, MOST_SUMS, Aggregate
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot

KIND = "aggregates"
GROWN = 2000
"""Rows that must have come before putting them together is worth it; or as many as there are, if those are more."""
ROW = 250
"""Bytes that a row takes with its entries in the indexes."""
_GROUP = "owner, currency, one, two, three"
_SUMS = "number, first_sum, second_sum"
_TABLE = AggregateRow._meta.db_table


def aggregates() -> Iterator[tuple[ObjectType, Aggregate]]:
    """Every aggregate with its object."""
    return ((kind, aggregate) for kind in snapshot() for aggregate in kind.declaration.aggregates)


def tend() -> None:
    """Every few minutes: start a job where something is not built, put rows together where many have come."""
    built = {(state.object, state.aggregate): state for state in AggregateState.objects.all()}
    missing = False
    for kind, aggregate in aggregates():
        state = built.get((kind.key, aggregate.key))
        if state is None or not in_use(aggregate, state):
            missing = True
        else:
            _compact_if_worth(kind, aggregate, state)
    if missing and not Job.objects.filter(kind=KIND, status__in=UNFINISHED).exists():
        check_all()


def check_all(actor: Actor | None = None) -> Job:
    """Compare everything with the records in a job, and put right what differs; for an administrator, or the program.

    Raises :class:`Refused` for who is no administrator.
    """
    require(actor)
    title = Label("Comparing kept sums with the records", "核对汇总数据")
    return jobs.start(actor or Actor.program(), KIND, {}, title)


def states(actor: Actor) -> list[tuple[ObjectType, Aggregate, AggregateState | None]]:
    """Every aggregate with how far it can be trusted. Raises :class:`Refused` for who is no administrator."""
    require(actor)
    known = {(state.object, state.aggregate): state for state in AggregateState.objects.all()}
    return [(kind, aggregate, known.get((kind.key, aggregate.key))) for kind, aggregate in aggregates()]


def require(actor: Actor | None) -> None:
    """Raise :class:`Refused` unless the actor is an administrator, or nobody: the program."""
    if actor is not None and (not actor.is_administrator or actor.observer is not None):
        raise Refused(_("This page is for administrators."))


def in_use(aggregate: Aggregate, state: AggregateState | None) -> bool:
    """Whether the sums are read: they were built, and made of what the program asks for today."""
    return state is not None and state.built_at is not None and state.shape == aggregate.shape


@jobs.job(KIND)
def compare(context: Context) -> Result:
    """Aggregate by aggregate; each comparison is one statement, so that it sees records and sums of one moment."""
    found = list(aggregates())
    mended = 0
    for number, (kind, aggregate) in enumerate(found):
        context.check_cancelled()
        with db.atomic():
            mended += check(kind, aggregate)
            context.checkpoint({}, done=number + 1, total=len(found))
    return Result(
        Label(
            f"{len(found)} kept sums were compared with the records; {mended:,} groups were put right.",
            f"已将 {len(found)} 项汇总与记录核对，修正了 {mended:,} 组。",
        ),
        {"groups": mended},
    )


def check(kind: ObjectType, aggregate: Aggregate) -> int:
    """Compare one aggregate with the records and put it right; the number of groups that differed. In a transaction.

    Building is the same: then every group differs from nothing.
    """
    _hold(kind, aggregate)
    state, _created = AggregateState.objects.get_or_create(
        object=kind.key, aggregate=aggregate.key, defaults={"shape": aggregate.shape}
    )
    new = state.built_at is None
    if state.shape != aggregate.shape:
        AggregateRow.objects.filter(object=kind.key, aggregate=aggregate.key).delete()
        new = True
    number = _mend(kind, aggregate) if new or differences(kind, aggregate) else 0
    now = clock.now()
    AggregateState.objects.filter(pk=state.pk).update(
        shape=aggregate.shape,
        built_at=now if new else state.built_at,
        checked_at=now,
        mended=0 if new else number,
    )
    if number or new:
        compact(kind, aggregate)
    return number


def differences(kind: ObjectType, aggregate: Aggregate) -> int:
    """How many groups differ from the records at this moment."""
    sql, parameters = _difference(kind, aggregate)
    with db.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({sql}) d", parameters)
        return int(cursor.fetchone()[0])


def compact(kind: ObjectType, aggregate: Aggregate) -> int:
    """Put the rows of each group together into one; how many there are. In a transaction.

    PostgreSQL takes away and puts in by one statement, which no change can come between; SQLite has one writer.
    """
    where, head = "object = %s AND aggregate = %s", [kind.key, aggregate.key]
    summed = (
        f"SELECT object, aggregate, {_GROUP}, SUM(number), SUM(first_sum), SUM(second_sum) FROM {{rows}} "
        f"GROUP BY object, aggregate, {_GROUP} HAVING SUM(number) <> 0 OR SUM(first_sum) <> 0 OR SUM(second_sum) <> 0"
    )
    into = f"INSERT INTO {_TABLE} (object, aggregate, {_GROUP}, {_SUMS}) "
    with db.cursor() as cursor:
        if db.is_postgresql():
            gone = f"WITH gone AS (DELETE FROM {_TABLE} WHERE {where} RETURNING *) "
            cursor.execute(gone + into + summed.format(rows="gone"), head)
            number = int(cursor.rowcount)
        else:
            cursor.execute(f"SELECT MAX(id) FROM {_TABLE}")
            last = cursor.fetchone()[0] or 0
            cursor.execute(into + summed.format(rows=f"(SELECT * FROM {_TABLE} WHERE {where})"), head)
            number = int(cursor.rowcount)
            cursor.execute(f"DELETE FROM {_TABLE} WHERE {where} AND id <= %s", [*head, last])
    AggregateState.objects.filter(object=kind.key, aggregate=aggregate.key).update(rows=number)
    db.on_commit(_give_back)
    return number


def _give_back() -> None:
    """Without this PostgreSQL opens every row to see whether it is one of those that were put together."""
    statistics.sweep(AggregateRow)
    statistics.pack(AggregateRow, ROW)


def _compact_if_worth(kind: ObjectType, aggregate: Aggregate, state: AggregateState) -> None:
    bound = max(2 * state.rows, state.rows + GROWN)
    rows = AggregateRow.objects.filter(object=kind.key, aggregate=aggregate.key)
    if rows.order_by()[: bound + 1].count() > bound:
        _hold(kind, aggregate)
        compact(kind, aggregate)


def _hold(kind: ObjectType, aggregate: Aggregate) -> None:
    """Nobody else compares this aggregate or puts its rows together; whoever writes goes on writing."""
    db.lock(f"aggregate:{kind.key}:{aggregate.key}")


def _mend(kind: ObjectType, aggregate: Aggregate) -> int:
    sql, parameters = _difference(kind, aggregate)
    with db.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_TABLE} (object, aggregate, {_GROUP}, {_SUMS}) "
            f"SELECT %s, %s, {_GROUP}, {_SUMS} FROM ({sql}) d",
            [kind.key, aggregate.key, *parameters],
        )
        return int(cursor.rowcount)


def _difference(kind: ObjectType, aggregate: Aggregate) -> tuple[str, list[str]]:
    """What is missing from the kept sums, group by group: the records' own less what is kept."""
    columns = [_column(kind, "owner", "0"), _column(kind, "currency", "''")]
    columns += [_text(kind, part.field, part.period) for part in aggregate.by]
    columns += ["''"] * (MOST_PARTS - len(aggregate.by))
    sums = [f"SUM(COALESCE({_quoted(kind, key)}, 0))" for key in aggregate.sums]
    sums += ["0"] * (MOST_SUMS - len(sums))
    groups = ", ".join(str(place) for place in range(1, len(columns) + 1))
    table = db.connection().ops.quote_name(kind.model._meta.db_table)
    named = [f"{column} AS {name}" for column, name in zip(columns, _GROUP.split(", "), strict=True)]
    # The names come from the declarations alone.
    live = (
        f"SELECT {', '.join(named)}, COUNT(*) AS number, {sums[0]} AS first_sum, {sums[1]} AS second_sum "
        f"FROM {table} WHERE deleted_at IS NULL GROUP BY {groups}"
    )
    kept = f"SELECT {_GROUP}, -number, -first_sum, -second_sum FROM {_TABLE} WHERE object = %s AND aggregate = %s"
    sql = (
        f"SELECT {_GROUP}, SUM(number) AS number, SUM(first_sum) AS first_sum, SUM(second_sum) AS second_sum "
        f"FROM ({live} UNION ALL {kept}) both_sides GROUP BY {_GROUP} "
        "HAVING SUM(number) <> 0 OR SUM(first_sum) <> 0 OR SUM(second_sum) <> 0"
    )
    return sql, [kind.key, aggregate.key]


def _column(kind: ObjectType, key: str, empty: str) -> str:
    return f"COALESCE({_quoted(kind, key)}, {empty})" if key in kind.fields else empty


def _quoted(kind: ObjectType, key: str) -> str:
    attribute = kind.fields[key].attribute
    column = next(one.column for one in kind.model._meta.concrete_fields if one.attname == attribute)
    return str(db.connection().ops.quote_name(str(column)))


def _text(kind: ObjectType, key: str, period: str) -> str:
    column = _quoted(kind, key)
    if period == "month":
        month = f"TO_CHAR({column}, 'YYYY-MM')" if db.is_postgresql() else f"SUBSTR({column}, 1, 7)"
        return f"COALESCE({month}, '')"
    return f"COALESCE(CAST({column} AS VARCHAR(64)), '')"
