"""Finding: what a typed text means among the records a person may see.

Candidates come from the index, whatever they are; only records that pass ``access.visibility`` ever leave this module.
Words that are everywhere are looked for among the newest documents, words that are rare in the inverted index; where a
person sees little of much, the person's own part is looked through instead, so that the answer takes equally long for
everybody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain

from django.db.models import F

from guanxi.access.actor import Actor
from guanxi.access.granted import grants
from guanxi.access.visibility import named, sees_all
from guanxi.engine.choosing import listed
from guanxi.engine.search import inverted, lately, scan
from guanxi.engine.search.asked import Asked, asked
from guanxi.engine.search.document import kinds, naming
from guanxi.engine.search.scan import Found, Part, Scope
from guanxi.engine.search.words import LETTERS
from guanxi.engine.shapes import Choice
from guanxi.kernel.sql import IdIn
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot

DOZEN = 12
WINDOW = 1000
"""So many of the newest documents are looked through."""
RARE = 7
"""What fewer of them hold is rare: the newest show too little of it."""
EVERYWHERE = 25
"""The same for a person who may not see every record; of what is held more often the inverted index gathers too much."""
HITS = 100
"""So many matches of a part are ranked; more change little about the best dozen."""
OWN = 300
NARROW = 2000
PART = 1000
"""So many of the newest documents of an object that is open as a whole, or by what its records belong to."""
GRANTED = 300
"""So many records that were opened one by one; in no order, which only a walk through all grants could give."""
CANDIDATES = 120
"""So many candidates are taken out of the inverted index for a dozen records that are wanted."""
THOROUGH = 2000
"""So many candidates are taken where the person asks for everything there is."""
CHECKED_FOR_ONE = (4, 12)
"""So many candidates are checked at first, and then, for each one that is wanted: enough for whom a third is open, and for
whom a twelfth is."""

BEGINS = 0
"""The rank of a name that begins with what was typed: the highest."""
_OPEN = ("read", "write")
Key = tuple[str, int]


class Reach:
    """What of the index an actor may search at all."""

    def __init__(self, actor: Actor, objects: Collection[str] | None = None) -> None:
        self.actor = actor
        asked_for = [
            kind for kind in kinds() if (objects is None or kind.key in objects) and actor.can("read", kind.key)
        ]
        self.kinds = [kind for kind in asked_for if all(self._open(kind, field.key) for field in naming(kind))]
        self.titled = [
            kind.key for kind in self.kinds if not all(self._open(kind, key) for key in kind.declaration.search)
        ]
        """Objects of which a field that is searched is closed to the actor: only their titles are searched."""

    def _open(self, kind: ObjectType, field: str) -> bool:
        return self.actor.field_level(kind.key, field) in _OPEN

    @property
    def scope(self) -> Scope:
        """The documents of objects the actor may read."""
        return Scope(tuple(kind.key for kind in self.kinds))

    @cached_property
    def closed(self) -> list[ObjectType]:
        """The objects of which not every record is open."""
        return [kind for kind in self.kinds if not sees_all(self.actor, kind, "read")]

    def narrower(self, limit: int) -> Iterator[Part]:
        """Parts of the index that hold what is open to the actor, each small or in the order of an index."""
        yield Part.few([kind.key for kind in self.kinds if kind.declaration.kind != "standard"], limit)
        by_people: dict[frozenset[int], list[str]] = {}
        for kind in self.closed:
            people = self.actor.reach(kind.key, edit=False)
            if kind.owned and people:
                by_people.setdefault(people, []).append(kind.key)
        for people, keys in by_people.items():
            yield Part(Scope(tuple(keys), owners=people), NARROW, limit)
        for kind in self.kinds:
            closed = kind in self.closed
            if kind.declaration.inherits if closed else kind.declaration.kind == "standard":
                yield Part(Scope((kind.key,)), PART, limit)

    def granted(self, limit: int) -> Iterator[Part]:
        """What was opened to the actor one by one."""
        for kind in self.closed:
            if kind.key in self.actor.access.granted:
                some = grants(self.actor, kind, "read").order_by().values_list("record", flat=True)[:GRANTED]
                yield Part(Scope((kind.key,), records=list(some)), GRANTED, limit)


class Search:
    """One question of one actor."""

    def __init__(
        self, actor: Actor, question: Asked, objects: Collection[str] | None = None, *, thorough: bool = False
    ) -> None:
        self.actor = actor
        self.asked = question
        self.reach = Reach(actor, objects)
        self.thorough = thorough
        self.complete = True
        """Whether everything there is was looked at, and not only what is most likely meant."""
        self._found: dict[Key, Found] = {}
        self._seen: dict[Key, bool] = {}

    def best(self, limit: int) -> list[Found]:
        """The best of the records the actor may see."""
        if not self.asked or not self.reach.kinds:
            return []
        question, scope = self.asked, self.reach.scope
        self._add([lately.changed(self.actor, question, self.reach.kinds, self.reach.titled)])
        enough = max(HITS, 2 * limit)
        self.complete = scan.whole(WINDOW)
        if self.complete:
            self._scan([Part(scope, WINDOW, WINDOW)])
            return self._visible(limit)
        own = Scope(scope.objects, owners=[self.actor.user_id or 0])
        newest, *_others = self._scan(
            [
                Part(scope, WINDOW, enough),
                Part.beginning(question.text, scope, HITS // 2),
                Part(own, OWN, HITS // 2),
            ]
        )
        few = EVERYWHERE if self.reach.closed else RARE
        rare = self.thorough or len(newest) < few
        best = self._visible(limit) if not rare or self._begun(limit) else []
        if not self.thorough and len(best) == limit and (not rare or self._rank(best[-1])[0] == BEGINS):
            return best
        if rare:
            best = self._from_inverted(limit)
        if self.complete or len(best) == limit or not self.reach.closed:
            return best
        self._scan(list(self.reach.narrower(enough)))
        if len(best := self._visible(limit)) < limit:
            self._scan(list(self.reach.granted(enough)))
            best = self._visible(limit)
        return best

    def _from_inverted(self, limit: int) -> list[Found]:
        """The best with what the inverted index holds: whole words, and what only begins with what was typed."""
        most = THOROUGH if self.thorough else CANDIDATES * max(limit, DOZEN) // DOZEN
        narrow = inverted.narrowed(self.asked)
        shares = [(most, False)]
        if not self.thorough and not inverted.holds_whole(narrow):
            # Several words are what is meant. One alone is more often the beginning of a name, above all in pinyin.
            if narrow.several:
                (whole,) = self._match(narrow, [(most // 2, True)])
                best = self._visible(limit)
                # Of whom so many matches show too little, others would hardly show more: the person's own part is next.
                if len(best) == limit or len(whole) == most // 2:
                    return best
            else:
                shares = [(most // 3, True), (most - most // 3, False)]
        *_whole, begun = self._match(narrow, shares)
        self.complete = len(begun) < shares[-1][0]
        return self._visible(limit)

    def _scan(self, parts: Sequence[Part]) -> list[list[Found]]:
        return self._add(scan.among(self.asked, parts, self.reach.titled))

    def _match(self, narrow: Asked, shares: Sequence[tuple[int, bool]]) -> list[list[Found]]:
        return self._add(inverted.matching(self.asked, narrow, self.reach.scope, self.reach.titled, shares))

    def _add(self, found: list[list[Found]]) -> list[list[Found]]:
        for one in chain.from_iterable(found):
            self._found.setdefault(one.key, one)
        return found

    def _begun(self, limit: int) -> bool:
        """Whether so many names begin with what was typed that nothing else is meant more."""
        return sum(self._rank(one)[0] == BEGINS for one in self._found.values()) >= limit

    def _visible(self, limit: int) -> list[Found]:
        """The best of what was found that the actor may see."""
        latest = sorted(self._found.values(), key=lambda one: (one.updated is not None, one.updated), reverse=True)
        ranked = sorted(latest, key=self._rank)
        best: list[Found] = []
        checked = 0
        for many in (*(each * limit for each in CHECKED_FOR_ONE), len(ranked)):
            some = ranked[checked:many]
            self._check(some)
            best.extend(one for one in some if self._seen[one.key])
            if len(best) >= limit:
                break
            checked = many
        return best[:limit]

    def _check(self, found: Iterable[Found]) -> None:
        unknown: dict[str, list[int]] = {}
        for one in found:
            if one.key not in self._seen:
                unknown.setdefault(one.object, []).append(one.record)
        for key, ids in unknown.items():
            held = {row[0] for row in named(self.actor, snapshot().get(key), ids, live=True)}
            self._seen |= {(key, pk): pk in held for pk in ids}

    def _rank(self, one: Found) -> tuple[int, bool]:
        """Beginning of the title, whole words of it, parts of it, the rest; then one's own. The latest come first anyway."""
        begins, _bar, title = one.title_words.partition("|")
        first = self.asked.first[:LETTERS]
        if one.title.startswith(self.asked.text) or f" {first}" in begins:
            tier = BEGINS
        elif self.asked.whole_in(title):
            tier = 1
        else:
            tier = 2 if self.asked.held_by(title) else 3
        return tier, one.owner != self.actor.user_id


def find(actor: Actor, text: str, limit: int = DOZEN, objects: Collection[str] | None = None) -> tuple[Choice, ...]:
    """The records a text finds, best first; of these objects only, where they are named."""
    best = Search(actor, asked(text), objects).best(limit)
    wanted: dict[str, list[int]] = {}
    for one in best:
        wanted.setdefault(one.object, []).append(one.record)
    shown: dict[Key, Choice] = {}
    for key, ids in wanted.items():
        kind = snapshot().get(key)
        # Every one of them was just checked.
        rows = kind.model._default_manager.filter(IdIn(F("pk"), ids))
        shown |= {(key, choice.id): choice for choice in listed(actor, kind, rows)}
    return tuple(shown[one.key] for one in best if one.key in shown)
