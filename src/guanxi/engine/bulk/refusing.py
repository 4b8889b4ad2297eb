"""Which of the named records may not be written, found out for all of them at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import every
from guanxi.engine import read
from guanxi.kernel.errors import GuanxiError, Refused
from guanxi.schema.definition import ObjectType


def closed(actor: Actor, kind: ObjectType, ids: Sequence[int], *, deleted: bool = False) -> dict[int, GuanxiError]:
    """Why each record cannot be written, by id; a record that is not there is told like one that may not be seen."""
    wanted = set(ids)
    there = {"pk__in": ids, "deleted_at__isnull": not deleted}
    writable = set(every(actor, kind, "write").filter(**there).values_list("pk", flat=True))
    if len(writable) == len(wanted):
        return {}
    readable = set(every(actor, kind).filter(**there).values_list("pk", flat=True)) - writable
    unseen, unchangeable = read.missing(kind), may_not_change(kind)
    return {pk: unchangeable if pk in readable else unseen for pk in wanted - writable}


def may_not_change(kind: ObjectType) -> Refused:
    """Seen, but not to be changed."""
    return Refused(
        _("You may see this %(object)s but not change it. Ask its owner or an administrator.") % {"object": kind.label}
    )
