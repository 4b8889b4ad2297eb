"""What the company's policy demands of a person before anything else: from where, and with what."""

from __future__ import annotations

from allauth.mfa.models import Authenticator

from guanxi.access.compiled import Compiled, RoleRules
from guanxi.access.models import User
from guanxi.web.origin import parsed, within


def second_factor(person: User, access: Compiled) -> bool:
    """Whether the person must have a second factor."""
    return access.policy.mfa_everybody or any(role.requires_mfa for role in _roles(person.pk, access))


def has_second_factor(person: User) -> bool:
    """Whether the person has one; recovery codes alone are none."""
    return bool(Authenticator.objects.filter(user=person).exclude(type="recovery_codes").exists())


def from_here(address: str, access: Compiled, user_id: int | None = None) -> bool:
    """Whether anybody, or this person, may come from the address: by the company's networks and every role's."""
    demanded = [access.policy.networks]
    if user_id is not None:
        demanded += [role.networks for role in _roles(user_id, access)]
    place = parsed(address)
    return all(within(place, networks) for networks in demanded if networks)


def _roles(user_id: int, access: Compiled) -> list[RoleRules]:
    person = access.people.get(user_id)
    return [access.roles[role] for role in person.roles if role in access.roles] if person else []
