"""A record on paper, and the mark across pages."""

from __future__ import annotations

from datetime import date, datetime

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from markupsafe import Markup, escape

from guanxi.access import audit, compiled
from guanxi.access.actor import Actor
from guanxi.engine import read
from guanxi.engine.export.stamp import stamp
from guanxi.engine.shapes import RecordView, Row
from guanxi.schema.declaration import Related
from guanxi.schema.definition import FieldDefinition
from guanxi.schema.registry import snapshot
from guanxi.web import rendering
from guanxi.web.cells import Cells, is_numeric
from guanxi.web.permission import allowed, readable
from guanxi.web.reading import exact
from guanxi.web.request import Request
from guanxi.web.views.records import RelatedList, overview

RELATED = 100
COLUMNS = 6
_LETTER, _WIDE = 7.2, 13.5
"""Width of a Latin and of a Chinese character of the mark, in pixels."""


class PaperCells(Cells):
    """Values on paper: moments exact, since “yesterday” means nothing there, and days never marked."""

    def _date(self, field: FieldDefinition, value: date, row: Row) -> Markup:
        return escape(field.display(value, self._reading(row)))

    def _datetime(self, field: FieldDefinition, value: datetime, row: Row) -> Markup:
        return escape(exact(value, self.actor))


@require_GET
def record(request: Request, object_key: str, record_id: int) -> HttpResponse:
    """One record for paper: its sections and its related lists, with the mark if the company wants it on paper."""
    actor = request.actor
    kind = readable(actor, object_key)
    allowed(actor, "print", kind)
    view = read.get(actor, kind.key, record_id)
    audit.note("printed", actor, object_key=kind.key, record=record_id)
    policy = compiled.current().policy
    context = overview(actor, view) | {
        "cells": PaperCells(actor, view.labels),
        "lists": [_list(actor, view, one) for one in kind.related if _printable(actor, one)],
        "limit": RELATED,
        "stamp": stamp(actor) if policy.watermark_files else "",
        "watermark": policy.watermark_files or policy.watermark_screen,
        "numeric": is_numeric,
    }
    return rendering.page(request, "record/print.html", context)


def _printable(actor: Actor, related: Related) -> bool:
    """Lists of other objects go onto the paper only if the person may print those, too."""
    return actor.can("read", related.source) and actor.can("print", related.source)


def _list(actor: Actor, view: RecordView, declared: Related) -> RelatedList:
    source = snapshot().get(declared.source)
    page = read.related(actor, view.kind.key, view.row.id, declared, size=RELATED)
    return RelatedList(
        label=str(declared.label or source.plural),
        icon=source.icon,
        page=page,
        cells=PaperCells(actor, page.labels),
        add="",
        all="",
        through=declared.through,
        columns=page.columns[:COLUMNS],
    )


@require_GET
def watermark(request: Request) -> HttpResponse:
    """A tile with the person's name, user name and the minute, to be repeated across a page."""
    text = stamp(request.actor)
    width = sum(_LETTER if char.isascii() else _WIDE for char in text)
    across, down = round(width * 0.92 + 90), round(width * 0.42 + 70)
    # Half transparent grey can be read through in light and in dark.
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{down}" viewBox="0 0 {across} {down}">'
        f'<text x="{across / 2}" y="{down / 2}" transform="rotate(-22 {across / 2} {down / 2})" text-anchor="middle" '
        'font-family="sans-serif" font-size="13" fill="#808080" fill-opacity=".17">'
        f"{escape(_plain(text))}</text></svg>"
    )
    response = HttpResponse(svg, content_type="image/svg+xml")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _plain(text: str) -> str:
    """Only what XML can hold."""
    return "".join(char for char in text if char.isprintable()) or _("Guanxi")
