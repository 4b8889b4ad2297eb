"""Asking for an export above the company's limit, deciding on it, and downloading it once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from guanxi.access import audit
from guanxi.access.actor import Actor
from guanxi.access.models import User
from guanxi.engine import query, write
from guanxi.engine.export.order import FORMATS, Order, prepare
from guanxi.engine.export.rows import count, select
from guanxi.engine.export.run import Export, bound_for, make
from guanxi.engine.export_request import ExportRequest
from guanxi.engine.notifications import notify
from guanxi.kernel import clock
from guanxi.kernel.errors import Conflict, Invalid, NotFound, Refused
from guanxi.kernel.labels import Label
from guanxi.schema.registry import snapshot

OBJECT = "export_request"
VALID_FOR = timedelta(days=7)
MAX_WAITING = 20
MAX_REASON = 2000
_GROWTH = 10
"""The file may hold at most one in so many rows more than was approved."""


def ask(actor: Actor, order: Order, reason: str) -> ExportRequest:
    """Ask for an export; the same one asked again while it waits is the same request."""
    plan = prepare(actor, order)
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        message = _("Say in at most %(limit)d characters what the file is for.") % {"limit": MAX_REASON}
        raise Invalid(message, {"reason": [message]})
    approvers = _approvers(actor)
    if not approvers:
        raise Refused(
            _("Nobody can approve this export: you have no superior, and there is no other administrator. Export less.")
        )
    tree = query.parse(order.query, plan.kind, actor) if order.query.strip() else None
    values: dict[str, Any] = {
        "object": plan.kind.key,
        "format": order.format,
        "query": query.format(tree) if tree is not None else "",
        "sort": order.sort,
        "columns": ",".join(field.key for field in plan.fields),
        "selection": ",".join(str(pk) for pk in order.ids),
        "headings": order.headings,
        "form": order.form,
        "note": order.note,
    }
    waiting = ExportRequest.objects.filter(requested_by_id=actor.user_id, state="waiting", deleted_at=None)
    same: ExportRequest | None = waiting.filter(**values).first()
    if same is not None:
        return same
    if waiting.count() >= MAX_WAITING:
        raise Refused(
            _("%(limit)d of your requests are waiting already. Wait for a decision first.") % {"limit": MAX_WAITING}
        )
    values |= {"state": "waiting", "requested_by": actor.user_id, "rows": count(plan), "reason": reason}
    with write.change(actor.as_program(), "export") as door:
        made = door.create(OBJECT, values)
        assert isinstance(made, ExportRequest)
        text = Label(
            f"{actor.name} asks to export {values['rows']:,} {plan.kind.plural.en.lower()}",
            f"{actor.name}申请导出 {values['rows']:,} 条{plan.kind.plural.zh}",
        )
        notify(approvers, text, OBJECT, made.pk, kind="export")
    return made


def _approvers(actor: Actor) -> set[int]:
    """The person's superior and every administrator, as far as they still work here; never the person."""
    rows = User.objects.filter(is_active=True, deleted_at=None)
    person = actor.access.people.get(actor.user_id or 0)
    found = rows.filter(Q(is_superuser=True) | Q(pk=person.manager if person else None))
    return set(found.exclude(pk=actor.user_id or 0).values_list("pk", flat=True))


def mine(actor: Actor) -> QuerySet[ExportRequest]:
    """What the person has asked for, newest first."""
    return _live().filter(requested_by_id=actor.user_id or 0)


def waiting_for(actor: Actor) -> QuerySet[ExportRequest]:
    """What waits for the person's decision, oldest first."""
    return _decidable(actor).filter(state="waiting").order_by("id")


def get(actor: Actor, request_id: int) -> ExportRequest:
    """One request that the person made or may decide on; the same :class:`NotFound` for any other."""
    found = (mine(actor) | _decidable(actor)).filter(pk=request_id).first()
    if found is None:
        raise NotFound(_("This export request does not exist, or you may not see it."))
    return found


def _live() -> QuerySet[ExportRequest]:
    return ExportRequest.objects.filter(deleted_at=None).order_by("-id")


def _decidable(actor: Actor) -> QuerySet[ExportRequest]:
    """The requests of others whose superior the person is; of everybody else for an administrator."""
    rows = _live().exclude(requested_by_id=actor.user_id or 0)
    return rows if actor.is_administrator else rows.filter(requested_by__manager_id=actor.user_id or 0)


