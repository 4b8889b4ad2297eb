"""Which imports a person sees: one's own, and as an administrator everybody's."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.importing.tables import Import
from guanxi.engine.job import UNFINISHED
from guanxi.engine.jobs import shown
from guanxi.kernel.errors import Conflict, NotFound, Refused


def of(actor: Actor, *, everybody: bool = False) -> QuerySet[Import]:
    """Imports, newest first: one's own, or with ``everybody`` all that one may see."""
    rows = Import.objects.select_related("job", "check_job").order_by("-pk")
    if actor.is_program or (everybody and shown.sees_all(actor)):
        return rows
    return rows.filter(created_by_id=actor.user_id or 0)


def get(actor: Actor, import_id: int) -> Import:
    """One import that the actor may see; :class:`NotFound` otherwise."""
    found = of(actor, everybody=True).filter(pk=import_id).first() if import_id < 2**63 else None
    if found is None:
        raise NotFound(_("This import does not exist, or somebody else began it."))
    return found


def own(actor: Actor, import_id: int) -> Import:
    """One import that the actor began and may go on with."""
    found = get(actor, import_id)
    if not actor.is_program and found.created_by_id != actor.user_id:
        raise Refused(_("Somebody else began this import. Only that person can go on with it."))
    if actor.observer is not None:
        raise Refused(_("You are looking as somebody else, which is for reading only. End it first."))
    return found


def open_one(actor: Actor, import_id: int) -> Import:
    """One import of the actor's whose mapping can still be changed."""
    found = own(actor, import_id)
    if found.job_id is not None or found.finished_at is not None:
        raise Conflict(_("This import has been carried out already. Send the file again to import it in another way."))
    if found.check_job is not None and found.check_job.status in UNFINISHED:
        raise Conflict(_("The file is being checked. Wait until that is done, or cancel it."))
    if not found.path:
        raise Conflict(_("The file has been removed, as it was not imported for a while. Send it again."))
    return found


def stage_of(found: Import) -> str:
    """``mapping``, ``checking``, ``checked``, ``running``, ``done`` or ``stopped``."""
    if found.finished_at is not None:
        return "done"
    if found.job is not None:
        return "running" if found.job.status in UNFINISHED else "stopped"
    if found.begun_at is not None:
        return "stopped"
    if found.check_job is not None and found.check_job.status in UNFINISHED:
        return "checking"
    return "checked" if found.checked and found.checked_as else "mapping"
