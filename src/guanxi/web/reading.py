"""Small things as people read them: how long ago, initials, the hue of a name."""

from __future__ import annotations

import zlib
from datetime import date, datetime, timedelta

from babel.dates import format_timedelta
from django.utils.translation import gettext as _
from markupsafe import Markup

from guanxi.access.actor import Actor
from guanxi.kernel import clock
from guanxi.kernel.money import display
from guanxi.schema.kinds.numeric import babel_locale
from guanxi.web.html import Html

HUES = 8
_TIME = Html('<time datetime="{}" title="{}">{}</time>')


def exact(moment: datetime, actor: Actor) -> str:
    """Date and time in the reader's zone and language."""
    local = moment.astimezone(actor.zone)
    if actor.language.startswith("zh"):
        return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"
    return f"{local.day} {local:%b %Y, %H:%M}"


def ago(moment: datetime, actor: Actor) -> Markup:
    """How long ago or ahead, with the exact moment on hover."""
    distance = moment - clock.now()
    if abs(distance) < timedelta(minutes=1):
        words = _("just now")
    else:
        words = format_timedelta(distance, add_direction=True, locale=babel_locale(actor.language), threshold=1.2)
    return _TIME(moment.strftime("%Y-%m-%dT%H:%MZ"), exact(moment, actor), words)


def days_since(value: date | datetime, actor: Actor) -> int:
    """Whole calendar days from ``value`` to today in the reader's zone."""
    day = value.astimezone(actor.zone).date() if isinstance(value, datetime) else value
    return (clock.today(actor.zone) - day).days


def initial(name: str) -> str:
    """What stands in the round picture of a person: the last two characters of a short Chinese name, else initials."""
    name = name.strip()
    if not name:
        return "?"
    if not name[0].isascii():
        return name[-1] if len(name) > 1 else name
    words = name.split()
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def hue(text: str) -> str:
    """A class that always gives the same text the same hue."""
    return f"hue{zlib.crc32(text.encode()) % HUES}"


def compact(hundredths: int | None, currency: str, actor: Actor) -> str:
    """An amount in few characters, for boards and panels."""
    return "" if hundredths is None else display(hundredths, currency, babel_locale(actor.language), compact=True)
