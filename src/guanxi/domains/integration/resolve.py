"""Finding the records that cells name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from guanxi.schema import registry
from guanxi.schema.definition import ObjectType

BATCH = 5_000


def by_external_id(kind: ObjectType, wanted: Iterable[str]) -> dict[str, int]:
    """Ids of the live records with these external ids; one query per 5,000."""
    return {text: ids[0] for text, ids in _find(kind, "external_id", wanted).items()}


def by_field(kind: ObjectType, field: str, wanted: Iterable[str], prefix: str) -> dict[str, int | str]:
    """The record meant by each text in a field, or in words why none is.

    Where several have the text, the one brought in by the same plan (external id beginning with ``prefix``) is meant.
    """
    found: dict[str, int | str] = {}
    names = set(wanted)
    several: set[int] = set()
    for text, ids in _find(kind, field, names).items():
        found[text] = ids[0]
        if len(ids) > 1:
            several.update(ids)
    own = _own(kind, several, prefix)
    for text, ids in _find(kind, field, names).items() if several else ():
        if len(ids) > 1:
            mine = [pk for pk in ids if pk in own]
            found[text] = mine[0] if len(mine) == 1 else _("Several records have this name.")
    return found


def _find(kind: ObjectType, field: str, wanted: Iterable[str]) -> dict[str, list[int]]:
    column = kind.fields[field].attribute
    texts = sorted(set(wanted))
    found: dict[str, list[int]] = {}
    manager: Any = kind.model._default_manager
    for start in range(0, len(texts), BATCH):
        rows = manager.filter(**{f"{column}__in": texts[start : start + BATCH]}, deleted_at=None).order_by("pk")
        for text, pk in rows.values_list(column, "pk"):
            found.setdefault(text, []).append(pk)
    return found


def _own(kind: ObjectType, ids: Iterable[int], prefix: str) -> set[int]:
    manager: Any = kind.model._default_manager
    return set(manager.filter(pk__in=list(ids), external_id__startswith=f"{prefix}:").values_list("pk", flat=True))


def lookup_table(object_key: str, by: str, texts: Mapping[str, str], prefix: str) -> dict[str, int | str]:
    """Record id, or the problem in words, by cell text. ``texts`` maps each cell to what is searched in the field ``by``."""
    kind = registry.get(object_key)
    found = by_field(kind, by, texts.values(), prefix)
    missing = _("There is no %(object)s like this.") % {"object": kind.label}
    return {cell: found.get(text, missing) for cell, text in texts.items()}
