"""Any sequence of changes, undone in reverse order, gives back every state before; and so does doing it again."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest

from guanxi.access.models import Grant, User
from guanxi.domains.customers.tag import Tag
from guanxi.domains.sales.models import Stage
from guanxi.engine import preferences, write
from guanxi.engine.files import attach
from guanxi.engine.merging import merge
from guanxi.engine.merging.choosing import choosable
from guanxi.engine.notifications.following import follow
from guanxi.engine.undo import undo
from guanxi.engine.write.door import Door
from guanxi.kernel import clock
from guanxi.kernel.errors import GuanxiError
from guanxi.schema.registry import snapshot
from tests.support import dump, people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db
SEEDS = 12
STEPS = 25
_STAMPS = ("version", "updated_at", "updated_by_id")
"""They go on counting: a form opened before an undo must not be saved over it."""
_ASIDE = ("journal_", "engine_", "guanxi_", "schema_schemaversion", "schema_counter")
_BUT = ("engine_storedfile", "engine_follow", "engine_mergedinto")
_BY_VALUE = ("schema_link", "access_grant", "sales_stagechange", "engine_follow", "engine_mergedinto")
"""What follows from records and is written anew: its values count, not its ids."""


def state() -> dict[str, Any]:
    """The records of every object, their links and their grants, without stamps."""
    found: dict[str, Any] = {}
    for table, rows in dump.database().items():
        if table.startswith(_ASIDE) and table not in _BUT:
            continue
        if table in _BY_VALUE:
            live = [row for row in rows if row.get("deleted_at") is None]
            leave = ("id", "created_at", "created_by_id", "merge_id", *_STAMPS)
            found[table] = sorted(str({k: v for k, v in row.items() if k not in leave}) for row in live)
        else:
            found[table] = {
                row["id"]: {k: v for k, v in row.items() if k not in _STAMPS} for row in rows if "id" in row
            }
    return found


def same(now: dict[str, Any], then: dict[str, Any]) -> None:
    """What there was is as it was; what there was not is in the recycle bin, with what belongs to it."""
    binned = {
        (table, pk) for table in then if isinstance(then[table], dict) for pk in set(now[table]) - set(then[table])
    }
    for table, rows in then.items():
        if not isinstance(rows, dict):
            continue
        for pk in set(now[table]) - set(rows):
            assert now[table][pk].get("deleted_at") is not None, (table, now[table][pk])
        for pk, row in rows.items():
            assert now[table].get(pk) == row, (table, pk)
    tables = {kind.key: kind.model._meta.db_table for kind in snapshot()}
    for table in _BY_VALUE:
        left = [row for row in now[table] if not _of_binned(row, binned, tables)]
        assert left == then[table], table


def _of_binned(row: str, binned: set[tuple[str, int]], tables: dict[str, str]) -> bool:
    return any(f"'object': '{key}'" in row and any(f"'record': {pk}," in row for t, pk in binned if t == table)
               for key, table in tables.items())  # fmt: skip


class Work:
    """People at work: each act is one change set."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.samples = Samples()
        self.refused: list[str] = []
        self.user = people.person("boss", "sales_manager", administrator=True)
        self.others = [people.person(name, "salesperson").pk for name in ("li", "wang")]
        self.actor = people.actor(self.user)
        for _ in range(2):
            self.samples.create("account", owner=self.user.pk)
        for key in ("opportunity", "opportunity_line", "contact", "task"):
            self.samples.create(key)
        self.samples.create("tag")
        self.samples.create(
            "sharing_rule",
            object="account",
            query="level:a",
            to_user=self.others[0],
            to_department=None,
            to_role=None,
            to_everybody=False,
            is_active=True,
        )
        for key in ("open", "open", "won", "lost"):
            self.samples.create("stage", pipeline=Stage.objects.order_by("id")[0].pipeline_id, category=key)
        for key in ("account", "contact", "lead"):
            for _ in range(2):
                self.hang_on(key, self.samples.create(key, owner=self.user.pk).pk)
        people.refreshed()
        self.actor = people.actor(self.user)

    def hang_on(self, key: str, record: int) -> None:
        """A file, a follower, a person let in and a favourite: what has no history and must come back all the same."""
        other = self.rng.choice(self.others)
        attach(self.actor, key, record, f"{key}-{record}.txt", BytesIO(b"text"), 4)
        follow(people.actor(User.objects.get(pk=other)), key, record)
        Grant.objects.create(
            object=key, record=record, principal_kind="user", principal=self.rng.choice(self.others), level="read",
            cause="manual", created_at=clock.now(),
        )  # fmt: skip
        person = people.actor(User.objects.get(pk=other))
        preferences.update(person, favourites=[*preferences.get(person).favourites, f"{key}:{record}"])

    def one(self, key: str, *, deleted: bool = False) -> int | None:
        """A record of an object."""
        rows = snapshot().get(key).model._default_manager.filter(deleted_at__isnull=not deleted)
        ids = list(rows.order_by("id").values_list("pk", flat=True))
        return self.rng.choice(ids) if ids else None

    def act(self) -> int | None:
        """Do something; the change set, ``None`` when it was refused or changed nothing."""
        often = [self.create, self.change, self.change, self.move, self.tag, self.many, self.delete, self.restore]
        doings = [*often, self.follow_up, self.convert, self.several, self.relate]
        if self.rng.random() < 2 / (len(doings) + 2):
            return self.merge()
        doing: Callable[[Door], object] = self.rng.choice(doings)
        try:
            with write.change(self.actor, "test") as door:
                doing(door)
        except GuanxiError:
            return None
        return door.change_set

    def create(self, door: Door) -> None:
        kind = snapshot().get(self.rng.choice(["account", "contact", "opportunity", "task", "opportunity_line"]))
        values = self.samples.values(kind, full=self.rng.random() < 0.5)
        for key in ("account", "opportunity"):
            if key in kind.fields and kind.fields[key].writable and (pk := self.one(key)):
                values[key] = pk
        door.create(kind.key, values)

    def change(self, door: Door) -> None:
        key = self.rng.choice(["account", "opportunity", "contact", "task"])
        if pk := self.one(key):
            kind = snapshot().get(key)
            text = next(f for f in ("description", "needs", "next_step", "subject", "name") if f in kind.fields)
            owner = {"owner": self.rng.choice(self.others)} if self.rng.random() < 0.3 else {}
            level = {"level": self.rng.choice(["a", "b", None])} if key == "account" else {}
            amount = {"amount": self.rng.randint(1, 9) * 100_00} if key == "opportunity" else {}
            door.update(key, pk, {text: f"Text {self.rng.randint(0, 5)}", **owner, **level, **amount})

    def move(self, door: Door) -> None:
        stage = Stage.objects.get(pk=self.one("stage"))
        if pk := self.one("opportunity"):
            lost = {"lost_reason": "price"} if stage.category == "lost" else {}
            door.update("opportunity", pk, {"stage": stage.pk, **lost})

    def tag(self, door: Door) -> None:
        if pk := self.one("account"):
            tags = list(Tag.objects.filter(deleted_at=None).values_list("pk", flat=True))
            door.update("account", pk, {"tags": tuple(self.rng.sample(tags, self.rng.randint(0, len(tags))))})

    def many(self, door: Door) -> None:
        rows = snapshot().get("account").model._default_manager.filter(deleted_at=None)
        door.update_many("account", list(rows.values_list("pk", flat=True)), {"city": f"City {self.rng.randint(0, 3)}"})

    def delete(self, door: Door) -> None:
        key = self.rng.choice(["account", "opportunity", "task", "activity", "opportunity_line"])
        if pk := self.one(key):
            door.delete(key, [pk])

    def restore(self, door: Door) -> None:
        key = self.rng.choice(["account", "opportunity", "task"])
        if pk := self.one(key, deleted=True):
            door.restore(key, [pk])

    def follow_up(self, door: Door) -> None:
        if pk := self.one("account"):
            values = {"subject": "Call", "kind": "call", "account": pk, "about": f"account:{pk}"}
            door.create("activity", {**values, "next_contact_on": date(2030, 1, self.rng.randint(1, 28))})

    def convert(self, door: Door) -> None:
        lead = door.create("lead", {"name": f"Lead {self.rng.randint(0, 999)}", "company": f"Co {self.rng.random()}"})
        door.act("lead", lead.pk, "convert", {"create_opportunity": self.rng.random() < 0.7})

    def relate(self, door: Door) -> None:
        """Something that points to records which may be merged later."""
        account, contact, lead = (self.one(key) for key in ("account", "contact", "lead"))
        doing = self.rng.randint(0, 4)
        if doing == 0 and account and contact:
            door.create("affiliation", {"account": account, "contact": contact, "role": "user"})
        elif doing == 1 and account and (below := self.one("account")):
            door.update("account", below, {"parent": account, "primary_contact": contact})
        elif doing == 2 and contact and (other := self.one("contact")):
            door.update("contact", other, {"reports_to": contact, "account": account})
        elif doing == 3 and lead:
            door.create("task", {"subject": "Call", "about": f"lead:{lead}"})
        elif contact and (deal := self.one("opportunity")):
            door.create("opportunity_role", {"opportunity": deal, "contact": contact})

    def merge(self) -> int | None:
        """Two or three records of an object become one, with values chosen at random."""
        kind = snapshot().get(self.rng.choice(["account", "account", "contact", "lead"]))
        rows = kind.model._default_manager.filter(deleted_at=None).order_by("id").values_list("pk", flat=True)
        ids = self.rng.sample(list(rows), min(len(rows), self.rng.randint(2, 3)))
        fields = self.rng.sample([field.key for field in choosable(self.actor, kind)], 6)
        choices = {key: self.rng.choice(ids) for key in fields}
        try:
            return merge(self.actor, kind.key, ids[0], ids[1:], choices).change_set
        except GuanxiError as error:
            self.refused.append(f"{kind.key}: {error}")
            return None

    def several(self, door: Door) -> None:
        """Several acts on the same records in one change set; the move last, for a stay keeps the owner it began with, and
        one change set has only one."""
        acts = self.rng.sample([self.change, self.change, self.move, self.tag], 3)
        for doing in sorted(acts, key=lambda one: one == self.move):
            doing(door)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_undo_in_reverse_order_gives_back_every_state(seed: int) -> None:
    work = Work(seed)
    states = [state()]
    sets: list[int] = []
    while len(sets) < STEPS:
        change_set = work.act()
        if change_set is not None:
            sets.append(change_set)
            states.append(state())
    undone = []
    for index in range(len(sets) - 1, -1, -1):
        done = undo(work.actor, sets[index])
        assert done.refused == [], (index, [(one.change, one.reason) for one in done.refused])
        undone.append((index, done.change_set))
        same(state(), states[index])
    for index, change_set in reversed(undone):
        assert change_set is not None
        assert undo(work.actor, change_set).refused == []
        same(state(), states[index + 1])
