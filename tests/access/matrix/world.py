"""What there is to ask for: a record of every object on each side, and one thing for every other kind of id."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.usersessions.models import UserSession

from guanxi.access.models import Grant, User
from guanxi.engine import files, jobs, write
from guanxi.engine.bulk.tables import BulkRun
from guanxi.engine.export import approval
from guanxi.engine.export.order import Order
from guanxi.engine.field_index import FieldIndex
from guanxi.engine.importing import checking, receiving
from guanxi.engine.importing.tables import Import, ImportRejection, ImportTemplate
from guanxi.engine.match_record import DuplicateGroup
from guanxi.engine.models import SavedView
from guanxi.journal import dispatcher
from guanxi.journal.models import Entry
from guanxi.kernel import clock
from guanxi.kernel.labels import Label
from guanxi.schema import registry
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web.account import links
from tests.access.matrix.company import Company, arrive, found
from tests.access.matrix.passkey import passkey_credential
from tests.access.model import ModelGrant, ModelRecord
from tests.domains import pipelines
from tests.support import people
from tests.support.samples import Samples

GHOST = 999_999_999
"""An id that nothing has."""
SIDES = ("ghost", "own", "foreign")
"""Whose a record is: nobody's, since there is none; the owner's; or that of the person of another department."""
GRANTED = (("reader", "read", 1), ("writer", "write", 1), ("expired", "write", -1))
"""Who was given the owner's records, for what, and until how many hours from now."""


@dataclass
class World:
    """A company with its records and things."""

    company: Company
    records: dict[tuple[str, str], int] = field(default_factory=dict)
    """Ids by object and side."""
    secrets: dict[str, tuple[str, int]] = field(default_factory=dict)
    """A word that occurs in this record and nowhere else."""
    things: dict[str, dict[str, int | str]] = field(default_factory=dict)
    """Ids of what is no record, by parameter and name."""
    new: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Valid values of a further record, by object."""
    samples: Samples = field(default_factory=Samples)
    built: datetime = field(default_factory=clock.now)
    """When it was built. The product's clock stands there while it is asked, however long that takes."""

    def person(self, name: str) -> int:
        """The id of a person by name."""
        return self.company.people[name]

    @staticmethod
    def external_id(key: str, side: str) -> str:
        """The external id of the record of an object on a side; of the ghost nobody has it."""
        return f"{key}-{side}"

    def title_field(self, kind: ObjectType) -> str:
        """The text field that can hold a word to look for; nothing if the object has none."""
        texts = [kind.title, *kind.fields.values()]
        plain = (f for f in texts if f.kind.name in ("text", "long_text") and f.writable and f.shown and not f.virtual)
        return next((f.key for f in plain if f.kind.name == "text" or not f.spec.required), "")


def build() -> World:
    """Everything, with everybody signed in."""
    world = World(found())
    pipeline = pipelines.standard()
    world.things["stage"] = {name: pk for name, pk in pipeline.stages.items()}
    world.things["pipeline"] = {"standard": pipeline.pipeline}
    for side, whose in (("own", "owner"), ("foreign", "other"), ("binned", "owner")):
        for kind in _in_order():
            _record(world, kind, side, whose)
    _beside(world)
    _bin(world)
    for kind in _in_order():
        world.new[kind.key] = _values(world, kind, "own") | _another(world, kind.key)
    _know_parents(world)
    _grants(world)
    _things(world)
    _mass_changes(world)
    arrive(world.company)
    _after_arrival(world)
    world.built = clock.now()
    return world


FIRST = ("account", "contact", "competitor", "product", "lead", "opportunity")


def _in_order() -> list[ObjectType]:
    kinds = [kind for kind in snapshot() if kind.key not in ("stage_change", "audit_event", "export_request")]
    return sorted(kinds, key=lambda kind: FIRST.index(kind.key) if kind.key in FIRST else len(FIRST))


