"""Summaries and the briefing: each summary from what is kept, and with the records added up, beside the bare SQL."""

from __future__ import annotations

from guanxi.kernel import db
from guanxi.project.bench.further import Case, Scope, get, select

_SUMMARY = "/api/v1/opportunity/summary?sum=amount"


def cases(scope: Scope) -> list[Case]:
    """The cases for the person of the scope."""
    month = "TO_CHAR(o.close_on, 'YYYY-MM')" if db.is_postgresql() else "SUBSTR(o.close_on, 1, 7)"
    asked = (
        ("by stage", "stage", "o.stage_id"),
        ("by month", "close_on:month", month),
        ("owner, month", "owner,close_on:month", f"o.owner_id, {month}"),
        ("stage, owner, month", "stage,owner,close_on:month", f"o.stage_id, o.owner_id, {month}"),
    )
    found = []
    for name, by, columns in asked:
        sql = (
            f"SELECT {columns}, o.currency, COUNT(*), SUM(o.amount) FROM sales_opportunity o "  # noqa: S608  from this file
            f"WHERE {scope.condition} GROUP BY {columns}, o.currency"
        )
        bare = select((sql, scope.people))
        found.append(Case(f"API {name}", get(f"{_SUMMARY}&by={by}"), bare))
        found.append(Case(f"API {name}, live", get(f"{_SUMMARY}&by={by}&live=true"), bare))
    page = get("/o/opportunity?layout=summary&by=owner,stage&sum=amount")
    totals = f"SELECT o.owner_id, o.stage_id, o.currency, COUNT(*), SUM(o.amount) FROM sales_opportunity o WHERE {scope.condition} GROUP BY 1, 2, 3"  # noqa: E501, S608
    found.append(Case("summary, owner by stage", page, select((totals, scope.people))))
    won = f"SELECT COUNT(*), SUM(o.amount) FROM sales_opportunity o WHERE {scope.condition} AND o.status = 'open'"  # noqa: S608
    found.append(Case("briefing, 8 tiles", get("/briefing"), select((won, scope.people))))
    return found
