"""What holds for everybody: the access every object starts from, and the security policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from ipaddress import ip_address, ip_network
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access import audit, compiled, policy
from guanxi.access.models import ObjectDefault, SecurityPolicy
from guanxi.access.policy import Policy
from guanxi.access.roles import networks_in
from guanxi.engine.outbound.destinations import entries_in
from guanxi.engine.parse import refusal
from guanxi.engine.write import Door
from guanxi.kernel.errors import Refused
from guanxi.schema import registry
from guanxi.schema.registry import snapshot

LIMITS = {
    "password_length": (8, 128),
    "password_classes": (1, 4),
    "password_days": (0, 3650),
    "password_history": (0, 24),
    "lockout_tries": (3, 100),
    "lockout_minutes": (1, 1440),
    "idle_minutes": (0, 10_080),
    "export_approval_above": (0, 10_000_000),
}
"""Least and greatest value of every number of the policy."""


def defaults() -> dict[str, str]:
    """The level every object starts from, by object key."""
    chosen = compiled.current().defaults
    return {
        kind.key: chosen.get(kind.key, kind.declaration.default_access)
        for kind in snapshot()
        if kind.declaration.kind == "standard"
    }


def set_default(door: Door, object_key: str, level: str) -> None:
    """Let everybody with the right to an object do ``level`` (private, read, write) with every record of it."""
    _only_administrators(door)
    kind = snapshot().get(object_key)
    if kind.declaration.kind != "standard" or level not in ("private", "read", "write"):
        raise refusal({object_key: [_("Choose private, read or write for an object of everyday work.")]})
    before = defaults()[object_key]
    if before == level:
        return
    ObjectDefault.objects.update_or_create(object=object_key, defaults={"level": level})
    registry.bump("access")
    door.recorder.record("security_policy", "updated", [(1, {f"default.{object_key}": [before, level]}, None)])
    audit.note("permission_changed", door.actor, object_key=object_key, detail=f"default: {before} → {level}")


def change_policy(door: Door, values: Mapping[str, Any]) -> Policy:
    """Change some rules of the security policy; the policy as it is then. Raises :class:`Invalid` by rule."""
    _only_administrators(door)
    before = asdict(compiled.current().policy)
    after = asdict(policy.read({**before, **_checked(values, before)}))
    changes = {key: [_plain(before[key]), _plain(after[key])] for key in after if after[key] != before[key]}
    if changes:
        stored = {key: _plain(value) for key, value in after.items()}
        SecurityPolicy.objects.update_or_create(pk=1, defaults={"values": stored})
        registry.bump("access")
        door.recorder.record("security_policy", "updated", [(1, changes, None)])
        told = "; ".join(f"{key}: {old} → {new}" for key, (old, new) in changes.items())
        audit.note("policy_changed", door.actor, detail=told)
    return policy.read(after)


def _checked(values: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    errors: dict[str, list[str]] = {}
    found: dict[str, Any] = {}
    for key, value in values.items():
        try:
            if key not in before:
                raise ValueError(_("There is no such rule."))
            found[key] = _LISTS[key](value) if key in _LISTS else _rule(key, value)
        except ValueError as error:
            errors[key] = [str(error)]
    if not errors and "networks" in found and not _inside(audit.address(), found["networks"]):
        errors["networks"] = [
            _("Your own address %(address)s is not in these networks.") % {"address": audit.address()}
        ]
    if errors:
        raise refusal(errors)
    return found


def _inside(address: str, networks: tuple[str, ...]) -> bool:
    """Whether the caller would still be let in: nobody locks themselves out by mistake."""
    return not address or not networks or any(ip_address(address) in ip_network(network) for network in networks)


def _rule(key: str, value: Any) -> Any:
    if key not in LIMITS:
        if not isinstance(value, bool):
            raise ValueError(_("Say yes or no."))
        return value
    low, high = LIMITS[key]
    try:
        number = int(value)
    except (TypeError, ValueError):
        number = low - 1
    if isinstance(value, bool) or not low <= number <= high:
        raise ValueError(_("Give a whole number from %(low)d to %(high)d.") % {"low": low, "high": high})
    return number


def _hosts(value: Any) -> tuple[str, ...]:
    parts = _listed(value).replace("\n", ",").split(",")
    try:
        return entries_in([part.strip() for part in parts if part.strip()])
    except ValueError as error:
        message = _(
            "“%(text)s” is not a host with a port. Write such as crm-hub.example.com:8443, separated by commas."
        )
        raise ValueError(message % {"text": str(error)[:60]}) from error


def _listed(value: Any) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, list | tuple) else str(value or "")


def _networks(value: Any) -> tuple[str, ...]:
    try:
        return networks_in(_listed(value))
    except ValueError as error:
        message = _("“%(text)s” is not a network. Write networks such as 10.0.0.0/8, separated by commas.")
        raise ValueError(message % {"text": str(error)[:60]}) from error


_LISTS: Mapping[str, Callable[[Any], tuple[str, ...]]] = {"networks": _networks, "outbound_allowed": _hosts}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _only_administrators(door: Door) -> None:
    if not door.actor.is_administrator or (door.actor.allowed is not None and "administrate" not in door.actor.allowed):
        raise Refused(_("Only an administrator can change this."))
