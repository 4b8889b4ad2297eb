"""The steps before an import: the file, the mapping, the check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.engine.importing import access, checking, encoding, limits, receiving, templates
from guanxi.engine.importing.delimited import DELIMITERS
from guanxi.engine.importing.fields import importable, keys, offered
from guanxi.engine.importing.tables import Import
from guanxi.engine.jobs import shown
from guanxi.kernel.errors import Invalid
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web import errors, rendering
from guanxi.web.importing import form, showing
from guanxi.web.numbers_in import whole
from guanxi.web.permission import allowed, readable
from guanxi.web.request import Request, is_htmx, target

SIZE = 50
RECENT = 5


@require_GET
def index(request: Request) -> HttpResponse:
    """One's own imports, and for administrators everybody's."""
    actor = request.actor
    everybody = request.GET.get("whose") == "all" and shown.sees_all(actor)
    rows = list(access.of(actor, everybody=everybody)[:SIZE])
    kinds = [kind for kind in snapshot() if kind.declaration.kind == "standard" and importable(actor, kind)]
    context = {
        "rows": showing.views(actor, rows),
        "everybody": everybody,
        "may_see_all": shown.sees_all(actor),
        "kinds": kinds,
        "templates": [] if everybody else templates.all_of(actor),
        "objects": snapshot().objects,
        "polls": any(access.stage_of(one) in ("running", "checking") for one in rows),
    }
    if is_htmx(request) and target(request) == "imports":
        return rendering.fragment(request, "import/list.html", context)
    return rendering.page(request, "import/index.html", context)


@require_http_methods(["GET", "POST"])
def upload(request: Request, object_key: str) -> HttpResponse:
    """GET asks for the file, POST takes it and leads to its mapping."""
    kind = readable(request.actor, object_key)
    allowed(request.actor, "import", kind)
    if request.method == "GET":
        return _upload_page(request, kind)
    sent = request.FILES.get("file")
    if sent is None:
        return _upload_page(request, kind, _("Choose a file."), 422)
    try:
        found = receiving.receive(request.actor, kind.key, sent.name or "", sent)
        _take_over(request, found)
    except Invalid as error:
        return _upload_page(request, kind, error.message, 422)
    return rendering.go(request, f"/imports/{found.pk}/map")


def _take_over(request: Request, found: Import) -> None:
    """Use a saved mapping, or that of an earlier import, for the file that has just arrived."""
    actor = request.actor
    template, earlier = whole(request.POST.get("template", "")), whole(request.POST.get("like", ""))
    mapping: dict[str, Any] | None = None
    if template is not None:
        mapping = templates.applied(actor, found, templates.get(actor, template))
    elif earlier is not None:
        mapping = templates.like(actor, found, access.get(actor, earlier))
    if mapping is not None:
        found.mapping = mapping
        found.save(update_fields=["mapping"])


def _upload_page(request: Request, kind: ObjectType, error: str = "", status: int = 200) -> HttpResponse:
    actor = request.actor
    rows = list(access.of(actor).filter(object=kind.key)[:RECENT])
    context = {
        "kind": kind,
        "error": error,
        "limit": limits.file_bytes(),
        "templates": list(templates.of(actor, kind.key)),
        "like": whole(request.GET.get("like", "") or request.POST.get("like", "")),
        "recent": showing.views(actor, rows),
        "csrf": get_token(request),
        "step": 1,
    }
    return rendering.page(request, "import/upload.html", context, status)


@require_http_methods(["GET", "POST"])
def mapping(request: Request, import_id: int) -> HttpResponse:
    """GET shows the columns and what becomes of them; POST keeps that and checks the file, or shows the form anew."""
    actor = request.actor
    found = access.open_one(actor, import_id)
    if request.method == "GET":
        chosen = found.mapping
        if (template := whole(request.GET.get("template", ""))) is not None:
            chosen = templates.applied(actor, found, templates.get(actor, template))
        return _mapping_page(request, found, chosen)
    chosen = form.mapping_from(request.POST, found)
    if "look" in request.GET:
        return _mapping_page(request, found, chosen)
    try:
        checking.decide(actor, found, chosen)
        checking.start_check(actor, found.pk)
    except Invalid as error:
        return _mapping_page(request, found, chosen, error, 422)
    return rendering.go(request, f"/imports/{found.pk}/check")


@require_POST
def layout(request: Request, import_id: int) -> HttpResponse:
    """Read the file in another way."""
    found = access.open_one(request.actor, import_id)
    try:
        receiving.relayout(request.actor, found, form.layout_from(request.POST))
    except Invalid as error:
        return _mapping_page(request, access.open_one(request.actor, import_id), found.mapping, error, 422)
    return rendering.go(request, f"/imports/{found.pk}/map")


def _mapping_page(
    request: Request, found: Import, chosen: Mapping[str, Any], error: Invalid | None = None, status: int = 200
) -> HttpResponse:
    actor, kind = request.actor, snapshot().get(found.object)
    wrong: Mapping[str, Sequence[str]] = error.fields if error else {}
    columns = showing.columns(actor, kind, found, chosen, wrong)
    groups = showing.groups(actor, kind)
    labels = {key: label for group in groups for key, label in group.fields}
    filled = {one["field"] for one in chosen["columns"] if one["field"]}
    context = {
        "kind": kind,
        "found": found,
        "mapping": chosen,
        "columns": columns,
        "groups": groups,
        "key_choices": [(key, labels[key]) for key in keys(actor, kind) if key in filled and key in labels],
        "constant_fields": [(key, str(one.label)) for key, one in offered(actor, kind).items() if key not in filled],
        "constants": [*chosen.get("constants", {}).items(), ("", "")],
        "missing": [
            str(one.label)
            for one in offered(actor, kind).values()
            if one.spec.required and one.spec.default is None and one.key not in filled | set(chosen["constants"])
        ],
        "modes": _modes(request, kind),
        "used": sum(1 for column in columns if column.plan["field"]),
        "encodings": encoding.CHOICES,
        "delimiters": _delimiters(),
        "dates": list(showing.dates_in_words().items()),
        "numbers": list(showing.numbers_in_words().items()),
        "scales": showing.scales_in_words(),
        "templates": list(templates.of(actor, kind.key)),
        "errors": wrong,
        "error": error.message if error else "",
        "other_errors": [word for key, words in wrong.items() if not key.startswith("columns.") for word in words],
        "touched": request.headers.get("HX-Trigger-Name", ""),
        "csrf": get_token(request),
        "step": 2,
    }
    if is_htmx(request) and target(request) == "import-form":
        return rendering.fragment(request, "import/mapping_form.html", context, status)
    return rendering.page(request, "import/mapping.html", context, status)


def _modes(request: Request, kind: ObjectType) -> list[tuple[str, str, str]]:
    actor = request.actor
    create, edit = actor.can("create", kind.key), actor.can("edit", kind.key)
    modes = []
    if create:
        modes.append(("create", _("Create"), _("Every row becomes a new record.")))
    if create and edit:
        modes.append(
            ("upsert", _("Create or update"), _("Rows whose record is found change it, the others become new."))
        )
    if edit:
        modes.append(("update", _("Update"), _("Only records that are found are changed; other rows are rejected.")))
    return modes


def _delimiters() -> list[tuple[str, str]]:
    names = {",": _("Comma"), ";": _("Semicolon"), "\t": _("Tab"), "|": _("Vertical bar")}
    return [("tab" if one == "\t" else one, names[one]) for one in DELIMITERS]


@require_http_methods(["GET", "POST"])
def check(request: Request, import_id: int) -> HttpResponse:
    """GET shows what importing would do; POST puts problems right and checks anew."""
    actor = request.actor
    found = access.get(actor, import_id)
    stage = access.stage_of(found)
    if stage in ("running", "done", "stopped"):
        return rendering.go(request, f"/imports/{found.pk}")
    error = ""
    if request.method == "POST":
        found = access.open_one(actor, import_id)
        try:
            checking.decide(actor, found, form.remedied(request.POST, found))
            found = checking.start_check(actor, found.pk)
        except Invalid as problem:
            error = errors.sentence(problem)
        else:
            return rendering.go(request, f"/imports/{found.pk}/check")
    elif stage == "mapping":
        job = found.check_job
        if job is None or job.status not in ("failed", "cancelled"):
            return rendering.go(request, f"/imports/{found.pk}/map")
        error = job.error or _("The check was cancelled.")
    return _check_page(request, found, error)


def _check_page(request: Request, found: Import, error: str) -> HttpResponse:
    actor, kind = request.actor, snapshot().get(found.object)
    stage = access.stage_of(found)
    context = {
        "kind": kind,
        "found": found,
        "view": showing.views(actor, [found])[0],
        "checking": stage == "checking",
        "checked": found.checked,
        "questions": showing.questions(actor, found),
        "problems": showing.problems(actor, kind, found),
        "made": [(snapshot().get(key).plural, number) for key, number in found.checked.get("made", {}).items()],
        "numbers": list(showing.numbers_in_words().items()),
        "dates": list(showing.dates_in_words().items()),
        "error": error,
        "csrf": get_token(request),
        "step": 3,
    }
    if is_htmx(request) and target(request) == "import-check":
        return rendering.fragment(request, "import/checked.html", context)
    return rendering.page(request, "import/check.html", context, 422 if error and request.method == "POST" else 200)
