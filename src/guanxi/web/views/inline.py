"""Editing one value where it stands: the widget, and saving it."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guanxi.engine import read, write
from guanxi.engine.parse import parse_values
from guanxi.engine.shapes import RecordView
from guanxi.kernel.errors import NotFound, Refused
from guanxi.schema.definition import FieldDefinition
from guanxi.web import rendering, widgets
from guanxi.web.cells import Cells
from guanxi.web.numbers_in import whole
from guanxi.web.permission import readable
from guanxi.web.request import Request


@require_http_methods(["GET", "POST"])
def cell(request: Request, object_key: str, record_id: int, field_key: str) -> HttpResponse:
    """GET gives the widget of one field, POST saves it and answers in JSON with the value as it is shown."""
    actor = request.actor
    kind = readable(actor, object_key)
    field = kind.fields.get(field_key)
    if field is None or not widgets.may_ask(field, actor):
        raise Refused(_("This field cannot be changed here."))
    if request.method == "GET":
        return _widget(request, read.get(actor, kind.key, record_id), field)
    raw = widgets.sent(request.POST, [(field.key, field.spec)])
    version = whole(request.POST.get("version", ""))
    with write.change(actor, cause="web") as door:
        door.update(kind.key, record_id, parse_values(kind, raw, only=[field.key]), version=version)
    try:
        view = read.get(actor, kind.key, record_id)
    except NotFound:
        # The change took the record out of the person's sight, for example by giving it to somebody else.
        return JsonResponse({"message": _("Saved. You no longer see this record."), "gone": True})
    cells = Cells(actor, view.labels)
    shown = cells.title(field, view.row, kind.key) if field.key == kind.title.key else cells(field, view.row)
    message = _("%(field)s saved.") % {"field": field.label}
    answer = {"html": str(shown), "version": view.row.version, "message": message, "undo": door.change_set}
    return JsonResponse(answer)


def _widget(request: Request, view: RecordView, field: FieldDefinition) -> HttpResponse:
    if not view.row.editable:
        raise Refused(_("You may read this record but not change it."))
    raw = {field.key: widgets.form_text(field.spec, view.row.values.get(field.key))}
    asked = widgets.ask(
        request.actor, [(field.key, field.spec)], raw, object_key=view.kind.key, currency=view.row.currency
    )[0]
    context = {"kind": view.kind, "row": view.row, "asked": asked}
    return rendering.fragment(request, "list/cell_edit.html", context)
