"""The search index: how large it is, and making it anew."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.engine.search import job, rebuild
from guanxi.engine.search.document import kinds
from guanxi.engine.search.tables import SearchDocument
from guanxi.web import rendering
from guanxi.web.admin.hub import need_administrator
from guanxi.web.request import Request


@require_GET
def index(request: Request) -> HttpResponse:
    """The number of documents by object, and what is left of a rebuild."""
    need_administrator(request.actor)
    counts = dict(SearchDocument.objects.order_by().values_list("object").annotate(Count("pk")))
    rows = [(kind, counts.get(kind.key, 0)) for kind in kinds()]
    rows.sort(key=lambda row: -row[1])
    context = {
        "rows": [row for row in rows if row[1]],
        "total": sum(counts.values()),
        "under_way": rebuild.under_way(),
        "here": "admin",
    }
    return rendering.page(request, "admin/search.html", context)


@require_POST
def anew(request: Request) -> HttpResponse:
    """Start the job that makes the index anew."""
    need_administrator(request.actor)
    job.start(request.actor)
    return rendering.go(request, "/jobs", _("The index is being made anew. Search goes on meanwhile."))
