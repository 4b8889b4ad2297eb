"""What a follow-up or a task is about: the account and contact that follow from it, set-based for any object."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from guanxi.schema import registry
from guanxi.schema.definition import ObjectType
from guanxi.schema.rules import Draft

PEOPLE = ("account", "contact")
"""Objects that a follow-up points to by a lookup of its own, named like the object."""


def split(reference: str) -> tuple[str, int]:
    """Object key and record id of an ``object:id`` reference."""
    object_key, _colon, number = reference.partition(":")
    return object_key, int(number)


def by_object(references: Iterable[str]) -> Mapping[str, set[int]]:
    """Record ids by object key."""
    found: dict[str, set[int]] = defaultdict(set)
    for reference in references:
        object_key, record_id = split(reference)
        found[object_key].add(record_id)
    return found


def fill_people(drafts: Sequence[Draft]) -> None:
    """Set the empty account and contact of each draft from the record it is about. One query per object referred to."""
    waiting = [draft for draft in drafts if draft.get("about") and _lacks_people(draft)]
    known: dict[str, dict[str, int]] = {}
    objects = registry.snapshot().objects
    for object_key, ids in by_object(draft.get("about") for draft in waiting).items():
        if object_key in objects:
            known.update(_people_of(objects[object_key], ids))
    for draft in waiting:
        for key, record_id in known.get(draft.get("about"), {}).items():
            if draft.get(key) is None and key not in draft.values:
                draft.set(key, record_id)
    _accounts_of_contacts(drafts)


def _lacks_people(draft: Draft) -> bool:
    return (draft.created or draft.changed("about")) and any(draft.get(key) is None for key in PEOPLE)


def _people_of(kind: ObjectType, ids: Iterable[int]) -> dict[str, dict[str, int]]:
    """Account and contact of the records of one object, by reference: the record itself, or what its lookups name."""
    lookups = [key for key in PEOPLE if key in kind.fields and kind.fields[key].spec.target == key]
    rows = kind.model._default_manager.filter(pk__in=list(ids)).values("pk", *(f"{key}_id" for key in lookups))
    people: dict[str, dict[str, int]] = {}
    for row in rows:
        found = {key: row[f"{key}_id"] for key in lookups if row[f"{key}_id"] is not None}
        if kind.key in PEOPLE:
            found[kind.key] = row["pk"]
        people[f"{kind.key}:{row['pk']}"] = found
    return people


def _accounts_of_contacts(drafts: Sequence[Draft]) -> None:
    """A draft with a contact but no account belongs to the contact's account."""
    waiting = [
        draft
        for draft in drafts
        if draft.get("contact") and draft.get("account") is None and "account" not in draft.values
        and (draft.created or draft.changed("contact"))
    ]  # fmt: skip
    if not waiting:
        return
    contact: Any = registry.get("contact").model
    accounts = dict(
        contact.objects.filter(pk__in={draft.get("contact") for draft in waiting}).values_list("pk", "account_id")
    )
    for draft in waiting:
        if accounts.get(draft.get("contact")) is not None:
            draft.set("account", accounts[draft.get("contact")])
