"""Duplicates through the API: checking before creating, the groups of a scan, the rules, and whether a company is taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import write
from guanxi.engine.dedupe import backfill, checking, deciding, limiting, reviewing, scanning
from guanxi.engine.dedupe.taken import taken as find_taken
from guanxi.engine.export.jsonlines import as_json
from guanxi.engine.matching.modes import settings_of
from guanxi.engine.merging.run import mergeable
from guanxi.kernel.errors import Invalid, QueryError, Refused
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web.api.access import api
from guanxi.web.api.answers import respond
from guanxi.web.api.bodies import body_of
from guanxi.web.api.finding import kind_of
from guanxi.web.api.jobs import as_json as job_as_json
from guanxi.web.api.values import values_of
from guanxi.web.numbers_in import whole
from guanxi.web.problems import Malformed

LONGEST_NAME = 200


@api("POST")
def check(request: HttpRequest, actor: Actor, object_key: str) -> HttpResponse:
    """What is there already of a record with these values; nothing is written."""
    kind = kind_of(actor, object_key)
    if kind.declaration.duplicates is None:
        raise _no_rules(kind)
    limiting.admit(actor, "typing", limiting.TYPING)
    found = checking.check(actor, kind, values_of(kind, body_of(request)))
    return respond({"blocked": found.blocked, "matches": [match.as_json() for match in found.matches]})


@api("GET", query=("object", "after"))
def groups(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The groups of one object that the last scan found, the surest first."""
    kind = mergeable(actor, request.GET.get("object", ""))
    after = whole(request.GET.get("after", "0"))
    if after is None:
        raise QueryError(_("“%(text)s” is not a whole number.") % {"text": request.GET.get("after", "")[:40]})
    if kind.declaration.duplicates is None:
        raise _no_rules(kind)
    found = reviewing.groups(actor, kind, after)
    data = [
        {
            "id": group.id,
            "score": group.score,
            "reasons": list(group.reasons),
            "records": [as_json(row, found.columns) for row in group.rows],
        }
        for group in found.groups
    ]
    return respond({"data": data, "next": found.next})


@api("POST")
def scan(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Look for duplicates of an object in the background."""
    key = body_of(request, ("object",)).get("object")
    if not isinstance(key, str):
        raise Malformed(_("The body holds “object” alone: the key of an object, such as contact."))
    job = scanning.start(actor, key)
    response = respond(job_as_json(job), 202)
    response["Location"] = f"/api/v1/jobs/{job.pk}"
    return response


@api("POST")
def apart(request: HttpRequest, actor: Actor, group_id: int) -> HttpResponse:
    """The records of a group are not the same."""
    reviewing.set_apart(actor, group_id)
    return HttpResponse(status=204)


@api("GET", query=("name",))
def taken(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Whether a company is known already, and whose it is."""
    name = request.GET.get("name", "").strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise QueryError(_("“name” is the name of a company, at most %(limit)d characters.") % {"limit": LONGEST_NAME})
    limiting.admit(actor, "taken", limiting.TAKEN)
    found = find_taken(actor, name)
    data = [
        {
            "object": one.shown.kind.key,
            "id": one.shown.id,
            "title": one.shown.title,
            "same": one.same,
            "fields": dict(one.shown.fields),
            "owner": one.shown.owner or None,
        }
        for one in found
    ]
    return respond({"taken": any(one.same for one in found), "data": data})


@api("GET", "PATCH")
def rules(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The rules of every object: ``GET`` shows them, ``PATCH`` changes those sent."""
    if not actor.is_administrator:
        raise Refused(_("Only administrators may do this."))
    if request.method == "PATCH":
        with write.change(actor, "api") as door:
            for key, sent in body_of(request).items():
                kind = snapshot().get(key)
                modes, shown = _sent(sent)
                deciding.decide(door, kind, modes, shown)
    return respond({kind.key: _rules(kind) for kind in backfill.kinds()})


def _rules(kind: ObjectType) -> dict[str, Any]:
    settings = settings_of(kind)
    assert settings is not None
    return {"rules": dict(settings.modes), "shown": list(settings.shown)}


def _sent(sent: Any) -> tuple[Mapping[str, str], list[str] | None]:
    message = _("Send by object “rules” (off, warn or block by rule) and “shown” (a list of keys of fields).")
    if not isinstance(sent, dict) or set(sent) - {"rules", "shown"}:
        raise Invalid(message)
    modes, shown = sent.get("rules", {}), sent.get("shown")
    texts = isinstance(modes, dict) and all(isinstance(mode, str) for mode in modes.values())
    listed = shown is None or (isinstance(shown, list) and all(isinstance(key, str) for key in shown))
    if not texts or not listed:
        raise Invalid(message)
    return modes, shown


def _no_rules(kind: ObjectType) -> Refused:
    return Refused(_("%(objects)s have no rules for duplicates.") % {"objects": kind.plural})
