"""Which entries of the journal a webhook is for: lines such as ``opportunity.updated``, ``account.*`` or ``*``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from guanxi.schema.registry import snapshot

EVERY = "*"
TESTED = "tested"
"""The verb of the entry that a test event is made of."""
VERBS = (
    *("created", "updated", "deleted", "restored"),
    *("merged", "unmerged"),
    *("file_added", "file_removed", "shared", "unshared"),
)
OBJECTS = ("standard", "relation")
"""Kinds of objects that ``*`` stands for; others (people, roles…) are named."""
_SPLIT = re.compile(r"[\s,;，；]+")

Event = tuple[str, str]


def parsed(text: str) -> tuple[Event, ...]:
    """(object, verb) of each line, ``*`` for all. Raises :class:`ValueError` with a sentence."""
    found: list[Event] = []
    for line in filter(None, _SPLIT.split(text)):
        key, _dot, verb = line.partition(".")
        verb = verb or EVERY
        if key != EVERY and (key not in snapshot().objects or snapshot().get(key).declaration.kind == "log"):
            raise ValueError(_("There is no object called “%(key)s”.") % {"key": key[:63]})
        if verb not in (EVERY, *VERBS):
            message = _("“%(verb)s” does not happen to records. Use one of: %(verbs)s.")
            raise ValueError(message % {"verb": verb[:40], "verbs": ", ".join(VERBS)})
        found.append((key, verb))
    if not found:
        raise ValueError(_("Name at least one event, such as opportunity.updated."))
    return tuple(dict.fromkeys(found))


def in_lines(events: Iterable[Event]) -> str:
    """The events as they are kept, one per line."""
    return "\n".join(EVERY if event == (EVERY, EVERY) else ".".join(event) for event in events)


def wants(events: Iterable[Event], object_key: str, verb: str) -> bool:
    """Whether one of the events is what happened."""
    kind = snapshot().objects.get(object_key)
    return kind is not None and any(
        (key == object_key or (key == EVERY and kind.declaration.kind in OBJECTS)) and wanted in (EVERY, verb)
        for key, wanted in events
    )
