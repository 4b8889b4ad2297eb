"""Before-images: the records as they are, locked, if the actor may write them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import among, named, sees_all
from guanxi.kernel.errors import Conflict, NotFound, Refused
from guanxi.schema.definition import ObjectType
from guanxi.schema.models import Link
from guanxi.schema.record import Record
from guanxi.schema.rules import Before, Draft


def drafts(
    actor: Actor,
    kind: ObjectType,
    ids: Sequence[int],
    verb: str,
    versions: Mapping[int, int],
    changes: Mapping[int, Mapping[str, Any]],
    *,
    deleted: bool = False,
    found: Mapping[int, Record] | None = None,
) -> list[Draft]:
    """One draft per record, in the order of ``ids``, its row locked; ``found`` are the records if they are locked already.

    Raises :class:`NotFound` where a record is invisible, :class:`Refused` where it may only be read, and :class:`Conflict`
    where its version is not the one in ``versions``.
    """
    if found is None:
        found = locked(actor, kind, ids, deleted=deleted)
    if len(found) != len(set(ids)):
        _refuse(actor, kind, [pk for pk in ids if pk not in found])
    for pk, version in versions.items():
        if found[pk].version != version:
            raise Conflict(
                _("Somebody else changed this record in the meantime. Reload it, then make your change again.")
            )
    links = _links(kind, ids, set().union(*changes.values()))
    return [Draft(kind, found[pk], Before(kind, found[pk], links.get(pk, {})), verb) for pk in dict.fromkeys(ids)]


def locked(
    actor: Actor, kind: ObjectType, ids: Sequence[int], *, deleted: bool | None = None, only: Collection[str] = ()
) -> dict[int, Record]:
    """Those of the records that the actor may write, locked; with ``deleted``, those in the recycle bin or those not.

    ``only`` names the attributes that will be needed, where few will; the others are fetched one by one if they are.
    """
    rows = among(actor, kind, ids, "write").only(*only)
    if deleted is not None:
        rows = rows.filter(deleted_at__isnull=not deleted)
    # In one order, whoever asks: two mass updates of the same records wait for each other instead of dying of a deadlock.
    # Without the key, or everybody who commits something that points at one of them would wait for it, too.
    return {record.pk: record for record in rows.order_by("pk").select_for_update(of=("self",), no_key=True)}


def count_writable(actor: Actor, kind: ObjectType, ids: Sequence[int]) -> int:
    """How many of the records the actor may write, as they stand now."""
    if actor.can("edit", kind.key) and sees_all(actor, kind, "write"):
        return len(ids)
    if not actor.can("edit", kind.key):
        return among(actor, kind, ids).count()
    return len(named(actor, kind, ids, level="write", live=True))


def _refuse(actor: Actor, kind: ObjectType, ids: Sequence[int]) -> None:
    readable = among(actor, kind, ids).filter(deleted_at=None).count()
    if readable == len(set(ids)):
        raise Refused(
            _("You may see this %(object)s but not change it. Ask its owner or an administrator.")
            % {"object": kind.label}
        )
    raise NotFound(
        _("This %(object)s does not exist, or you may not see it. Ask its owner or an administrator.")
        % {"object": kind.label}
    )


def _links(kind: ObjectType, ids: Sequence[int], keys: set[str]) -> dict[int, dict[str, Any]]:
    """The values before of the links fields that are about to be written."""
    fields = [key for key in keys if key in kind.fields and kind.fields[key].kind.family == "links"]
    if not fields:
        return {}
    result: dict[int, dict[str, Any]] = {pk: dict.fromkeys(fields) for pk in ids}
    rows = Link.objects.filter(object=kind.key, record__in=ids, field__in=fields).order_by("target")
    for record, key, target in rows.values_list("record", "field", "target"):
        result[record][key] = (*(result[record][key] or ()), target)
    return result
