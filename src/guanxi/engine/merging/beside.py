"""What hangs on records without being one: files are moved; who follows, may see or keeps a record at hand, does so with the
survivor too. What was done is given back as data, so that undo can take exactly that back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from guanxi.access.models import Grant, User
from guanxi.engine.models import StoredFile
from guanxi.engine.notifications.tables import Follow

BY_HAND = ("team", "manual")
"""Grants that people made; those of sharing rules follow from the record itself."""


def move(object_key: str, survivor: int, losers: Sequence[int]) -> dict[str, Any]:
    """Bring everything over to the survivor; what was done, as JSON."""
    return {
        "files": _move_files(object_key, survivor, losers),
        "follows": _copy_follows(object_key, survivor, losers),
        "grants": _copy_grants(object_key, survivor, losers),
        "favourites": _move_favourites(object_key, survivor, losers),
    }


def take_back(object_key: str, survivor: int, moved: dict[str, Any]) -> None:
    """Undo :func:`move`; what was removed since stays removed."""
    for loser, files in moved.get("files", {}).items():
        StoredFile.objects.filter(pk__in=files, object=object_key, record=survivor).update(record=int(loser))
    Follow.objects.filter(pk__in=moved.get("follows", ())).delete()
    Grant.objects.filter(pk__in=moved.get("grants", ())).delete()
    for person, loser in moved.get("favourites", {}).items():
        _swap_favourite(int(person), f"{object_key}:{survivor}", f"{object_key}:{loser}")


def _move_files(object_key: str, survivor: int, losers: Sequence[int]) -> dict[str, list[int]]:
    moved: dict[str, list[int]] = {}
    rows = StoredFile.objects.filter(object=object_key, record__in=losers)
    for pk, loser in rows.order_by("pk").values_list("pk", "record"):
        moved.setdefault(str(loser), []).append(pk)
    rows.update(record=survivor)
    return moved


def _copy_follows(object_key: str, survivor: int, losers: Sequence[int]) -> list[int]:
    """The losers keep their followers, so that undo has nothing to give back."""
    known = set(Follow.objects.filter(object=object_key, record=survivor).values_list("person_id", flat=True))
    made = []
    for row in Follow.objects.filter(object=object_key, record__in=losers).order_by("pk"):
        if row.person_id not in known:
            known.add(row.person_id)
            made.append(
                Follow.objects.create(person_id=row.person_id, object=object_key, record=survivor, since=row.since).pk
            )
    return made


def _copy_grants(object_key: str, survivor: int, losers: Sequence[int]) -> list[int]:
    """Whoever was let in to one of the records may go on working; what the survivor grants already is not doubled."""
    known = {_reach(row) for row in Grant.objects.filter(object=object_key, record=survivor, cause__in=BY_HAND)}
    made = []
    for row in Grant.objects.filter(object=object_key, record__in=losers, cause__in=BY_HAND).order_by("pk"):
        if _reach(row) in known:
            continue
        known.add(_reach(row))
        row.pk, row.record = None, survivor
        row._state.adding = True
        row.save()
        made.append(int(row.pk))
    return made


def _reach(grant: Grant) -> tuple[Any, ...]:
    return grant.principal_kind, grant.principal, grant.level, grant.cause, grant.expires_at


def _move_favourites(object_key: str, survivor: int, losers: Sequence[int]) -> dict[str, int]:
    """In the lists of people who kept a loser at hand but not the survivor; whose list held which loser."""
    moved: dict[str, int] = {}
    kept = f"{object_key}:{survivor}"
    for person, preferences in User.objects.order_by("pk").values_list("pk", "preferences"):
        listed = preferences.get("favourites", ())
        loser = next((pk for pk in losers if f"{object_key}:{pk}" in listed), None)
        if loser is not None and kept not in listed:
            _swap_favourite(person, f"{object_key}:{loser}", kept)
            moved[str(person)] = loser
    return moved


def _swap_favourite(person: int, old: str, new: str) -> None:
    user = User.objects.filter(pk=person).first()
    if user is None or old not in user.preferences.get("favourites", ()):
        return
    listed = [new if one == old else one for one in user.preferences["favourites"]]
    User.objects.filter(pk=person).update(preferences={**user.preferences, "favourites": listed})
