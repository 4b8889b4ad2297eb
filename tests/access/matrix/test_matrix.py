"""Every route and API operation × every id × every kind of person: the answer is what the model of the rules says.

After a refusal the database is unchanged, and no word of a record that may not be read is in any answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.utils import translation

from guanxi.access import compiled
from guanxi.kernel import clock, db
from guanxi.schema import registry
from guanxi.schema.registry import snapshot
from tests.access.matrix import routes, targets
from tests.access.matrix.asking import Answer, ask
from tests.access.matrix.bodies import ACTIONS, MOVES, Body, body
from tests.access.matrix.company import PERSONAS, Asker
from tests.access.matrix.expected import Judge, Verdict
from tests.access.matrix.routes import Need
from tests.access.matrix.targets import Target
from tests.access.matrix.world import World, build
from tests.support import dump

pytestmark = pytest.mark.django_db
FIRST_GROUP = pytest.mark.xdist_group("matrix-0")
"""The people are divided between two processes, each of which builds the company once."""
GROUPED = [
    pytest.param(name, marks=pytest.mark.xdist_group(f"matrix-{number % 2}")) for number, name in enumerate(PERSONAS)
]
SHARE = 2
"""The engines share the combinations: each person sends every second request to one of them and the others to the other, and
the next person the other way round. The long form sends them all to both."""
LEAST = 30_000
"""So many combinations there are at least; fewer would mean that something is no longer asked."""


@dataclass(frozen=True)
class Case:
    """One request, whoever sends it."""

    pattern: str
    method: str
    need: Need | None
    """Nothing where the route does not know the method."""
    target: Target
    address: str

    def __str__(self) -> str:
        what = f" {self.need.body}" if self.need and self.need.body else ""
        side = " ".join(filter(None, (self.target.side, self.target.name)))
        return f"{self.method} {self.address}{what} [{side}]"


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The company, once for all its people; gone afterwards."""
    with django_db_blocker.unblock(), translation.override("en"), transaction.atomic():
        registry.forget()
        compiled.forget()
        yield build()
        transaction.set_rollback(True)
    registry.forget()
    compiled.forget()


def plan(world: World) -> list[Case]:
    """Every request; what does not exist comes first, since what is hidden must be answered alike."""
    cases = []
    for pattern in routes.TABLE:
        for method in routes.methods_of(pattern):
            for need in routes.needs(pattern, method):
                for target in targets.of(world, pattern, need):
                    cases.append(
                        Case(pattern, method, need, target, target.address(pattern, _query(world, need, target)))
                    )
            if not routes.needs(pattern, method):
                target = targets.of(world, pattern, Need("record"))[0]
                cases.append(Case(pattern, method, None, target, target.address(pattern, "")))
    return cases


def _query(world: World, need: Need, target: Target) -> str:
    if need.rule == "view_used":
        return f"view={target.thing}"
    stage = f"{world.things['stage']['Contacted']}&scope={world.things['pipeline']['standard']}"
    column = stage if target.key == "opportunity" else MOVES.get(target.key, "")
    return need.query.format(plain=world.person("plain"), column=column)


def test_every_route_says_who_may_use_it() -> None:
    assert [pattern for pattern in routes.patterns() if pattern not in routes.TABLE] == []
    assert [pattern for pattern in routes.TABLE if pattern not in routes.patterns()] == []


@FIRST_GROUP
def test_every_action_is_tried(world: World) -> None:
    declared = {(kind.key, action.key) for kind in snapshot() for action in kind.declaration.actions}
    assert declared == set(ACTIONS)


