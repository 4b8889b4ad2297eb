"""What is measured: requests to the program, and beside each the bare SQL that fetches the same data."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.test import Client

from guanxi.access.actor import actor_for
from guanxi.access.models import User
from guanxi.domains.customers.account import Account
from guanxi.domains.sales.opportunity import Opportunity
from guanxi.domains.sales.stage import Stage
from guanxi.kernel import db
from guanxi.project.bench import further, reports
from guanxi.project.bench.further import Case, Statement, get, select


def cases(manager: User) -> list[Case]:
    """The cases for one person, who sees the records of one region; search has a part of its own."""
    people = _people_of(manager)
    marks = ", ".join(["%s"] * len(people))
    scope = f"o.deleted_at IS NULL AND o.owner_id IN ({marks})"
    columns = (
        "o.id, o.version, o.name, o.account_id, a.name, o.stage_id, s.name, o.amount, o.currency, o.probability, "
        "o.close_on, o.owner_id, u.name"
    )
    joined = (
        "FROM sales_opportunity o LEFT JOIN customers_account a ON a.id = o.account_id "
        "LEFT JOIN sales_stage s ON s.id = o.stage_id LEFT JOIN access_user u ON u.id = o.owner_id"
    )
    stage = Stage.objects.filter(category="open").order_by("position").values_list("pk", flat=True)[1]
    pipeline = Stage.objects.get(pk=stage).pipeline_id
    one = Opportunity.objects.filter(owner_id__in=people).order_by("-id").values_list("pk", flat=True)[10]
    account = Account.objects.filter(owner_id__in=people).order_by("-id").values_list("pk", flat=True)[0]
    newest = f"SELECT {columns} {joined} WHERE {scope} ORDER BY o.created_at DESC, o.id DESC LIMIT 51"
    bound = f"SELECT COUNT(*) FROM (SELECT 1 FROM sales_opportunity o WHERE {scope} LIMIT 10001) t"
    filtered_scope = f"{scope} AND o.stage_id = %s AND o.amount >= %s"
    filtered = f"SELECT {columns} {joined} WHERE {filtered_scope} ORDER BY o.created_at DESC, o.id DESC LIMIT 51"
    filtered_bound = f"SELECT COUNT(*) FROM (SELECT 1 FROM sales_opportunity o WHERE {filtered_scope} LIMIT 10001) t"
    filter_values = [*people, stage, 10_000_000]
    by_amount = f"SELECT {columns} {joined} WHERE {scope} ORDER BY o.amount DESC, o.id DESC LIMIT 51"
    sums = (
        "SELECT o.stage_id, o.currency, COUNT(*), SUM(o.amount), SUM(o.weighted) FROM sales_opportunity o "
        f"WHERE {scope} AND o.pipeline_id = %s GROUP BY o.stage_id, o.currency"
    )
    cards = (
        f"SELECT {columns} {joined} WHERE {scope} AND o.stage_id = %s ORDER BY o.created_at DESC, o.id DESC LIMIT 21"
    )
    stages = list(Stage.objects.filter(pipeline_id=pipeline).values_list("pk", flat=True))
    record: list[Statement] = [
        (f"SELECT o.*, {columns} {joined} WHERE {scope} AND o.id = %s", [*people, one]),
        ("SELECT * FROM journal_entry WHERE object = 'opportunity' AND record = %s ORDER BY id DESC LIMIT 21", [one]),
        (
            "SELECT * FROM collaboration_activity WHERE about = %s ORDER BY happened_at DESC LIMIT 21",
            [f"opportunity:{one}"],
        ),
        ("SELECT * FROM sales_stagechange WHERE opportunity_id = %s LIMIT 6", [one]),
    ]
    seen = further.Scope(people, columns, joined, scope, stage)
    values = {"account": account, "pipeline": pipeline, "stage": stage, "amount": "1000"}
    return [
        Case("list, newest first", get("/o/opportunity"), select((newest, people), (bound, people))),
        Case("list, by amount", get("/o/opportunity?sort=-amount"), select((by_amount, people), (bound, people))),
        Case(
            "list, stage and amount",
            get(f"/o/opportunity?q=stage:%23{stage}+amount>=100000"),
            select((filtered, filter_values), (filtered_bound, filter_values)),
        ),
        Case(
            "board",
            get("/o/opportunity?layout=board"),
            select((sums, [*people, pipeline]), *[(cards, [*people, pk]) for pk in stages]),
        ),
        Case("record", get(f"/o/opportunity/{one}"), select(*record)),
        Case(
            "API list",
            get("/api/v1/opportunity?fields=name,account,stage,amount,close_on,owner"),
            select((newest, people)),
        ),
        Case("API record", get(f"/api/v1/opportunity/{one}"), select(record[0])),
        *further.cases(seen, actor_for(manager)),
        *reports.cases(seen),
        Case("API create", _create(values), _bare_create(manager, values)),
    ]


def _people_of(manager: User) -> list[int]:
    reach = actor_for(manager).reach("opportunity", edit=False)
    return sorted(reach or ())


def _create(values: dict[str, Any]) -> Callable[[Client], Any]:
    body = json.dumps({"name": "Benchmark deal", **values})
    return lambda client: client.post("/api/v1/opportunity", body, content_type="application/json")


def _bare_create(manager: User, values: dict[str, Any]) -> Callable[[], int]:
    """The two inserts every creation needs, a record and its journal entry, in one transaction."""
    columns = "name, account_id, pipeline_id, stage_id, amount, currency, owner_id, created_at, updated_at, status"
    texts = "number, forecast_category, lost_reason, lost_note, source, kind, next_step, needs, external_id, search_key"
    record = (
        f"INSERT INTO sales_opportunity ({columns}, {texts}, version, extra, forecast_manual) "
        "SELECT %s, %s, %s, %s, 100000, 'CNY', %s, created_at, created_at, 'open', "
        f"'', '', '', '', '', '', '', '', '', '', 1, '{{}}', {'FALSE' if db.is_postgresql() else '0'} "
        "FROM sales_opportunity WHERE id = (SELECT MAX(id) FROM sales_opportunity)"
    )
    entry = (
        "INSERT INTO journal_entry (era, xact, at, actor, object, record, verb, changes, cause, request, change_set_id) "
        "SELECT era, xact, at, actor, object, record, verb, changes, cause, request, change_set_id "
        "FROM journal_entry WHERE id = (SELECT MAX(id) FROM journal_entry)"
    )
    parameters = ["Bare", values["account"], values["pipeline"], values["stage"], manager.pk]

    def run() -> int:
        with db.atomic(), db.cursor() as cursor:
            cursor.execute(record, parameters)
            cursor.execute(entry)
        return 1

    return run
