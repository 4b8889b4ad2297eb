"""Administering access through the API: rights of roles, people, sharing, defaults, the security policy, explanations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from guanxi.access import compiled
from guanxi.access.actor import Actor
from guanxi.access.models import Grant
from guanxi.engine import explain, write
from guanxi.engine.administration import invitations, people, roles, settings, sharing, simulate
from guanxi.engine.explain import Access
from guanxi.engine.shapes import Count
from guanxi.kernel.errors import Refused
from guanxi.schema.registry import snapshot
from guanxi.web.account.invitations import link_for
from guanxi.web.api.access import api
from guanxi.web.api.bodies import body_of
from guanxi.web.problems import Malformed

DOCUMENT = ("objects", "fields")


@api("GET", "PUT")
def role_rights(request: HttpRequest, actor: Actor, role_id: int) -> HttpResponse:
    """What a role allows; ``PUT`` makes it allow exactly what is sent."""
    write.require(actor, "administrate", snapshot().get("role"))
    if request.method == "PUT":
        with write.change(actor, "api") as door:
            roles.define(door, role_id, body_of(request, DOCUMENT))
    return JsonResponse(roles.document(role_id))


@api("POST")
def role_simulation(request: HttpRequest, actor: Actor, role_id: int) -> HttpResponse:
    """What would change if the role allowed what is sent. Nothing is changed."""
    found = simulate.role_change(actor, role_id, body_of(request, DOCUMENT))
    return JsonResponse(
        {
            "holders": found.holders,
            "effects": [
                {
                    "object": effect.kind.key,
                    "level": effect.level,
                    "gained": _count(effect.gained),
                    "lost": _count(effect.lost),
                    "people": effect.people,
                }
                for effect in found.effects
            ],
            "rights_gained": [{"object": kind.key, "right": right} for kind, right in found.rights_gained],
            "rights_lost": [{"object": kind.key, "right": right} for kind, right in found.rights_lost],
        }
    )


@api("GET", "PUT")
def person_roles(request: HttpRequest, actor: Actor, user_id: int) -> HttpResponse:
    """A person's roles; ``PUT`` with ``roles`` (ids) and, by administrators, ``administrator`` (true or false)."""
    write.require(actor, "administrate", snapshot().get("user"))
    if request.method == "PUT":
        data = body_of(request)
        wanted, administrator = data.get("roles"), data.get("administrator")
        if not isinstance(wanted, list) or not _ids(wanted) or not isinstance(administrator, bool | None):
            raise Malformed(_("Send “roles” as a list of ids and, if wanted, “administrator” as true or false."))
        with write.change(actor, "api") as door:
            people.set_roles(door, user_id, wanted)
            if administrator is not None:
                people.set_administrator(door, user_id, administrator)
    return JsonResponse({"roles": [role.pk for role in people.roles_of(user_id)]})


@api("POST")
def deactivate(request: HttpRequest, actor: Actor, user_id: int) -> HttpResponse:
    """Let a person sign in no longer; ``successor`` (id) takes over the records."""
    successor = body_of(request).get("successor")
    if not isinstance(successor, int | None) or isinstance(successor, bool):
        raise Malformed(_("Send “successor” as the id of a person."))
    with write.change(actor, "api") as door:
        moved = people.deactivate(door, user_id, successor)
    return JsonResponse({"moved": moved})


@api("POST")
def activate(request: HttpRequest, actor: Actor, user_id: int) -> HttpResponse:
    """Let a person sign in again."""
    with write.change(actor, "api") as door:
        people.activate(door, user_id)
    return HttpResponse(status=204)


