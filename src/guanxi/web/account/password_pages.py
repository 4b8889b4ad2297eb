"""Setting a password: forgotten, invited, or too old."""

from __future__ import annotations

from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from guanxi.access import attempts, audit, compiled, passwords
from guanxi.access.models import User
from guanxi.kernel import db
from guanxi.web import origin, rendering
from guanxi.web.account import entrance, guessing, links, mails
from guanxi.web.account.pages import framed

ASKS, ASK_MINUTES = 5, 30
"""So often a new password may be asked for with one name, or four times as often from one address."""


class NewPassword(SetPasswordForm):  # type: ignore[type-arg]
    """A password for somebody who need not know the present one."""

    def save(self, commit: bool = True) -> User:
        """Set it; :mod:`guanxi.access.passwords` keeps the former one."""
        person: User = self.user
        passwords.set_password(person, self.cleaned_data["new_password1"])
        return person


class ChangedPassword(PasswordChangeForm):
    """A password for somebody who knows the present one; guessing that one is counted like guessing at sign-in."""

    def clean_old_password(self) -> str:
        """The present password is right."""
        taken = guessing.take_name(str(self.user.username))
        if not taken.allowed:
            raise ValidationError(guessing.wait(taken.minutes))
        found = super().clean_old_password()
        attempts.forget("name", guessing.folded(str(self.user.username)))
        return found

    def clean_new_password1(self) -> str:
        """Another than the present one."""
        chosen: str = self.cleaned_data.get("new_password1", "")
        if chosen and chosen == self.data.get("old_password"):
            raise ValidationError(_("This is your present password. Choose a new one."))
        return chosen

    def save(self, commit: bool = True) -> User:
        """Set it; :mod:`guanxi.access.passwords` keeps the former one."""
        passwords.set_password(self.user, self.cleaned_data["new_password1"])
        return self.user


def change(request: HttpRequest, form: ChangedPassword | NewPassword) -> None:
    """Set the password of the signed-in person: this session stays, under a new key; all others end."""
    with db.atomic():
        form.save()
        audit.note("password_changed", person=form.user.pk, name=form.user.name)
    former = request.session.session_key
    update_session_auth_hash(request, form.user)
    UserSession.objects.filter(session_key=former).update(session_key=request.session.session_key)


@never_cache
@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Ask for a link by mail. The answer is the same for every name."""
    name = request.POST.get("username", "").strip()[:254]
    if request.method == "GET" or not name or not settings.GUANXI_MAIL:
        return rendering.page(request, "account/forgotten.html", {"mail": settings.GUANXI_MAIL, "asked": False})
    by_address = attempts.take("ask-address", origin.address_of(request), ASKS * 4, ASK_MINUTES)
    by_name = attempts.take("ask-name", guessing.folded(name), ASKS, ASK_MINUTES)
    if by_address.allowed and by_name.allowed:
        mails.send_forgotten.enqueue(name, get_language() or settings.LANGUAGE_CODE)
    return rendering.page(request, "account/forgotten.html", {"mail": True, "asked": True})


@never_cache
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link of a mail."""
    return _by_link(request, token, links.FORGOTTEN)


@never_cache
def invited(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an invitation."""
    return _by_link(request, token, links.INVITATION)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def _by_link(request: HttpRequest, token: str, purpose: links.Purpose) -> HttpResponse:
    person = links.person_of(token, purpose)
    if person is None:
        return HttpResponseRedirect("/signin?wrong=link")
    form = NewPassword(person, request.POST if request.method == "POST" else None)
    if request.method == "GET" or not form.is_valid():
        return _new_password(request, form, purpose.key)
    with db.atomic():
        form.save()
        audit.note("password_changed", person=person.pk, name=person.name, detail=purpose.key)
    guessing.unlock(person)
    # Goes on like after a right password: whoever has a second factor is asked for it.
    return entrance.enter(request, person, settings.LOGIN_REDIRECT_URL)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def renew(request: HttpRequest) -> HttpResponse:
    """A new password for somebody whose present one is too old."""
    if not isinstance(request.user, User):
        return HttpResponseRedirect(settings.LOGIN_URL)
    person = request.user
    if not passwords.expired(person, compiled.current().policy):
        return HttpResponseRedirect(settings.LOGIN_REDIRECT_URL)
    form = ChangedPassword(person, request.POST if request.method == "POST" else None)
    if request.method == "GET" or not form.is_valid():
        return _new_password(request, form, "expired")
    change(request, form)
    return HttpResponseRedirect(settings.LOGIN_REDIRECT_URL)


def _new_password(request: HttpRequest, form: Any, why: str) -> HttpResponse:
    context = {
        **framed(request),
        "form": form,
        "why": why,
        "name": form.user.name,
        "username": form.user.username,
        "rules": passwords.rules(compiled.current().policy),
    }
    return rendering.page(request, "account/new_password.html", context, 422 if form.is_bound else 200)
