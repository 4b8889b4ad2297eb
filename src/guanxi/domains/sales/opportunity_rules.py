"""The rules of the opportunity."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.domains.customers.account import Account
from guanxi.domains.sales.opportunity_placing import follow_stage, place
from guanxi.domains.sales.stage_book import StageBook, StageEntry
from guanxi.domains.sales.stage_history import last_open_stages, record_moves, take_back_moves
from guanxi.schema.rules import Draft, ObjectRules, WriteDoor

BATCH = 5_000
_EMPTY: tuple[object, ...] = (None, "", ())


class OpportunityRules(ObjectRules):
    """Stage, status, probability and dates agree; what a stage asks for is there; the history is kept."""

    _book: StageBook | None = None
    """Read once per write: what is filled in comes from it too."""

    def prepare(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        book = self._book = _book(drafts, door)
        returning = [d.record.pk for d in drafts if not d.created and d.changed("status") and d.get("status") == "open"]
        last_open = last_open_stages(returning) if returning else {}
        for draft in drafts:
            if draft.created and "opened_on" not in draft.values:
                draft.set("opened_on", timezone.localtime(draft.get("created_at") or door.now).date())
            place(draft, book, last_open)
            follow_stage(draft, book, door.now)
        _fill_currency(drafts)

    def check(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        book = self._book or _book(drafts, door)
        for draft in drafts:
            stage = book.get(draft.get("stage"))
            if stage is not None and (draft.created or draft.changed("stage")):
                _check_required(draft, stage)
            _check_closing(draft)

    def after(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        record_moves(drafts, door)

    def undone(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        take_back_moves(drafts, door)


def _book(drafts: Sequence[Draft], door: WriteDoor) -> StageBook:
    return StageBook.load(
        door.actor, {draft.get("stage") for draft in drafts} | {draft.was("stage") for draft in drafts}
    )


def _fill_currency(drafts: Sequence[Draft]) -> None:
    """A new opportunity is in the currency of its account unless it says another."""
    waiting = [draft for draft in drafts if draft.created and not draft.get("currency")]
    ids = sorted({draft.get("account") for draft in waiting if draft.get("account")})
    known: dict[int, str] = {}
    for start in range(0, len(ids), BATCH):
        known.update(Account.objects.filter(pk__in=ids[start : start + BATCH]).values_list("pk", "currency"))
    for draft in waiting:
        draft.set("currency", known.get(draft.get("account")) or settings.GUANXI_CURRENCY)


def _check_required(draft: Draft, stage: StageEntry) -> None:
    for key in stage.required:
        field = draft.kind.fields.get(key)
        if field is not None and not field.virtual and draft.get(key) in _EMPTY:
            message = _("“%(field)s” is needed for the stage “%(stage)s”.")
            draft.error(key, message % {"field": field.label, "stage": stage.name})


def _check_closing(draft: Draft) -> None:
    touched = draft.created or draft.changed("status") or draft.changed("lost_reason")
    if touched and draft.get("status") == "lost" and not draft.get("lost_reason"):
        draft.error("lost_reason", _("Say why the opportunity was lost."))
    opened, closed = draft.get("opened_on"), draft.get("closed_on")
    if opened and closed and closed < opened and (draft.changed("closed_on") or draft.changed("opened_on")):
        draft.error("closed_on", _("The closing date is before the opening date."))
