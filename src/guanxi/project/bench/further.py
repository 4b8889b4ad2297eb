"""Further cases: deep pages, custom fields, views of several conditions, a month, a busy record, changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from django.test import Client

from guanxi.access.actor import Actor
from guanxi.domains.collaboration.activity import Activity
from guanxi.domains.sales.opportunity import Opportunity
from guanxi.engine import read
from guanxi.kernel import clock, db
from guanxi.web.api.answers import encoded

Statement = tuple[str, list[Any]]
FIELDS = "fields=name,account,stage,amount,close_on,owner"
PAGE = 1000
"""The page that a person never reaches and a program does."""


@dataclass(frozen=True)
class Case:
    """One thing measured: ``request`` answers with the response, ``bare`` runs the SQL of the same data."""

    name: str
    request: Callable[[Client], Any]
    bare: Callable[[], int]


@dataclass(frozen=True)
class Scope:
    """What a person may see, in SQL."""

    people: list[int]
    columns: str
    joined: str
    condition: str
    stage: int

    def page(self, order: str, further: str = "", *values: Any, rows: int = 51, skip: int = 0) -> Statement:
        """A page of opportunities."""
        where = f"{self.condition} {further}"
        turned = f"LIMIT {rows} OFFSET {skip}" if skip else f"LIMIT {rows}"
        # Everything put into the statement comes from this file.
        statement = f"SELECT {self.columns} {self.joined} WHERE {where} ORDER BY {order}, o.id DESC {turned}"
        return statement, [*self.people, *values]

    def calendar(self, month: date) -> Statement:
        """The first four opportunities of each day of a month, and how many there are."""
        days = "OVER (PARTITION BY o.close_on ORDER BY o.id"
        every = "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"
        numbered = (
            f"o.id, o.close_on, o.name, o.status, ROW_NUMBER() {days}) AS place, COUNT(*) {days} {every} AS number"
        )
        where = f"{self.condition} AND o.close_on >= %s AND o.close_on <= %s"
        first = f"SELECT {numbered} FROM sales_opportunity o WHERE {where}"  # noqa: S608  from this file
        statement = f"SELECT * FROM ({first}) t WHERE place <= 4"  # noqa: S608
        return statement, [*self.people, str(month), str(month.replace(day=28))]


def select(*statements: Statement) -> Callable[[], int]:
    """Runs statements through a plain cursor and writes what they give as JSON, as a program without any layer would."""

    def run() -> int:
        rows = 0
        with db.cursor() as cursor:
            for sql, parameters in statements:
                cursor.execute(sql, parameters)
                found = cursor.fetchall()
                encoded(found)
                rows += len(found)
        return rows

    return run


def get(url: str) -> Callable[[Client], Any]:
    """A page or an answer."""
    return lambda client: client.get(url)


def cases(scope: Scope, actor: Actor) -> list[Case]:
    """The cases for the actor, who sees what the scope says."""
    newest, amount = "o.created_at DESC", "o.amount DESC"
    custom = (
        "(o.extra ->> 'custom_1')::bigint"
        if db.is_postgresql()
        else "CAST(JSON_EXTRACT(o.extra, '$.custom_1') AS INTEGER)"
    )
    staged = ("AND o.stage_id = %s AND o.amount >= %s", scope.stage, 10_000_000)
    busy = busiest()
    mine = Opportunity.objects.filter(owner_id__in=scope.people, deleted_at=None).order_by("-id")
    one = mine.values_list("pk", flat=True)[5]
    month = clock.today().replace(day=1)
    listed = f"/api/v1/opportunity?{FIELDS}"
    found = [
        Case("API list, by amount", get(f"{listed}&sort=-amount"), select(scope.page(amount))),
        Case(
            "API list, stage and amount",
            get(f"{listed}&filter=stage:%23{scope.stage}+amount>=100000"),
            select(scope.page(newest, *staged)),
        ),
        Case(
            "API list, custom field",
            get(f"{listed}&filter=custom_1>=990"),
            select(scope.page(newest, f"AND {custom} >= %s", 990)),
        ),
        Case(
            "list, three conditions",
            get(f"/o/opportunity?q=stage:%23{scope.stage}+amount>=100000+custom_1>=500"),
            select(scope.page(newest, f"{staged[0]} AND {custom} >= %s", *staged[1:], 500)),
        ),
        Case(
            "calendar, a month",
            get(f"/o/opportunity?layout=calendar&month={month:%Y-%m}"),
            select(scope.calendar(month)),
        ),
        Case("record, 2,000 follow-ups", get(f"/o/opportunity/{busy}"), select(_followups(busy))),
        Case("API change", _change(one), _bare_change(one)),
    ]
    if cursor := _deep(actor):
        deep = get(f"{listed}&cursor={quote(cursor)}")
        found.insert(1, Case(f"API list, page {PAGE:,}", deep, select(scope.page(newest, skip=(PAGE - 1) * 50))))
    return found


def _deep(actor: Actor) -> str:
    """The cursor of the deep page; empty where there are not so many records."""
    cursor: str | None = None
    for _turn in range(PAGE // 10):
        turned = read.page(actor, "opportunity", read.Listing(size=500, columns=("name",), cursor=cursor, count=False))
        if (cursor := turned.next) is None:
            return ""
    return cursor or ""


def busiest() -> int:
    """The opportunity with thousands of follow-ups, which are the last the loader makes."""
    about = Activity.objects.exclude(about="").order_by("-id").values_list("about", flat=True)[0]
    return int(about.partition(":")[2])


def _followups(record: Any) -> Statement:
    return (
        "SELECT * FROM collaboration_activity WHERE about = %s ORDER BY happened_at DESC LIMIT 21",
        [f"opportunity:{record}"],
    )


def _change(record: int) -> Callable[[Client], Any]:
    amounts = iter(range(1000, 10**9))

    def request(client: Client) -> Any:
        body = json.dumps({"amount": str(next(amounts))})
        return client.patch(f"/api/v1/opportunity/{record}", body, content_type="application/json")

    return request


def _bare_change(record: int) -> Callable[[], int]:
    """A row changed and an entry written, in one transaction."""
    entry = (
        "INSERT INTO journal_entry (era, xact, at, actor, object, record, verb, changes, cause, request, change_set_id) "
        "SELECT era, xact, at, actor, object, record, verb, changes, cause, request, change_set_id "
        "FROM journal_entry WHERE id = (SELECT MAX(id) FROM journal_entry)"
    )

    def run() -> int:
        with db.atomic(), db.cursor() as cursor:
            cursor.execute(
                "UPDATE sales_opportunity SET amount = amount + 1, version = version + 1 WHERE id = %s", [record]
            )
            cursor.execute(entry)
        return 1

    return run