def may_decide(actor: Actor, request: ExportRequest) -> bool:
    """Whether the person may approve or refuse the request now."""
    return waiting_for(actor).filter(pk=request.pk).exists()


def may_download(actor: Actor, request: ExportRequest) -> bool:
    """Whether the file can be fetched now."""
    return request.requested_by_id == actor.user_id and request.state == "approved" and not expired(request)


def expired(request: ExportRequest) -> bool:
    """Whether the days for downloading are over."""
    return request.expires_at is not None and request.expires_at <= clock.now()


def decide(actor: Actor, request_id: int, *, approve: bool, answer: str = "") -> ExportRequest:
    """Approve or refuse a request; nobody decides on their own."""
    request = get(actor, request_id)
    if request.requested_by_id == actor.user_id:
        raise Refused(_("Nobody approves their own export. Your superior or an administrator decides."))
    if actor.allowed is not None and "administrate" not in actor.allowed:
        raise Refused(_("This API key may not decide on exports. It needs the right “administrate”."))
    if request.state != "waiting":
        raise Conflict(_("This request has been decided already. Reload the page to see how."))
    if len(answer) > MAX_REASON:
        raise Invalid(
            _("Use at most %(limit)d characters.") % {"limit": MAX_REASON}, {"answer": [_("Shorten the text.")]}
        )
    now = clock.now()
    values: dict[str, Any] = {"state": "approved" if approve else "refused", "answer": answer.strip()}
    values |= {"decided_by": actor.user_id, "decided_at": now, "expires_at": now + VALID_FOR if approve else None}
    with write.change(actor.as_program(), "export") as door:
        changed = door.update(OBJECT, request_id, values, request.version)
        assert isinstance(changed, ExportRequest)
        kind = snapshot().get(request.object)
        verb = "approved" if approve else "refused"
        what = f"{FORMATS[request.format]}, {request.rows:,} rows of {kind.key}"
        audit.note(
            "export_decided",
            actor,
            object_key=OBJECT,
            record=request_id,
            detail=f"{verb}: {what}, asked by {request.requested_by}",
        )
        text = Label(
            f"Your export of {kind.plural.en.lower()} was {verb} by {actor.name}",
            f"{actor.name}{'批准' if approve else '拒绝'}了您的{kind.plural.zh}导出申请",
        )
        notify([request.requested_by_id or 0], text, OBJECT, request_id, kind="export")
    return changed


def download(actor: Actor, request_id: int) -> Export:
    """The file of an approved request, once, within seven days, with the rights the person has now."""
    request = get(actor, request_id)
    if request.requested_by_id != actor.user_id:
        raise Refused(_("Only the person who asked for this export can download it."))
    if request.state != "approved":
        raise Refused(_("This export is not approved, or it has been downloaded already. Ask for it again."))
    if expired(request):
        raise Refused(_("The seven days for this download are over. Ask for the export again."))
    plan = prepare(actor, order_of(request))
    ids = select(plan, max(bound_for(actor) or 0, request.rows + request.rows // _GROWTH))
    if ids is None:
        raise Refused(
            _("There are many more rows now than the %(count)d that were approved. Ask for the export again.")
            % {"count": request.rows}
        )
    # First it is used up, then it is made: of two downloads at the same time one finds it used up.
    claimed = _set(actor, request_id, {"state": "done", "downloaded_at": clock.now()}, request.version)
    try:
        return make(plan, ids, f", approved request {request_id}")
    except BaseException:
        _set(actor, request_id, {"state": "approved", "downloaded_at": None}, claimed.version)
        raise


def order_of(request: ExportRequest) -> Order:
    """The order that a request keeps."""
    return Order(
        object=request.object,
        format=request.format,
        query=request.query,
        sort=request.sort,
        columns=_parts(request.columns),
        ids=tuple(int(part) for part in _parts(request.selection)),
        headings=request.headings,
        form=request.form,
        note=bool(request.note),
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)


def _set(actor: Actor, request_id: int, values: dict[str, Any], version: int) -> ExportRequest:
    with write.change(actor.as_program(), "export") as door:
        changed = door.update(OBJECT, request_id, values, version)
    assert isinstance(changed, ExportRequest)
    return changed