def _links(world: World, key: str, side: str) -> dict[str, Any]:
    """What records of one side point to: records of the same side."""
    account, contact = world.records.get(("account", side)), world.records.get(("contact", side))
    opportunity = world.records.get(("opportunity", side))
    links: dict[str, dict[str, Any]] = {
        "contact": {"account": account},
        "affiliation": {"account": account, "contact": contact},
        "opportunity": {
            **{"account": account, "pipeline": world.things["pipeline"]["standard"], "amount": 500_00},
            "stage": world.things["stage"]["Contacted"],
        },
        "activity": {"about": f"opportunity:{opportunity}"},
        "task": {"about": f"opportunity:{opportunity}"},
        "opportunity_line": {"opportunity": opportunity, "product": world.records.get(("product", side))},
        "opportunity_role": {"opportunity": opportunity, "contact": contact},
        "opportunity_competitor": {
            **{"opportunity": opportunity, "competitor": world.records.get(("competitor", side))},
        },
        "user": {"username": f"dummy_{side}"},
        "sharing_rule": {"to_user": world.person("boss"), "is_active": False},
        "identity_provider": {"is_active": False},
    }
    return links.get(key, {})


def _another(world: World, key: str) -> dict[str, Any]:
    """What a further record must have different from the one there is."""
    bridge = world.records[("contact", "bridge")]
    different: dict[str, dict[str, Any]] = {
        "opportunity_role": {"contact": bridge},
        "affiliation": {"contact": bridge},
        "opportunity_competitor": {"competitor": world.records[("competitor", "foreign")]},
        "user": {"username": "dummy_new"},
    }
    return different.get(key, {})


def _values(world: World, kind: ObjectType, side: str, **more: Any) -> dict[str, Any]:
    """Valid values of a new record of an object on one side."""
    values = world.samples.values(kind, full=False)
    return {key: value for key, value in (values | _links(world, kind.key, side) | more).items() if value is not None}


def _record(world: World, kind: ObjectType, side: str, whose: str) -> None:
    world.records[(kind.key, side)] = add(world, kind, side, whose)


def add(world: World, kind: ObjectType, side: str, whose: str, **more: Any) -> int:
    """A new record whose secret word is kept."""
    working = kind.declaration.kind in ("standard", "relation")
    word = f"zq{len(world.secrets):03d}secret"
    owner = {"owner": world.person(whose)} if kind.owned else {}
    text = {world.title_field(kind): word} if working and world.title_field(kind) else {}
    values = _values(world, kind, side, **(text | owner | more))
    with write.change(people.program(), "test") as door:
        made = door.create(kind.key, values)
    if text:
        world.secrets[word] = (kind.key, made.pk)
    return int(made.pk)


def _beside(world: World) -> None:
    """Records in a particular state, and one that others may see only for what it is about."""
    kind = snapshot().get
    about = f"opportunity:{world.records[('opportunity', 'own')]}"
    world.records[("activity", "about")] = add(world, kind("activity"), "foreign", "other", about=about)
    bridge = add(world, kind("contact"), "own", "owner", account=world.records[("account", "foreign")])
    world.records[("contact", "bridge")] = bridge
    for key, action, inputs in (
        ("opportunity", "void", {"lost_note": "x"}),
        ("lead", "invalidate", {"invalid_reason": "other"}),
        ("task", "complete", {}),
    ):
        pk = add(world, kind(key), "own", "owner")
        pipelines.act(key, pk, action, **inputs)
        world.records[(key, "ended")] = pk
    changes: Any = kind("stage_change").model
    for side in ("own", "foreign"):
        found_change = changes.objects.filter(opportunity=world.records[("opportunity", side)]).first()
        world.records[("stage_change", side)] = found_change.pk
        world.records[("audit_event", side)] = world.samples.create("audit_event").pk


def _bin(world: World) -> None:
    # Parts first: the bin takes them along with what they belong to, and then they come back only with it.
    order = [kind for kind in reversed(_in_order())]
    for kind in sorted(order, key=lambda kind: kind.declaration.kind != "relation"):
        pk = world.records.pop((kind.key, "binned"))
        if kind.declaration.kind in ("standard", "relation"):
            world.records[(kind.key, "binned")] = pk
            with write.change(people.program(), "test") as door:
                door.delete(kind.key, [pk])


