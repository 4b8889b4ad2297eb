"""What an identity provider must say before it is kept, and who may say it."""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from guanxi.access.dominance import covers
from guanxi.access.models import Role
from guanxi.engine.identity import mapping
from guanxi.engine.identity.certificates import context_for
from guanxi.kernel.errors import Refused
from guanxi.schema.rules import Draft, ObjectRules, WriteDoor

if TYPE_CHECKING:
    from django.db.models import Manager

    from guanxi.engine.identity.provider import IdentityLink, IdentityProvider

NEEDED = {
    "oidc": ("issuer", "client_id"),
    "ldap": ("server_url", "base_dn", "user_filter", "subject_attribute", "username_attribute"),
}


class ProviderRules(ObjectRules):
    """A provider that is switched on is complete, encrypted on its way, and gives nobody more than its writer holds."""

    def check(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        for draft in drafts:
            if draft.get("is_active"):
                for key in NEEDED.get(draft.get("kind") or "", ()):
                    if draft.get(key) is None:
                        message = _("Please fill in %(field)s, or switch the provider off for now.")
                        draft.error(key, message % {"field": draft.kind.fields[key].label})
            _check_links(draft)
            if draft.get("kind") == "oidc":
                _check_issuer(draft)
            else:
                _check_directory(draft)
            _check_mapping(draft, door.actor)


def _check_links(draft: Draft) -> None:
    """Subjects mean something to one issuer only: with another, a link would open somebody else's account."""
    moved = [key for key in ("kind", "issuer", "subject_attribute") if draft.changed(key)]
    if moved and not draft.created and _links(draft).exists():
        message = _("People are linked to this provider as it is. Make a new one, and switch this one off.")
        draft.error(moved[0], message)


def _check_issuer(draft: Draft) -> None:
    issuer = draft.get("issuer")
    if issuer and not issuer.startswith("https://") and not is_local(issuer):
        draft.error("issuer", _("The address must begin with https://, so that nobody can listen or pretend."))


def _check_directory(draft: Draft) -> None:
    server = draft.get("server_url")
    if server:
        parts = urlsplit(server)
        if parts.scheme not in ("ldap", "ldaps") or not parts.hostname:
            draft.error("server_url", _("Enter a server such as ldaps://ldap.example.com."))
        elif parts.scheme == "ldap" and not draft.get("start_tls") and not is_local(server):
            draft.error("server_url", _("Passwords would travel unencrypted. Use ldaps://, or switch StartTLS on."))
        elif parts.scheme == "ldaps" and draft.get("start_tls"):
            draft.error("start_tls", _("ldaps:// is encrypted from the start. Switch StartTLS off, or use ldap://."))
    for key, place in (("user_filter", "{username}"), ("group_filter", "{")):
        text = draft.get(key)
        if text and (not text.startswith("(") or not text.endswith(")") or place not in text):
            draft.error(key, _("Enter a filter such as (uid={username}), in parentheses."))
    if draft.changed("ca_certificate") and draft.get("ca_certificate"):
        try:
            context_for(draft.get("ca_certificate"))
        except (ssl.SSLError, OSError, ValueError):
            draft.error("ca_certificate", _("This is neither a PEM certificate nor the path of one that can be read."))


def _check_mapping(draft: Draft, actor: Any) -> None:
    given: set[int] = {draft.get("default_role")} - {None}
    try:
        for _group, name in mapping.pairs(draft.get("group_roles")):
            role = mapping.role_named(name)
            if role is not None:
                given.add(role.pk)
            elif draft.changed("group_roles"):
                draft.error("group_roles", _("There is no role “%(name)s”.") % {"name": name[:80]})
    except ValueError as error:
        draft.error("group_roles", str(error))
    try:
        for _value, name in mapping.pairs(draft.get("department_names")):
            if draft.changed("department_names") and mapping.department_named(name) is None:
                draft.error("department_names", _("There is no single department “%(name)s”.") % {"name": name[:80]})
    except ValueError as error:
        draft.error("department_names", str(error))
    _within_own_rights(draft, actor, given)


def _links(draft: Draft) -> Manager[IdentityLink]:
    """The people who sign in through the provider."""
    return cast("IdentityProvider", draft.record).links


def _within_own_rights(draft: Draft, actor: Any, given: set[int]) -> None:
    """Whoever writes a provider decides who is who: that takes the right over people, and no more than one's own rights."""
    if actor.is_administrator and actor.allowed is None:
        return
    if not (actor.can("administrate", "user") and actor.can("administrate", "role")):
        raise Refused(_("Whoever changes how people sign in needs the right “administrate” on people and roles too."))
    if not draft.created and _links(draft).filter(person__is_superuser=True).exists():
        raise Refused(_("Administrators sign in through this provider. Only an administrator may change it."))
    if draft.get("may_link_administrators"):
        draft.error("may_link_administrators", _("Only an administrator may allow this."))
    live = set(Role.objects.filter(pk__in=given, deleted_at=None).values_list("pk", flat=True))
    roles = actor.access.roles
    if beyond := covers(actor, roles, frozenset(live & set(roles))):
        message = _("A role given here goes beyond your own rights (%(object)s: %(right)s).")
        draft.error("group_roles", message % {"object": beyond.kind.label, "right": beyond.what})


def is_local(address: str) -> bool:
    """Whether an address leads to this very machine, where nothing travels."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
