"""What those who administrate people do for somebody's signing in: unlock, sign out, invite, take away factors and keys."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from guanxi.access import audit
from guanxi.access.actor import Actor
from guanxi.access.models import User
from guanxi.engine import keys, write
from guanxi.engine.identity.links import directory_person
from guanxi.engine.models import ApiKey
from guanxi.kernel.errors import NotFound, Refused
from guanxi.schema.registry import snapshot
from guanxi.web.account import guessing, mails, security


def unlock(actor: Actor, user_id: int) -> None:
    """Let a person who typed too many wrong passwords or codes try again at once."""
    user = _changeable(actor, user_id)
    guessing.unlock(user)
    _note("permission_changed", actor, user, "unlocked")


def sign_out(actor: Actor, user_id: int) -> int:
    """End every session of a person; the number ended."""
    user = _changeable(actor, user_id)
    found = list(UserSession.objects.filter(user=user))
    security.end_sessions(user, found, by=actor)
    return len(found)


def reset_factors(actor: Actor, user_id: int) -> None:
    """Take away a person's second factors, when the device was lost. For administrators."""
    user = _by_administrator(actor, user_id, _("Only an administrator can take away somebody's second factor."))
    Authenticator.objects.filter(user=user).delete()
    _note("mfa_changed", actor, user, "reset")


def keys_of(actor: Actor, user_id: int) -> tuple[ApiKey, ...]:
    """The keys of a person that still work, newest first."""
    write.require(actor, "administrate", snapshot().get("user"))
    return keys.of_person(_person(user_id).pk)


def revoke_keys(actor: Actor, user_id: int, chosen: Collection[int] = ()) -> int:
    """Make the chosen keys of a person useless, all of them when none is chosen; the number revoked. For administrators."""
    user = _by_administrator(actor, user_id, _("Only an administrator can revoke somebody else's API keys."))
    return keys.revoke_of_person(actor, user, chosen)


def invitation(actor: Actor, user_id: int) -> User:
    """The person, who has no password yet and may be given a link by the caller; the invitation is audited."""
    user = _changeable(actor, user_id)
    if not invitable(user):
        raise Refused(_("Only a person who has not set a password yet can be invited."))
    _note("invited", actor, user)
    return user


def invitable(user: User) -> bool:
    """Whether a person has still to set the first password; whom a directory vouches for never does."""
    return bool(user.is_active) and not user.has_usable_password() and not directory_person(user.pk)


def mailable(people: Iterable[User]) -> list[User]:
    """Those of them to whom an invitation can be mailed."""
    return [user for user in people if settings.GUANXI_MAIL and user.email]


def mail_invitation(actor: Actor, user_id: int) -> None:
    """Send a person the link by mail."""
    user = invitation(actor, user_id)
    if not mailable([user]):
        raise Refused(
            _("No mail can be sent to this person: there is no mail server or no address. Copy the link instead.")
        )
    mails.send_invitation.enqueue(user.pk, actor.name, get_language() or settings.LANGUAGE_CODE)


def _changeable(actor: Actor, user_id: int) -> User:
    """The person, if the actor administrates people; administrators are for administrators alone."""
    write.require(actor, "administrate", snapshot().get("user"))
    user = _person(user_id)
    if user.is_superuser and not actor.is_administrator:
        raise Refused(_("Only an administrator can change an administrator."))
    return user


def _by_administrator(actor: Actor, user_id: int, refusal: str) -> User:
    if not actor.is_administrator or not actor.can("administrate", "user"):
        raise Refused(refusal)
    return _person(user_id)


def _person(user_id: int) -> User:
    user: User | None = User.objects.filter(pk=user_id, deleted_at=None).first()
    if user is None:
        raise NotFound(_("This person does not exist or was deleted."))
    return user


def _note(event: str, actor: Actor, user: User, what: str = "") -> None:
    told = f"{user.username}: {what}" if what else user.username
    audit.note(event, actor, object_key="user", record=user.pk, detail=told)
