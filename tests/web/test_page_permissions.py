"""Scope "own" on the pages: what is not one's own appears nowhere and cannot be touched from anywhere."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.support import dump, people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db
SECRET = "Hidden Harbour"


@pytest.fixture
def world() -> dict[str, Any]:
    """A salesperson with one deal, and another with an account, a deal, a follow-up and a task nobody else may see."""
    mine, other = people.person("mine", "salesperson"), people.person("other", "salesperson")
    samples = Samples()
    own_account = samples.create("account", name="Open Orchard", owner=mine.pk)
    account = samples.create("account", name=f"{SECRET} Ltd", owner=other.pk)
    own = samples.create("opportunity", name="Open deal", owner=mine.pk, account=own_account.pk, amount=100_00)
    deal = samples.create("opportunity", name=f"{SECRET} deal", owner=other.pk, account=account.pk, amount=77_777_00)
    about = f"opportunity:{deal.pk}"
    call = samples.create("activity", subject=f"{SECRET} call", owner=other.pk, about=about, account=account.pk)
    samples.create("task", subject=f"{SECRET} task", owner=other.pk, about=about)
    client = Client()
    assert client.login(username="mine", password="mine")
    return {"client": client, "own": own, "deal": deal, "account": account, "call": call, "other": other}


def test_no_page_shows_what_is_not_ones_own(world: dict[str, Any]) -> None:
    own, deal = world["own"].pk, world["deal"].pk
    pages = [
        "/",
        "/o/opportunity",
        "/o/opportunity?sort=-amount",
        "/o/opportunity?q=amount%3E1",
        "/o/opportunity?q=Harbour",
        "/o/opportunity?layout=board",
        "/o/opportunity?layout=calendar",
        "/o/opportunity?deleted=1",
        "/o/opportunity/totals",
        "/o/account",
        "/o/activity",
        "/o/task?layout=board",
        "/o/stage_change",
        f"/o/opportunity/{own}",
        f"/o/opportunity/{own}/stream",
        f"/o/opportunity/{own}/edit",
        "/palette?q=Hidden",
        "/palette?q=harbour",
        "/o/opportunity/choices/account?q=Hidden",
        f"/o/account/{world['account'].pk}",
        f"/o/opportunity/{deal}",
        f"/o/opportunity/{deal}/peek",
        f"/o/opportunity/{deal}/edit",
        f"/o/opportunity/{deal}/stream",
        f"/o/opportunity/{deal}/cell/amount",
        f"/o/activity/{world['call'].pk}",
    ]
    for page in pages:
        response = world["client"].get(page)
        body = response.content.decode()
        assert response.status_code in (200, 400, 403, 404), page
        assert SECRET not in body, page
        assert "77,777" not in body, page
    for page in pages[-7:]:
        assert world["client"].get(page).status_code in (403, 404), page


def test_no_post_changes_what_is_not_ones_own(world: dict[str, Any]) -> None:
    own, deal, other = world["own"].pk, world["deal"].pk, world["other"].pk
    before = dump.database()
    posts: list[tuple[str, dict[str, Any]]] = [
        (f"/o/opportunity/{deal}/cell/amount", {"amount": "1"}),
        (f"/o/opportunity/{deal}/edit", {"name": "Taken"}),
        (f"/o/opportunity/{deal}/delete", {}),
        (f"/o/opportunity/{deal}/restore", {}),
        (f"/o/opportunity/{deal}/move", {"value": str(world["own"].stage_id)}),
        (f"/o/opportunity/{deal}/act/win", {"amount": "1", "closed_on": "2026-01-01"}),
        (f"/o/opportunity/{deal}/compose/activity", {"content": "x", "sort": "note"}),
        ("/o/opportunity/bulk", {"id": [str(deal)], "what": "delete"}),
        ("/o/opportunity/bulk", {"id": [str(deal)], "what": "edit", "field": "amount", "amount": "5"}),
        (f"/o/opportunity/{own}/cell/owner", {"owner": str(other)}),
        (f"/o/opportunity/{own}/cell/account", {"account": str(world["account"].pk)}),
        (f"/o/opportunity/{own}/cell/amount", {"amount": "lots"}),
        (f"/o/user/{other}/cell/name", {"name": "Me"}),
    ]
    for url, data in posts:
        response = world["client"].post(url, data, headers={"HX-Request": "true"})
        assert response.status_code in (200, 400, 403, 404, 405, 409, 422), url
        assert dump.database() == before, url
