"""Looking for duplicates among the records there are: a job.

Every live record is read twice at most: once to put it into blocks and to count its values, and again with the candidates it
has. A scan that is interrupted starts reading anew but keeps the pairs it had found, part by part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine import jobs
from guanxi.engine.dedupe import records
from guanxi.engine.dedupe.blocking import blocks
from guanxi.engine.dedupe.candidates import PARTS, Candidates
from guanxi.engine.dedupe.clusters import Group, grouped
from guanxi.engine.dedupe.comparable import comparable, count
from guanxi.engine.dedupe.evidence import Compared, Finding, percent, threshold, weigh
from guanxi.engine.dedupe.frequencies import Frequencies
from guanxi.engine.dedupe.wording import RULES
from guanxi.engine.job import Job
from guanxi.engine.jobs import Context, Result
from guanxi.engine.match_record import DuplicateGroup, FoundPair, NotDuplicate
from guanxi.engine.matching.keys import Key, Read, values_of
from guanxi.engine.matching.modes import OFF, settings_of
from guanxi.engine.merging.run import mergeable
from guanxi.kernel import bulk, clock, db
from guanxi.kernel.errors import Refused
from guanxi.kernel.labels import Label
from guanxi.schema.definition import ObjectType
from guanxi.schema.duplicates import ExactRule
from guanxi.schema.registry import snapshot

KIND = "duplicate_scan"
SIDES = 4000
"""So many records are compared from at a time: their values and those of their candidates are in memory."""
KEPT = 40_000
"""The values of so many records are kept in memory, some 100 MB."""
TELLING = ("company", "identity", "phone", "mail", "domain")
EQUAL = 2.0
"""So many bits above the threshold at least have records that an exact rule finds equal."""
Pair = tuple[int, int, float, dict[str, Any]]


def start(actor: Actor, object_key: str) -> Job:
    """Look for duplicates among an object's records in the background; needs the rights that merging takes."""
    kind = mergeable(actor, object_key)
    if kind.declaration.duplicates is None:
        raise Refused(_("%(objects)s have no rules for duplicates.") % {"objects": kind.plural})
    title = Label(f"Looking for duplicate {kind.plural.en.lower()}", f"查找重复{kind.label.zh}")
    return jobs.start(actor, KIND, {"object": kind.key}, title)


