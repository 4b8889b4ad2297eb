"""Taking the data of a person out of the history of a record: for administrators, and for good."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from guanxi.engine.redaction import plan as plans
from guanxi.engine.redaction import run, steps
from guanxi.kernel.errors import Invalid
from guanxi.schema.definition import ObjectType
from guanxi.web import rendering
from guanxi.web.request import Request


@require_http_methods(["GET", "POST"])
def redact(request: Request, object_key: str, record_id: int) -> HttpResponse:
    """GET gives the dialog with the fields that usually hold personal data, POST redacts."""
    actor = request.actor
    kind = plans.find(actor, object_key, record_id)
    if request.method == "GET":
        return _dialog(request, kind, record_id, plans.personal(kind))
    given = request.POST
    chosen = tuple(given.getlist("field"))
    try:
        if given.get("sure") != "yes":
            message = _("Confirm that you know it cannot be undone.")
            raise Invalid(message, {"sure": [message]})
        plan = plans.make(
            actor,
            kind.key,
            record_id,
            chosen,
            given.get("reason", ""),
            follow_ups=given.get("follow_ups") == "yes",
            erase=given.get("erase") == "yes",
        )
        outcome = run.run(actor, plan)
    except Invalid as error:
        return _dialog(request, kind, record_id, chosen, error)
    if outcome.job is not None:
        return rendering.done(_("It is being done; you are told when it is finished."), closeDialog=True, jobs=True)
    words = ngettext("%(count)s entry redacted.", "%(count)s entries redacted.", outcome.entries)
    return rendering.done(words % {"count": outcome.entries}, closeDialog=True, refresh=True)


def _dialog(
    request: Request, kind: ObjectType, record_id: int, chosen: tuple[str, ...], error: Invalid | None = None
) -> HttpResponse:
    live = kind.model._default_manager.filter(pk=record_id, deleted_at=None).exists()
    context = {
        "kind": kind,
        "record_id": record_id,
        "personal": [field for field in plans.offered(kind) if plans.is_personal(field)],
        "others": [field for field in plans.offered(kind) if not plans.is_personal(field)],
        "chosen": chosen,
        "files": plans.FILES,
        "given": request.POST,
        "errors": error.fields if error else {},
        "has_streams": bool(steps.streams(kind.key)),
        "live": live,
    }
    return rendering.fragment(request, "record/redact_dialog.html", context, 422 if error else 200)