@FIRST_GROUP
def test_there_are_enough_combinations(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    number = len(plan(world)) * len(PERSONAS)
    with capsys.disabled():
        print(f"\nmatrix: {len(routes.patterns())} routes, {len(plan(world))} requests × {len(PERSONAS)} = {number}")
    assert number >= LEAST


@pytest.mark.parametrize("name", GROUPED)
def test_the_answers_are_those_of_the_model(world: World, name: str, settings: Any) -> None:
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 86_400
    with clock.frozen(world.built):
        _compare(world, name, SHARE)


@pytest.mark.soak
@pytest.mark.parametrize("name", GROUPED)
def test_every_answer_is_that_of_the_model(world: World, name: str, settings: Any) -> None:
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 86_400
    with clock.frozen(world.built):
        _compare(world, name, 1)


def _compare(world: World, name: str, share: int) -> None:
    judge, asker = Judge(world), world.company.askers[name]
    before = dump.database()
    hidden = _closed_words(world, judge, asker)
    ghosts: dict[tuple[Any, ...], int] = {}
    wrong = []
    turn = (list(PERSONAS).index(name) + db.is_postgresql()) % share
    for case in plan(world)[turn::share]:
        sent = _body(world, case, asker)
        verdict = _verdict(judge, case, asker)
        refusal = verdict not in ("allowed", "open")
        compare = (lambda: _difference(before)) if refusal else None
        # A refused fragment has no page around it, which saves time; whole pages are looked at for one object.
        fragment = refusal and case.target.key not in ("", "opportunity")
        answer = ask(asker, case.method, case.address, sent, compare, fragment=fragment)
        problems = [*_misjudged(case, verdict, answer, ghosts), *_said(case, judge, verdict, asker, answer, hidden)]
        if answer.difference:
            problems.append(f"changed {answer.difference}")
        wrong += [f"{case}: expected {verdict}: {problem}" for problem in problems]
    assert not wrong, "\n".join([f"{len(wrong)} answers are not those of the model", *wrong])
    assert _difference(before) == ""


def _verdict(judge: Judge, case: Case, asker: Asker) -> Verdict:
    if case.need is not None:
        return judge.verdict(case.need, asker, case.target, case.method, case.address)
    return "impossible" if asker.person is not None and asker.way != "key" else "unknown"


def _body(world: World, case: Case, asker: Asker) -> Body | None:
    if case.need is None or case.method == "GET" or not case.need.body or case.need.rule == "object_named":
        return None
    wanted = case.need.body
    if wanted == "decision" and case.address.startswith("/api/"):
        wanted = "api_decision"
    return body(wanted, world, case.target, asker.name)


def _difference(before: dict[str, Any]) -> str:
    after = dump.database()
    return ", ".join(table for table in before if before[table] != after[table])


def _misjudged(case: Case, verdict: Verdict, answer: Answer, ghosts: dict[tuple[Any, ...], int]) -> list[str]:
    """Whether the status is not one of the verdict."""
    status, api = answer.status, routes.is_api(case.address)
    to_sign_in = status in (302, 303) and answer.location.startswith("/signin")
    accepted = case.need.accepts if case.need else ()
    if case.need and case.need.rule == "action":
        accepted = ACTIONS[(case.target.key, case.target.name)].accepts
    alike = (case.pattern, case.method, case.need, case.target.key, _without_side(case.target))
    if "ghost" in (case.target.side, case.target.name):
        ghosts[alike] = status
    right = {
        "open": status < 500,
        "allowed": (status < 400 and not to_sign_in) or status in accepted,
        "unknown": status == 401 or (to_sign_in and not api) or (status == 405 and case.need is None),
        "hidden": status in (403, 404) and ghosts.get(alike, status) == status,
        "forbidden": status == 403 or (status == 404 and case.target.side == "binned"),
        "refused": status in (403, 404),
        "impossible": 400 <= status < 500 or to_sign_in,
    }[verdict]
    return [] if right else [f"got {status} {answer.location} {_plain(answer.text)}"]


def _without_side(target: Target) -> str:
    return target.name if target.side else ""


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))[-200:] if len(text) < 60_000 else ""


def _closed_words(world: World, judge: Judge, asker: Asker) -> set[str]:
    """The words of the records that the asker may not read."""
    if asker.person is None:
        return set(world.secrets)
    return {word for word, (key, record) in world.secrets.items() if not judge.sees(asker, key, record)}


_WORD = re.compile(r"zq\w*?secret")


def _said(case: Case, judge: Judge, verdict: Verdict, asker: Asker, answer: Answer, hidden: set[str]) -> list[str]:
    """Whether the answer tells what it may not, or a list leaves out what it should show."""
    told = hidden.intersection(_WORD.findall(answer.text))
    problems = [f"told {sorted(told)}"] if told else []
    if case.pattern == "api/v1/<slug:object_key>" and case.method == "GET" and verdict == "allowed":
        problems += _listed(case, judge, asker, answer)
    return problems


def _listed(case: Case, judge: Judge, asker: Asker, answer: Answer) -> list[str]:
    """A list holds exactly the records of the model."""
    key, deleted = case.target.key, "deleted" in case.address
    if key == "audit_event":
        return []
    model: Any = snapshot().get(key).model
    rows = model._default_manager.filter(deleted_at__isnull=not deleted).values_list("pk", flat=True)
    wanted = {pk for pk in rows if judge.sees(asker, key, pk)}
    shown = {row["id"] for row in json.loads(answer.text)["data"]}
    return [] if shown == wanted else [f"listed {sorted(shown)} instead of {sorted(wanted)}"]
