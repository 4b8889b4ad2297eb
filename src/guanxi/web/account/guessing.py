"""A name and a password, tried once: counted before, noted afterwards, the same for names that do not exist."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.access import attempts, audit, compiled
from guanxi.access.models import User
from guanxi.web import origin
from guanxi.web.account import ldap
from guanxi.web.account.backend import person_called

ADDRESS_TRIES = 60
ADDRESS_MINUTES = 10
"""A company may sit behind one address, so an address may fail more often than a name."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The person, or the sentence to show."""

    person: User | None
    error: str = ""


def try_password(request: HttpRequest, name: str, password: str) -> Outcome:
    """Whether the name and the password belong together."""
    address = origin.address_of(request)
    by_address = attempts.take("address", address, ADDRESS_TRIES, ADDRESS_MINUTES)
    if not by_address.allowed:
        return Outcome(None, wait(by_address.minutes))
    by_name = take_name(name)
    if not by_name.allowed:
        return Outcome(None, wait(by_name.minutes))
    person = authenticate(request, username=name, password=password)
    if isinstance(person, User):
        attempts.forget("name", folded(name))
        attempts.give_back("address", address)
        return Outcome(person)
    _note(name, locked=by_name.last)
    wrong = _("User name or password is wrong. Check both, upper and lower case matter in the password.")
    return Outcome(None, ldap.reason(request) or wrong)


def take_name(name: str) -> attempts.Taken:
    """Count an attempt with this name, as the policy says."""
    policy = compiled.current().policy
    return attempts.take("name", folded(name), policy.lockout_tries, policy.lockout_minutes)


def take_factor(person: User) -> attempts.Taken:
    """Count an attempt with the person's second factor, as the policy says."""
    policy = compiled.current().policy
    return attempts.take("factor", str(person.pk), policy.lockout_tries, policy.lockout_minutes)


def factor_failed(person: User, *, locked: bool) -> None:
    """Note a wrong second factor."""
    audit.note("sign_in_failed", person=person.pk, name=person.name, detail="second factor")
    if locked:
        audit.note("locked_out", person=person.pk, name=person.name, detail="second factor")


def unlock(person: User) -> None:
    """Forget the failed attempts of a person under every name by which it signs in."""
    for name in filter(None, (person.username, person.email)):
        attempts.forget("name", folded(str(name)))
    attempts.forget("factor", str(person.pk))


def wait(minutes: int) -> str:
    """What to say to whoever has to wait."""
    sentence = ngettext(
        "Too many attempts. Wait %(minutes)d minute, then try again.",
        "Too many attempts. Wait %(minutes)d minutes, then try again.",
        minutes,
    )
    return sentence % {"minutes": minutes}


def folded(name: str) -> str:
    """The name as it is counted: small differences in writing do not give further tries."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _note(name: str, *, locked: bool) -> None:
    person = person_called(name)
    # A name nobody has may be a password typed into the wrong field: only its beginning is kept.
    shown = person.name if person else f"{name.strip()[:3]}…"
    number = person.pk if person else None
    audit.note("sign_in_failed", person=number, name=shown)
    if locked:
        audit.note("locked_out", person=number, name=shown)
