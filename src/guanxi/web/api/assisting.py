"""Somebody's signing in, through the API: unlock, sign out, second factor, API keys, invitation; and proving the log."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from guanxi.access import audit
from guanxi.access.actor import Actor
from guanxi.engine import write
from guanxi.engine.models import ApiKey
from guanxi.schema.registry import snapshot
from guanxi.web.account import assisting
from guanxi.web.account.invitations import link_for
from guanxi.web.api.access import api
from guanxi.web.api.bodies import body_of
from guanxi.web.problems import Malformed


@api("POST")
def unlock(request: HttpRequest, actor: Actor, user_id: int) -> HttpResponse:
    """Let a person who typed too many wrong passwords try again at once."""
    assisting.unlock(actor, user_id)
    return HttpResponse(status=204)


@api("POST")
def end_sessions(request: HttpRequest, actor: Actor, user_id: int) -> HttpResponse:
    """Sign a person out everywhere."""
    return JsonResponse({"ended": assisting.sign_out(actor, user_id)})


@api("POST")
def reset_factors(request: HttpRequest, actor: Actor, user_id: int) -> HttpResponse:
    """Take away a person's second factors. For administrators."""
    assisting.reset_factors(actor, user_id)
    return HttpResponse(status=204)


@api("POST")
def invitation(request: HttpRequest, actor: Actor, user_id: int) -> HttpResponse:
    """A new link by which the person sets the first password; with ``mail`` it is sent instead."""
    if body_of(request).get("mail"):
        assisting.mail_invitation(actor, user_id)
        return HttpResponse(status=202)
    user = assisting.invitation(actor, user_id)
    return JsonResponse({"link": request.build_absolute_uri(link_for(user))})


@api("GET")
def person_keys(request: HttpRequest, actor: Actor, user_id: int) -> HttpResponse:
    """A person's API keys that were not revoked; never their secrets."""
    return JsonResponse({"data": [_key(key) for key in assisting.keys_of(actor, user_id)]})


@api("POST")
def revoke_keys(request: HttpRequest, actor: Actor, user_id: int) -> HttpResponse:
    """Revoke the person's keys with these ``ids``, or all when none are sent. For administrators."""
    ids = body_of(request).get("ids", [])
    if not isinstance(ids, list) or not all(isinstance(one, int) and not isinstance(one, bool) for one in ids):
        raise Malformed(_("Send “ids” as a list of ids."))
    return JsonResponse({"revoked": assisting.revoke_keys(actor, user_id, ids)})


@api("GET")
def audit_proof(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Walk the chain of the audit log and say whether it holds."""
    write.require(actor, "read", snapshot().get("audit_event"))
    found = audit.verify()
    return JsonResponse(
        {
            "holds": found.holds,
            "count": found.count,
            "digest": found.digest,
            "sequence": found.sequence,
            "reason": found.reason,
        }
    )


def _key(key: ApiKey) -> dict[str, Any]:
    moments = ("created_at", "expires_at", "last_used_at")
    told = {name: moment.isoformat() if (moment := getattr(key, name)) else None for name in moments}
    return {"id": key.pk, "name": key.name, "prefix": key.prefix, "rights": key.rights, **told}
