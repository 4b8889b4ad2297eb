"""How long deleted records and the field history are kept."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.engine import write
from guanxi.engine.retention import nightly, policy
from guanxi.kernel import db
from guanxi.kernel.errors import Invalid
from guanxi.web import rendering
from guanxi.web.admin.hub import need_administrator
from guanxi.web.request import Request
from guanxi.web.views.jobs import views


@require_http_methods(["GET", "POST"])
def retention(request: Request) -> HttpResponse:
    """The policy, and what its last run did."""
    need_administrator(request.actor)
    if request.method == "GET":
        return _page(request)
    wanted = {key: request.POST.get(key, "") for key in policy.LIMITS}
    try:
        with write.change(request.actor, "web") as door:
            policy.change(door, wanted)
    except Invalid as error:
        return _page(request, wanted, error, 422)
    return rendering.go(request, "/admin/retention", _("Saved."))


@require_POST
def run(request: Request) -> HttpResponse:
    """Do now what the night would do."""
    need_administrator(request.actor)
    with db.atomic():
        started = nightly.begin(request.actor)
    if not started:
        return rendering.go(
            request, "/admin/retention", _("There is nothing to do by these rules, or it runs already.")
        )
    words = ngettext("%(count)s job started.", "%(count)s jobs started.", len(started)) % {"count": len(started)}
    return rendering.go(request, "/jobs", words)


def _page(
    request: Request, wanted: dict[str, str] | None = None, error: Invalid | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "held": wanted or policy.values(),
        "limits": policy.LIMITS,
        "errors": error.fields if error else {},
        "runs": views(request.actor, nightly.latest()),
        "here": "admin",
    }
    return rendering.page(request, "admin/retention.html", context, status)
