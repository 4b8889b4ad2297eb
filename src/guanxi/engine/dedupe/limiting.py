"""So many questions a minute: whoever types asks rarely, whoever wants to learn what the company knows asks often."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guanxi.access import attempts
from guanxi.access.actor import Actor
from guanxi.kernel import clock
from guanxi.kernel.errors import GuanxiError

TYPING, TAKEN = 60, 20
"""Checks while a form is filled in, and searches whether a company is taken, per person and minute."""


class TooMany(GuanxiError):
    """Too many questions in a short time."""

    status = 429
    code = "too_many"


def admit(actor: Actor, what: str, most: int) -> None:
    """Count a question; raises :class:`TooMany` when there have been too many in this minute."""
    minute = clock.now().strftime("%Y%m%d%H%M")
    if not attempts.take(f"duplicates.{what}", f"{actor.user_id}:{minute}", most + 1, 1).allowed:
        raise TooMany(_("You have asked very often. Wait a minute, then go on."))
