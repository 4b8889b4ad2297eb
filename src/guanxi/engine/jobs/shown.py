"""Jobs as people look at them: one's own, and for administrators those of the whole company."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.job import UNFINISHED, Job
from guanxi.kernel import prepared
from guanxi.kernel.errors import NotFound


def sees_all(actor: Actor) -> bool:
    """Whether the actor looks after everybody's jobs; a key needs the right to administrate for it."""
    limited = actor.allowed is not None and "administrate" not in actor.allowed
    return actor.is_administrator and not limited and actor.observer is None


def of(actor: Actor, *, everybody: bool = False) -> QuerySet[Job]:
    """Jobs, newest first: one's own, or with ``everybody`` all that one may see."""
    rows = Job.objects.order_by("-pk").select_related("started_by")
    return rows if everybody and sees_all(actor) else rows.filter(started_by_id=actor.user_id or 0)


def find(actor: Actor, job_id: int) -> Job:
    """One job that the actor may see; :class:`NotFound` otherwise."""
    found = of(actor, everybody=True).filter(pk=job_id).first() if job_id < 2**63 else None
    if found is None:
        raise NotFound(_("This job does not exist, or somebody else started it."))
    return found


def unfinished(actor: Actor) -> tuple[int, ...]:
    """Ids of the actor's jobs that wait or run; at most twenty, one query."""
    if actor.user_id is None:
        return ()
    return tuple(pk for (pk,) in prepared.rows(_unfinished, actor.user_id))


def _unfinished(person: int) -> QuerySet[Any]:
    return Job.objects.filter(started_by_id=person, status__in=UNFINISHED).order_by("pk").values_list("pk")[:20]


def finished_of(actor: Actor, ids: tuple[int, ...]) -> list[Job]:
    """Those of the named jobs of the actor that are finished."""
    return list(Job.objects.filter(pk__in=ids, started_by_id=actor.user_id or 0).exclude(status__in=UNFINISHED))
