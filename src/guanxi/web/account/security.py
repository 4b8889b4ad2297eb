"""The person's security page: second factors, sessions, API keys."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from guanxi.access import audit, compiled
from guanxi.access.actor import Actor, actor_for
from guanxi.access.models import User
from guanxi.engine import keys
from guanxi.engine.rights import rights_in_words
from guanxi.kernel import clock
from guanxi.kernel.errors import NotFound
from guanxi.web import demands, rendering
from guanxi.web.account.devices import device_of
from guanxi.web.account.factor_pages import OVERVIEW
from guanxi.web.account.pages import framed, person_of


@never_cache
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Everything on one page."""
    person = person_of(request)
    factors = list(Authenticator.objects.filter(user=person).order_by("pk"))
    codes = next((factor for factor in factors if factor.type == "recovery_codes"), None)
    context = {
        **framed(request),
        "person": person,
        "has_password": person.has_usable_password(),
        "app": next((factor for factor in factors if factor.type == "totp"), None),
        "passkeys": [factor for factor in factors if factor.type == "webauthn"],
        "codes": codes,
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        "demanded": demands.second_factor(person, compiled.current()),
        "sessions": sessions(request, person),
        "keys": keys.of(actor_for(person)),
        "rights": rights_in_words(),
        "now": clock.now(),
    }
    return rendering.page(request, "account/security.html", context)


def sessions(request: HttpRequest, person: User) -> list[dict[str, object]]:
    """The person's open sessions, this one first, then by last use."""
    here = request.session.session_key
    found = sorted(
        UserSession.objects.purge_and_list(person),
        key=lambda one: (one.session_key != here, -one.last_seen_at.timestamp()),
    )
    return [
        {
            "id": one.pk,
            "here": one.session_key == here,
            "device": device_of(one.user_agent),
            "address": one.ip,
            "since": one.created_at,
            "seen": one.last_seen_at,
        }
        for one in found
    ]


@never_cache
@require_GET
def setup(request: HttpRequest) -> HttpResponse:
    """Choose a second factor, for people who must have one."""
    if demands.has_second_factor(person_of(request)):
        return HttpResponseRedirect(OVERVIEW)
    return rendering.page(request, "account/setup.html", framed(request))


def to_overview(request: HttpRequest) -> HttpResponse:
    """The list of passkeys is a part of the security page."""
    return HttpResponseRedirect(OVERVIEW)


@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """End one of the person's sessions."""
    person = person_of(request)
    found = UserSession.objects.filter(pk=session_id, user=person).first()
    if found is None:
        raise NotFound(_("This session has ended already."))
    if found.session_key == request.session.session_key:
        return HttpResponseRedirect(OVERVIEW)
    end_sessions(person, [found])
    return rendering.go(request, OVERVIEW, _("The session is ended."))


@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End all of the person's sessions but this one."""
    person = person_of(request)
    others = list(UserSession.objects.filter(user=person).exclude(session_key=request.session.session_key))
    end_sessions(person, others)
    sentence = ngettext("%(number)d session is ended.", "%(number)d sessions are ended.", len(others))
    return rendering.go(request, OVERVIEW, sentence % {"number": len(others)})


def end_sessions(person: User, ended: list[UserSession], by: Actor | None = None) -> None:
    """End these sessions of a person, each with an event in the audit log: the person's own, or of whoever did it."""
    for one in ended:
        one.end()
        detail = f"{device_of(one.user_agent)}, {one.ip}"
        if by is None:
            audit.note("session_ended", person=person.pk, name=person.name, detail=detail)
        else:
            told = f"{person.username}: {detail}"
            audit.note("session_ended", by, object_key="user", record=person.pk, detail=told)
