"""Removing records for good, with what belongs to them; what other records still point to is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.storage import default_storage
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from guanxi.access import audit
from guanxi.access.actor import Actor
from guanxi.access.models import Grant
from guanxi.access.visibility import among
from guanxi.engine import write
from guanxi.engine.aggregates.keeping import distrust
from guanxi.engine.match_record import MatchKey
from guanxi.engine.models import Notification, Recent, StoredFile
from guanxi.engine.notifications.tables import Follow
from guanxi.engine.retention.pointers import pointers_to, with_parts
from guanxi.engine.write import loading
from guanxi.kernel import db
from guanxi.kernel.errors import Conflict, Refused
from guanxi.schema.definition import ObjectType
from guanxi.schema.models import Link
from guanxi.schema.registry import snapshot

KEPT_FOR_EVER = ("directory", "log")
"""Objects whose records are never removed: history names people and departments, and logs are history."""
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Removed:
    """How many of the named records were removed, and how many kept because others point to them."""

    removed: int = 0
    kept: int = 0

    def __add__(self, other: Removed) -> Removed:
        return Removed(self.removed + other.removed, self.kept + other.kept)


def purge(actor: Actor, object_key: str, ids: Sequence[int], cause: str, request: str = "") -> Removed:
    """Remove records from the recycle bin for good; needs the right to administrate the object and to change each record.

    Raises :class:`Conflict` when other records point to all of them: then nothing was removed.
    """
    kind = snapshot().get(object_key)
    write.require(actor, "administrate", kind)
    if kind.declaration.kind in KEPT_FOR_EVER:
        raise Refused(
            _("%(objects)s are never removed for good, because histories name them.") % {"objects": kind.plural}
        )
    found = Removed()
    with write.change(actor, cause, request=request) as door:
        for start in range(0, len(ids), CHUNK):
            chunk = list(dict.fromkeys(ids[start : start + CHUNK]))
            if among(actor, kind, chunk).filter(deleted_at=None).exists():
                raise Conflict(_("Put it into the recycle bin first; only from there it is removed for good."))
            loading.drafts(actor, kind, chunk, "purged", {}, {}, deleted=True)
            found += remove(door, kind, chunk)
        detail = f"{found.removed} removed, {found.kept} kept"
        audit.note("purged", actor, object_key=kind.key, record=ids[0] if len(ids) == 1 else None, detail=detail)
        if not found.removed:
            raise Conflict(_("Other records still point to this. Change or remove those first; nothing was removed."))
    return found


def remove(door: write.Door, kind: ObjectType, ids: Iterable[int]) -> Removed:
    """Remove records whatever their state, in the change set of the door. The journal says that, never what they held."""
    wanted = set(ids)
    roots, kinds = with_parts(kind, wanted)
    kept = _kept(roots, kinds)
    going = {key: [pk for pk, root in found.items() if root not in kept] for key, found in roots.items()}
    for key, gone in going.items():
        if gone:
            _remove_beside(kinds[key], gone)
    for key, gone in going.items():
        kinds[key].model._default_manager.filter(pk__in=gone)._raw_delete(db.alias())
        if gone and kinds[key].declaration.kind != "log":
            door.recorder.record(key, "purged", [(pk, {}, None) for pk in gone])
    for key, gone in going.items():
        _remove_files(key, gone)
    return Removed(len(wanted) - len(kept), len(kept))


def _kept(roots: dict[str, dict[int, int]], kinds: dict[str, ObjectType]) -> set[int]:
    """The records to which, or to a part of which, something points that is not being removed along with them.

    What is kept may point to others in turn, so it is asked until nothing more is found.
    """
    kept: set[int] = set()
    while True:
        found = set[int]()
        for key, owners in roots.items():
            for pointer in pointers_to(kinds[key].model):
                if pointer.policy is not models.PROTECT:
                    continue
                rows: Any = pointer.model._default_manager.filter(**{f"{pointer.attribute}__in": list(owners)})
                mine = {pk for one, found_ids in roots.items() if kinds[one].model is pointer.model
                        for pk, root in found_ids.items() if root not in kept}  # fmt: skip
                for pk, target in rows.values_list("pk", pointer.attribute):
                    if pk not in mine:
                        found.add(owners[target])
        if found <= kept:
            return kept
        kept |= found


def _remove_beside(kind: ObjectType, ids: Sequence[int]) -> None:
    """What hangs on the records without being one."""
    Link.objects.filter(Q(object=kind.key, record__in=ids) | Q(target_object=kind.key, target__in=ids)).delete()
    for model in (Grant, Notification, Recent, Follow, MatchKey):
        beside: Any = model
        beside.objects.filter(object=kind.key, record__in=ids).delete()
    parts = {one.model for one in snapshot()}
    for pointer in pointers_to(kind.model):
        rows: Any = pointer.model._default_manager.filter(**{f"{pointer.attribute}__in": ids})
        if pointer.policy is models.SET_NULL:
            if rows.update(**{pointer.attribute: None}):
                _distrust(pointer.model)
        elif pointer.policy is models.CASCADE and pointer.model not in parts:
            rows.delete()


def _distrust(model: type[models.Model]) -> None:
    """What is kept by a record that is gone is no longer right."""
    for kind in snapshot():
        if kind.model is model:
            distrust(kind)


def _remove_files(object_key: str, ids: Sequence[int]) -> None:
    """The records' files; from the disk once it is sure that they are gone."""
    files = StoredFile.objects.filter(object=object_key, record__in=ids)
    paths = list(files.values_list("path", flat=True))
    if paths:
        files.delete()
        db.on_commit(lambda: _delete_from_disk(paths))


def _delete_from_disk(paths: Sequence[str]) -> None:
    for path in paths:
        default_storage.delete(path)
