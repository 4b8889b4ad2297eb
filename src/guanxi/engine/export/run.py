"""Making the file."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from django.utils.translation import gettext as _

from guanxi.access import audit, compiled
from guanxi.access.actor import Actor
from guanxi.engine.export import csvfile, jsonlines, xlsxfile
from guanxi.engine.export.order import FORMATS, Order, Plan, prepare
from guanxi.engine.export.rows import select
from guanxi.engine.export.stamp import file_name, stamp
from guanxi.kernel.errors import Refused

_QUERY_SHOWN = 300


class NeedsApproval(Refused):
    """The export has more rows than the company lets go without approval."""

    code = "needs_approval"


@dataclass(frozen=True, slots=True)
class Export:
    """A file on its way: ``chunks`` makes it while it is read."""

    name: str
    media_type: str
    rows: int
    chunks: Iterator[bytes]


def start(actor: Actor, order: Order) -> Export:
    """Export at once; :class:`NeedsApproval` when there are more rows than ``export_approval_above``."""
    plan = prepare(actor, order)
    ids = select(plan, bound_for(actor))
    if ids is None:
        raise NeedsApproval(
            _("More than %(limit)d rows may leave only with approval. Ask for it, with a reason.")
            % {"limit": bound_for(actor) or 0}
        )
    return make(plan, ids)


def bound_for(actor: Actor) -> int | None:
    """How many rows the actor may export without approval; ``None`` for any number."""
    limit = compiled.current().policy.export_approval_above
    return limit if limit > 0 and not actor.is_program else None


def make(plan: Plan, ids: array[int], reference: str = "") -> Export:
    """The file of rows already chosen. What cannot be written is refused here, and the audit log knows of the export
    before its first byte leaves."""
    actor, order = plan.actor, plan.order
    marked = compiled.current().policy.watermark_files
    chunks, media_type = _chunks(plan, ids, stamp(actor) if marked else "")
    first = next(chunks, b"")
    audit.note("exported", actor, object_key=plan.kind.key, detail=detail(order, len(ids)) + reference)
    name = file_name(actor, str(plan.kind.plural), order.format, marked=marked)
    return Export(name, media_type, len(ids), chain((first,), chunks))


def detail(order: Order, rows: int) -> str:
    """An export in one line for the audit log, which is in English."""
    parts = [FORMATS[order.format], f"{rows:,} rows"]
    parts += [f"selection of {len(order.ids):,}"] if order.ids else []
    parts += [f"query {order.query[:_QUERY_SHOWN]}"] if order.query else []
    return ", ".join(parts)


def _chunks(plan: Plan, ids: array[int], mark: str) -> tuple[Iterator[bytes], str]:
    if plan.order.format == "xlsx":
        return xlsxfile.write(plan, ids, mark), xlsxfile.MEDIA_TYPE
    if plan.order.format == "jsonl":
        return jsonlines.write(plan, ids), jsonlines.MEDIA_TYPE
    return csvfile.write(plan, ids), csvfile.MEDIA_TYPE
