"""How the database goes about a question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from guanxi.kernel import db

Asked = list[tuple[str, Any]]


def asked(action: Callable[[], object], tables: Sequence[str]) -> Asked:
    """The questions about some tables that are asked meanwhile."""
    seen: Asked = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with db.connection().execute_wrapper(note):
        action()
    return [(sql, params) for sql, params in seen if sql.startswith("SELECT") and any(name in sql for name in tables)]


def plan(sql: str, params: Any, *, large: bool = True) -> list[str]:
    """The lines of the plan.

    With ``large`` false the tables are those of a test, which PostgreSQL reads whole because that is little: it is asked
    for the plan it would choose if that were much.
    """
    with db.cursor() as cursor:
        if db.is_postgresql():
            cursor.execute(f"SET enable_seqscan = {'on' if large else 'off'}")
        cursor.execute(("EXPLAIN " if db.is_postgresql() else "EXPLAIN QUERY PLAN ") + sql, params)
        lines = [str(row[-1]) for row in cursor.fetchall()]
        if db.is_postgresql():
            cursor.execute("SET enable_seqscan = on")
    return lines


def whole(lines: Sequence[str], tables: Sequence[str]) -> list[str]:
    """The lines of a plan that read one of the tables from one end to the other, past every index."""
    if db.is_postgresql():
        return [line for line in lines if any(f"Seq Scan on {name}" in line for name in tables)]
    return [line for line in lines if any(line.startswith(f"SCAN {name}") for name in tables) and "USING" not in line]