def _know_parents(world: World) -> None:
    """Tell the model every record there is: whose it is and what it is part of or about."""
    model = world.company.model
    for kind in snapshot():
        model.defaults[kind.key] = kind.declaration.default_access
        rows: Any = kind.model._default_manager.all()
        for row in rows:
            owner = row.owner_id if kind.owned else None
            model.records[(kind.key, row.pk)] = record = ModelRecord(kind.key, row.pk, owner)
            for name in kind.declaration.inherits:
                value = kind.fields[name].read(row)
                target = kind.fields[name].spec.target
                if value is not None:
                    key, _colon, number = str(value).partition(":") if not target else (target, "", str(value))
                    record.parents.append((key, int(number)))
    binned = {(key, pk) for (key, side), pk in world.records.items() if side == "binned"}
    for record in model.records.values():
        # What hangs on a deleted record is not open through it.
        record.parents = [parent for parent in record.parents if parent not in binned]


def _grants(world: World) -> None:
    given = world.things.setdefault("grant_id", {})
    for (key, side), pk in world.records.items():
        if side in ("own", "ended", "bridge") and snapshot().get(key).declaration.kind == "standard":
            for name, level, hours in GRANTED:
                given[f"{key}_{side}_{name}"] = _grant(world, key, pk, name, level, hours)
    opportunity = world.records[("opportunity", "foreign")]
    given["opportunity_foreign_plain"] = _grant(world, "opportunity", opportunity, "plain", "read", 1)


def _grant(world: World, key: str, pk: int, name: str, level: str, hours: int) -> int:
    until = clock.now() + timedelta(hours=hours)
    made = Grant.objects.create(
        object=key, record=pk, principal_kind="user", principal=world.person(name), level=level, cause="manual",
        expires_at=until, created_at=clock.now(),
    )  # fmt: skip
    world.company.model.grants.append(ModelGrant(key, pk, "user", world.person(name), level, until))
    return int(made.pk)


def _things(world: World) -> None:
    program = people.program()
    stored = world.things.setdefault("file_id", {"ghost": GHOST})
    for key, side in (("opportunity", "own"), ("opportunity", "foreign"), ("account", "own"), ("activity", "about")):
        word = f"zqfile{len(stored)}secret"
        content = io.BytesIO(word.encode())
        pk = world.records[(key, side)]
        stored[f"{key}_{side}"] = files.attach(program, key, pk, f"{word}.txt", content, len(word)).pk
        world.secrets[word] = (key, pk)
    changed = world.things.setdefault("change_set_id", {"ghost": GHOST})
    for side in ("own", "foreign"):
        with write.change(program, "test") as door:
            door.update("opportunity", world.records[("opportunity", side)], {"needs": f"Changed {side}"})
        assert door.change_set is not None
        changed[f"opportunity_{side}"] = door.change_set
    views = world.things.setdefault("view_id", {"ghost": GHOST})
    for whose in ("owner", "other"):
        for shared in ("private", "department", "everyone"):
            name = f"View {whose} {shared}"
            view = SavedView.objects.create(
                object="opportunity", name=name, owner_id=world.person(whose), shared=shared, columns=["amount"]
            )
            views[f"{whose}_{shared}"] = view.pk
    leads = [world.records[("lead", side)] for side in ("own", "foreign")]
    group = DuplicateGroup.objects.create(
        object="lead", scan=0, score=80, members=sorted(leads), found_at=clock.now(),
        pairs=[[*sorted(leads), 80.0, {"0": ["same", 100]}]],
    )  # fmt: skip
    world.things["group_id"] = {"ghost": GHOST, "leads": group.pk}
    index = FieldIndex.objects.create(object="account", field="level", made_at=clock.now())
    world.things["index_id"] = {"ghost": GHOST, "one": index.pk}
    sent = dispatcher.delivery("webhooks", "1", Entry.objects.latest("id"))
    sent.save()
    world.things["delivery_id"] = {"ghost": GHOST, "one": sent.pk}
    registry.bump("access")
    people.refreshed()
    asked = world.things.setdefault("request_id", {"ghost": GHOST})
    for name, whose, state in (
        ("owner_approved", "owner", "approved"),
        ("owner_waiting", "owner", "waiting"),
        ("other_waiting", "other", "waiting"),
    ):
        asker = people.actor(User.objects.get(pk=world.person(whose)))
        request = approval.ask(asker, Order("opportunity", format="csv"), name)
        asked[name] = request.pk
        if state == "approved":
            approval.decide(people.actor(User.objects.get(pk=world.person("boss"))), request.pk, approve=True)
    started = world.things.setdefault("job_id", {"ghost": GHOST})
    for whose in ("owner", "other"):
        job_actor = people.actor(User.objects.get(pk=world.person(whose)))
        started[whose] = jobs.start(job_actor, "empty_bin", {}, Label("A job", "任务")).pk
    _imports(world)
    for side, name in (("own", "owner_waiting"), ("foreign", "other_waiting")):
        world.records[("export_request", side)] = int(asked[name])


