"""Files kept with a record: the list beside it, adding, opening and removing."""

from __future__ import annotations

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.engine import files, read
from guanxi.kernel.errors import Invalid
from guanxi.web import rendering
from guanxi.web.permission import readable
from guanxi.web.request import Request

SANDBOX = "default-src 'none'; img-src 'self'; style-src 'none'; sandbox"
"""What a file may do when a browser shows it in place: nothing."""


@require_http_methods(["GET", "POST"])
def attachments(request: Request, object_key: str, record_id: int) -> HttpResponse:
    """GET gives the list of files, POST adds the file sent and gives the list anew."""
    actor = request.actor
    kind = readable(actor, object_key)
    if request.method == "POST":
        sent = request.FILES.getlist("file")
        if not sent:
            raise Invalid(_("Choose a file first."))
        for upload in sent:
            files.attach(actor, kind.key, record_id, upload.name or "", upload, upload.size or 0)
    view = read.get(actor, kind.key, record_id)
    context = {"kind": kind, "row": view.row, "files": files.of(actor, kind.key, record_id), "can": view.can}
    response = rendering.fragment(request, "record/files.html", context)
    return rendering.toast(response, _("File added.")) if request.method == "POST" else response


@require_GET
def download(request: Request, file_id: int) -> HttpResponseBase:
    """The content of a file; only plain pictures are shown in place, everything else is saved."""
    stored, content = files.open_file(request.actor, file_id)
    shown = stored.media_type in files.SHOWN_IN_PLACE
    media_type = stored.media_type if shown else "application/octet-stream"
    response = FileResponse(content, as_attachment=not shown, filename=stored.name, content_type=media_type)
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_POST
def remove(request: Request, file_id: int) -> HttpResponse:
    """Delete a file and give the list anew."""
    stored = files.remove(request.actor, file_id)
    request.method = "GET"
    response = attachments(request, stored.object, stored.record or 0)
    return rendering.toast(response, _("File removed."))
