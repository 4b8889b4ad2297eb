"""The actor: who asks, with everything that decides what they may."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.utils import timezone, translation

from guanxi.access import compiled
from guanxi.access.compiled import Compiled, RoleRules
from guanxi.access.models import User
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.kinds.kind import Reading
from guanxi.schema.registry import snapshot

RIGHTS = (
    *("read", "create", "edit", "delete", "restore", "assign", "merge", "import", "export", "print"),
    *("mass_update", "change_state", "share", "administrate"),
)
READING = ("read", "export", "print")
"""Rights that change nothing: the only ones on what the program writes for itself (histories)."""
_CLOSED = ("hidden", "masked")
_LEVEL = {"hidden": 0, "read": 1, "write": 2}


@dataclass(frozen=True)
class Actor:
    """A person, or the program itself, as one request or job sees them."""

    user_id: int | None
    name: str
    language: str
    zone: tzinfo
    access: Compiled
    is_administrator: bool = False
    is_program: bool = False
    preferences: dict[str, Any] = field(default_factory=dict)
    allowed: frozenset[str] | None = None
    """Rights an API key leaves of its owner's; ``None`` leaves all."""
    past: datetime | None = None
    """The earlier moment the actor looks at; then nothing may be written."""
    observer: int | None = None
    """Id of the administrator who looks as this person; then nothing may be written."""

    @classmethod
    def program(cls) -> Actor:
        """The program itself: every right, no person; for imports by command, demo data and jobs."""
        return cls(
            user_id=None,
            name="Guanxi",
            language=translation.get_language() or settings.LANGUAGE_CODE,
            zone=timezone.get_current_timezone(),
            access=compiled.current(),
            is_administrator=True,
            is_program=True,
        )

    @cached_property
    def opened(self) -> dict[tuple[str, str], frozenset[int] | None]:
        """What grants open to the actor, by object and level, as far as it was asked for; ``None`` means too many to name.

        Kept for the life of the actor, one request; whoever writes calls :meth:`forget`.
        """
        return {}

    @cached_property
    def conditions(self) -> dict[tuple[str, str, int, bool], Q]:
        """The compiled conditions of visibility, by object, level, depth and form; kept as long as :attr:`opened`."""
        return {}

    def forget(self) -> None:
        """Look grants up anew: something was written that may have changed them."""
        self.opened.clear()
        self.conditions.clear()

    def as_program(self) -> Actor:
        """The same person with the program's rights, for records that follow from what the person did."""
        return replace(self, is_administrator=True, is_program=True, allowed=None)

    @cached_property
    def roles(self) -> tuple[RoleRules, ...]:
        """The rules of the person's roles."""
        person = self.access.people.get(self.user_id or 0)
        return tuple(self.access.roles[role] for role in person.roles) if person else ()

    def can(self, right: str, object_key: str) -> bool:
        """Whether the actor holds the right on the object at all; which records, says :func:`visible`.

        Whoever may not read an object may do nothing else with it either: no answer could show what was done.
        """
        if self.allowed is not None and right not in self.allowed:
            return False
        if right != "read" and not self.can("read", object_key):
            return False
        if self.is_program:
            return True
        purpose = snapshot().get(object_key).declaration.kind
        if purpose == "log" and right not in READING:
            return False
        if self.is_administrator:
            return True
        restricted = snapshot().get(object_key).declaration.restricted
        if purpose in ("setup", "directory"):
            open_to_all = right == "read" and not restricted
            return open_to_all or any(role.allows("administrate", object_key) for role in self.roles)
        if not any(role.allows(right, object_key, named=restricted) for role in self.roles):
            return False
        return right in READING or self._can_reach(right, snapshot().get(object_key))

    def _can_reach(self, right: str, kind: ObjectType) -> bool:
        """Whether the right is of any use: without owners a scope means all or nothing, assigning needs somebody else."""
        default = self.access.defaults.get(kind.key, kind.declaration.default_access)
        if default == "write" or kind.declaration.kind == "relation":
            return True
        if right not in ("create", "assign") and kind.key in self.access.granted:
            return True
        people = self.reach(kind.key, edit=True)
        if not kind.owned:
            return people is None
        return right != "assign" or people is None or len(people) > 1

    def reach(self, object_key: str, *, edit: bool) -> frozenset[int] | None:
        """Ids of the people whose records the actor's roles reach; ``None`` means everybody's."""
        if self.is_administrator:
            return None
        right = "edit" if edit else "read"
        restricted = snapshot().get(object_key).declaration.restricted
        people: set[int] = set()
        for role in self.roles:
            if role.allows(right, object_key, named=restricted):
                scope = role.scope(object_key, edit=edit)
                if scope == "all":
                    return None
                people |= self.people_within(scope)
        return frozenset(people)

    def people_within(self, scope: str) -> frozenset[int]:
        """Ids of the people whose records a scope other than ``all`` reaches."""
        me = self.user_id or 0
        department = self.access.people[me].department if me in self.access.people else None
        if scope == "reports":
            return self.access.reports_of(me)
        if scope == "department" and department is not None:
            return self.access.people_in(frozenset({department})) | {me}
        if scope == "department_tree" and department is not None:
            return self.access.people_in(self.access.departments_below(department)) | {me}
        return frozenset({me})

    def field_level(self, object_key: str, field_key: str) -> str:
        """``hidden``, ``masked``, ``read`` or ``write``: the most that any of the actor's roles allows.

        A formula is closed as far as the most closed of the fields it is computed from: it would tell their values.
        """
        if self.is_administrator or not self.roles:
            return "write"
        known = self._levels.get((object_key, field_key))
        if known is None:
            field = snapshot().get(object_key).fields.get(field_key)
            sources = field.spec.extra.get("reads", ()) if field is not None else ()
            levels = [self._level(object_key, key) for key in (field_key, *sources)]
            closed = [level for level in levels if level in _CLOSED]
            known = self._levels[(object_key, field_key)] = min(closed, key=_CLOSED.index) if closed else levels[0]
        return known

    @cached_property
    def _levels(self) -> dict[tuple[str, str], str]:
        """Shared by all whose roles are the same, for as long as the roles and the objects stand."""
        person = self.access.people.get(self.user_id or 0)
        key = ("levels", person.roles if person else ())
        held = self.access.memo.get(key)
        if held is None or held[0] is not snapshot():
            held = self.access.memo[key] = (snapshot(), {})
        levels: dict[tuple[str, str], str] = held[1]
        return levels

    def _level(self, object_key: str, field_key: str) -> str:
        rules = [role.fields.get((object_key, field_key)) for role in self.roles if role.allows("read", object_key)]
        if not rules or any(rule is None for rule in rules):
            return "write"
        open_levels = [rule.level for rule in rules if rule and rule.level != "hidden" and rule.mask == "none"]
        if open_levels:
            return max(open_levels, key=lambda level: _LEVEL[level])
        return "masked" if any(rule and rule.level != "hidden" for rule in rules) else "hidden"

    def masked_on_record(self, object_key: str, field_key: str) -> bool:
        """Whether a masked field is masked on the record page too, not only in lists."""
        rules = [rule for role in self.roles if (rule := role.fields.get((object_key, field_key)))]
        return all(rule.mask != "list" for rule in rules if rule.level != "hidden")

    def visible_fields(self, kind: ObjectType) -> tuple[FieldDefinition, ...]:
        """The fields of an object that the actor may see, masked ones included."""
        return tuple(f for f in kind.fields.values() if self.field_level(kind.key, f.key) != "hidden")

    def reading(self, currency: str = "") -> Reading:
        """How the actor reads values."""
        return Reading(self.language, self.zone, currency or settings.GUANXI_CURRENCY)


def actor_for(user: User) -> Actor:
    """The actor of a signed-in person; language and time zone are those chosen by the person."""
    preferences = user.preferences
    return Actor(
        user_id=user.pk,
        name=user.name,
        language=preferences.get("language") or translation.get_language() or settings.LANGUAGE_CODE,
        zone=ZoneInfo(preferences.get("time_zone") or settings.TIME_ZONE),
        access=compiled.current(),
        is_administrator=user.is_superuser,
        preferences=preferences,
    )
