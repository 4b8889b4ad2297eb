"""What holds for everybody: where objects start, and the security policy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guanxi.access import compiled
from guanxi.engine import rights, write
from guanxi.engine.administration import settings
from guanxi.schema.registry import snapshot
from guanxi.web import rendering
from guanxi.web.admin.hub import need_administrator
from guanxi.web.request import Request


@require_http_methods(["GET", "POST"])
def defaults(request: Request) -> HttpResponse:
    """The level every object starts from."""
    need_administrator(request.actor)
    if request.method == "POST":
        with write.change(request.actor, "web") as door:
            for key in settings.defaults():
                if level := request.POST.get(f"level.{key}"):
                    settings.set_default(door, key, level)
        return rendering.go(request, "/admin/defaults", _("Saved."))
    rows = [(snapshot().get(key), level) for key, level in settings.defaults().items()]
    context = {"rows": rows, "levels": rights.defaults_in_words().items(), "here": "admin"}
    return rendering.page(request, "admin/defaults.html", context)


@dataclass(frozen=True)
class Rule:
    """One rule of the policy in the form."""

    key: str
    label: str
    hint: str
    value: Any
    low: int = 0
    high: int = 0


@require_http_methods(["GET", "POST"])
def policy(request: Request) -> HttpResponse:
    """The security policy."""
    need_administrator(request.actor)
    if request.method == "POST":
        values: dict[str, Any] = {}
        for key, before in asdict(compiled.current().policy).items():
            if isinstance(before, bool):
                values[key] = request.POST.get(key) == "yes"
            elif key in request.POST:
                values[key] = request.POST[key]
        with write.change(request.actor, "web") as door:
            settings.change_policy(door, values)
        return rendering.go(request, "/admin/security", _("Saved."))
    return rendering.page(request, "admin/security.html", {"groups": _groups(), "here": "admin"})


def _groups() -> list[tuple[str, list[Rule]]]:
    held = asdict(compiled.current().policy)
    never = _("0 switches it off.")
    words = {
        "password_length": (_("Least length"), ""),
        "password_classes": (_("Kinds of characters"), _("Of lower case, upper case, digits and others.")),
        "password_days": (_("Must be changed after days"), never),
        "password_history": (_("Former passwords that cannot return"), never),
        "lockout_tries": (_("Wrong passwords until locked"), ""),
        "lockout_minutes": (_("Minutes a name stays locked"), ""),
        "idle_minutes": (_("Minutes without activity until signed out"), never),
        "networks": (_("Allowed networks"), _("Such as 10.0.0.0/8, separated by commas; empty allows every address.")),
        "outbound_allowed": (
            _("Hosts that may be reached inside your network"),
            _("Such as crm-hub.example.com:8443, separated by commas. Webhooks otherwise reach public addresses only."),
        ),
        "mfa_everybody": (_("Everybody needs a second factor"), _("A role can ask for it alone.")),
        "watermark_screen": (_("Watermark on every page"), _("Person and time, across the page.")),
        "watermark_files": (_("Watermark in files and prints"), ""),
        "export_approval_above": (_("Exports need approval above rows"), never),
    }
    themes = (
        (_("Passwords"), ("password_length", "password_classes", "password_days", "password_history")),
        (_("Signing in"), ("lockout_tries", "lockout_minutes", "idle_minutes", "mfa_everybody", "networks")),
        (_("Outgoing connections"), ("outbound_allowed",)),
        (_("Exports and watermarks"), ("export_approval_above", "watermark_files", "watermark_screen")),
    )
    return [
        (label, [Rule(key, *words[key], held[key], *settings.LIMITS.get(key, (0, 0))) for key in keys])
        for label, keys in themes
    ]