@jobs.job(KIND)
def scan(context: Context, object: str) -> Result:
    """Find the groups of an object and put them in place of those of earlier scans."""
    kind = snapshot().get(object)
    done = int(context.state.get("parts", 0))
    total = kind.model._default_manager.filter(deleted_at=None).count()

    def between(number: int) -> None:
        context.check_cancelled()
        context.progress(number, total * 2)

    for part, pairs in pairs_of(kind, done, between):
        context.check_cancelled()
        with db.atomic():
            bulk.insert([_row(kind, context.job_id, pair) for pair in pairs])
            context.checkpoint({"parts": part + 1}, done=total + total * (part + 1) // PARTS, total=total * 2)
    apart = NotDuplicate.objects.filter(object=kind.key).values_list("low", "high")
    rows = FoundPair.objects.filter(scan=context.job_id).values_list("low", "high", "score", "evidence")
    groups = grouped(list(rows), set(apart))
    with db.atomic():
        keep(kind, groups, context.job_id)
        context.checkpoint({"parts": PARTS}, done=total * 2, total=total * 2)
    number = sum(len(group.members) for group in groups)
    text = Label(
        f"{kind.plural.en} compared: {total:,}. Groups that look the same: {len(groups):,}, with {number:,} records.",
        f"已比对 {total:,} 条{kind.label.zh}：发现 {len(groups):,} 组疑似重复，共 {number:,} 条记录。",
    )
    return Result(text, {"records": total, "groups": len(groups)}, f"/duplicates?object={kind.key}")


def _row(kind: ObjectType, scan_id: int, pair: Pair) -> FoundPair:
    low, high, score, evidence = pair
    return FoundPair(object=kind.key, scan=scan_id, low=low, high=high, score=score, evidence=evidence)


def pairs_of(
    kind: ObjectType, first_part: int = 0, between: Callable[[int], None] = lambda number: None
) -> Iterator[tuple[int, list[Pair]]]:
    """The pairs that are the same, part by part from ``first_part`` on; ``between`` is called now and then with the number
    of records read."""
    declared = kind.declaration.duplicates
    assert declared is not None
    known = Frequencies()
    sorts = tuple(one.sort for one in declared.compared)
    with Candidates() as candidates:
        after, number = 0, 0
        while rows := records.live_from(kind, after):
            for pk, read in rows:
                values = comparable(declared, read)
                count(declared, values, known)
                candidates.add(pk, blocks(declared, values))
            after, number = rows[-1][0], number + len(rows)
            between(number)
        kept = _Kept(kind)
        for part, pairs in enumerate(candidates.parts()):
            if part >= first_part:
                yield part, list(_compared(kept, pairs, sorts, known))


def _compared(
    kept: _Kept, pairs: Sequence[tuple[int, int]], sorts: tuple[str, ...], known: Frequencies
) -> Iterator[Pair]:
    least = threshold(known.total)
    for some in _slices(pairs):
        kept.fetch({pk for pair in some for pk in pair})
        for low, high in some:
            first, second = kept.values(low), kept.values(high)
            if first is None or second is None:
                continue
            bits, findings = weigh(sorts, first, second, known)
            same = kept.same_rules(low, high) if _may_be_equal(sorts, findings) else []
            if same or bits >= least:
                evidence = told(findings) | ({RULES: same} if same else {})
                yield low, high, percent(max(bits, least + EQUAL) if same else bits, least), evidence


def _may_be_equal(sorts: tuple[str, ...], findings: dict[int, Finding]) -> bool:
    """Whether an exact rule can hold: every shipped one asks for at least one of these to be the same."""
    return any(one.what == "same" and sorts[index] in TELLING for index, one in findings.items())


class _Kept:
    """The values of the records compared last: many are compared with many, and reading and normalising takes longest."""

    def __init__(self, kind: ObjectType) -> None:
        declared = kind.declaration.duplicates
        assert declared is not None
        self._kind, self._declared, self._rules = kind, declared, _rules(kind)
        self._reads: dict[int, Read] = {}
        self._values: dict[int, Compared] = {}

    def fetch(self, wanted: set[int]) -> None:
        """Have the values of these records at hand; those of others are let go when there are too many."""
        missing = sorted(wanted - self._reads.keys())
        if len(self._reads) + len(missing) > KEPT:
            self._reads = {pk: read for pk, read in self._reads.items() if pk in wanted}
            self._values = {pk: values for pk, values in self._values.items() if pk in wanted}
        found = records.values_by_id(self._kind, missing)
        self._reads |= found
        self._values |= {pk: comparable(self._declared, read) for pk, read in found.items()}

    def values(self, pk: int) -> Compared | None:
        """The comparable values of a record; nothing where it is gone."""
        return self._values.get(pk)

    def same_rules(self, low: int, high: int) -> list[str]:
        """The exact rules by which the records are equal."""
        first, second = _keys(self._rules, self._reads[low]), _keys(self._rules, self._reads[high])
        return sorted({rule for rule, _value in first & second})


def _rules(kind: ObjectType) -> list[ExactRule]:
    """The exact rules that are not switched off."""
    declared, settings = kind.declaration.duplicates, settings_of(kind)
    assert declared is not None and settings is not None
    return [rule for rule in declared.exact if settings.modes[rule.key] != OFF]


def _keys(rules: Sequence[ExactRule], read: Read) -> set[Key]:
    return {(rule.key, value) for rule in rules for value in values_of(rule, read)}


def _slices(pairs: Sequence[tuple[int, int]]) -> Iterator[Sequence[tuple[int, int]]]:
    """Pairs cut where the lower record changes, so that a slice has few records on its left side."""
    start = lows = 0
    for index in range(1, len(pairs) + 1):
        if index == len(pairs):
            yield pairs[start:]
        elif pairs[index][0] != pairs[index - 1][0]:
            lows += 1
            if lows >= SIDES:
                yield pairs[start:index]
                start, lows = index, 0


def told(findings: dict[int, Finding]) -> dict[str, Any]:
    """The evidence as it is kept: ``{comparison: [what, percent]}`` of what says anything."""
    return {str(index): [one.what, round(one.alike * 100)] for index, one in findings.items() if one.what != "missing"}


def keep(kind: ObjectType, groups: Sequence[Group], scan_id: int) -> None:
    """Put the groups in place of those found before."""
    DuplicateGroup.objects.filter(object=kind.key).delete()
    FoundPair.objects.filter(object=kind.key, scan__lte=scan_id).delete()
    moment = clock.now()
    rows = [
        DuplicateGroup(
            object=kind.key, scan=scan_id, score=group.score, members=sorted(group.members),
            pairs=[list(pair) for pair in group.pairs], found_at=moment,
        )
        for group in groups
    ]  # fmt: skip
    bulk.insert(rows)
