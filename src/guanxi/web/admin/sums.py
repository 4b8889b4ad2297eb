"""The kept sums: since when each is in use, when it was compared with the records last, and comparing now."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guanxi.engine.aggregates import upkeep
from guanxi.engine.aggregates.tables import AggregateState
from guanxi.schema.aggregates import Aggregate
from guanxi.schema.definition import ObjectType
from guanxi.web import rendering
from guanxi.web.admin.hub import need_administrator
from guanxi.web.request import Request


@require_http_methods(["GET", "POST"])
def sums(request: Request) -> HttpResponse:
    """What is kept; ``POST`` compares it with the records in a job."""
    need_administrator(request.actor)
    if request.method == "POST":
        job = upkeep.check_all(request.actor)
        return rendering.go(request, f"/jobs/{job.pk}", _("The sums are being compared. Everybody can go on working."))
    context = {"rows": [_row(*one) for one in upkeep.states(request.actor)], "here": "admin"}
    return rendering.page(request, "admin/sums.html", context)


def _row(kind: ObjectType, aggregate: Aggregate, state: AggregateState | None) -> dict[str, object]:
    periods = {"": "", "month": f" · {_('Month')}"}
    parts = [f"{kind.fields[part.field].label}{periods[part.period]}" for part in aggregate.by]
    return {
        "kind": kind,
        "by": ", ".join(parts),
        "sums": ", ".join(str(kind.fields[key].label) for key in aggregate.sums),
        "state": state,
        "used": upkeep.in_use(aggregate, state),
    }
