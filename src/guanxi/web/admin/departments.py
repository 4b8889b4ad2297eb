"""Departments as a tree that can be rearranged by dragging."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from guanxi.access import compiled
from guanxi.access.models import Department
from guanxi.engine import write
from guanxi.kernel.errors import Invalid
from guanxi.web import rendering
from guanxi.web.admin.hub import need
from guanxi.web.numbers_in import whole
from guanxi.web.request import Request


@dataclass
class Node:
    """One department with those below it."""

    id: int
    name: str
    head: str
    people: int
    below: list[Node] = field(default_factory=list)


@require_GET
def index(request: Request) -> HttpResponse:
    """The tree."""
    need(request.actor, "department")
    return rendering.page(request, "admin/departments.html", {"tree": tree(), "here": "admin"})


def tree() -> list[Node]:
    """The departments without a parent, each with those below; one in a circle or under a deleted one stands on top."""
    members = Counter(person.department for person in compiled.current().people.values() if person.active)
    rows = Department.objects.filter(deleted_at=None).select_related("head").order_by("position", "name", "pk")
    nodes = {row.pk: Node(row.pk, row.name, row.head.name if row.head else "", members[row.pk]) for row in rows}
    parents = {row.pk: row.parent_id for row in rows}
    top: list[Node] = []
    for pk, node in nodes.items():
        parent = parents[pk]
        (nodes[parent].below if parent in nodes else top).append(node)
    return top


@require_POST
def move(request: Request) -> HttpResponse:
    """Put a department under another (or on top), at a place among those there."""
    moved, parent = whole(request.POST.get("id", "")), whole(request.POST.get("parent", ""))
    place = whole(request.POST.get("place", "0")) or 0
    if moved is None:
        raise Invalid(_("Drag a department to its new place."))
    with write.change(request.actor, "web") as door:
        door.update("department", moved, {"parent": parent})
        beside = Department.objects.filter(parent=parent, deleted_at=None).exclude(pk=moved)
        order = list(beside.order_by("position", "name", "pk").values_list("pk", flat=True))
        order.insert(min(place, len(order)), moved)
        door.update_each("department", {pk: {"position": number} for number, pk in enumerate(order)})
    return rendering.done(_("Saved."))