def _mass_changes(world: World) -> None:
    """A mass change that each of two people started, and external ids for what is found by them."""
    begun = world.things.setdefault("run_id", {"ghost": GHOST})
    for whose in ("owner", "other"):
        run = BulkRun.objects.create(
            object="opportunity", operation="delete", started_by_id=world.person(whose), cause="web", total=1, done=0,
            rejected=1, created_at=clock.now(),
        )  # fmt: skip
        run.rejections.create(record=world.records[("opportunity", "foreign")], code="not_found", reason="Not found")
        begun[whose] = run.pk
    world.things["key"] = {"caller": "caller"}
    for (key, side), pk in world.records.items():
        rows: Any = snapshot().get(key).model
        if side in SIDES:
            rows._default_manager.filter(pk=pk).update(external_id=world.external_id(key, side))


def _imports(world: World) -> None:
    """A checked import of opportunities of two people, with a rejected row, and saved mappings."""
    begun = world.things.setdefault("import_id", {"ghost": GHOST})
    kept = world.things.setdefault("template_id", {"ghost": GHOST})
    program = people.program()
    for whose in ("owner", "other"):
        found = receiving.receive(program, "opportunity", "rows.csv", io.BytesIO(b"name\nFound in a file\n"))
        found = checking.start_check(program, found.pk)
        Import.objects.filter(pk=found.pk).update(created_by=world.person(whose))
        ImportRejection.objects.create(of=found, row=2, cells=["Found in a file"], reasons=[])
        begun[whose] = found.pk
        kept[whose] = ImportTemplate.objects.create(
            **{"object": "opportunity", "name": whose, "owner_id": world.person(whose), "mapping": found.mapping},
            updated_at=clock.now(),
        ).pk
    kept["everybody"] = ImportTemplate.objects.create(
        object="opportunity", name="everybody", owner=None, mapping=found.mapping, updated_at=clock.now()
    ).pk


def _after_arrival(world: World) -> None:
    """What needs a session to exist first."""
    owner = User.objects.get(pk=world.person("owner"))
    other_session = UserSession.objects.create(
        user=owner, ip="127.0.0.1", session_key="elsewhere", user_agent="elsewhere", last_seen_at=clock.now()
    )
    world.things["session_id"] = {"ghost": GHOST, "owner": other_session.pk}
    world.things["key_id"] = {"ghost": GHOST, "owner": world.company.keys["reading_key"]}
    Authenticator.objects.create(user=owner, type="totp", data={"secret": "JBSWY3DPEHPK3PXP"})
    passkey = Authenticator.objects.create(
        user=owner, type="webauthn", data={"name": "Key", "credential": passkey_credential()}
    )
    RecoveryCodes.activate(owner)
    world.things["pk"] = {"ghost": GHOST, "owner": passkey.pk}
    invited = User.objects.get(pk=world.records[("user", "own")])
    invited.set_unusable_password()
    invited.save(update_fields=["password"])
    world.things["user_id"] = {
        **{"ghost": GHOST, "plain": world.person("plain"), "administrator": world.person("second_boss")},
        "invited": invited.pk,
    }
    world.things["role_id"] = {"ghost": GHOST, **{name: pk for name, pk in world.company.roles.items()}}
    world.things["token"] = {"wrong": "wrong"}
    for purpose in (links.INVITATION, links.FORGOTTEN):
        world.things["token"][purpose.key] = links.token(invited, purpose)
    world.things["provider_id"] = {"ghost": GHOST, "switched_off": world.records[("identity_provider", "own")]}
