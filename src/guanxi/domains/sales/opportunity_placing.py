"""Where an opportunity stands: pipeline, stage and status made to agree, and what follows from the stage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _

from guanxi.domains.sales.stage_book import StageBook, StageEntry
from guanxi.schema.rules import Draft

LOST_FIELDS = ("lost_reason", "lost_note", "lost_to")


def place(draft: Draft, book: StageBook, last_open: Mapping[int, int]) -> None:
    """Make pipeline, stage and status agree. A stage that was chosen decides; else the status; else the pipeline."""
    if draft.created:
        _start(draft, book)
    elif not draft.changed("stage"):
        if draft.changed("status"):
            _follow_status(draft, book, last_open)
        elif draft.changed("pipeline"):
            _into_pipeline(draft, book, draft.was("status") or "open")
    stage = book.get(draft.get("stage"))
    # Void without a stage of its own is a mark on an opportunity that stays where it stood.
    void = draft.get("status") == "void" and not (draft.changed("stage") and not draft.changed("status"))
    if stage is not None and not (void and stage.category == "open"):
        draft.set("status", stage.category)


def _start(draft: Draft, book: StageBook) -> None:
    stage = book.get(draft.get("stage"))
    if draft.get("pipeline") is None:
        draft.set("pipeline", stage.pipeline if stage else book.default_pipeline)
    if draft.get("pipeline") is None:
        draft.error("pipeline", _("There is no sales pipeline yet. Create one with its stages first."))
    elif stage is None and draft.get("stage") is None:
        _into_pipeline(draft, book, draft.get("status") or "open")


def _into_pipeline(draft: Draft, book: StageBook, category: str) -> None:
    """The first stage of the category in the opportunity's pipeline; void falls back to the first open stage."""
    stage = book.first(draft.get("pipeline"), category)
    if stage is None and category == "void":
        stage = book.first(draft.get("pipeline"))
    if stage is None:
        draft.error("stage", _("This pipeline has no stage of the kind needed. Add one to the pipeline first."))
    else:
        draft.set("stage", stage.id)


def _follow_status(draft: Draft, book: StageBook, last_open: Mapping[int, int]) -> None:
    current = book.get(draft.get("stage"))
    status = draft.get("status") or "open"
    if current is not None and current.category == status and not draft.changed("pipeline"):
        return
    if status == "void" and book.first(draft.get("pipeline"), "void") is None:
        return
    returning = book.get(last_open.get(draft.record.pk)) if status == "open" else None
    if returning is not None and returning.pipeline == draft.get("pipeline"):
        draft.set("stage", returning.id)
    else:
        _into_pipeline(draft, book, status)


def follow_stage(draft: Draft, book: StageBook, now: datetime) -> None:
    """Probability, forecast category and dates of an opportunity that enters a stage, or is closed or reopened."""
    stage = book.get(draft.get("stage"))
    if stage is None:
        return
    entered = draft.created or draft.changed("stage")
    _follow_probability(draft, stage, book.get(draft.was("stage")), entered=entered)
    _follow_forecast(draft, stage, entered=entered)
    if entered or draft.changed("status"):
        _close_or_open(draft, timezone.localtime(now).date())
    if entered and not draft.changed("stage_entered_at"):
        draft.set("stage_entered_at", _moment(draft, now))


def _follow_probability(draft: Draft, stage: StageEntry, before: StageEntry | None, *, entered: bool) -> None:
    """A probability set by a person stays while the opportunity is open; a closed stage always says its own."""
    given = draft.changed("probability") and draft.get("probability") is not None
    if stage.category != "open":
        draft.set("probability", stage.probability)
    elif not given and entered:
        own = before is not None and before.category == "open" and draft.was("probability") != before.probability
        if not own or draft.get("probability") is None:
            draft.set("probability", stage.probability)
    elif draft.get("probability") is None:
        draft.set("probability", stage.probability)


def _follow_forecast(draft: Draft, stage: StageEntry, *, entered: bool) -> None:
    """A category set by a person is kept from stage to stage, until the opportunity closes or it is emptied."""
    if draft.changed("forecast_category"):
        draft.set("forecast_manual", draft.get("forecast_category") is not None)
    if entered and stage.category != "open":
        draft.set("forecast_manual", False)
    if not draft.get("forecast_manual") and (entered or draft.get("forecast_category") is None):
        draft.set("forecast_category", stage.forecast_category)


def _close_or_open(draft: Draft, today: date) -> None:
    if draft.get("status") == "open":
        for key in ("closed_on", *LOST_FIELDS):
            if draft.get(key) is not None:
                draft.set(key, None)
        return
    if draft.get("closed_on") is None:
        draft.set("closed_on", today)
    if draft.get("status") == "won":
        for key in LOST_FIELDS:
            if draft.get(key) is not None:
                draft.set(key, None)


def _moment(draft: Draft, now: datetime) -> datetime:
    """When the stage was entered: now, or for records of the past at noon of the day the record itself names."""
    day: date | None = draft.get("closed_on") if draft.get("status") != "open" else None
    if day is None and draft.created:
        day = draft.get("opened_on")
    if day is None or day >= timezone.localtime(now).date():
        return now
    return timezone.make_aware(datetime.combine(day, time(12)))
