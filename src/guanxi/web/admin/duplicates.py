"""The rules for duplicates: off, warn or block; and what is told of records somebody may not see."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from guanxi.engine import write
from guanxi.engine.dedupe import backfill, deciding
from guanxi.engine.matching.modes import BLOCK, OFF, SIMILAR, WARN, rules_of, settings_of
from guanxi.schema.definition import ObjectType
from guanxi.web import rendering
from guanxi.web.admin.hub import need_administrator
from guanxi.web.request import Request


@require_http_methods(["GET", "POST"])
def rules(request: Request) -> HttpResponse:
    """Every object with its rules."""
    need_administrator(request.actor)
    if request.method == "GET":
        context = {"kinds": [_rows(kind) for kind in backfill.kinds()], "modes": _modes(), "here": "admin"}
        return rendering.page(request, "admin/duplicates.html", context)
    with write.change(request.actor, "web") as door:
        for kind in backfill.kinds():
            sent = {rule: request.POST.get(f"mode.{kind.key}.{rule}", "") for rule in rules_of(kind)}
            shown = request.POST.getlist(f"shown.{kind.key}")
            told = shown if request.POST.get(f"asked.{kind.key}") else None
            deciding.decide(door, kind, {rule: mode for rule, mode in sent.items() if mode}, told)
    return rendering.go(request, "/admin/duplicates", _("Saved."))


@require_POST
def prepare(request: Request) -> HttpResponse:
    """Write the keys of every record anew."""
    need_administrator(request.actor)
    job = backfill.start(request.actor)
    return rendering.go(request, f"/jobs/{job.pk}", _("It is being done; you are told when it is finished."))


def _modes() -> list[tuple[str, str]]:
    return [(OFF, _("Off")), (WARN, _("Warn")), (BLOCK, _("Block"))]


def _rows(kind: ObjectType) -> dict[str, Any]:
    declared, settings = kind.declaration.duplicates, settings_of(kind)
    assert declared is not None and settings is not None
    labels = {rule.key: str(rule.label) for rule in declared.exact} | {SIMILAR: _("Similar records")}
    return {
        "kind": kind,
        "rules": [(rule, labels[rule], settings.modes[rule], rule == SIMILAR) for rule in rules_of(kind)],
        "fields": [(key, str(kind.fields[key].label), key in settings.shown) for key in deciding.tellable(kind)],
    }
