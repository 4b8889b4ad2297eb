"""Adding and removing second factors: an app with codes, passkeys, recovery codes."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal import flows as code_flows
from allauth.mfa.totp.internal import flows as app_flows
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.internal import flows as passkey_flows
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from guanxi.access import audit, compiled
from guanxi.access.models import User
from guanxi.kernel import db
from guanxi.kernel.errors import Invalid, NotFound, Refused
from guanxi.web import demands, rendering
from guanxi.web.account.confirming import confirmed
from guanxi.web.account.factor_forms import NAME_LENGTH
from guanxi.web.account.pages import OwnPage, errors_of, framed, person_of

OVERVIEW = "/preferences/security"
CODES = "/preferences/security/codes"


class AddApp(OwnPage, ActivateTOTPView):  # type: ignore[misc]
    """Set up an app that shows codes."""

    own_template = "account/app.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return {
            "picture": found["totp_svg_data_uri"],
            "secret": " ".join(_fours(found["form"].secret)),
            "errors": errors_of(found["form"]),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _changed(person_of(self.request), "app added")
        return response


class AddPasskey(OwnPage, AddWebAuthnView):  # type: ignore[misc]
    """Make a passkey on this device or a security key."""

    own_template = "account/passkey.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = kwargs.get("form")
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return {
            "options": found["js_data"]["creation_options"],
            "name": self.request.POST.get("name", ""),
            "errors": errors_of(form) if form is not None else [],
        }

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _changed(person_of(self.request), f"passkey added: {form.cleaned_data['name']}")
        return response


add_app = never_cache(AddApp.as_view())
add_passkey = never_cache(AddPasskey.as_view())


@require_POST
def remove_app(request: HttpRequest) -> HttpResponse:
    """No longer ask for codes of the app."""
    confirmed(request)
    _remove(request, _own(request, "totp"), app_flows.deactivate_totp, "app removed")
    return rendering.go(request, OVERVIEW, _("The app is no longer asked for."))


@require_POST
def name_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a passkey another name."""
    confirmed(request)
    passkey = _own(request, "webauthn", pk)
    name = request.POST.get("name", "").strip()
    if not name or len(name) > NAME_LENGTH:
        raise Invalid(_("Give the passkey a name of at most %(number)d characters.") % {"number": NAME_LENGTH})
    passkey_flows.rename_authenticator(request, passkey, name)
    return rendering.go(request, OVERVIEW, _("Saved."))


@require_POST
def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a passkey useless."""
    confirmed(request)
    passkey = _own(request, "webauthn", pk)
    _remove(request, passkey, passkey_flows.remove_authenticator, f"passkey removed: {passkey.wrap().name}")
    return rendering.go(request, OVERVIEW, _("The passkey is removed."))


@never_cache
@require_GET
def codes(request: HttpRequest) -> HttpResponse:
    """The recovery codes that have not been used."""
    unused = _unused(request)
    return rendering.page(request, "account/codes.html", {**framed(request), "codes": unused})


@require_POST
def new_codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes; the old ones become useless."""
    confirmed(request)
    if not code_flows.can_generate_recovery_codes(person_of(request)):
        raise Refused(_("Set up an app or a passkey first; recovery codes come with it."))
    code_flows.generate_recovery_codes(request)
    _changed(person_of(request), "new recovery codes")
    return rendering.go(request, CODES, _("The old codes are useless now. Keep the new ones."))


@never_cache
@require_GET
def download_codes(request: HttpRequest) -> HttpResponse:
    """The unused recovery codes as a text file."""
    text = "".join(f"{code}\n" for code in _unused(request))
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="guanxi-recovery-codes.txt"'
    return response


def _unused(request: HttpRequest) -> list[str]:
    confirmed(request)
    found: list[str] = _own(request, "recovery_codes").wrap().get_unused_codes()
    return found


def _own(request: HttpRequest, kind: str, pk: int | None = None) -> Authenticator:
    chosen = {} if pk is None else {"pk": pk}
    found = Authenticator.objects.filter(user=person_of(request), type=kind, **chosen).first()
    if found is None:
        raise NotFound(_("You have none of these. Go back to the security page and look again."))
    return found


def _remove(request: HttpRequest, factor: Authenticator, remove: Any, detail: str) -> None:
    """The last factor of somebody who must have one stays."""
    person = person_of(request)
    with db.atomic():
        others = Authenticator.objects.filter(user=person).exclude(type="recovery_codes").exclude(pk=factor.pk)
        if demands.second_factor(person, compiled.current()) and not others.exists():
            raise Refused(_("Your company asks for a second factor. Add another one before you remove this."))
        remove(request, factor)
        _changed(person, detail)


def _changed(person: User, detail: str) -> None:
    audit.note("mfa_changed", person=person.pk, name=person.name, detail=detail)


def _fours(text: str) -> list[str]:
    return [text[start : start + 4] for start in range(0, len(text), 4)]
