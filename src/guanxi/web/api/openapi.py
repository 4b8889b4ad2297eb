"""The OpenAPI 3.1 description, generated from the registry for one actor, in the actor's language: it names only what the
actor may use."""

from __future__ import annotations

from django.utils.translation import gettext as _

import guanxi
from guanxi.access.actor import Actor
from guanxi.schema.registry import snapshot
from guanxi.web.api import (
    administration_paths,
    delivery_paths,
    duplicate_paths,
    export_paths,
    import_paths,
    index_paths,
    job_paths,
    merge_paths,
    noticing_paths,
    record_paths,
    summary_paths,
    undo_paths,
)
from guanxi.web.api.components import components
from guanxi.web.api.describing import Json


def describe(actor: Actor) -> Json:
    """The whole description."""
    kinds = [kind for kind in snapshot() if actor.can("read", kind.key)]
    paths: Json = administration_paths.general(actor) | noticing_paths.general() | undo_paths.general()
    paths |= job_paths.general(actor) | record_paths.runs() | export_paths.requests()
    schemas: Json = record_paths.schemas() | administration_paths.schemas() | export_paths.schemas()
    schemas |= job_paths.schemas() | undo_paths.schemas() | duplicate_paths.schemas() | summary_paths.schemas()
    paths |= duplicate_paths.general(actor) | index_paths.general(actor) | summary_paths.general(actor)
    if import_paths.allowed(actor):
        paths |= import_paths.paths(actor)
        schemas |= import_paths.schemas()
    if actor.is_administrator:
        paths |= delivery_paths.paths()
        schemas |= delivery_paths.schemas()
    for kind in kinds:
        paths |= record_paths.of(kind, actor)
        paths |= summary_paths.of(kind, actor)
        paths |= noticing_paths.of(kind) | administration_paths.of(kind, actor) | undo_paths.of(kind)
        paths |= export_paths.of(kind) if actor.can("export", kind.key) else {}
        paths |= job_paths.of(kind, actor) | duplicate_paths.of(kind, actor) | merge_paths.of(kind, actor)
        schemas |= record_paths.schemas_of(kind, actor)
    used = {
        tag for path in paths.values() for verb, made in path.items() if verb != "parameters" for tag in made["tags"]
    }
    named = {kind.key: str(kind.plural) for kind in kinds}
    tags = [*(key for key in areas() if key in used and key not in named), *(key for key in named if key in used)]
    labels = areas() | named
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Guanxi",
            "version": guanxi.__version__,
            "description": _(
                "The REST API of Guanxi. It covers every object with the rights and rules of the screens."
            ),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{"key": []}, {"session": []}],
        "tags": [{"name": key, "description": labels[key]} for key in tags],
        "paths": paths,
        "components": components(schemas),
    }


def areas() -> dict[str, str]:
    """The names of what belongs to no object, by tag."""
    return {
        "caller": _("The caller and keys"),
        "search": _("Search"),
        "changes": _("Feed of changes"),
        "change_set": _("Undo"),
        "bulk": _("Mass changes"),
        "job": _("Jobs"),
        "duplicates": _("Duplicates"),
        "notifications": _("Notifications"),
        "export_request": _("Export requests"),
        "import": _("Imports"),
        "index": _("Indexes and kept sums"),
        "sharing": _("Sharing"),
        "security": _("Security and retention"),
        "deliveries": _("Deliveries"),
        "role": _("Roles"),
        "user": _("People"),
        "audit_event": _("Audit log"),
    }


__all__ = ["areas", "describe"]
