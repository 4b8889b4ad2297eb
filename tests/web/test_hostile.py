"""Addresses and forms that no page makes: each is answered in words, none breaks the program."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.web import deals

pytestmark = pytest.mark.django_db
BIG = "9" * 30
ASKERS: tuple[dict[str, str], ...] = ({}, {"HX-Request": "true"}, {"X-Guanxi": "1"})

LISTS = (
    *("cursor=garbage", "cursor=eyJ4IjoxfQ==", "sort=zzz", "sort=-,,", "sort=tags", "layout=zzz", "preset=zzz"),
    *("layout=calendar&month=99", "layout=calendar&month=0001-01-01", "layout=calendar&month=9999-12-31&mode=week"),
    *(f"layout=board&scope={BIG}", "layout=board&scope=abc", f"view={BIG}", "view=99", "deleted=1&layout=board"),
    *("q=%00", "q=" + "(" * 500, "q=" + "a" * 9000, f"q=amount%3E{BIG}", f"q=owner%3D%23{BIG}", "q=search_key:x"),
    *(
        "q=close_on=9999-99",
        "q=close_on=0000",
        "q=created_at=9998-12",
        "q=close_on=2026-00",
        "q=created_at%3Clast_9999_days",
    ),
)
GETS = (
    *(f"/o/opportunity?{query}" for query in LISTS),
    *(f"/o/opportunity/{BIG}", f"/o/opportunity/{BIG}/edit", f"/files/{BIG}", "/o/zzz/targets", "/?whose=zzz"),
    *(f"/o/opportunity/{{id}}/cell/{key}" for key in ("id", "search_key", "created_at", "weighted", "version")),
    *("/o/opportunity/{id}/act/zzz", "/o/opportunity/{id}/move?value=zzz&ask=zzz&ask=amount"),
    *(
        "/o/opportunity/choices/zzz",
        "/o/opportunity/choices/tags?q=%00",
        f"/o/opportunity/choices/stage?pipeline={BIG}",
    ),
    *("/o/opportunity/column?column=zzz", "/o/opportunity/column?column=1&cursor=zz", "/o/competitor/heads"),
    *("/o/opportunity/filter?field=zzz&op=zzz", "/o/opportunity/filter?field=amount&op=ge&amount=zz&add=1"),
    *("/o/opportunity/filter?field=tags&op=has&tags=zz&add=1", f"/o/opportunity/filter?field=owner&owner={BIG}&add=1"),
    *(f"/o/opportunity/new?quick=1&amount=zzz&account=zzz&owner={BIG}", "/o/task/new?about=zzz:zz"),
    *("/palette?q=%00", "/palette?q=" + "x" * 5000, "/o/opportunity/{id}/stream?cursor=zz"),
    *("/o/opportunity/bulk?id=zz&field=zzz", "/o/opportunity/totals?q=zz%3E%3E", "/o/stage_change/new"),
)
POSTS: tuple[tuple[str, dict[str, object]], ...] = (
    ("/o/opportunity/bulk", {"what": "edit", "id": ["1"], "field": "zzz"}),
    ("/o/opportunity/bulk", {"what": "zzz", "id": ["1"]}),
    ("/o/opportunity/bulk", {"what": "delete", "id": [BIG, "²"]}),
    ("/o/opportunity/bulk", {"what": "edit", "id": ["{id}"], "field": "owner", "owner": BIG}),
    ("/o/opportunity/{id}/move", {"value": "zzz"}),
    ("/o/opportunity/{id}/move", {"value": BIG}),
    ("/o/opportunity/{id}/move", {}),
    ("/o/opportunity/{id}/cell/amount", {"amount": BIG, "version": BIG}),
    ("/o/opportunity/{id}/cell/tags", {"tags": ["1", BIG, "zz"]}),
    ("/o/opportunity/{id}/edit", {"version": "zz"}),
    ("/o/account/new", {"name": "x\x00y"}),
    ("/o/account/new", {"name": "x" * 5000}),
    ("/o/opportunity/{id}/compose/activity", {"sort": "zzz", "content": "a"}),
    ("/o/opportunity/{id}/compose/account", {}),
    ("/o/opportunity/save-view", {"name": "", "shared": "zz"}),
    ("/o/opportunity/columns", {"column": ["zzz"]}),
    ("/preferences", {"language": "zz", "theme": "zz"}),
    ("/preferences/quick", {"key": "favourites", "value": "zz"}),
    ("/language", {"language": "zz", "next": "//evil.example"}),
    ("/o/opportunity/views/99/delete", {}),
    ("/o/account/1/files", {}),
)


@pytest.mark.parametrize("asker", ASKERS, ids=["page", "htmx", "script"])
def test_nothing_breaks_the_program(visitor: Client, asker: dict[str, str]) -> None:
    deal = deals.make(1)[0]
    for path in GETS:
        response = visitor.get(path.format(id=deal), headers=asker)
        assert response.status_code < 500, path
    for path, data in POSTS:
        response = visitor.post(path.format(id=deal), data, headers=asker)
        assert response.status_code < 500, (path, data)
        assert "evil.example" not in response.headers.get("Location", "")
