"""Doing a mass change: a few records at once, more of them by a job, all of it one change set."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import write
from guanxi.engine.bulk.order import MOST, Operation, Order, chosen, count, line, too_many, understand
from guanxi.engine.bulk.refusing import closed
from guanxi.engine.bulk.sieve import sift
from guanxi.engine.bulk.tables import BulkRejection, BulkRun, BulkSlice
from guanxi.engine.jobs import Context, Result, job, start
from guanxi.journal.models import ChangeSet
from guanxi.kernel import clock, db
from guanxi.kernel.errors import GuanxiError, Invalid, Refused
from guanxi.kernel.labels import Label
from guanxi.schema.registry import snapshot

KIND = "bulk"
AT_ONCE = 2000
"""So many records are changed while the caller waits; more by a job."""
BATCH = 1000
REASON = 1000

Refusals = list[tuple[int, GuanxiError]]


def begin(actor: Actor, order: Order, cause: str, request: str = "") -> BulkRun:
    """Do an order at once, or start the job that does it. The records are those that meet it now.

    Raises what stands against the whole, and where not one record could be changed, why. Then nothing was written.
    """
    if actor.observer is not None:
        raise Refused(_("You are looking as somebody else, which is for reading only. End it first."))
    number = count(actor, order)
    if number > MOST:
        raise too_many()
    operation = understand(actor, order, many=number > 1)
    if not number:
        raise Invalid(_("No record meets this. Nothing was changed."))
    with db.atomic():
        run = BulkRun(
            object=order.object,
            operation=order.operation,
            values=dict(order.values),
            query=line(order),
            started_by_id=actor.user_id,
            cause=cause,
            request=request,
            total=number,
            created_at=clock.now(),
        )
        ids = _fixed(actor, order)
        run.total = len(ids)
        run.save()
        if len(ids) > AT_ONCE:
            _queue(actor, run, ids)
        else:
            _at_once(actor, run, operation, list(ids))
    return run


def _fixed(actor: Actor, order: Order) -> array[int]:
    """The ids of the records, once and for all."""
    if order.ids is not None:
        return array("q", dict.fromkeys(order.ids))
    rows = chosen(actor, order).order_by("pk").values_list("pk", flat=True)
    return array("q", rows[:MOST].iterator(chunk_size=10_000))


def _queue(actor: Actor, run: BulkRun, ids: array[int]) -> None:
    slices = (
        BulkSlice(run=run, number=number, records=ids[at : at + BATCH].tobytes())
        for number, at in enumerate(range(0, len(ids), BATCH))
    )
    BulkSlice.objects.bulk_create(slices, batch_size=100)
    run.job = start(actor, KIND, {"run": run.pk}, _title(run)).pk
    run.save(update_fields=["job"])


def _at_once(actor: Actor, run: BulkRun, operation: Operation, ids: list[int]) -> None:
    refused: Refusals = []
    with write.change(actor, run.cause, request=run.request) as door:
        done = _batch(door, operation, ids, refused)
        if not done:
            raise _nothing(refused)
        run.change_set = door.change_set
    _keep(run, done, refused)
    run.finished_at = clock.now()
    run.save()


def _batch(door: write.Door, operation: Operation, ids: Sequence[int], refused: Refusals) -> int:
    """Do it with a batch as far as possible; how many records, with the others told in ``refused``."""
    shut = closed(door.actor, operation.kind, ids, deleted=operation.deleted)
    refused.extend((pk, shut[pk]) for pk in ids if pk in shut)
    able = [pk for pk in ids if pk not in shut]
    taken = sift(able, lambda part: operation.apply(door, part), lambda pk, error: refused.append((pk, error)))
    return len(taken)


def _nothing(refused: Refusals) -> GuanxiError:
    """Why not one record could be changed: the reason of the first, with its fields where those are the same for all."""
    first = refused[0][1]
    if len(refused) > 1 and not isinstance(first, Invalid):
        first.message = _("Nothing was changed. %(reason)s") % {"reason": first.message}
    return first


def _keep(run: BulkRun, done: int, refused: Refusals) -> None:
    """Add the outcome of a batch to the run."""
    run.done += done
    run.rejected += len(refused)
    rows = [
        BulkRejection(run=run, record=pk, code=error.code, reason=reason_of(error)[:REASON]) for pk, error in refused
    ]
    BulkRejection.objects.bulk_create(rows, batch_size=500)


def reason_of(error: GuanxiError) -> str:
    """An error in one line: what its fields say, where it is about fields."""
    said = [text for texts in error.fields.values() for text in texts] if isinstance(error, Invalid) else []
    return " ".join(dict.fromkeys(said)) or error.message


@job(KIND)
def work(context: Context, run: int) -> Result:
    """Do a run batch by batch, each in a transaction of its own; a worker that dies loses the batch it was at, no more."""
    while True:
        context.check_cancelled()
        with db.atomic():
            found = BulkRun.objects.select_for_update().get(pk=run)
            number = context.state.get("next", 0)
            part = BulkSlice.objects.filter(run=found, number=number).first()
            if part is not None:
                _step(context, found, part)
            else:
                found.finished_at = clock.now()
                found.save(update_fields=["finished_at"])
            context.checkpoint({"next": number + 1}, done=found.done + found.rejected, total=found.total)
        if part is None:
            break
    BulkSlice.objects.filter(run=run).delete()
    return _result(found)


def _step(context: Context, run: BulkRun, part: BulkSlice) -> None:
    _stop_if_undone(run)
    operation = understand(context.actor, Order(run.object, run.operation, run.values))
    refused: Refusals = []
    with write.change(context.actor, run.cause, request=run.request, continues=run.change_set) as door:
        done = _batch(door, operation, part.ids, refused)
        run.change_set = door.change_set
    _keep(run, done, refused)
    run.save(update_fields=["done", "rejected", "change_set"])


def _stop_if_undone(run: BulkRun) -> None:
    """Whoever undoes the change while it goes on wants no more of it. Undo holds the row of the change set, too."""
    if run.change_set is None:
        return
    ChangeSet.objects.select_for_update().filter(pk=run.change_set).first()
    if ChangeSet.objects.filter(undoes_id=run.change_set).exists():
        raise Refused(_("This change was undone while it was going on; the remaining records were left as they are."))


def _title(run: BulkRun) -> Label:
    """What the job is called."""
    kind = snapshot().get(run.object)
    en, zh = {
        "update": ("Change", "更改"),
        "add": ("Add to", "添加到"),
        "remove": ("Remove from", "移除自"),
        "delete": ("Delete", "删除"),
        "restore": ("Restore", "恢复"),
    }[run.operation]
    return Label(f"{en} {run.total:,} {kind.plural.en.lower()}", f"{zh} {run.total:,} 条{kind.label.zh}")


def _result(run: BulkRun) -> Result:
    en, zh = f"{run.done:,} of {run.total:,} records were changed.", f"{run.total:,} 条记录中已处理 {run.done:,} 条。"
    if run.rejected:
        en, zh = f"{en} {run.rejected:,} were left as they are.", f"{zh}{run.rejected:,} 条保持不变。"
    return Result(Label(en, zh), {"records": run.done, "refused": run.rejected}, f"/bulk/{run.pk}")
