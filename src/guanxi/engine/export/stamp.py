"""Who and when: the mark in files, on paper and on the screen, and the name of a file."""

from __future__ import annotations

import re

from guanxi.access.actor import Actor
from guanxi.access.models import User
from guanxi.kernel import clock
from guanxi.kernel.text import UNSTORABLE

_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f"*/:<>?\\|\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]+')
"""What file systems refuse, and what would turn a name round."""


def user_name(actor: Actor) -> str:
    """The name the person signs in with; empty for the program."""
    return User.objects.filter(pk=actor.user_id or 0).values_list("username", flat=True).first() or ""


def stamp(actor: Actor) -> str:
    """Person, user name and the moment in the person's time zone, such as ``Li Ming · liming · 2026-03-01 09:30``."""
    moment = clock.now().astimezone(actor.zone)
    parts = (actor.name, user_name(actor), f"{moment:%Y-%m-%d %H:%M}")
    return " · ".join(UNSTORABLE.sub("", part) for part in parts if part)


def file_name(actor: Actor, subject: str, ending: str, *, marked: bool) -> str:
    """A name that every file system takes: subject, moment and, if ``marked``, the person's user name."""
    moment = clock.now().astimezone(actor.zone)
    words = [subject, f"{moment:%Y-%m-%d %H%M}", *([user_name(actor)] if marked else [])]
    text = _UNSAFE.sub(" ", " ".join(filter(None, words))).strip(" .")
    return f"{text[:120].strip(' .')}.{ending}"
