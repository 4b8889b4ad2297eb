"""What a person has chosen for the face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.models import User
from guanxi.kernel.errors import Invalid

_CHOICES = {
    "language": ("", "zh-hans", "en"),
    "theme": ("auto", "light", "dark"),
    "density": ("cozy", "compact"),
}
MAX_LISTED = 200


@dataclass(frozen=True, slots=True)
class Preferences:
    """Language ("" follows the browser), theme, time zone, density, columns per object, favourites."""

    language: str = ""
    theme: str = "auto"
    time_zone: str = ""
    density: str = "cozy"
    columns: Mapping[str, list[str]] = field(default_factory=dict)
    favourites: list[str] = field(default_factory=list)
    collapsed: bool = False


_KNOWN = frozenset(item.name for item in fields(Preferences))


def get(actor: Actor) -> Preferences:
    """The actor's preferences."""
    return Preferences(**{key: value for key, value in actor.preferences.items() if key in _KNOWN})


def update(actor: Actor, **changes: Any) -> Preferences:
    """Change some preferences; :class:`Invalid` for a value that is not one."""
    _check(changes)
    person = User.objects.get(pk=actor.user_id or 0)
    person.preferences = {**person.preferences, **changes}
    User.objects.filter(pk=person.pk).update(preferences=person.preferences)
    return Preferences(**{key: value for key, value in person.preferences.items() if key in _KNOWN})


def _check(changes: Mapping[str, Any]) -> None:
    wrong = [key for key in changes if key not in _KNOWN]
    wrong += [key for key, choices in _CHOICES.items() if key in changes and changes[key] not in choices]
    zone = changes.get("time_zone")
    if zone and zone not in available_timezones():
        wrong.append("time_zone")
    if len(changes.get("favourites", ())) > MAX_LISTED:
        wrong.append("favourites")
    if wrong:
        raise Invalid(
            _("This setting is not one of the choices."), {key: [_("Choose from the list.")] for key in wrong}
        )
