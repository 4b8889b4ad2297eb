"""What a person has chosen: which kinds of notices reach them how, and when the daily mail comes."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.models import User
from guanxi.engine.notifications.kinds import CHANNELS, DIGEST, KINDS, MAIL
from guanxi.kernel.errors import Invalid

DAYS = ("working", "daily")
_TIME = re.compile(r"^([01][0-9]|2[0-3]):[0-5][0-9]$")


@dataclass(frozen=True, slots=True)
class Choices:
    """The channels of each kind, and when the daily mail comes: at ``time``, on working days or daily."""

    channels: Mapping[str, frozenset[str]]
    time: str = "08:00"
    days: str = "working"

    @property
    def moment(self) -> datetime.time:
        """The time of day of the daily mail."""
        hour, minute = self.time.split(":")
        return datetime.time(int(hour), int(minute))


def choices_of(preferences: Mapping[str, Any]) -> Choices:
    """What stands in a person's preferences; what was never chosen is as the kinds say."""
    chosen = preferences.get("notices", {})
    channels = {
        key: frozenset(chosen[key]) & set(CHANNELS) if key in chosen else frozenset(kind.channels)
        for key, kind in KINDS.items()
    }
    digest = preferences.get("digest", {})
    return Choices(channels, digest.get("time", "08:00"), digest.get("days", "working"))


def get(actor: Actor) -> Choices:
    """The actor's choices."""
    return choices_of(actor.preferences)


def choose(
    actor: Actor,
    channels: Mapping[str, Collection[str]] | None = None,
    time: str | None = None,
    days: str | None = None,
) -> Choices:
    """Change some choices; :class:`Invalid` names what is not one. Mail at once leaves nothing for the daily mail."""
    wrong: dict[str, list[str]] = {}
    for key, ways in (channels or {}).items():
        if key not in KINDS:
            wrong[key[:40]] = [_("There is no such kind of notification.")]
        elif set(ways) - set(CHANNELS):
            wrong[key] = [_("Choose from the list.")]
    if time is not None and not _TIME.match(time):
        wrong["digest_time"] = [_("Enter a time such as 08:30.")]
    if days is not None and days not in DAYS:
        wrong["digest_days"] = [_("Choose from the list.")]
    if wrong:
        raise Invalid(_("This setting is not one of the choices."), wrong)
    person = User.objects.get(pk=actor.user_id or 0)
    kept: dict[str, Any] = dict(person.preferences)
    kept["notices"] = {**kept.get("notices", {}), **{key: _ordered(ways) for key, ways in (channels or {}).items()}}
    digest = {"time": time, "days": days}
    kept["digest"] = {**kept.get("digest", {}), **{key: value for key, value in digest.items() if value is not None}}
    User.objects.filter(pk=person.pk).update(preferences=kept)
    return choices_of(kept)


def _ordered(ways: Collection[str]) -> list[str]:
    return [way for way in CHANNELS if way in ways and not (way == DIGEST and MAIL in ways)]
