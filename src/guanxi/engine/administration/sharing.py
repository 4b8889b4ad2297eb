"""Opening one record to somebody: by hand, or as a member of its team; with an end if wanted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from guanxi.access import audit
from guanxi.access.actor import Actor
from guanxi.access.models import PRINCIPALS, Department, Grant, Role, User
from guanxi.access.visibility import visible
from guanxi.engine.notifications import notify
from guanxi.engine.parse import refusal
from guanxi.engine.read import missing
from guanxi.engine.write import Door, require
from guanxi.kernel import clock
from guanxi.kernel.errors import NotFound, Refused
from guanxi.kernel.labels import Label
from guanxi.schema import registry
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot

CAUSES = ("manual", "team")


@dataclass(frozen=True, slots=True)
class Share:
    """One grant with the name of its principal, for showing."""

    grant: Grant
    principal: str
    by: str
    ended: bool


def shares(actor: Actor, object_key: str, record_id: int) -> tuple[Share, ...]:
    """Who else was given this record, teams first; those that have ended are told as such."""
    kind = snapshot().get(object_key)
    if not visible(actor, kind, narrow=True).filter(pk=record_id).exists():
        raise missing(kind)
    rows = list(Grant.objects.filter(object=object_key, record=record_id, rule=None).order_by("-cause", "pk"))
    names = principal_names(rows)
    people = dict(User.objects.filter(pk__in=[row.created_by_id for row in rows]).values_list("pk", "name"))
    now = clock.now()
    return tuple(
        Share(
            row,
            names.get((row.principal_kind, row.principal), f"#{row.principal}"),
            people.get(row.created_by_id or 0, ""),
            row.expires_at is not None and row.expires_at <= now,
        )
        for row in rows
    )


def principal_names(rows: list[Grant]) -> dict[tuple[str, int], str]:
    """What the principals of grants are called, by (kind, id)."""
    wanted: dict[str, set[int]] = {}
    for row in rows:
        wanted.setdefault(row.principal_kind, set()).add(row.principal)
    found: dict[tuple[str, int], str] = {}
    for kind, ids in wanted.items():
        model: Any = {"user": User, "role": Role}.get(kind, Department)
        for row in model.objects.filter(pk__in=ids):
            found[(kind, row.pk)] = str(row.label) if kind == "role" else row.name
    return found


def share(
    door: Door,
    object_key: str,
    record_id: int,
    principal_kind: str,
    principal: int,
    level: str = "read",
    *,
    cause: str = "manual",
    expires_at: datetime | None = None,
    note: str = "",
) -> Grant:
    """Open a record to a principal. The giver needs the right to share and must be able to change the record."""
    kind = _shareable(door.actor, object_key, record_id)
    _check(principal_kind, principal, level, cause, expires_at, door.now, note)
    grant, made = Grant.objects.update_or_create(
        object=object_key,
        record=record_id,
        principal_kind=principal_kind,
        principal=principal,
        cause=cause,
        defaults={
            "level": level,
            "expires_at": expires_at,
            "note": note.strip(),
            "created_at": door.now,
            "created_by_id": door.user_id,
        },
    )
    if object_key not in door.actor.access.granted:
        registry.bump("access")
    _journal(door, kind, record_id, "shared", [None, _told(grant)])
    if principal_kind == "user" and principal != door.user_id and made:
        _tell(door, kind, record_id, principal)
    return grant


def unshare(door: Door, grant_id: int, record: tuple[str, int] | None = None) -> None:
    """Take a grant back; with ``record`` (object and id) only if it is a grant of this record."""
    grant = Grant.objects.filter(pk=grant_id, rule=None).first()
    if grant is None or (record is not None and record != (grant.object, grant.record)):
        raise NotFound(_("This share does not exist any more."))
    kind = _shareable(door.actor, grant.object, grant.record)
    told = _told(grant)
    grant.delete()
    _journal(door, kind, grant.record, "unshared", [told, None])


def _shareable(actor: Actor, object_key: str, record_id: int) -> ObjectType:
    kind = snapshot().get(object_key)
    if not visible(actor, kind, narrow=True).filter(pk=record_id).exists():
        raise missing(kind)
    require(actor, "share", kind)
    if kind.declaration.kind != "standard":
        raise Refused(_("%(object)s cannot be shared one by one.") % {"object": kind.plural})
    if not visible(actor, kind, "write", narrow=True).filter(pk=record_id).exists():
        raise Refused(_("You may see this record but not change it, so you cannot share it. Ask its owner."))
    return kind


def _check(
    principal_kind: str, principal: int, level: str, cause: str, expires_at: datetime | None, now: datetime, note: str
) -> None:
    errors: dict[str, list[str]] = {}
    if principal_kind not in PRINCIPALS or cause not in CAUSES or level not in ("read", "write"):
        raise refusal({"": [_("Choose whom to share with and whether they may read or change.")]})
    model: Any = {"user": User, "role": Role}.get(principal_kind, Department)
    live = Q(deleted_at=None, is_active=True) if principal_kind == "user" else Q(deleted_at=None)
    if not model.objects.filter(live, pk=principal).exists():
        errors["principal"] = [_("Choose an active person, a department or a role.")]
    if cause == "team" and principal_kind != "user":
        errors["principal"] = [_("A team consists of people.")]
    if expires_at is not None and expires_at <= now:
        errors["expires_at"] = [_("Choose an end in the future.")]
    if len(note) > 120:
        errors["note"] = [_("Use at most 120 characters.")]
    if errors:
        raise refusal(errors)


def _told(grant: Grant) -> str:
    name = principal_names([grant]).get((grant.principal_kind, grant.principal), str(grant.principal))
    until = f", until {grant.expires_at.isoformat()}" if grant.expires_at else ""
    return f"{name} ({grant.level}{until})"


def _journal(door: Door, kind: ObjectType, record_id: int, verb: str, change: list[Any]) -> None:
    door.actor.forget()
    door.recorder.record(kind.key, verb, [(record_id, {"share": change}, None)])
    told = f"{kind.label.en} {record_id}: {change[0] or '–'} → {change[1] or '–'}"
    audit.note("shared", door.actor, object_key=kind.key, record=record_id, detail=told)


def _tell(door: Door, kind: ObjectType, record_id: int, user_id: int) -> None:
    record = kind.model._default_manager.get(pk=record_id)
    title = kind.title_of(record)
    text = Label(
        f"{door.actor.name} shared the {kind.label.en.lower()} “{title}” with you",
        f"{door.actor.name} 与您共享了{kind.label.zh}“{title}”",
    )
    notify([user_id], text, kind.key, record_id, kind="shared")
