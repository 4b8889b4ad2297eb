"""People: their roles, whether they are administrators, and leaving with their records handed over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from guanxi.access import audit, compiled
from guanxi.access.actor import Actor
from guanxi.access.dominance import excess
from guanxi.access.models import Department, Grant, Role, User
from guanxi.engine.administration.roles import beyond
from guanxi.engine.models import ApiKey
from guanxi.engine.parse import refusal
from guanxi.engine.write import Door, require
from guanxi.kernel.errors import NotFound, Refused
from guanxi.schema import registry
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot


def roles_of(user_id: int) -> tuple[Role, ...]:
    """The person's roles, by name; :class:`NotFound` when there is no such person."""
    _person(user_id)
    return tuple(Role.objects.filter(members=user_id, deleted_at=None).order_by("name", "pk"))


def set_roles(door: Door, user_id: int, role_ids: Iterable[int]) -> None:
    """Give the person exactly these roles. Roles that are added or taken must lie within the giver's own rights."""
    require(door.actor, "administrate", snapshot().get("user"))
    user = _person(user_id)
    known = {role.pk: role for role in Role.objects.filter(deleted_at=None)}
    wanted = set(role_ids)
    if unknown := wanted - set(known):
        raise refusal({"roles": [_("There is no role with the number %(role)s.") % {"role": min(unknown)}]})
    before = set(user.roles.filter(deleted_at=None).values_list("pk", flat=True))
    if wanted == before:
        return
    _protect(door.actor, user)
    picture = compiled.current().roles
    for role_id in sorted(wanted ^ before):
        if role_id in picture and (found := excess(door.actor, picture[role_id])) is not None:
            raise Refused(beyond(found))
    user.roles.set(wanted)
    registry.bump("access")
    names = [", ".join(sorted(known[pk].label.en for pk in held if pk in known)) or None for held in (before, wanted)]
    door.recorder.record("user", "roles_changed", [(user_id, {"roles": names}, None)])
    told = f"{user.username}: {names[0] or '–'} → {names[1] or '–'}"
    audit.note("permission_changed", door.actor, object_key="user", record=user_id, detail=told)


def set_administrator(door: Door, user_id: int, value: bool) -> None:
    """Make the person an administrator, who may do everything, or no longer one. One always remains."""
    if not door.actor.is_administrator or door.actor.allowed is not None:
        raise Refused(_("Only an administrator can make somebody an administrator."))
    user = _person(user_id)
    if user.is_superuser == value:
        return
    if not value and not _administrators().exclude(pk=user_id).exists():
        raise Refused(_("This is the last administrator. Make somebody else an administrator first."))
    User.objects.filter(pk=user_id).update(is_superuser=value)
    registry.bump("access")
    door.recorder.record("user", "roles_changed", [(user_id, {"administrator": [not value, value]}, None)])
    told = f"{user.username}: administrator {'yes' if value else 'no'}"
    audit.note("permission_changed", door.actor, object_key="user", record=user_id, detail=told)


@dataclass(frozen=True, slots=True)
class Holding:
    """How many live records of an object a person owns."""

    kind: ObjectType
    number: int


def holdings(user_id: int) -> tuple[Holding, ...]:
    """What has to be handed over when the person leaves."""
    found = []
    for kind in snapshot():
        if kind.owned:
            number = _owned(kind, user_id).count()
            if number:
                found.append(Holding(kind, number))
    return tuple(found)


def deactivate(door: Door, user_id: int, successor_id: int | None) -> int:
    """Let a person sign in no longer: records go to the successor, keys and shares end; the number of records handed over.

    Without a successor the records stay where they are. The sessions end by themselves: every request asks for it.
    """
    require(door.actor, "administrate", snapshot().get("user"))
    user = _person(user_id)
    if door.user_id == user_id:
        raise Refused(_("You cannot deactivate yourself. Ask another administrator."))
    _protect(door.actor, user)
    if user.is_superuser and not _administrators().exclude(pk=user_id).exists():
        raise Refused(_("This is the last administrator. Make somebody else an administrator first."))
    moved = _hand_over(door, user_id, successor_id) if successor_id is not None else 0
    program = door.as_program()
    program.update("user", user_id, {"is_active": False})
    now = door.now
    ApiKey.objects.filter(owner=user_id, revoked_at=None).update(revoked_at=now)
    Grant.objects.filter(principal_kind="user", principal=user_id, rule=None).delete()
    registry.bump("access")
    audit.note(
        "deactivated", door.actor, object_key="user", record=user_id, detail=f"{user.username}; {moved} records moved"
    )
    return moved


def _owned(kind: ObjectType, user_id: int) -> QuerySet[Any]:
    """The live records of an object that a person owns."""
    return kind.model._default_manager.filter(Q(owner=user_id), deleted_at=None)


def _hand_over(door: Door, user_id: int, successor_id: int) -> int:
    successor = User.objects.filter(pk=successor_id, is_active=True, deleted_at=None).first()
    if successor is None or successor_id == user_id:
        raise refusal({"successor": [_("Choose an active person who takes over the records.")]})
    program = door.as_program()
    moved = 0
    for holding in holdings(user_id):
        ids = list(_owned(holding.kind, user_id).values_list("pk", flat=True))
        moved += len(program.update_many(holding.kind.key, ids, {"owner": successor_id}))
    reports = User.objects.filter(manager=user_id, deleted_at=None).exclude(pk=successor_id)
    if ids := list(reports.values_list("pk", flat=True)):
        program.update_many("user", ids, {"manager": successor_id})
    if User.objects.filter(pk=successor_id, manager=user_id).exists():
        above = User.objects.filter(pk=user_id).values_list("manager_id", flat=True).get()
        program.update("user", successor_id, {"manager": above})
    heads = Department.objects.filter(head=user_id, deleted_at=None)
    if ids := list(heads.values_list("pk", flat=True)):
        program.update_many("department", ids, {"head": successor_id})
    return moved


def activate(door: Door, user_id: int) -> None:
    """Let the person sign in again; records and shares do not come back by themselves."""
    require(door.actor, "administrate", snapshot().get("user"))
    _protect(door.actor, _person(user_id))
    door.as_program().update("user", user_id, {"is_active": True})
    audit.note("permission_changed", door.actor, object_key="user", record=user_id, detail="active again")


def _protect(actor: Actor, user: User) -> None:
    if user.is_superuser and not actor.is_administrator:
        raise Refused(_("Only an administrator can change an administrator."))


def _administrators() -> QuerySet[User]:
    return User.objects.filter(is_superuser=True, is_active=True, deleted_at=None)


def _person(user_id: int) -> User:
    user = User.objects.filter(pk=user_id, deleted_at=None).first()
    if user is None:
        raise NotFound(_("This person does not exist or was deleted."))
    return user
