"""From the verified word of a provider to one of our people: found, linked, made, or refused in words."""

from __future__ import annotations

import logging
from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from guanxi.access import audit, compiled
from guanxi.access.actor import Actor
from guanxi.access.models import User
from guanxi.engine import write
from guanxi.engine.administration.people import roles_of, set_roles
from guanxi.engine.identity import mapping
from guanxi.engine.identity.claims import Claims
from guanxi.engine.identity.provider import IdentityLink, IdentityProvider
from guanxi.kernel.errors import Invalid, Refused
from guanxi.schema import registry
from guanxi.schema.registry import snapshot

log = logging.getLogger("guanxi.signin")
CAUSE = "sign_in"


class NotAdmitted(Refused):
    """The provider's word is true, but nobody is let in on it. ``reason`` is for the log, in English."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


def person_for(provider: IdentityProvider, claims: Claims) -> User:
    """The person the claims are about, with roles and department brought up to date.

    The claims must be verified: signed by the provider, or read from the directory after the person's own bind. First the
    link decides, then a verified mail that one active person alone has, then the provider's leave to make people. Raises
    :class:`NotAdmitted`, and then nothing has changed but the audit log.
    """
    _take_up()
    try:
        try:
            return _in_one_change(provider, claims)
        except IntegrityError:
            # The same person signed in twice at the same moment; by now the link is there.
            return _in_one_change(provider, claims)
    except NotAdmitted as error:
        log.warning("%s vouched for “%s”, who was not let in: %s", provider.name, claims.username, error.reason)
        audit.note("refused", name=claims.username, detail=f"sign-in through {provider.name}: {error.reason}")
        raise


def _take_up() -> None:
    """Nobody is signed in yet, so no request has looked whether access changed in another process."""
    versions = registry.versions()
    registry.ensure(versions.get("schema", 0))
    compiled.ensure(versions.get("access", 0))


def _in_one_change(provider: IdentityProvider, claims: Claims) -> User:
    with write.change(Actor.program(), cause=CAUSE, note=provider.name) as door:
        if not claims.subject or len(claims.subject) > 255:
            raise _refuse_missing("no usable subject")
        link = IdentityLink.objects.select_related("person").filter(provider=provider, subject=claims.subject).first()
        if link is not None:
            _admit_active(link.person)
            IdentityLink.objects.filter(pk=link.pk).update(last_used_at=door.now)
            if provider.renew:
                _bring_up_to_date(door, provider, link.person, claims)
            return User.objects.get(pk=link.person.pk)
        _require_mail(provider, claims)
        person = _by_mail(provider, claims)
        made = person is None
        if person is None:
            person = _make(door, provider, claims)
        _link(door, provider, claims, person)
        if made or provider.renew:
            _bring_up_to_date(door, provider, person, claims)
        return User.objects.get(pk=person.pk)


def _admit_active(person: User) -> None:
    if not person.is_active or person.deleted_at is not None:
        raise NotAdmitted(
            _("Your account here is deactivated. Ask an administrator if that is a mistake."), "deactivated or deleted"
        )


def _require_mail(provider: IdentityProvider, claims: Claims) -> None:
    """Before a link is made: an address that is there must be verified; OpenID Connect must give one."""
    if claims.mail and not claims.mail_verified:
        raise NotAdmitted(
            _("Your mail address is not verified at “%(name)s”. Verify it there, then sign in again.")
            % {"name": provider.title},
            "the mail address is not verified",
        )
    if not claims.mail and provider.kind == "oidc":
        raise _refuse_missing("no mail address")
    if not claims.mail.isascii():
        # Letters that only look alike, or become alike when their case is changed, must not open an account.
        raise _refuse_missing("a mail address with letters outside ASCII")


def _refuse_missing(reason: str) -> NotAdmitted:
    message = _("The provider did not say who you are: a verified mail address is missing. Ask an administrator.")
    return NotAdmitted(message, reason)


def _by_mail(provider: IdentityProvider, claims: Claims) -> User | None:
    """The one person with this mail, who may be linked; ``None`` when nobody has it. Those who left count too."""
    if not claims.mail:
        return None
    same = User.objects.filter(email__iexact=claims.mail).select_for_update()
    found = [person for person in same if person.email.lower() == claims.mail.lower()]
    if not found:
        return None
    if len(found) > 1:
        message = _("Several people here have your mail address. Ask an administrator to correct that.")
        raise NotAdmitted(message, "the mail address belongs to several people")
    person: User = found[0]
    _admit_active(person)
    if _has_power(person) and not provider.may_link_administrators:
        message = _("Administrators do not sign in through “%(name)s”. Use your user name and password.")
        raise NotAdmitted(message % {"name": provider.title}, "the mail address is an administrator's")
    if IdentityLink.objects.filter(provider=provider, person=person).exists():
        message = _("Your account here belongs to another identity at “%(name)s”. Ask an administrator.")
        raise NotAdmitted(message % {"name": provider.title}, "the person is linked to another subject")
    return person


def _has_power(person: User) -> bool:
    """Whether the person may administrate anything."""
    picture = compiled.current()
    known = picture.people.get(person.pk)
    roles = [picture.roles[role] for role in known.roles] if known else []
    return person.is_superuser or any("administrate" in rights for role in roles for rights in role.actions.values())


def _make(door: write.Door, provider: IdentityProvider, claims: Claims) -> User:
    if not provider.create_people:
        message = _("You have no account here yet. Ask an administrator to add you.")
        raise NotAdmitted(message, "unknown here, and the provider does not create people")
    username = _username(claims)
    if User.objects.filter(username__iexact=username).exists():
        message = _("The user name “%(name)s” is taken here. Ask an administrator to enter your mail address there.")
        raise NotAdmitted(message % {"name": username}, "the user name is taken by somebody with another mail address")
    values = {
        "username": username,
        "name": _fitting("name", claims.name) or username,
        "email": claims.mail,
        "phone": _fitting("phone", claims.phone),
    }
    try:
        made = door.create("user", values)
    except Invalid as error:
        raise _refuse_missing(f"values that cannot be kept: {error}") from error
    assert isinstance(made, User)
    made.set_unusable_password()
    made.save(update_fields=["password"])
    return made


def _username(claims: Claims) -> str:
    """The user name; a mail address only if it is the person's own, so that nobody takes the place of another's."""
    name = claims.username.strip()
    if not name or ("@" in name and name.lower() != claims.mail.lower()):
        name = claims.mail
    if not name or len(name) > 120:
        raise _refuse_missing("no usable user name")
    return name


def _fitting(key: str, text: str) -> str | None:
    """A text that is welcome if it can be kept, and left out otherwise."""
    spec = snapshot().get("user").fields[key].spec
    try:
        value: Any = spec.kind.parse(text, spec)
    except ValueError:
        return None
    return None if value is None or spec.kind.check(value, spec) else str(value)


def _link(door: write.Door, provider: IdentityProvider, claims: Claims, person: User) -> None:
    IdentityLink.objects.create(
        provider=provider, subject=claims.subject, person=person, created_at=door.now, last_used_at=door.now
    )
    door.recorder.record("user", "linked", [(person.pk, {"identity": [None, provider.name]}, None)])
    told = f"{person.username}: linked to {provider.name}"
    audit.note("permission_changed", door.actor, object_key="user", record=person.pk, detail=told)


def _bring_up_to_date(door: write.Door, provider: IdentityProvider, person: User, claims: Claims) -> None:
    """Exactly the roles that the groups give, and the department if it is known here."""
    wanted = mapping.roles_for(provider.group_roles, claims.groups)
    if provider.default_role_id and provider.default_role.deleted_at is None:
        wanted.add(provider.default_role_id)
    if wanted != {role.pk for role in roles_of(person.pk)}:
        set_roles(door, person.pk, wanted)
    department = mapping.department_for(provider.department_names, claims.department)
    if department is not None and department != person.department_id:
        door.update("user", person.pk, {"department": department})