@api("POST")
def invite(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Invite the people of a CSV text (``csv``); with ``dry_run`` only say what is wrong with which line."""
    data = body_of(request)
    if not isinstance(data.get("csv"), str):
        raise Malformed(_("Send “csv” as text."))
    with write.change(actor, "api") as door:
        candidates = invitations.read(door, data["csv"])
        if data.get("dry_run"):
            return JsonResponse({"data": [{"line": row.line, "errors": row.errors} for row in candidates]})
        made = invitations.invite(door, candidates)
    told = [
        {"id": user.pk, "username": user.username, "link": request.build_absolute_uri(link_for(user))} for user in made
    ]
    return JsonResponse({"data": told}, status=201)


@api("GET", "PATCH")
def policy(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The security policy; ``PATCH`` changes the rules sent."""
    if not actor.is_administrator:
        raise Refused(_("Only an administrator can change this."))
    found = compiled.current().policy
    if request.method == "PATCH":
        with write.change(actor, "api") as door:
            found = settings.change_policy(door, body_of(request))
    return JsonResponse(asdict(found))


@api("GET", "PATCH")
def defaults(request: HttpRequest, actor: Actor) -> HttpResponse:
    """What everybody with the right to an object may do with every record; ``PATCH`` ``{object: level}``."""
    if not actor.is_administrator:
        raise Refused(_("Only an administrator can change this."))
    found = settings.defaults()
    if request.method == "PATCH":
        data = body_of(request)
        with write.change(actor, "api") as door:
            for key, level in data.items():
                settings.set_default(door, key, level)
        found |= data
    return JsonResponse(found)


@api("GET", "POST", rights={"POST": ("share",)})
def shares(request: HttpRequest, actor: Actor, object_key: str, record_id: int) -> HttpResponse:
    """Whom a record was given to; ``POST`` gives it to one more principal."""
    if request.method == "GET":
        rows = sharing.shares(actor, object_key, record_id)
        found = [_share(row.grant) | {"name": row.principal, "ended": row.ended} for row in rows]
        return JsonResponse({"data": found})
    data = body_of(request)
    principal = data.get("principal")
    if not isinstance(principal, int) or isinstance(principal, bool):
        raise Malformed(_("Send “principal” as the id of a person, department or role."))
    with write.change(actor, "api") as door:
        grant = sharing.share(
            door,
            object_key,
            record_id,
            str(data.get("principal_kind", "user")),
            principal,
            str(data.get("level", "read")),
            cause=str(data.get("cause", "manual")),
            expires_at=_moment(data),
            note=str(data.get("note") or ""),
        )
    return JsonResponse(_share(grant), status=201)


@api("DELETE")
def unshare(request: HttpRequest, actor: Actor, grant_id: int) -> HttpResponse:
    """Take a share back."""
    with write.change(actor, "api") as door:
        sharing.unshare(door, grant_id)
    return HttpResponse(status=204)


@api("GET", query=("user",))
def record_access(request: HttpRequest, actor: Actor, object_key: str, record_id: int) -> HttpResponse:
    """Who can see a record, and why; with ``?user=`` one person alone."""
    user = request.GET.get("user")
    if user is not None:
        if not user.isascii() or not user.isdigit() or len(user) > 18:
            raise Malformed(_("“user” must be the id of a person."))
        return JsonResponse({"data": [_access(explain.record_access(actor, object_key, record_id, int(user)))]})
    return JsonResponse({"data": [_access(one) for one in explain.people_with_access(actor, object_key, record_id)]})


@api("GET")
def field_access(request: HttpRequest, actor: Actor, object_key: str, field_key: str) -> HttpResponse:
    """What the caller, and each role, may do with a field."""
    mine, told = explain.field_access(actor, object_key, field_key)
    return JsonResponse({"mine": mine, "roles": [asdict(one) for one in told]})


def _ids(value: list[Any]) -> bool:
    return all(isinstance(one, int) and not isinstance(one, bool) for one in value)


def _count(count: Count) -> dict[str, Any]:
    return {"number": count.number, "more": count.more}


def _access(one: Access) -> dict[str, Any]:
    return {"user": one.user_id, "name": one.name, "read": list(one.read), "write": list(one.write)}


def _share(grant: Grant) -> dict[str, Any]:
    return {
        "id": grant.pk,
        "principal_kind": grant.principal_kind,
        "principal": grant.principal,
        "level": grant.level,
        "cause": grant.cause,
        "expires_at": grant.expires_at.isoformat() if grant.expires_at else None,
        "note": grant.note,
    }


def _moment(data: Mapping[str, Any]) -> datetime | None:
    text = data.get("expires_at")
    if text in (None, ""):
        return None
    try:
        found = parse_datetime(str(text))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Malformed(_("Send “expires_at” as a moment with a time zone, such as 2026-01-31T18:00:00Z."))
    return found
