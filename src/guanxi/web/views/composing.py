"""The composer of the record page: follow-ups and tasks written where they belong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from guanxi.access.actor import Actor
from guanxi.engine import timeline, write
from guanxi.engine.parse import parse_values
from guanxi.engine.shapes import RecordView
from guanxi.kernel.errors import Invalid, NotFound
from guanxi.schema.declaration import Stream
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web import rendering, widgets
from guanxi.web.cells import Cells
from guanxi.web.permission import readable
from guanxi.web.request import Request
from guanxi.web.widgets import Asked


@dataclass(frozen=True)
class Composer:
    """One tab of the composer."""

    key: str
    label: str
    icon: str
    kind: ObjectType
    sort: str
    body: Asked | None
    extras: tuple[Asked, ...]


def composers(actor: Actor, view: RecordView) -> list[Composer]:
    """The tabs a record offers: one for each sort of follow-up, one for every other object of the stream."""
    if not view.kind.declaration.timeline:
        return []
    found = []
    for kind in snapshot():
        stream = kind.declaration.stream
        if stream is not None and actor.can("create", kind.key) and _link(view.kind.key, view.row.id, kind, stream):
            found.extend(_tabs(actor, view, kind, stream))
    return found


def _tabs(actor: Actor, view: RecordView, kind: ObjectType, stream: Stream) -> list[Composer]:
    fields = quick_fields(actor, kind, stream, view.kind)
    defaults = {field.key: (field.spec, field.spec.default) for field in fields if field.spec.default is not None}
    raw = {key: widgets.form_text(spec, default) for key, (spec, default) in defaults.items() if not callable(default)}
    raw |= {"owner": str(actor.user_id)} if actor.user_id else {}
    # A deal's contact is most likely the one spoken to.
    alike = [field for field in fields if field.key in stream.via and field.key in view.kind.fields]
    raw |= {field.key: widgets.form_text(field.spec, view.row.values.get(field.key)) for field in alike}
    asked = widgets.ask(actor, [(field.key, field.spec) for field in fields], raw, object_key=kind.key)
    body = next((one for one in asked if one.key in (stream.body, kind.title.key)), None)
    extras = tuple(one for one in asked if one is not body)
    if stream.sort and stream.sort in kind.declaration.quick:
        options = [option for option in kind.fields[stream.sort].spec.options if not option.retired]
        # A note is what people write most and asks for least.
        options.sort(key=lambda option: option.key != "note")
        return [
            Composer(f"{kind.key}-{o.key}", o.label.text(actor.language), o.key, kind, o.key, body, extras)
            for o in options
        ]
    return [Composer(kind.key, str(kind.label), kind.icon, kind, "", body, extras)]


def quick_fields(actor: Actor, kind: ObjectType, stream: Stream, about: ObjectType) -> list[FieldDefinition]:
    """The quick fields, without the sort (it is the tab) and without what already follows from the record."""
    hidden = {stream.sort} if stream.sort in kind.declaration.quick else set()
    for key in stream.via:
        target = kind.fields[key].spec.target
        if target in ("", about.key) or key in (*about.declaration.inherits, about.declaration.subtitle):
            hidden.add(key)
    return [field for field in kind.quick_fields if field.key not in hidden and widgets.may_ask(field, actor)]


def _link(object_key: str, record_id: int, kind: ObjectType, stream: Stream) -> dict[str, Any]:
    """The values that make a new follow-up point to the record: its own lookup if there is one, a reference otherwise."""
    for key in stream.via:
        if kind.fields[key].spec.target == object_key:
            return {key: record_id}
    for key in stream.via:
        if kind.fields[key].kind.family == "reference":
            return {key: f"{object_key}:{record_id}"}
    return {}


@require_POST
def compose(request: Request, object_key: str, record_id: int, stream_key: str) -> HttpResponse:
    """Write a follow-up or task about a record; the answer is the new timeline. What was typed is kept on failure."""
    actor = request.actor
    kind = readable(actor, object_key)
    about = snapshot().get(stream_key)
    stream = about.declaration.stream
    if stream is None or not kind.declaration.timeline:
        raise NotFound(_("There is no such field."))
    fields = quick_fields(actor, about, stream, kind)
    raw = widgets.sent(request.POST, [(field.key, field.spec) for field in fields])
    if stream.sort in about.declaration.quick:
        raw[stream.sort] = request.POST.get("sort", "")
    values = {key: value for key, value in parse_values(about, raw).items() if value is not None}
    body = next((field for field in fields if field.key in (stream.body, about.title.key)), None)
    if body is not None and not values.get(body.key):
        raise Invalid(_("Write something first."), {body.key: [_("Write something first.")]})
    with write.change(actor, cause="web") as door:
        door.create(about.key, {**_link(kind.key, record_id, about, stream), **values})
    found = timeline.of(actor, kind.key, record_id)
    context = {"kind": kind, "record_id": record_id, "stream": found, "only": "", "cells": Cells(actor, {})}
    response = rendering.fragment(request, "record/stream_items.html", context)
    message = _("%(object)s added.") % {"object": about.label}
    return rendering.toast(rendering.trigger(response, composed=True), message, undo=door.change_set)
