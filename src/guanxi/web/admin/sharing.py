"""The dialogs of one record: whom it is shared with, and who can see it and why."""

from __future__ import annotations

from datetime import datetime, time

from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from guanxi.access.actor import Actor
from guanxi.access.models import Role
from guanxi.engine import explain, rights, write
from guanxi.engine.administration import sharing
from guanxi.engine.parse import refusal
from guanxi.kernel.labels import Label
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web import rendering, widgets
from guanxi.web.numbers_in import whole
from guanxi.web.permission import readable
from guanxi.web.request import Request


@require_http_methods(["GET", "POST"])
def share(request: Request, object_key: str, record_id: int) -> HttpResponse:
    """The dialog; POST shares the record with one more principal."""
    kind = readable(request.actor, object_key)
    if request.method == "POST":
        receiver = request.POST.get("principal_kind", "user")
        chosen = whole(request.POST.get("department" if receiver.startswith("department") else receiver, ""))
        if chosen is None:
            raise refusal({"principal": [_("Choose whom to share with.")]})
        with write.change(request.actor, "web") as door:
            sharing.share(
                door,
                kind.key,
                record_id,
                receiver,
                chosen,
                request.POST.get("level", "read"),
                cause="team" if request.POST.get("team") == "yes" else "manual",
                expires_at=_end_of(request.POST.get("until", "")),
                note=request.POST.get("note", ""),
            )
    return _dialog(request, kind, record_id)


@require_POST
def unshare(request: Request, object_key: str, record_id: int, grant_id: int) -> HttpResponse:
    """Take one share back."""
    kind = readable(request.actor, object_key)
    with write.change(request.actor, "web") as door:
        sharing.unshare(door, grant_id, (kind.key, record_id))
    return _dialog(request, kind, record_id)


def _dialog(request: Request, kind: ObjectType, record_id: int) -> HttpResponse:
    actor = request.actor
    pickers = widgets.ask(
        actor,
        [
            ("user", snapshot().get("department").fields["head"].spec),
            ("department", snapshot().get("user").fields["department"].spec),
        ],
        {},
    )
    context = {
        "kind": kind,
        "record_id": record_id,
        "shares": sharing.shares(actor, kind.key, record_id),
        "person": pickers[0],
        "department": pickers[1],
        "roles": Role.objects.filter(deleted_at=None).order_by("name", "pk"),
        "may": actor.can("share", kind.key),
        "today": timezone.localdate().isoformat(),
    }
    return rendering.fragment(request, "admin/share_dialog.html", context)


def _end_of(text: str) -> datetime | None:
    """The end of a day given in a form, in the person's time zone."""
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise refusal({"expires_at": [_("Choose a day.")]})
    return timezone.make_aware(datetime.combine(day, time.max))


@require_GET
def access(request: Request, object_key: str, record_id: int) -> HttpResponse:
    """Who can see the record, and why; which fields are closed to whom."""
    actor = request.actor
    kind = readable(actor, object_key)
    mine = explain.record_access(actor, kind.key, record_id)
    others = explain.may_see_others(actor, kind)
    context = {
        "kind": kind,
        "record_id": record_id,
        "mine": mine,
        "people": explain.people_with_access(actor, kind.key, record_id) if others else (),
        "others": others,
        "fields": _fields(actor, kind),
        "levels": rights.levels_in_words(),
        "may_share": actor.can("share", kind.key) and kind.declaration.kind == "standard",
    }
    return rendering.fragment(request, "admin/access_dialog.html", context)


def _fields(actor: Actor, kind: ObjectType) -> list[tuple[str, Label, str, tuple[explain.FieldAccess, ...]]]:
    """Every field the actor may see, with what each role says of it; those with rules first."""
    found = [
        (key, field.label, *explain.field_access(actor, kind.key, key))
        for key, field in kind.fields.items()
        if field.shown and actor.field_level(kind.key, key) != "hidden"
    ]
    return sorted(found, key=lambda row: all(one.level == "write" for one in row[3]))


@require_GET
def field(request: Request, object_key: str, field_key: str) -> HttpResponse:
    """Who can see one field of an object."""
    kind = readable(request.actor, object_key)
    mine, told = explain.field_access(request.actor, kind.key, field_key)
    context = {
        "kind": kind,
        "field": kind.fields[field_key],
        "record_id": whole(request.GET.get("record", "")),
        "mine": mine,
        "told": told,
        "levels": rights.levels_in_words(),
    }
    return rendering.fragment(request, "admin/field_dialog.html", context)
