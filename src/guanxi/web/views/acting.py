"""Actions of an object: the dialog that asks for their inputs, and doing them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guanxi.engine import read, write
from guanxi.engine.dedupe import checking
from guanxi.engine.parse import parse_inputs
from guanxi.kernel.errors import Invalid, NotFound
from guanxi.schema.declaration import Action, Outcome
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web import addresses, rendering, widgets
from guanxi.web.permission import readable
from guanxi.web.request import Request, is_htmx


@require_http_methods(["GET", "POST"])
def act(request: Request, object_key: str, record_id: int, action_key: str) -> HttpResponse:
    """GET gives the dialog, POST does the action and goes where it leads."""
    actor = request.actor
    kind = readable(actor, object_key)
    action = kind.action(action_key)
    if action is None:
        raise NotFound(_("There is no action called “%(key)s”.") % {"key": action_key[:63]})
    if request.method == "GET":
        record = read.instance(actor, kind, record_id)
        given = action.prefill(record) if action.prefill else {}
        raw = {
            key: widgets.form_text(spec, given.get(key, _default(spec.default))) for key, spec in action.inputs.items()
        }
        return _dialog(request, kind, record_id, action, raw)
    raw = widgets.sent(request.POST, action.inputs.items())
    try:
        inputs = parse_inputs(action.inputs, raw)
        with write.change(actor, cause="action", note=action.key) as door:
            outcome = door.act(kind.key, record_id, action.key, inputs)
    except Invalid as error:
        if not action.inputs:
            raise
        return _dialog(request, kind, record_id, action, raw, error)
    if outcome.reveal:
        return _revealed(request, kind, record_id, action, outcome)
    if request.headers.get("HX-Target") == "list" or request.POST.get("stay"):
        return rendering.done(outcome.message, door.change_set, closeDialog=True, refresh=True)
    goto = addresses.record(*outcome.goto) if outcome.goto else addresses.record(kind.key, record_id)
    return rendering.go(request, goto, outcome.message, door.change_set)


def _revealed(request: Request, kind: ObjectType, record_id: int, action: Action, outcome: Outcome) -> HttpResponse:
    """A secret, to be copied from a dialog that closes onto the record."""
    context = {"action": action, "outcome": outcome, "back": addresses.record(kind.key, record_id), "here": kind.key}
    if not is_htmx(request):
        return rendering.page(request, "record/action_reveal_page.html", context)
    response = rendering.fragment(request, "record/action_reveal.html", context)
    response.headers["HX-Retarget"] = "#dialog"
    response.headers["HX-Reswap"] = "innerHTML"
    return response


def _default(default: Any) -> Any:
    return default() if callable(default) else default


def _checks(request: Request, kind: ObjectType, record_id: int, action: Action) -> list[checking.Check]:
    """What is there already of what the action would create."""
    if action.makes is None:
        return []
    record = read.instance(request.actor, kind, record_id)
    objects = snapshot()
    made = [(objects.get(key), values) for key, values in action.makes(record)]
    checks = [checking.check(request.actor, one, values) for one, values in made if request.actor.can("read", one.key)]
    return [one for one in checks if one.matches]


def _dialog(
    request: Request,
    kind: ObjectType,
    record_id: int,
    action: Action,
    raw: Mapping[str, Any],
    error: Invalid | None = None,
) -> HttpResponse:
    errors = error.fields if error else {}
    asked = widgets.ask(request.actor, action.inputs.items(), raw, errors=errors)
    other = [message for key, messages in errors.items() if key not in action.inputs for message in messages]
    context = {
        "kind": kind,
        "here": kind.key,
        "record_id": record_id,
        "action": action,
        "fields": asked,
        "checks": _checks(request, kind, record_id, action) if request.method == "GET" else [],
        "problems": other or ([error.message] if error and not errors else []),
    }
    status = 422 if error else 200
    if is_htmx(request):
        return rendering.fragment(request, "record/action_dialog.html", context, status)
    return rendering.page(request, "record/action_page.html", context, status)
