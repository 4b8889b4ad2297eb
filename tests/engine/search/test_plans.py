"""Every question of a search goes through an index; and the real dispatcher feeds it."""

from __future__ import annotations

from typing import Any

import pytest

from guanxi.engine import write
from guanxi.engine.search import finding, index
from guanxi.engine.search.tables import SearchDocument
from guanxi.journal import consumers, cursors, dispatcher
from guanxi.kernel import clock, db
from tests.engine.search.indexed import titles
from tests.support import people

ROWS = 20_000


def _fill() -> None:
    now = clock.now()
    rows = [
        SearchDocument(
            object="account" if n % 2 else "contact",
            record=n,
            owner=n % 200,
            updated=now,
            title=f"acme {n}",
            title_words=f" acme | acme {n} ",
            words=f" acme {n} w{n % 5000} ",
        )
        for n in range(1, ROWS)
    ]
    for at in range(0, ROWS, 2000):
        index.put(rows[at : at + 2000])
    with db.cursor() as cursor:
        cursor.execute("ANALYZE")


def _plans(actor: Any, text: str) -> list[tuple[str, list[str]]]:
    seen: list[tuple[str, Any]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with db.connection().execute_wrapper(note):
        titles(actor, text)
    explain = "EXPLAIN " if db.is_postgresql() else "EXPLAIN QUERY PLAN "
    plans = []
    with db.cursor() as cursor:
        for sql, params in seen:
            sql = sql.removeprefix("SET LOCAL enable_seqscan = off; ").removesuffix("; SET LOCAL enable_seqscan = on")
            if sql.startswith("SELECT") and "engine_search" in sql and "OFFSET" not in sql:
                cursor.execute(explain + sql, params)
                plans.append((sql, [str(row[-1]) for row in cursor.fetchall()]))
    return plans


@pytest.mark.django_db
def test_no_question_reads_the_documents_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    _fill()
    monkeypatch.setattr(finding, "CANDIDATES", 1)  # so that every part of the search is asked
    lead = people.actor(people.person("lead", administrator=True))
    li = people.actor(people.person("li", "salesperson"))
    for actor, text in ((lead, "w77"), (lead, "w7"), (lead, "acme"), (li, "w77"), (li, "acme")):
        plans = _plans(actor, text)
        assert plans, text
        for sql, plan in plans:
            whole = [line for line in plan if "Seq Scan on engine_searchdocument" in line]
            whole += [line for line in plan if line.startswith("SCAN engine_searchdocument") and "USING" not in line]
            assert whole == [], (text, sql, plan)
    inverted = [plan for sql, plan in _plans(lead, "w77") if "tsquery" in sql or "MATCH" in sql]
    assert inverted, "the inverted index was not asked"
    for plan in inverted:
        told = "\n".join(plan)
        assert "Bitmap Index Scan on engine_searchindex" in told or "VIRTUAL TABLE INDEX" in told, told


@pytest.mark.django_db(transaction=True)
def test_the_dispatcher_feeds_the_index_exactly_once() -> None:
    people.person("lead", administrator=True)
    cursors.start(consumers.names())
    with write.change(people.program(), "test") as door:
        made = [one.pk for one in door.create_many("account", [{"name": f"华为 {n}"} for n in range(30)])]
    dispatcher.run_until_idle()
    assert SearchDocument.objects.filter(object="account").count() == 30
    with write.change(people.program(), "test") as door:
        door.update("account", made[0], {"name": "小米"})
        door.delete("account", made[1:3])
    dispatcher.run_until_idle()
    assert set(SearchDocument.objects.filter(object="account").values_list("record", flat=True)) == {made[0], *made[3:]}
    assert SearchDocument.objects.get(object="account", record=made[0]).title == "小米"
    assert cursors.latest_behind("search", 5) == []
    from guanxi.engine.search.feed import SearchFeed
    from guanxi.journal.models import Entry

    before = list(SearchDocument.objects.order_by("pk").values())
    SearchFeed().take(list(Entry.objects.order_by("pk")))  # the same entries again change nothing
    assert list(SearchDocument.objects.order_by("pk").values()) == before
