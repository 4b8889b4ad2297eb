"""A person's signing in, seen from the administration: unlock, sign out, second factor, API keys, invitation."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from guanxi.web import rendering
from guanxi.web.account import assisting
from guanxi.web.admin.hub import need
from guanxi.web.admin.inviting import with_links
from guanxi.web.numbers_in import wholes
from guanxi.web.request import Request


@require_POST
def unlock(request: Request, user_id: int) -> HttpResponse:
    """Let a person who typed too many wrong passwords try again at once."""
    assisting.unlock(request.actor, user_id)
    return rendering.go(request, f"/admin/people/{user_id}", _("The person can try again."))


@require_POST
def end_sessions(request: Request, user_id: int) -> HttpResponse:
    """Sign the person out everywhere."""
    number = assisting.sign_out(request.actor, user_id)
    words = ngettext("%(number)d session is ended.", "%(number)d sessions are ended.", number)
    return rendering.go(request, f"/admin/people/{user_id}", words % {"number": number})


@require_POST
def reset_factors(request: Request, user_id: int) -> HttpResponse:
    """Take away a person's second factors, when the device was lost. For administrators."""
    assisting.reset_factors(request.actor, user_id)
    return rendering.go(request, f"/admin/people/{user_id}", _("The second factor was taken away."))


@require_POST
def revoke_keys(request: Request, user_id: int) -> HttpResponse:
    """Revoke one or all of the person's API keys. For administrators."""
    number = assisting.revoke_keys(request.actor, user_id, wholes(request.POST.getlist("key")))
    words = ngettext("%(num)d key is revoked.", "%(num)d keys are revoked.", number)
    return rendering.go(request, f"/admin/people/{user_id}", words % {"num": number})


@require_POST
def invitation(request: Request, user_id: int) -> HttpResponse:
    """Make a new link by which the person sets a password."""
    need(request.actor, "user")
    user = assisting.invitation(request.actor, user_id)
    return rendering.fragment(request, "admin/links.html", with_links(request, [user]))
