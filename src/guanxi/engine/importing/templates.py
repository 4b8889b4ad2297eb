"""Mappings kept under a name, one's own or for everybody, and used again for files with the same columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.importing import access
from guanxi.engine.importing.fields import ID, keys, offered
from guanxi.engine.importing.tables import Import, ImportTemplate
from guanxi.engine.write import require
from guanxi.kernel import clock
from guanxi.kernel.errors import Invalid, NotFound, Refused
from guanxi.schema.registry import snapshot


def of(actor: Actor, object_key: str) -> QuerySet[ImportTemplate]:
    """The templates of an object that the actor may use: one's own and those for everybody, by name."""
    mine = Q(owner_id=actor.user_id) if actor.user_id is not None else Q()
    return ImportTemplate.objects.filter(mine | Q(owner=None), object=object_key).order_by("name", "pk")


def all_of(actor: Actor) -> list[ImportTemplate]:
    """Every template that the actor may use, by object and name."""
    mine = Q(owner_id=actor.user_id) if actor.user_id is not None else Q()
    rows = ImportTemplate.objects.filter(mine | Q(owner=None)).order_by("object", "name", "pk")
    return [one for one in rows if one.object in snapshot().objects and actor.can("import", one.object)]


def get(actor: Actor, template_id: int) -> ImportTemplate:
    """One template that the actor may use; :class:`NotFound` otherwise."""
    found = ImportTemplate.objects.filter(pk=template_id).first() if template_id < 2**63 else None
    shared = found is not None and (found.owner_id is None or found.owner_id == actor.user_id or actor.is_program)
    if found is None or not shared or not actor.can("import", found.object):
        raise NotFound(_("This saved mapping does not exist, or it is somebody else's."))
    return found


def save(actor: Actor, import_id: int, name: str, *, everybody: bool = False) -> ImportTemplate:
    """Keep the mapping of an import under a name; one of the same name is replaced. For everybody: administrators alone."""
    found = access.own(actor, import_id)
    require(actor, "import", snapshot().get(found.object))
    name = " ".join(name.split())
    if not 0 < len(name) <= 120:
        raise Invalid(_("Give the mapping a name of at most 120 characters."), {"name": [_("Enter a name.")]})
    if everybody and not actor.is_administrator:
        raise Refused(_("Only an administrator can save a mapping for everybody."))
    owner = None if everybody else actor.user_id
    values = {"mapping": _named(found), "updated_at": clock.now()}
    kept = ImportTemplate.objects.filter(owner=owner, object=found.object, name=name).first()
    if kept is None:
        return ImportTemplate.objects.create(owner_id=owner, object=found.object, name=name, **values)
    ImportTemplate.objects.filter(pk=kept.pk).update(**values)
    kept.refresh_from_db()
    return kept


def remove(actor: Actor, template_id: int) -> None:
    """Forget a template: one's own, or as an administrator one for everybody."""
    found = get(actor, template_id)
    if found.owner_id != actor.user_id and not actor.is_administrator:
        raise Refused(_("Only an administrator can remove a mapping that everybody uses."))
    found.delete()


def like(actor: Actor, found: Import, earlier: Import) -> dict[str, Any]:
    """The mapping of an earlier import for the columns of a file, such as one with corrected rows."""
    return applied(actor, found, ImportTemplate(object=earlier.object, mapping=_named(earlier)))


def _named(found: Import) -> dict[str, Any]:
    """The mapping of an import with the names of the columns."""
    names = [column["name"] for column in found.columns]
    columns = [{**one, "column": names[one["column"]], "at": one["column"]} for one in found.mapping["columns"]]
    return {**found.mapping, "columns": columns}


def applied(actor: Actor, found: Import, template: ImportTemplate) -> dict[str, Any]:
    """The mapping of a template for the columns of a file: by name, or by place where the file has no names.

    Columns that the template does not know are left out, as are fields that the actor may not fill.
    """
    kind = snapshot().get(found.object)
    if template.object != kind.key:
        raise Invalid(_("This mapping is for %(objects)s.") % {"objects": snapshot().get(template.object).plural})
    names = [column["name"] for column in found.columns]
    unnamed = found.layout.get("header") == -1
    open_fields = {*offered(actor, kind), ID, *keys(actor, kind)}
    columns: list[dict[str, Any]] = []
    for one in template.mapping["columns"]:
        plan = {key: value for key, value in one.items() if key != "at"}
        place = one["at"] if unnamed else names.index(one["column"]) if one["column"] in names else None
        if place is not None and place < len(names):
            columns.append({**plan, "column": place, "field": _open(plan, open_fields)})
    used = {plan["column"] for plan in columns}
    columns += [{"column": index, "field": ""} for index in range(len(names)) if index not in used]
    constants = {key: text for key, text in template.mapping.get("constants", {}).items() if key in open_fields}
    return {**template.mapping, "columns": sorted(columns, key=lambda one: int(one["column"])), "constants": constants}


def _open(plan: Mapping[str, Any], open_fields: set[str]) -> str:
    return str(plan["field"]) if plan["field"] in open_fields else ""
