"""The job that thins the field history older than the chosen number of months, along the journal, in small transactions.

Of each record it keeps the first entry, and one that holds every later old change as a single step: the values at the
beginning and at the end of that time stay true. Only changes of fields are thinned; that a record was created, deleted,
restored or shared stays, and with it what is needed to take it out of the recycle bin.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max, Min
from django.utils import timezone

from guanxi.engine.jobs import Context, Result, job
from guanxi.engine.retention import policy
from guanxi.engine.retention_policy import RetentionPolicy, ThinnedChangeSet
from guanxi.journal.models import ChangeSet, Delivery, Entry
from guanxi.journal.recorder import Recorder
from guanxi.journal.thinning import fold
from guanxi.kernel import clock, db
from guanxi.kernel.labels import Label
from guanxi.schema.registry import snapshot

KIND = "thin_history"
BATCH = 300
"""Entries looked at in one transaction."""
THINNED_VERB = "updated"


@job(KIND)
def thin_history(context: Context) -> Result:
    """Go on where the last run stopped, up to the first entry that is not old enough."""
    months = policy.current().history_months
    state = context.state or {"removed": 0, "sets": 0}
    removed, sets = state["removed"], state["sets"]
    more = bool(months)
    while more:
        context.check_cancelled()
        with db.atomic():
            gone, emptied, more = thin(cutoff(months))
            removed, sets = removed + gone, sets + emptied
            if not more and removed:
                recorder = Recorder(clock.now(), context.actor.user_id, "retention")
                counts = {"entries_removed": [None, removed], "change_sets_removed": [None, sets]}
                recorder.record(policy.OBJECT, "thinned", [(1, counts, None)])
            context.checkpoint({"removed": removed, "sets": sets}, done=removed)
    text = Label(f"{removed:,} entries of the field history removed.", f"已精简 {removed:,} 条字段历史。")
    return Result(text, {"removed": removed, "change_sets": sets})


def cutoff(months: int) -> datetime:
    """The moment so many calendar months ago, at midnight of the company's time zone."""
    local = timezone.localtime(clock.now())
    year, month = divmod(local.year * 12 + local.month - 1 - months, 12)
    return local.replace(year=year, month=month + 1, day=min(local.day, 28), hour=0, minute=0, second=0, microsecond=0)


def thinned(change_sets: Sequence[int]) -> frozenset[int]:
    """Those of the change sets that can no longer be undone, because their entries were thinned."""
    return frozenset(ThinnedChangeSet.objects.filter(pk__in=change_sets).values_list("change_set", flat=True))


def thin(before: datetime) -> tuple[int, int, bool]:
    """Thin the next entries, in the present transaction: entries removed, change sets removed, whether there is more."""
    place, _made = RetentionPolicy.objects.select_for_update().get_or_create(pk=1)
    window = list(Entry.objects.filter(pk__gt=place.thinned_to).order_by("pk")[:BATCH])
    old = []
    for entry in window:
        if entry.at >= before:
            break
        old.append(entry)
    if not old:
        return 0, 0, False
    gone: list[Entry] = []
    folded: list[Entry] = []
    for key in {entry.object for entry in old} & set(snapshot().objects):
        chains = _chains(key, [one for one in old if one.object == key and one.verb == THINNED_VERB], place.thinned_to)
        for chain in chains:
            _fold_chain(chain, gone, folded)
    emptied = _write(gone, folded)
    RetentionPolicy.objects.filter(pk=1).update(thinned_to=old[-1].pk)
    return len(gone), emptied, len(old) == BATCH


def _chains(key: str, found: list[Entry], below: int) -> list[list[Entry]]:
    """The changes of each record that may become one, in order: that left by earlier runs, then those found now."""
    records = {entry.record for entry in found}
    if not records:
        return []
    entries = Entry.objects.filter(object=key, record__in=records)
    firsts = dict(entries.values_list("record").annotate(first=Min("pk")))
    earlier = entries.filter(verb=THINNED_VERB, pk__lte=below)
    last = earlier.values("record").annotate(last=Max("pk")).values("last")
    chains: dict[int, list[Entry]] = {}
    for entry in [*earlier.filter(pk__in=last), *found]:
        # The very first entry of a record stays as it is, whatever it is.
        if entry.pk != firsts[entry.record]:
            chains.setdefault(entry.record, []).append(entry)
    needed = _needed([entry.pk for chain in chains.values() for entry in chain])
    return [chain for chain in chains.values() if len(chain) > 1 and not needed.intersection(one.pk for one in chain)]


def _needed(entries: Sequence[int]) -> frozenset[int]:
    """Entries that are still on their way somewhere, or could not be delivered and may be sent again."""
    waiting = Delivery.objects.filter(entry__in=entries).exclude(status=Delivery.DONE)
    return frozenset(waiting.values_list("entry_id", flat=True))


def _fold_chain(chain: list[Entry], gone: list[Entry], folded: list[Entry]) -> None:
    # In the order in which looking back goes over them; a backdated entry may have come later.
    chain.sort(key=lambda entry: (entry.at, entry.pk))
    *before, last = chain
    changes: dict[str, list[Any]] = {}
    for entry in chain:
        changes = fold(changes, entry.changes)
    last.changes = changes
    gone.extend(before)
    folded.append(last)


def _write(gone: list[Entry], folded: list[Entry]) -> int:
    """Put it into the database, mark the change sets, and remove those left empty; how many were."""
    Entry.objects.bulk_update(folded, ["changes"], batch_size=200)
    Entry.objects.filter(pk__in=[entry.pk for entry in gone]).delete()
    touched: set[int] = {entry.change_set_id for entry in (*gone, *folded)}
    left = set(Entry.objects.filter(change_set__in=touched).values_list("change_set", flat=True).distinct())
    empty = touched - left
    named = {pk for pk in ChangeSet.objects.filter(undoes__in=empty).values_list("undoes", flat=True) if pk is not None}
    moment = clock.now()
    ThinnedChangeSet.objects.bulk_create(
        [ThinnedChangeSet(change_set=pk, at=moment) for pk in sorted(left | named)], ignore_conflicts=True
    )
    removable = empty - named
    ThinnedChangeSet.objects.filter(pk__in=removable).delete()
    ChangeSet.objects.filter(pk__in=removable).delete()
    return len(removable)
