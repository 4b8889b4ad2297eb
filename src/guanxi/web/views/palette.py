"""The palette: records, pages and actions by a few typed letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from guanxi.access.actor import Actor
from guanxi.engine import recent, search
from guanxi.engine.dedupe.reviewing import reviewed
from guanxi.engine.dedupe.taken import objects as taken_objects
from guanxi.engine.importing.fields import importable
from guanxi.kernel.text import normalise, pinyin
from guanxi.schema.registry import snapshot
from guanxi.web import rendering
from guanxi.web.request import Request
from guanxi.web.shell import briefed, creatable, kept


@dataclass(frozen=True)
class Hit:
    """One line of the palette. ``act`` is what the script does instead of following ``href``."""

    icon: str
    title: str
    subtitle: str = ""
    what: str = ""
    href: str = ""
    act: str = ""


@require_GET
def palette(request: Request) -> HttpResponse:
    """What a text finds; without a text, what was opened last and what can be made."""
    actor = request.actor
    text = request.GET.get("q", "").strip()[:200]
    objects = snapshot().objects
    found = search.find(actor, text) if text else recent.of(actor)
    records = [
        Hit(
            objects[one.object].icon,
            one.title,
            one.subtitle,
            str(objects[one.object].label),
            f"/o/{one.object}/{one.id}",
        )
        for one in found
    ]
    groups = [
        (_("Records") if text else _("Opened lately"), records),
        (_("Actions"), _matching(actor, _actions, text)[: 8 if text else 6]),
        (_("Pages"), _matching(actor, _pages, text)[:8] if text else []),
    ]
    context = {"groups": [group for group in groups if group[1]], "text": text}
    return rendering.fragment(request, "shell/palette.html", context)


def _matching(actor: Actor, offered: Callable[[Actor], Iterator[Hit]], text: str) -> list[Hit]:
    """What is offered whose title holds every word, by letters, by pinyin or by pinyin initials."""
    every = kept(actor, offered.__name__, lambda: [(_letters(hit), hit) for hit in offered(actor)])
    words = normalise(text).split()
    return [hit for letters, hit in every if all(word in letters for word in words)]


def _letters(hit: Hit) -> str:
    return " ".join((normalise(hit.title), *pinyin(hit.title)))


def _actions(actor: Actor) -> Iterator[Hit]:
    for kind in creatable(actor):
        yield Hit(
            "plus", _("New: %(object)s") % {"object": kind.label}, href=f"/o/{kind.key}/new?quick=1", act="dialog"
        )
    for kind in snapshot():
        if kind.declaration.kind == "standard" and importable(actor, kind):
            yield Hit("upload", _("Import: %(objects)s") % {"objects": kind.plural}, href=f"/o/{kind.key}/import")
    yield Hit("sun", _("Light theme"), act="theme:light")
    yield Hit("moon", _("Dark theme"), act="theme:dark")
    yield Hit("device-desktop", _("Theme of the system"), act="theme:auto")
    other = "en" if actor.language.startswith("zh") else "zh-hans"
    yield Hit("language", "English" if other == "en" else "简体中文", act=f"language:{other}")
    yield Hit("keyboard", _("Keyboard shortcuts"), act="keys")
    yield Hit("logout", _("Sign out"), act="signout")


def _pages(actor: Actor) -> Iterator[Hit]:
    yield Hit("home", _("Home"), href="/")
    if briefed(actor):
        yield Hit("chart-bar", _("Briefing"), href="/briefing")
    yield Hit("settings", _("Preferences"), href="/preferences")
    if taken_objects(actor):
        yield Hit("search", _("Is this company taken?"), href="/taken")
    if reviewed(actor):
        yield Hit("copy-check", _("Duplicates"), href="/duplicates")
    yield Hit("upload", _("Imports"), href="/imports")
    for kind in snapshot():
        if kind.declaration.kind in ("relation", "log") or not actor.can("read", kind.key):
            continue
        yield Hit(kind.icon, str(kind.plural), href=f"/o/{kind.key}")
        for preset in kind.presets:
            yield Hit(kind.icon, f"{kind.plural} · {preset.label}", href=f"/o/{kind.key}?preset={preset.key}")
