"""The scan as a job, the groups it finds, and what people decide about them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from guanxi.access.actor import Actor
from guanxi.engine import jobs, keys, write
from guanxi.engine.dedupe import reviewing, scanning
from guanxi.engine.dedupe.candidates import Candidates
from guanxi.engine.dedupe.clusters import MOST, grouped
from guanxi.engine.jobs import running
from guanxi.engine.match_record import DuplicateGroup, FoundPair
from guanxi.engine.merging import merge
from guanxi.kernel.errors import NotFound, Refused
from guanxi.schema.registry import snapshot
from tests.support import people

pytestmark = pytest.mark.django_db
Link = tuple[int, int, float, dict[str, str]]


@pytest.fixture
def boss() -> Actor:
    """An administrator."""
    return people.actor(people.person("boss", administrator=True))


def scanned(actor: Actor, key: str) -> list[list[int]]:
    """The groups of a new scan."""
    job = scanning.start(actor, key)
    running.run(job.pk)
    job.refresh_from_db()
    assert job.status == "done", job.result
    return sorted(list(group.members) for group in DuplicateGroup.objects.filter(object=key))


def contacts(actor: Actor, owner: int | None = None) -> list[int]:
    """Two groups of the same people among others."""
    rows: list[dict[str, Any]] = [
        {"family_name": "Miller", "given_name": "Catherine", "mobile": "+8613800138000", "city": "Perth"},
        {"family_name": "Catherine", "given_name": "Miller", "mobile": "+8613800138000", "city": "Perth"},
        {"family_name": "Miler", "given_name": "Catherine", "mobile": "+8613800138000", "city": "Perht"},
        {"family_name": "Sondergeld", "given_name": "Deakin", "identity_number": "2635962", "city": "Cairns"},
        {"family_name": "Sondergelt", "given_name": "Deakin", "identity_number": "2635926", "city": "Cairns"},
        {"family_name": "Berry", "given_name": "Lachlan", "mobile": "+8613800138111"},
        {"family_name": "Bruhn", "given_name": "Sarah", "mobile": "+8613800138222"},
    ]
    with write.change(actor, "test") as door:
        made = door.create_many("contact", [row | ({"owner": owner} if owner else {}) for row in rows])
    return [record.pk for record in made]


def test_groups_are_found_explained_and_gone_when_merged(boss: Actor) -> None:
    ids = contacts(boss)
    assert scanned(boss, "contact") == [ids[:3], ids[3:5]]
    page = reviewing.groups(boss, snapshot().get("contact"))
    assert {tuple(row.id for row in group.rows) for group in page.groups} == {tuple(ids[:3]), tuple(ids[3:5])}
    assert all("Names: " in " ".join(group.reasons) for group in page.groups)
    merge(boss, "contact", ids[0], ids[1:3])
    assert len(reviewing.groups(boss, snapshot().get("contact")).groups) == 1
    assert scanned(boss, "contact") == [ids[3:5]], "the recycle bin is not scanned"


def test_not_the_same_is_remembered(boss: Actor) -> None:
    ids = contacts(boss)
    scanned(boss, "contact")
    group = next(one for one in DuplicateGroup.objects.all() if one.members == ids[3:5])
    reviewing.set_apart(boss, group.pk)
    assert scanned(boss, "contact") == [ids[:3]]
    with pytest.raises(NotFound):
        reviewing.set_apart(boss, group.pk)


def test_nobody_reviews_what_they_may_not_change(boss: Actor) -> None:
    owner = people.person("owner", "salesperson")
    ids = contacts(boss, owner.pk)
    scanned(boss, "contact")
    reader = people.actor(people.person("reader", "salesperson"))
    with pytest.raises(Refused):
        scanning.start(reader, "contact")
    assert reviewing.groups(reader, snapshot().get("contact")).groups == ()
    group = next(one for one in DuplicateGroup.objects.all() if one.members == ids[:3])
    with pytest.raises(NotFound):
        reviewing.set_apart(reader, group.pk)


def test_a_scan_goes_on_where_it_stopped(boss: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = contacts(boss)
    job = scanning.start(boss, "contact")
    seen: list[int] = []
    check_cancelled = jobs.Context.check_cancelled

    def stops(context: jobs.Context) -> None:
        check_cancelled(context)
        seen.append(int(context.state.get("parts", 0)))
        if len(seen) == 30:
            raise jobs.Interrupted

    monkeypatch.setattr(jobs.Context, "check_cancelled", stops)
    running.run(job.pk)
    job.refresh_from_db()
    assert job.status == "queued" and job.state["parts"] > 10
    running.run(job.pk)
    job.refresh_from_db()
    assert job.status == "done"
    assert sorted(list(group.members) for group in DuplicateGroup.objects.all()) == [ids[:3], ids[3:5]]
    assert not FoundPair.objects.exists()


def test_large_blocks_are_left_out_and_pairs_come_once() -> None:
    with Candidates() as candidates:
        for record in range(1, 200):
            candidates.add(record, {"everybody", f"pair{record // 2}", f"again{record // 2}"})
        pairs = [pair for part in candidates.parts() for pair in part]
    assert candidates.skipped == 1
    assert sorted(pairs) == [(record, record + 1) for record in range(2, 199, 2)]


def test_chains_are_cut_and_what_is_apart_stays_apart() -> None:
    chain: list[tuple[int, int, float, dict[str, str]]] = [
        (number, number + 1, 90.0 - number, {}) for number in range(1, 30)
    ]
    groups = grouped(chain, ())
    assert max(len(group.members) for group in groups) <= MOST
    assert sum(len(group.members) for group in groups) == 30
    triangle: list[Link] = [(1, 2, 99.0, {}), (2, 3, 95.0, {}), (1, 3, 60.0, {})]
    assert [sorted(group.members) for group in grouped(triangle, {(1, 3)})] == [[1, 2]]
    assert [sorted(group.members) for group in grouped(triangle, ())] == [[1, 2, 3]]


def test_the_api_scans_lists_and_sets_apart(boss: Actor) -> None:
    ids = contacts(boss)
    client = Client(headers={"Authorization": f"Bearer {keys.issue(boss, 'test')[1]}"})
    started = client.post("/api/v1/duplicates/scan", '{"object": "contact"}', content_type="application/json")
    assert started.status_code == 202 and started.headers["Location"].startswith("/api/v1/jobs/")
    running.run(started.json()["id"])
    listed = client.get("/api/v1/duplicates", {"object": "contact"}).json()
    assert [[one["id"] for one in group["records"]] for group in listed["data"]] in (
        [ids[:3], ids[3:5]],
        [ids[3:5], ids[:3]],
    )
    assert client.post(f"/api/v1/duplicates/{listed['data'][0]['id']}/apart").status_code == 204
    assert len(client.get("/api/v1/duplicates", {"object": "contact"}).json()["data"]) == 1
    assert client.get("/api/v1/duplicates", {"object": "task"}).status_code == 403
    assert client.post("/api/v1/duplicates/scan", "{}", content_type="application/json").status_code == 400
