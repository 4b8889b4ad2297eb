"""What a form needs to know of a field: which are asked, with which text in them, and what a form sent back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from guanxi.access.actor import Actor
from guanxi.engine.labels import labels_for
from guanxi.schema.definition import FieldDefinition
from guanxi.schema.registry import snapshot
from guanxi.schema.spec import FieldSpec
from guanxi.web.numbers_in import wholes

SEVERAL = ("multi_select", "tags", "links")
UNASKED = ("file", "image")
"""Kinds without a widget yet: files are attached on the record page."""


@dataclass(frozen=True)
class Asked:
    """One field of a form: its specification, the raw text (or texts) in it and what is wrong with that."""

    key: str
    spec: FieldSpec
    raw: Any = ""
    errors: tuple[str, ...] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    """Title of each record the raw text points to, by raw text."""
    object_key: str = ""
    """Object whose choices a lookup offers; empty inside an action, whose lookups are searched by target."""
    currency: str = ""

    @property
    def widget(self) -> str:
        """Name of the widget macro."""
        if self.spec.extra.get("vocabulary") == "objects":
            return "object"
        return "select" if self.spec.kind.name == "select" else self.spec.kind.widget

    @property
    def objects(self) -> list[tuple[str, str]]:
        """Keys and names of the objects of everyday work, for a text that names one."""
        return [(kind.key, str(kind.plural)) for kind in snapshot() if kind.declaration.kind == "standard"]

    @property
    def wide(self) -> bool:
        """Whether it takes the whole width."""
        return self.spec.kind.name in ("long_text", "rich_text", "address", "tags", "multi_select")


def may_ask(field: FieldDefinition, actor: Actor) -> bool:
    """Whether a form may ask the actor for the field."""
    return (
        field.writable
        and field.shown
        and not field.system
        and field.kind.name not in UNASKED
        and field.kind.widget != "read_only"
        and actor.field_level(field.object_key, field.key) == "write"
    )


def form_text(spec: FieldSpec, value: Any) -> Any:
    """A value as a form holds it: a text, or a list of texts for kinds that take several."""
    kind = spec.kind
    if kind.name in SEVERAL:
        return [str(item) for item in value or ()]
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if kind.name == "encrypted":
        return ""  # a secret is never shown again
    return kind.to_text(value)


def sent(data: QueryDict, fields: Iterable[tuple[str, FieldSpec]]) -> dict[str, object]:
    """The raw texts of a form; a box that is not ticked sends nothing and means no."""
    raw: dict[str, object] = {}
    for key, spec in fields:
        if spec.kind.name in SEVERAL:
            raw[key] = [text for text in data.getlist(key) if text]
        elif spec.kind.name == "encrypted":
            # An empty box keeps the secret there is.
            raw |= {key: data[key]} if data.get(key) else {}
        elif spec.kind.name == "boolean":
            raw[key] = "yes" if data.get(key) in ("yes", "on", "true", "1") else "no"
        else:
            raw[key] = data.get(key, "")
    return raw


def ask(
    actor: Actor,
    fields: Iterable[tuple[str, FieldSpec]],
    raw: Mapping[str, Any],
    *,
    errors: Mapping[str, Iterable[str]] | None = None,
    object_key: str = "",
    currency: str = "",
) -> list[Asked]:
    """The fields of a form with their texts, their errors and the titles of what they point to."""
    fields = list(fields)
    titles = _titles(actor, fields, raw)
    return [
        Asked(
            key=key,
            spec=spec,
            raw="" if spec.kind.name == "encrypted" else raw.get(key, [] if spec.kind.name in SEVERAL else ""),
            errors=tuple((errors or {}).get(key, ())),
            titles=titles,
            object_key=object_key,
            currency=currency,
        )
        for key, spec in fields
    ]


def _titles(actor: Actor, fields: Iterable[tuple[str, FieldSpec]], raw: Mapping[str, Any]) -> dict[str, str]:
    """Titles by ``object:id``."""
    wanted: dict[str, set[int]] = {}
    for key, spec in fields:
        value = raw.get(key)
        if not value:
            continue
        if spec.kind.family == "reference":
            target, _colon, number = str(value).partition(":")
            wanted.setdefault(target, set()).update(wholes([number]))
        elif spec.kind.family in ("lookup", "links"):
            texts = value if isinstance(value, list) else [value]
            wanted.setdefault(spec.target, set()).update(wholes(texts))
    return {f"{target}:{pk}": title for (target, pk), title in labels_for(actor, wanted).items()}
