"""What the frame around every page shows: navigation, favourites, unread notifications, texts for the script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _

from guanxi.access import compiled
from guanxi.access.actor import Actor
from guanxi.engine import notifications, preferences
from guanxi.engine.dedupe.reviewing import reviewed
from guanxi.engine.dedupe.taken import objects as taken_objects
from guanxi.engine.jobs import shown
from guanxi.engine.labels import labels_for
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web import lookback
from guanxi.web.live import live_url
from guanxi.web.numbers_in import whole

Found = TypeVar("Found")


@dataclass(frozen=True)
class Area:
    """One group of the navigation."""

    key: str
    label: str
    kinds: tuple[ObjectType, ...]


@dataclass(frozen=True)
class Favourite:
    """A record or an object that a person keeps at hand."""

    href: str
    icon: str
    title: str


def context(request: HttpRequest) -> dict[str, Any]:
    """The frame's own values; only the bare ones for people who are not signed in."""
    actor: Actor | None = getattr(request, "actor", None)
    found: dict[str, Any] = {
        "request": request,
        "csrf": get_token(request),
        "texts": texts(),
        "live": live_url(request) if actor else "",
        "path": request.path,
        "here": "",
        "watermark": actor is not None and compiled.current().policy.watermark_screen,
    }
    if actor is None:
        return {**found, "theme": "auto", "density": "cozy", "language": request.LANGUAGE_CODE, "collapsed": False}
    chosen = preferences.get(actor)
    return {
        **found,
        "theme": chosen.theme,
        "density": chosen.density,
        "language": actor.language,
        "past": lookback.held(request),
        "collapsed": chosen.collapsed,
        **standing(actor),
        "reviews_duplicates": bool(reviewed(actor)),
        "favourites": favourites(actor, chosen.favourites),
        "unread": notifications.unread(actor),
        "running": shown.unfinished(actor),
    }


def standing(actor: Actor) -> dict[str, Any]:
    """What of the frame follows from the actor's rights alone: found out once for as long as they stand."""
    return kept(actor, "frame", partial(_standing, actor))


def kept(actor: Actor, name: str, find_out: Callable[[], Found]) -> Found:
    """What follows from the actor's rights and language alone, found out once for as long as they stand."""
    # What is kept goes with the rights it follows from; the objects may change without them.
    held_back = (actor.allowed, actor.observer, actor.past is not None)
    key = (name, actor.user_id, actor.is_administrator, held_back, actor.language)
    held = actor.access.memo.get(key)
    if held is None or held[0] is not snapshot():
        held = actor.access.memo[key] = (snapshot(), find_out())
    found: Found = held[1]
    return found


def _standing(actor: Actor) -> dict[str, Any]:
    can_create = creatable(actor)
    return {
        "areas": areas(actor),
        "finds_taken": bool(taken_objects(actor)),
        "briefed": briefed(actor),
        "creatable": can_create,
        "goals": goals(can_create),
        "calendar_href": calendar_href(actor),
        "administrates": administrates(actor),
    }


def areas(actor: Actor) -> list[Area]:
    """The navigation: every object the actor may read, by area, in the order of the declarations."""
    labels = {
        "customers": _("Customers"),
        "sales": _("Sales"),
        "catalog": _("Catalogue"),
        "collaboration": _("Collaboration"),
        "marketing": _("Marketing"),
        "service": _("Service"),
        "setup": _("Settings"),
    }
    grouped: dict[str, list[ObjectType]] = {}
    for kind in snapshot():
        declaration = kind.declaration
        if declaration.kind in ("relation", "log") or not actor.can("read", kind.key):
            continue
        area = "setup" if declaration.kind in ("setup", "directory") else declaration.area or "other"
        grouped.setdefault(area, []).append(kind)
    order = sorted(grouped, key=lambda area: (area == "setup", _position(area, labels)))
    return [Area(area, labels.get(area, _("More")), tuple(grouped[area])) for area in order]


def administrates(actor: Actor) -> bool:
    """Whether any page of the administration is open to the actor."""
    keys = ("user", "department", "role", "sharing_rule")
    mine = any(actor.can("administrate", key) for key in keys) or actor.can("read", "audit_event")
    return actor.observer is None and mine


def briefed(actor: Actor) -> bool:
    """Whether the briefing has any figures for the actor."""
    return any(kind.declaration.tiles and actor.can("read", kind.key) for kind in snapshot())


def _position(area: str, labels: dict[str, str]) -> int:
    return list(labels).index(area) if area in labels else len(labels)


def creatable(actor: Actor) -> list[ObjectType]:
    """The objects of everyday work that the actor may create."""
    return [kind for kind in snapshot() if kind.declaration.kind == "standard" and actor.can("create", kind.key)]


def goals(kinds: list[ObjectType]) -> list[tuple[str, ObjectType]]:
    """The letter after ``g`` that leads to each object: the first of its key that no earlier object has taken; h is home."""
    taken = {"h"}
    found = []
    for kind in kinds:
        letter = next((letter for letter in kind.key if letter.isalpha() and letter not in taken), None)
        if letter is not None:
            taken.add(letter)
            found.append((letter, kind))
    return found


def favourites(actor: Actor, kept: list[str]) -> list[Favourite]:
    """What the person keeps at hand, as far as it may still be seen."""
    objects = snapshot().objects
    wanted: dict[str, set[int]] = {}
    for name in kept:
        key, _colon, number = name.partition(":")
        pk = whole(number)
        if pk is not None and key in objects and actor.can("read", key):
            wanted.setdefault(key, set()).add(pk)
    labels = labels_for(actor, wanted) if wanted else {}
    found = []
    for name in kept:
        key, _colon, number = name.partition(":")
        if (key, whole(number)) in labels:
            found.append(Favourite(f"/o/{key}/{number}", objects[key].icon, labels[(key, whole(number) or 0)]))
        elif not number and key in objects and actor.can("read", key):
            found.append(Favourite(f"/o/{key}", objects[key].icon, str(objects[key].plural)))
    return found


def calendar_href(actor: Actor) -> str:
    """Where the phone's calendar button leads: the calendar of what people do, else the first there is."""
    kinds = [kind for kind in snapshot() if kind.calendar and actor.can("read", kind.key)]
    kinds.sort(key=lambda kind: kind.action("complete") is None)
    return f"/o/{kinds[0].key}?layout=calendar" if kinds else "/"


def texts() -> dict[str, str]:
    """The words the script shows, in the reader's language."""
    return {
        "saved": _("Saved."),
        "failed": _("The server could not be reached. Nothing was changed; check the connection and try again."),
        "refused": _("That did not work. Nothing was changed."),
        "undo": _("Undo"),
        "redo": _("Redo"),
        "none": _("No matches"),
        "make": _("Create “%(text)s”"),
        "remove": _("Remove"),
        "close": _("Close"),
        "chosen": _("%(count)s selected"),
        "draft": _("Your unsaved entries from before are back."),
        "discard": _("Discard them"),
        "copied": _("Copied."),
        "passkey_failed": _("The passkey was not used. Try again, or take another way."),
        "passkey_missing": _("This browser, or this address without https, cannot use passkeys."),
        "search": _("Type to search…"),
        "exporting": _("The file is being made. Your browser saves it when it is ready."),
        "confirm_purge": _("Remove for good? It cannot be restored afterwards."),
        "sending": _("Sending…"),
    }
