"""What every request should be answered with: the declaration of its route, read with the independent model of the rules.

Nothing of the product decides here. Only the declarations of objects (which are data) are looked at: what kind an object is,
whether it is restricted, what it is part of, which lookups it has.
"""

from __future__ import annotations

from typing import Literal

from guanxi.kernel import clock
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot
from tests.access.matrix.company import ADMINISTRATORS, READING, Asker
from tests.access.matrix.routes import Need, is_api
from tests.access.matrix.targets import Target
from tests.access.matrix.world import GHOST, World
from tests.access.model import ModelPerson, ModelRecord

Verdict = Literal["open", "allowed", "unknown", "hidden", "forbidden", "refused", "impossible"]
"""``open``: anybody; ``allowed``; ``unknown``: nobody is recognised; ``hidden``: as if it did not exist; ``forbidden``:
seen, but not to be changed; ``refused``: the right is missing; ``impossible``: for nobody, whatever their rights."""

CLOSED_TO_OBSERVERS = (
    *("/preferences", "/api/v1/keys", "/exports", "/api/v1/export-requests", "/admin", "/files"),
    *("/imports", "/api/v1/import"),
)
SETUP = ("setup", "directory")


class Judge:
    """Answers for one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.model = world.company.model
        self.now = clock.now()

    def verdict(self, need: Need, asker: Asker, target: Target, method: str, address: str) -> Verdict:
        """What the request should be answered with."""
        if need.rule == "open":
            return "open"
        if asker.observing and method != "GET" and address != "/see-as/end":
            return "refused"
        if need.rule == "token":
            return "allowed" if target.name == need.right else "unknown"
        if need.rule == "nobody" and address.startswith("/signin"):
            return "impossible"
        if asker.person is None or (asker.way == "key" and not is_api(address)):
            return "unknown"
        if asker.observing and address.startswith(CLOSED_TO_OBSERVERS):
            return "refused"
        name, _colon, about = need.rule.partition(":")
        found: Verdict | bool = getattr(self, f"_{name}")(need, asker, target, about)
        return ("allowed" if found else "refused") if isinstance(found, bool) else found

    # rights

    def person(self, asker: Asker) -> ModelPerson:
        """The person whose rights count."""
        assert asker.person is not None
        return self.model.people[asker.person]

    def right(self, asker: Asker, right: str, key: str) -> bool:
        """Whether the asker holds an operation right on an object at all."""
        kind = snapshot().objects.get(key)
        if kind is None or (asker.limit is not None and right not in asker.limit):
            return False
        declared, person = kind.declaration, self.person(asker)
        if declared.kind == "log" and right not in READING:
            return False
        if person.administrator:
            return True
        roles = [self.model.roles[role] for role in person.roles]
        if declared.kind in SETUP:
            open_to_all = right == "read" and not declared.restricted
            return open_to_all or any(role.has("administrate", key) for role in roles)
        return any(role.has(right, key) for role in roles if not declared.restricted or key in role.rights)

    def sees(self, asker: Asker, key: str, record: int) -> bool:
        """Whether the asker may read a record."""
        if record == GHOST or not self.right(asker, "read", key):
            return False
        if snapshot().get(key).declaration.kind in SETUP:
            return True
        return self.model.may(self.person(asker).id, "read", key, record, self.now)

    def writes(self, asker: Asker, key: str, record: int) -> bool:
        """Whether the asker may change a record: by itself, or by what it is a part of."""
        if record == GHOST or not self.right(asker, "edit", key):
            return False
        declared = snapshot().get(key).declaration
        if declared.kind in SETUP:
            return True
        if self.model.may(self.person(asker).id, "write", key, record, self.now):
            return True
        parents = self.model.records[(key, record)].parents if declared.kind == "relation" else []
        return any(self.writes(asker, *parent) for parent in parents)

    def would_write(self, asker: Asker, key: str, owner: int | None, parents: list[tuple[str, int]]) -> bool:
        """Whether a new record of this owner would be one that the asker may change."""
        self.model.records[(key, -1)] = ModelRecord(key, -1, owner, parents)
        try:
            return self.writes(asker, key, -1)
        finally:
            del self.model.records[(key, -1)]

    def changes(self, asker: Asker, right: str, target: Target) -> Verdict:
        """The verdict on doing something with a record for which a right is needed."""
        if not self.right(asker, "read", target.key):
            return "refused"
        if not self.sees(asker, target.key, target.record):
            return "hidden"
        if snapshot().get(target.key).declaration.kind == "log":
            return "refused"
        able = self.right(asker, right, target.key) and self.writes(asker, target.key, target.record)
        return "allowed" if able else "forbidden"

    # one's own

    def _signed(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        return True

    def _session(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        return asker.way == "session"

    _oneself = _signed
    _oneself_signed_in = _session

    def _nobody(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        return "impossible"

    def _own(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        mine = asker.person == self.world.person("owner") and target.name == "owner"
        return mine and (asker.limit is None or need.right in asker.limit)

    def _factor(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        return asker.person == self.world.person("owner")

    # objects

    def _object(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        return self.right(asker, "read", target.key) and self.right(asker, need.right, target.key)

    def _object_named(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        return self.right(asker, need.right, need.body)

    def _object_asked(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        return self._object(Need("object", "edit"), asker, target, about)

    def _board(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict | bool:
        if not self.right(asker, "read", target.key):
            return False
        return True if snapshot().get(target.key).board is not None or need.query == "layout=board" else "impossible"

    def _field(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        return self.right(asker, "read", target.key)

    def _choices(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict | bool:
        points = snapshot().get(target.key).fields[target.name].kind.family == "lookup"
        return "impossible" if not points else self.right(asker, "read", target.key)

    def _object_create(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        kind = snapshot().objects.get(target.key)
        if kind is None or not self.right(asker, "read", kind.key) or not self.right(asker, "create", kind.key):
            return False
        if kind.declaration.kind in (*SETUP, "relation"):
            return True
        return self.would_write(asker, kind.key, self.person(asker).id if kind.owned else None, [])

    def _create(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict | bool:
        if not self._object_create(need, asker, target, about):
            return False
        kind = snapshot().get(target.key)
        pointed = self._pointed(kind)
        if not all(self.sees(asker, *one) for one in pointed.values()):
            return "impossible"
        parents = [pointed[name] for name in kind.declaration.inherits if name in pointed]
        if kind.declaration.kind in SETUP:
            return True
        return self.would_write(asker, kind.key, self.person(asker).id if kind.owned else None, parents)

    def _pointed(self, kind: ObjectType) -> dict[str, tuple[str, int]]:
        """What the new record would point to, by field."""
        found = {}
        for name, value in self.world.new.get(kind.key, {}).items():
            family = kind.fields[name].kind.family
            if family == "lookup":
                found[name] = (kind.fields[name].spec.target, int(value))
            elif family == "reference":
                key, _colon, number = str(value).partition(":")
                found[name] = (key, int(number))
        return found

    # records

    def _record(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        if need.right:
            return self.changes(asker, need.right, target)
        if not self.right(asker, "read", target.key):
            return "refused"
        return "allowed" if self.sees(asker, target.key, target.record) else "hidden"

    def _record_and(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        if not self.right(asker, "read", target.key) or not self.right(asker, need.right, target.key):
            return "refused"
        return "allowed" if self.sees(asker, target.key, target.record) else "hidden"

    def _binned(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        seen = self.sees(asker, target.key, target.record) and self.right(asker, "restore", target.key)
        return "allowed" if seen else "hidden"

    def _purged(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        """To remove for good takes the right to administrate the object, and to change the record in the bin."""
        if not self.right(asker, "read", target.key) or not self.right(asker, need.right, target.key):
            return "refused"
        if snapshot().get(target.key).declaration.kind in ("directory", "log"):
            return "impossible"
        if not self.sees(asker, target.key, target.record):
            return "hidden"
        if not self.writes(asker, target.key, target.record):
            return "forbidden"
        # Where others point to the record it is kept (409), which is no question of rights.
        return "allowed"

    def _redacted(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        """For administrators; of a record that is there, wherever it is."""
        person = self.person(asker)
        limited = asker.limit is not None and "administrate" not in asker.limit
        if not person.administrator or limited:
            return "refused"
        if snapshot().get(target.key).declaration.kind == "log":
            return "impossible"
        return "hidden" if target.record == GHOST else "allowed"

    def _job(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        """One's own jobs, and for administrators everybody's."""
        if target.name == "ghost":
            return "hidden"
        mine = self.world.person(target.name) == self.person(asker).id
        limited = asker.limit is not None and "administrate" not in asker.limit
        return "allowed" if mine or (self.person(asker).administrator and not limited) else "hidden"

    def _import_mine(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        """To go on with an import one must have begun it, and hold the right to import and what the mapping needs."""
        found = self._job(need, asker, target, about)
        if found != "allowed":
            return found
        if self.world.person(target.name) != self.person(asker).id:
            return "forbidden"
        needed = {"": (), "import": ("read", "import")}.get(need.right, ("read", "import", need.right))
        return "allowed" if all(self.right(asker, right, "opportunity") for right in needed) else "forbidden"

    def _import_stopped(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        """Nothing was stopped, so nobody can go on with it."""
        found = self._import_mine(Need("import_mine"), asker, target, about)
        return "impossible" if found == "allowed" else found

    def _import_template(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        imports = self.right(asker, "read", "opportunity") and self.right(asker, "import", "opportunity")
        if target.name == "ghost" or not imports:
            return "hidden"
        if target.name == "everybody":
            return "allowed" if self.person(asker).administrator else "forbidden"
        return "allowed" if self.world.person(target.name) == self.person(asker).id else "hidden"

    def _object_import(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        if not self._object(Need("object", "import"), asker, target, about):
            return False
        return not need.right or any(self.right(asker, right, target.key) for right in ("create", "edit"))

    def _import_rows(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        return self._object_import(Need("object_import", "create"), asker, Target(key="opportunity"), about)

    def _bulk_both(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        """What can be done to one of the two is done; where that is none, the first says why."""
        own = Target(key=target.key, side="own", record=self.world.records[(target.key, "own")])
        found = [self.changes(asker, need.right, one) for one in (own, target)]
        if "allowed" in found:
            return "allowed"
        return "refused" if len(set(found)) > 1 else found[0]

    def _put_by(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        """To bring a record takes the rights to create and to change it, whichever it will be; one that may not be seen
        is not found, so that another one is made if the values sent are enough for it."""
        if not self.right(asker, "read", target.key):
            return "refused"
        if not self._object_create(need, asker, target, about) or not self.right(asker, "edit", target.key):
            return "refused"
        if not self.sees(asker, target.key, target.record):
            return "open"
        return self.changes(asker, need.right, target)

    # indexes

    def _index(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict | bool:
        if not self._administrator(need, asker, target, about):
            return False
        return "hidden" if target.name == "ghost" else True

    # duplicates

    def _merges(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict | bool:
        """Merging takes the right itself, changing one and deleting the others, of objects whose records can be merged."""
        kind = snapshot().objects.get(target.key)
        if kind is None or not self.right(asker, "read", kind.key):
            return False
        if kind.declaration.merging is None:
            return "impossible"
        return all(self.right(asker, right, kind.key) for right in ("merge", "edit", "delete"))

    def _merged(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        """The owner's record with another one: the asker may change both."""
        able = self._merges(need, asker, target, about)
        if able is not True:
            return "refused" if able is False else able
        if target.side == "own":
            return "impossible"
        own = Target(key=target.key, side="own", record=self.world.records[(target.key, "own")])
        found = [self.changes(asker, "edit", one) for one in (own, target)]
        return next((one for one in ("refused", "hidden", "forbidden") if one in found), "allowed")

    def _scans(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict | bool:
        return self._merges(need, asker, Target(key="contact"), about)

    def _reviews(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        kinds = [kind.key for kind in snapshot() if kind.declaration.duplicates is not None]
        return any(self._merges(need, asker, Target(key=key), about) is True for key in kinds)

    def _apart(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        """A group of the owner's lead and that of somebody else: for whoever may change both, and merge."""
        if target.name == "ghost":
            return "hidden"
        both = [self.world.records[("lead", side)] for side in ("own", "foreign")]
        if not all(self.writes(asker, "lead", pk) for pk in both):
            return "hidden"
        return "allowed" if self.right(asker, "merge", "lead") else "refused"

    def _taken(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        return any(self.right(asker, "read", key) for key in ("account", "lead"))

    def _typed(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        return self.right(asker, "read", target.key) and any(
            self.right(asker, right, target.key) for right in ("create", "edit")
        )

    def _checked(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict | bool:
        if not self.right(asker, "read", target.key):
            return False
        return True if snapshot().get(target.key).declaration.duplicates is not None else "impossible"

    def _path(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        kind = snapshot().get(target.key)
        if not kind.declaration.path and kind.board is None:
            return "impossible"
        found = self._record(Need("record", "edit" if need.right else ""), asker, target, about)
        lacking = found == "allowed" and need.right and not self.right(asker, need.right, target.key)
        return "forbidden" if lacking else found

    def _compose(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict | bool:
        if not snapshot().get(target.key).declaration.timeline or target.name not in ("activity", "task"):
            return "impossible"
        if not self.right(asker, "read", target.key):
            return "refused"
        if not self.right(asker, "create", target.name):
            return "refused"
        return "allowed" if self.sees(asker, target.key, target.record) else "impossible"

    def _action_seen(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        return self._record(Need("record"), asker, target, about)

    def _action(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        action = snapshot().get(target.key).action(target.name)
        assert action is not None
        found = self.changes(asker, action.right, target)
        if found == "allowed" and target.name == "convert":
            # It makes records for the owner of the lead, so that is what one must be able to do.
            owner = self.model.records[("lead", target.record)].owner
            made = ("account", "contact", "opportunity")
            creates = all(self.right(asker, "create", key) for key in made)
            return (
                "allowed" if creates and all(self.would_write(asker, key, owner, []) for key in made) else "forbidden"
            )
        return found

    def _shared(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        found = self.changes(asker, need.right, target)
        standard = snapshot().get(target.key).declaration.kind == "standard"
        return found if standard or found != "allowed" else "refused"

    def _granted(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        belongs = target.name.startswith(f"{target.key}_{target.side}_")
        found = self.changes(asker, need.right, target)
        return found if belongs or found in ("hidden", "refused") else "impossible"

    def _grant(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        key, _line, rest = target.name.partition("_")
        side = rest.partition("_")[0]
        return self.changes(asker, need.right, Target(key=key, side=side, record=self.world.records[(key, side)]))

    def _access_of_other(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        found = self._record(Need("record"), asker, target, about)
        asks = self.right(asker, "share", target.key) or any(
            self.right(asker, "administrate", key) for key in ("user", "role")
        )
        return found if asks or found != "allowed" else "refused"

    def _file(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        if target.name == "ghost":
            return "hidden"
        key, _line, side = target.name.partition("_")
        kept = Target(key=key, side=side, record=self.world.records[(key, side)])
        found = self._record(need, asker, kept, about)
        return "hidden" if found == "refused" else found

    def _changed(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        """A change of one record: to look at for whoever sees the record, to undo for whoever may change it."""
        if target.name == "ghost":
            return "hidden"
        key, _line, side = target.name.partition("_")
        record = self.world.records[(key, side)]
        if not self.sees(asker, key, record):
            return "hidden"
        return "allowed" if need.right != "edit" or self.writes(asker, key, record) else "refused"

    # views and exports

    def _view_used(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        whose, _line, shared = target.name.partition("_")
        if whose == "ghost":
            return "hidden"
        mine = self.model.people[self.world.person(whose)]
        here = self.person(asker)
        seen = (
            mine.id == here.id
            or shared == "everyone"
            or (shared == "department" and mine.department == here.department)
        )
        return "allowed" if seen else "hidden"

    def _view_own(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        found = self._view_used(need, asker, target, about)
        mine = self.person(asker).administrator or target.name.startswith(f"{asker.name}_")
        return found if mine or found != "allowed" else "forbidden"

    def _export_see(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        whose = target.name.partition("_")[0]
        mine = whose != "ghost" and self.world.person(whose) == self.person(asker).id
        return "allowed" if mine or self._decides(asker, target) else "hidden"

    def _decides(self, asker: Asker, target: Target) -> bool:
        whose, person = target.name.partition("_")[0], self.person(asker)
        if whose == "ghost" or self.world.person(whose) == person.id:
            return False
        return person.administrator or self.model.people[self.world.person(whose)].manager == person.id

    def _export_decide(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        found = self._export_see(need, asker, target, about)
        if found != "allowed":
            return found
        if not self._decides(asker, target) or (asker.limit is not None and "administrate" not in asker.limit):
            return "forbidden"
        return "allowed" if target.name.endswith("_waiting") else "impossible"

    def _export_download(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        found = self._export_see(need, asker, target, about)
        if found != "allowed":
            return found
        mine = self.world.person(target.name.partition("_")[0]) == self.person(asker).id
        ready = mine and target.name.endswith("_approved") and self.right(asker, "export", "opportunity")
        return "allowed" if ready else "forbidden"

    # administration

    def _administrate(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        return self.right(asker, "administrate", about)

    def _administrator(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        return self.person(asker).administrator

    def _overseer(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        """Deliveries hold data of every record: for administrators, and keys that may administrate."""
        limited = asker.limit is not None and "administrate" not in asker.limit
        return self.person(asker).administrator and not limited

    def _delivery(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        if not self._overseer(need, asker, target, about):
            return "refused"
        return "hidden" if target.name == "ghost" else "allowed"

    def _hub(self, need: Need, asker: Asker, target: Target, about: str) -> bool:
        keys = ("user", "department", "role", "sharing_rule")
        return any(self.right(asker, "administrate", key) for key in keys) or self.right(asker, "read", "audit_event")

    def _role(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        if not self.right(asker, "administrate", "role"):
            return "refused"
        return "hidden" if target.name == "ghost" else "allowed"

    def _person_seen(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        if not self.right(asker, "administrate", "user"):
            return "refused"
        return "hidden" if target.name == "ghost" else "allowed"

    def _person(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        found = self._person_seen(need, asker, target, about)
        mighty = target.name == "administrator" and not self.person(asker).administrator
        return "forbidden" if found == "allowed" and mighty else found

    def _person_by_administrator(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        return self._person_seen(need, asker, target, about) if asker.name in ADMINISTRATORS else "refused"

    _see_as = _person_by_administrator

    def _person_invited(self, need: Need, asker: Asker, target: Target, about: str) -> Verdict:
        found = self._person_seen(need, asker, target, about)
        return found if target.name == "invited" or found != "allowed" else "forbidden"
