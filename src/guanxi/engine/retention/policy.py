"""How long deleted records and the field history are kept, as the company has chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access import audit
from guanxi.access.actor import Actor
from guanxi.engine.parse import refusal
from guanxi.engine.retention_policy import RetentionPolicy
from guanxi.engine.write import Door
from guanxi.kernel.errors import Refused

OBJECT = "retention_policy"
"""What the journal calls it."""
LIMITS = {"recycle_bin_days": (0, 3650), "history_months": (0, 240)}
"""Least and greatest value; 0 keeps for ever."""


def current() -> RetentionPolicy:
    """The policy in force."""
    return RetentionPolicy.objects.filter(pk=1).first() or RetentionPolicy(pk=1)


def values() -> dict[str, int]:
    """The policy as numbers by name."""
    found = current()
    return {key: getattr(found, key) for key in LIMITS}


def require_administrator(actor: Actor) -> None:
    """Raise :class:`Refused` unless an administrator asks, with a key only if that has the right to administrate."""
    limited = actor.allowed is not None and "administrate" not in actor.allowed
    if not actor.is_administrator or limited or actor.observer is not None:
        raise Refused(_("Only an administrator can do this."))


def change(door: Door, wanted: Mapping[str, Any]) -> dict[str, int]:
    """Change some numbers of the policy; the policy as it is then. Raises :class:`Invalid` by name."""
    require_administrator(door.actor)
    before = values()
    after = before | _checked(wanted)
    changes: dict[str, list[Any]] = {key: [before[key], after[key]] for key in LIMITS if before[key] != after[key]}
    if changes:
        RetentionPolicy.objects.update_or_create(pk=1, defaults=after)
        door.recorder.record(OBJECT, "updated", [(1, changes, None)])
        told = "; ".join(f"{key}: {old} → {new}" for key, (old, new) in changes.items())
        audit.note("policy_changed", door.actor, object_key=OBJECT, detail=told)
    return after


def _checked(wanted: Mapping[str, Any]) -> dict[str, int]:
    errors: dict[str, list[str]] = {}
    found: dict[str, int] = {}
    for key, value in wanted.items():
        if key not in LIMITS:
            errors[key] = [_("There is no such rule.")]
            continue
        low, high = LIMITS[key]
        text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if text.isascii() and text.isdigit() and low <= int(text[:9]) <= high:
            found[key] = int(text[:9])
        else:
            errors[key] = [_("Give a whole number from %(low)d to %(high)d.") % {"low": low, "high": high}]
    if errors:
        raise refusal(errors)
    return found
