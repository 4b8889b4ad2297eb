"""Journal entries in the reader's words, projected by the reader's field rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.labels import labels_for, pointed_to
from guanxi.engine.masking import MASK
from guanxi.journal import causes
from guanxi.journal.models import Entry
from guanxi.journal.redaction import is_redacted
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot

Line = tuple[str, str, str]


def names_of(actor: Actor, entries: Sequence[Entry]) -> dict[int, str]:
    """The names of the people who acted, by id."""
    found = labels_for(actor, {"user": {entry.actor for entry in entries if entry.actor is not None}})
    return {pk: name for (_key, pk), name in found.items()}


def taken_back(entries: Sequence[Entry]) -> set[tuple[int, int]]:
    """Which (change set, record) of the entries, all of one object, were undone and not done again since."""
    if not entries:
        return set()
    rows = Entry.objects.filter(object=entries[0].object, record__in={entry.record for entry in entries})
    undos = rows.exclude(change_set__undoes=None).order_by("-id")
    gone: set[tuple[int, int]] = set()
    for change_set, undoes, record in undos.values_list("change_set_id", "change_set__undoes_id", "record"):
        # Newest first: an undo that was itself undone takes nothing back.
        if undoes is not None and (change_set, record) not in gone:
            gone.add((undoes, record))
    return gone


def why(cause: str) -> str:
    """Where a change came from, in words; empty for what a person typed on a page."""
    words = {
        **{"api": _("through the API"), "import": _("by an import"), "undo": _("by undo"), "redo": _("by redo")},
        **{"merge": _("by merging")},
        **{"job": _("by a job"), "reminder": _("by a reminder"), "purge": _("by clearing the recycle bin")},
        **{"handover": _("by a hand-over"), "action": _("by an action")},
    }
    return words.get(causes.word(cause), "")


def described(actor: Actor, kind: ObjectType, entries: Sequence[Entry]) -> dict[int, tuple[Line, ...]]:
    """(label, before, after) per changed field of each entry, by entry id. Hidden fields are left out."""
    fields = [
        f
        for f in kind.fields.values()
        if actor.field_level(kind.key, f.key) != "hidden" and f.shown and not f.spec.quiet
    ]
    sides: list[dict[str, Any]] = []
    for entry in entries:
        for index in (0, 1):
            sides.append({f.key: _parsed(f, entry.changes[f.key][index]) for f in fields if f.key in entry.changes})
    labels = labels_for(actor, pointed_to(fields, sides))
    lines: dict[int, tuple[Line, ...]] = {}
    for position, entry in enumerate(entries):
        before, after = sides[2 * position], sides[2 * position + 1]
        currency = str(after.get("currency") or "")
        lines[entry.pk] = tuple(
            (
                str(field.label),
                _shown(actor, field, before[field.key], labels, currency),
                _shown(actor, field, after[field.key], labels, currency),
            )
            for field in fields
            if field.key in entry.changes
        ) + _special(actor, entry)
    return lines


def _special(actor: Actor, entry: Entry) -> tuple[Line, ...]:
    """What an entry says besides fields: of a merge, a file, of sharing, of roles and of what a role allows."""
    if entry.verb in ("merged", "unmerged"):
        old, new = entry.changes.get("merged_from", [None, None])
        titles = labels_for(actor, {entry.object: {*(old or ()), *(new or ())}})
        names = [", ".join(titles.get((entry.object, pk), f"#{pk}") for pk in side or ()) for side in (old, new)]
        return ((_("Merged records"), names[0], names[1]),)
    words = {
        **{"file": _("File"), "share": _("Sharing"), "roles": _("Roles"), "administrator": _("Administrator")},
        **{"rights": _("rights"), "read": _("reads"), "edit": _("edits")},
    }
    if entry.verb.startswith("file_") or entry.verb in ("shared", "unshared", "roles_changed"):
        return tuple((words.get(key, key), _told(old), _told(new)) for key, (old, new) in entry.changes.items())
    if entry.verb != "rights_changed":
        return ()
    lines = []
    for path, (old, new) in entry.changes.items():
        key, _dot, rest = path.partition(".")
        kind = snapshot().objects.get(key)
        field = kind.fields.get(rest) if kind else None
        object_name = str(kind.plural) if kind else _("All other objects") if key == "*" else key
        what = str(field.label) if field and rest not in ("rights", "read", "edit") else words.get(rest, rest)
        lines.append((f"{object_name}: {what}", _told(old), _told(new)))
    return tuple(lines)


def _told(value: Any) -> str:
    return "" if value is None else _("Yes") if value is True else _("No") if value is False else str(value)


def _parsed(field: FieldDefinition, value: Any) -> Any:
    """A journaled value as a Python value; one that its field no longer understands is shown as it stands."""
    if is_redacted(value):
        return value
    try:
        return field.kind.parse(value, field.spec) if value is not None else None
    except ValueError:
        return value


def _shown(
    actor: Actor, field: FieldDefinition, value: Any, labels: Mapping[tuple[str, int], str], currency: str
) -> str:
    if value is None:
        return ""
    if is_redacted(value):
        return _("(redacted)")
    if actor.field_level(field.object_key, field.key) == "masked":
        return MASK
    match field.kind.family:
        case "lookup":
            return labels.get((field.spec.target, value), f"#{value}")
        case "links":
            return ", ".join(labels.get((field.spec.target, pk), f"#{pk}") for pk in value)
        case "reference":
            key, _colon, pk = str(value).partition(":")
            return labels.get((key, int(pk)), str(value))
    return field.display(value, actor.reading(currency))
