"""Roles: the list, and the matrix of one role with its field rules and a preview of what a change would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.access.actor import RIGHTS
from guanxi.access.compiled import SCOPES
from guanxi.access.models import EVERY_OBJECT, Role
from guanxi.engine import rights, write
from guanxi.engine.administration import roles, simulate
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web import rendering
from guanxi.web.admin.hub import need
from guanxi.web.request import Request

_SETUP = ("setup", "directory")


@dataclass(frozen=True)
class Line:
    """One object in the matrix."""

    key: str
    label: str
    icon: str
    named: bool
    """Whether the role says something of its own about the object."""
    rights: frozenset[str]
    read: str
    edit: str
    offered: tuple[str, ...]
    """The rights that mean something for the object."""
    scoped: bool
    follows: bool
    """Whether the first line holds for it as long as the role says nothing of its own."""


@require_GET
def index(request: Request) -> HttpResponse:
    """Every role with the number of people who hold it."""
    need(request.actor, "role")
    found = [
        (role, len(roles.given_to(role.pk))) for role in Role.objects.filter(deleted_at=None).order_by("name", "pk")
    ]
    return rendering.page(request, "admin/roles.html", {"roles": found, "here": "admin"})


@require_GET
def show(request: Request, role_id: int) -> HttpResponse:
    """The matrix of one role."""
    need(request.actor, "role")
    document = roles.document(role_id)
    excess = roles.may_give(request.actor, role_id)
    context = {
        "role": Role.objects.get(pk=role_id),
        "holders": len(roles.given_to(role_id)),
        "groups": _groups(document),
        "everything": _line(None, document),
        "rights": [(right, rights.rights_in_words()[right]) for right in RIGHTS],
        "scopes": [(scope, rights.scopes_in_words()[scope]) for scope in SCOPES],
        "fields": [(*path.partition(".")[::2], rule) for path, rule in document["fields"].items()],
        "kinds": [kind for kind in snapshot() if kind.declaration.kind not in _SETUP],
        "levels": [(level, rights.levels_in_words()[level]) for level in roles.LEVELS],
        "masks": [(mask, rights.masks_in_words()[mask]) for mask in roles.MASKS],
        "closed": roles.beyond(excess) if excess else "",
        "here": "admin",
    }
    return rendering.page(request, "admin/role.html", context)


def _groups(document: roles.Document) -> list[tuple[str, list[Line]]]:
    work = [kind for kind in snapshot() if kind.declaration.kind in ("standard", "relation")]
    logs = [kind for kind in snapshot() if kind.declaration.kind == "log"]
    setup = [kind for kind in snapshot() if kind.declaration.kind in _SETUP]
    named = ((_("Everyday work"), work), (_("Histories"), logs), (_("Settings"), setup))
    return [(label, [_line(kind, document) for kind in kinds]) for label, kinds in named]


def _line(kind: ObjectType | None, document: roles.Document) -> Line:
    key = kind.key if kind else EVERY_OBJECT
    objects = document["objects"]
    nothing: dict[str, Any] = {"rights": [], "read": "own", "edit": "own"}
    restricted = kind is not None and kind.declaration.restricted and kind.declaration.kind not in _SETUP
    held = objects.get(key) or (nothing if restricted else objects.get(EVERY_OBJECT, nothing))
    return Line(
        key=key,
        label=str(kind.plural) if kind else _("All other objects"),
        icon=kind.icon if kind else "stack-2",
        named=key in objects or kind is None,
        rights=frozenset(held["rights"]),
        read=held["read"],
        edit=held["edit"],
        offered=_offered(kind),
        scoped=kind is None or kind.declaration.kind not in _SETUP,
        follows=not restricted,
    )


def _offered(kind: ObjectType | None) -> tuple[str, ...]:
    purpose = kind.declaration.kind if kind else "standard"
    if kind is not None and purpose in _SETUP:
        return ("administrate",)
    if purpose == "log":
        return ("read", "export", "print")
    return RIGHTS if kind is None else tuple(right for right in RIGHTS if right != "administrate")


@require_POST
def save(request: Request, role_id: int) -> HttpResponse:
    """Make the role allow what the matrix says."""
    with write.change(request.actor, "web") as door:
        roles.define(door, role_id, sent(request.POST))
    return rendering.go(request, f"/admin/roles/{role_id}", _("Role saved."))


@require_POST
def preview(request: Request, role_id: int) -> HttpResponse:
    """What would change if the matrix were saved as it stands."""
    found = simulate.role_change(request.actor, role_id, sent(request.POST))
    context = {
        "found": found,
        "rights": rights.rights_in_words(),
        "gained": _by_object(found.rights_gained),
        "lost": _by_object(found.rights_lost),
    }
    return rendering.fragment(request, "admin/role_effect.html", context)


def _by_object(pairs: tuple[tuple[ObjectType, str], ...]) -> list[tuple[ObjectType, list[str]]]:
    words = rights.rights_in_words()
    found: dict[ObjectType, list[str]] = {}
    for kind, right in pairs:
        found.setdefault(kind, []).append(words[right])
    return list(found.items())


def sent(data: QueryDict) -> dict[str, Any]:
    """The document a sent matrix stands for."""
    objects: dict[str, Any] = {}
    for key in [EVERY_OBJECT, *snapshot().objects]:
        if key == EVERY_OBJECT or data.get(f"o.{key}.named") == "yes":
            objects[key] = {
                "rights": data.getlist(f"o.{key}.r"),
                "read": data.get(f"o.{key}.read") or "own",
                "edit": data.get(f"o.{key}.edit") or "own",
            }
    fields = {}
    paths, levels, masks = (data.getlist(name) for name in ("field", "field_level", "field_mask"))
    for path, level, mask in zip(paths, levels, masks, strict=False):
        if path:
            fields[path] = {"level": level, "mask": mask}
    return {"objects": objects, "fields": fields}
