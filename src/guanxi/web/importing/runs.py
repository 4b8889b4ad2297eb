"""Carrying an import out, and its report; the rejected rows; saved mappings."""

from __future__ import annotations

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.engine.importing import access, checking, rejected, running, templates
from guanxi.engine.importing.tables import ImportRejection
from guanxi.kernel.errors import Invalid
from guanxi.schema.registry import snapshot
from guanxi.web import errors, rendering
from guanxi.web.downloads import streamed
from guanxi.web.importing import form, showing
from guanxi.web.request import Request, is_htmx, target

SHOWN = 20


@require_POST
def commit(request: Request, import_id: int) -> HttpResponse:
    """Begin to write."""
    found = running.start(request.actor, import_id)
    return rendering.go(request, f"/imports/{found.pk}")


@require_POST
def resume(request: Request, import_id: int) -> HttpResponse:
    """Go on with an import that was stopped."""
    found = running.resume(request.actor, import_id)
    return rendering.go(request, f"/imports/{found.pk}")


@require_GET
def show(request: Request, import_id: int) -> HttpResponse:
    """How far an import is, and what came of it; htmx asks again while it runs."""
    actor = request.actor
    found = access.get(actor, import_id)
    view = showing.views(actor, [found])[0]
    if view.stage in ("mapping", "checking", "checked") and found.path:
        return rendering.go(request, view.href)
    rows = list(ImportRejection.objects.filter(of=found).order_by("row", "pk")[:SHOWN])
    context = {
        "kind": snapshot().get(found.object),
        "found": found,
        "view": view,
        "rejections": rows,
        "names": [column["name"] for column in found.columns],
        "made": [(snapshot().get(key).plural, number) for key, number in found.state.get("made", {}).items()],
        "may_undo": found.change_set is not None and view.stage in ("done", "stopped"),
        "mine": actor.user_id == found.created_by_id,
        "csrf": get_token(request),
        "step": 4,
    }
    if is_htmx(request) and target(request) == "import-run":
        return rendering.fragment(request, "import/run.html", context)
    return rendering.page(request, "import/show.html", context)


@require_GET
def rejected_rows(request: Request, import_id: int) -> HttpResponseBase:
    """The rows that were not taken, as a file."""
    return streamed(rejected.export(request.actor, import_id, request.GET.get("format", "csv")))


@require_POST
def save_template(request: Request, import_id: int) -> HttpResponse:
    """Keep the mapping under a name."""
    try:
        if "mode" in request.POST:
            found = access.open_one(request.actor, import_id)
            checking.decide(request.actor, found, form.mapping_from(request.POST, found))
        kept = templates.save(
            request.actor, import_id, request.POST.get("name", ""), everybody="everybody" in request.POST
        )
    except Invalid as error:
        response = HttpResponse(status=422)
        return rendering.toast(response, errors.sentence(error), "bad")
    return rendering.done(_("Saved as “%(name)s”.") % {"name": kept.name})


@require_POST
def remove_template(request: Request, template_id: int) -> HttpResponse:
    """Forget a saved mapping."""
    templates.remove(request.actor, template_id)
    return rendering.done(_("Removed."), refresh=True)
