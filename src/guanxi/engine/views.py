"""Saved views: a person's own, and those shared by others. What they show is always scoped to the reader."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.models import SavedView
from guanxi.engine.query import parse
from guanxi.engine.sorting import keys_for
from guanxi.kernel.errors import Invalid, NotFound, Refused
from guanxi.schema.registry import snapshot

SHARED = ("private", "department", "everyone")
LAYOUTS = ("table", "board", "calendar", "summary")


def for_actor(actor: Actor, object_key: str) -> tuple[SavedView, ...]:
    """The views of an object the person may use, pinned ones first."""
    return tuple(_open_to(actor).filter(object=object_key).order_by("-pinned", "position", "id"))


def get(actor: Actor, view_id: int) -> SavedView:
    """One view the person may use."""
    found = _open_to(actor).filter(pk=view_id).first()
    if found is None:
        raise NotFound(_("This view does not exist any more, or it is not shared with you."))
    return found


def save(
    actor: Actor,
    object_key: str,
    *,
    name: str,
    id: int | None = None,
    query: str = "",
    sort: str = "",
    columns: Sequence[str] = (),
    layout: str = "table",
    shared: str = "private",
    pinned: bool = False,
    by: str = "",
    summed: str = "",
) -> SavedView:
    """Create a view or change one's own; the query and sort must be readable by the person who saves."""
    kind = snapshot().get(object_key)
    name = name.strip()
    if not name or len(name) > 120:
        raise Invalid(_("Give the view a name of at most 120 characters."), {"name": [_("Give the view a name.")]})
    if shared not in SHARED or layout not in LAYOUTS:
        raise Invalid(_("This setting is not one of the choices."))
    parse(query, kind, actor)
    keys_for(sort, kind, actor)
    view = _own(actor, id) if id is not None else SavedView(owner_id=actor.user_id or 0, object=object_key)
    view.name, view.query, view.sort, view.layout = name, query, sort, layout
    view.by, view.summed = by[:200], summed[:200]
    view.columns = [key for key in columns if key in kind.fields]
    view.shared, view.pinned = shared, pinned
    view.save()
    return view


def remove(actor: Actor, view_id: int) -> None:
    """Delete one's own view."""
    _own(actor, view_id).delete()


def _own(actor: Actor, view_id: int) -> SavedView:
    view = get(actor, view_id)
    if view.owner_id != actor.user_id and not actor.is_administrator:
        raise Refused(_("Only the person who made this view can change it. Save it under a new name instead."))
    return view


def _open_to(actor: Actor) -> QuerySet[SavedView]:
    person = actor.access.people.get(actor.user_id or 0)
    mine = Q(owner_id=actor.user_id) | Q(shared="everyone")
    if person is not None and person.department is not None:
        mine |= Q(shared="department", owner__department_id=person.department)
    return SavedView.objects.filter(mine)
