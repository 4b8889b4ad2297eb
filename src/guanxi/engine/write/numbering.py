"""Auto-numbers, drawn from a counter inside the transaction."""

from __future__ import annotations

from collections.abc import Sequence

from guanxi.kernel import clock, db
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.models import Sequence as Counter
from guanxi.schema.rules import Draft


def number(kind: ObjectType, field: FieldDefinition, drafts: Sequence[Draft]) -> None:
    """Give each draft the next number; per year when the format names the year of the record's creation."""
    by_year: dict[int, list[Draft]] = {}
    for draft in drafts:
        created = draft.get("created_at") or clock.now()
        by_year.setdefault(created.year if "{year" in field.spec.number_format else 0, []).append(draft)
    # In one order, lest two transactions wait for each other's counters.
    for year, group in sorted(by_year.items()):
        last = _draw(f"{kind.key}.{field.key}.{year}", len(group))
        for index, draft in enumerate(group):
            text = field.spec.number_format.format(year=year, number=last - len(group) + index + 1)
            draft.set(field.key, text)
            field.write(draft.record, text)


def _draw(name: str, count: int) -> int:
    """Take ``count`` numbers; the last of them. The row stays locked until the transaction ends."""
    last = _raise(name, count)
    if last is None:
        Counter.objects.bulk_create([Counter(name=name, last=0)], ignore_conflicts=True)
        last = _raise(name, count)
    assert last is not None
    return last


def _raise(name: str, count: int) -> int | None:
    """The counter after it was raised; nothing where there is none. Django has no ``UPDATE`` that gives a value back."""
    with db.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Counter._meta.db_table} SET last = last + %s WHERE name = %s RETURNING last",  # noqa: S608
            [count, name],
        )
        found = cursor.fetchone()
    return found[0] if found else None
