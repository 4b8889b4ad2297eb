"""How a person arranges a list: saved views and columns."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.engine import preferences, views
from guanxi.kernel.errors import GuanxiError
from guanxi.web import addresses, rendering
from guanxi.web.listing import read_state
from guanxi.web.permission import readable
from guanxi.web.request import Request


@require_http_methods(["GET", "POST"])
def save_view(request: Request, object_key: str) -> HttpResponse:
    """GET gives the dialog, POST keeps the list as it stands under a name."""
    actor = request.actor
    kind = readable(actor, object_key)
    state = read_state(request, kind)
    own = state.view if state.view is not None and state.view.owner_id == actor.user_id else None
    given = {"name": own.name if own else "", "shared": own.shared if own else "private", "pinned": True}
    error = ""
    if request.method == "POST":
        given = {
            "name": request.POST.get("name", ""),
            "shared": request.POST.get("shared", "private"),
            "pinned": request.POST.get("pinned") == "on",
        }
        try:
            view = views.save(
                actor,
                kind.key,
                id=own.id if own and request.POST.get("over") == "on" else None,
                name=str(given["name"]),
                query=state.line,
                sort=request.GET.get("sort", "") or (state.view.sort if state.view else ""),
                columns=state.columns,
                layout=state.layout,
                shared=str(given["shared"]),
                pinned=bool(given["pinned"]),
                by=state.by,
                summed=state.summed,
            )
        except GuanxiError as problem:
            error = problem.message
        else:
            return rendering.go(request, addresses.listing(kind.key, view=view.id), _("View saved."))
    context = {"kind": kind, "state": state, "given": given, "own": own, "error": error}
    return rendering.fragment(request, "list/view_dialog.html", context, 422 if error else 200)


@require_POST
def remove_view(request: Request, object_key: str, view_id: int) -> HttpResponse:
    """Delete one's own view; the records stay."""
    kind = readable(request.actor, object_key)
    views.remove(request.actor, view_id)
    return rendering.go(request, addresses.listing(kind.key), _("View deleted. The records are untouched."))


@require_GET
def chooser(request: Request, object_key: str) -> HttpResponse:
    """Every column a list can show, the shown ones first and in their order."""
    actor = request.actor
    kind = readable(actor, object_key)
    state = read_state(request, kind)
    offered = [
        f for f in actor.visible_fields(kind) if f.shown and f.key != kind.title.key and f.kind.name != "encrypted"
    ]
    shown = [key for key in state.columns if key != kind.title.key]
    order = {key: index for index, key in enumerate(shown)}
    offered.sort(key=lambda field: order.get(field.key, len(order)))
    context = {"kind": kind, "state": state, "offered": offered, "shown": set(shown)}
    return rendering.fragment(request, "list/chooser.html", context)


@require_POST
def columns(request: Request, object_key: str) -> HttpResponse:
    """Keep the chosen columns: in the view when it is one's own, in the person's preferences otherwise."""
    actor = request.actor
    kind = readable(actor, object_key)
    state = read_state(request, kind)
    keys = [key for key in request.POST.getlist("column") if key in kind.fields]
    if state.view is not None and state.view.owner_id == actor.user_id:
        view = state.view
        views.save(
            actor, kind.key, id=view.id, name=view.name, query=view.query, sort=view.sort, columns=keys,
            layout=view.layout, shared=view.shared, pinned=view.pinned, by=view.by, summed=view.summed,
        )  # fmt: skip
    else:
        preferences.update(actor, columns={**preferences.get(actor).columns, kind.key: keys})
    return rendering.done("", refresh=True)
