"""Finding the records that cells name: by title, number or external id, each different text once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.access.visibility import visible
from guanxi.engine.importing.fields import ways
from guanxi.engine.importing.mapping import BY_ID, ColumnPlan
from guanxi.engine.importing.notebook import Notebook
from guanxi.engine.importing.values import KNOWN, Unread
from guanxi.engine.write import Door
from guanxi.kernel import db
from guanxi.kernel.errors import GuanxiError, Invalid
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot

CHUNK = 2_000
_PARTS = re.compile(r"[,;、，；]")
Candidates = list[tuple[int, Any]]
"""Records with this text: id, and the value on which the lookup depends."""


class Resolver:
    """Finds what the cells of one column point to."""

    def __init__(self, plan: ColumnPlan, field: FieldDefinition) -> None:
        self.plan = plan
        self.field = field
        self.target: ObjectType = snapshot().get(field.spec.target)
        self.many = field.kind.family == "links"
        self._known: dict[str, Candidates | Unread] = {}
        self._made_texts: list[str] = []
        self.made = 0
        """For how many different texts records were made, or would be."""
        self._noted: Notebook | None = None

    def learn(self, actor: Actor, texts: Iterable[str], door: Door | None) -> None:
        """Look the texts up; with a door those that nothing has are made, where the plan says so."""
        wanted = {part for text in set(texts) if text for part in self.parts(text)}
        if len(self._known) + len(wanted) > KNOWN:
            self._known.clear()
        missing = [text for text in wanted if text not in self._known]
        for start in range(0, len(missing), CHUNK):
            self._look_up(actor, missing[start : start + CHUNK])
        if self.plan.create and door is not None:
            absent = [
                text for text in wanted if isinstance(found := self._known[text], Unread) and found.code == "not_found"
            ]
            if absent:
                self._make(door, sorted(absent))

    def parts(self, text: str) -> list[str]:
        """The names in a cell: one, or for tags and the like several."""
        if not self.many:
            return [text]
        if text in self._known and not isinstance(self._known[text], Unread):
            return [text]
        return [part.strip() for part in _PARTS.split(text) if part.strip()]

    def value(self, text: str, depends: Any) -> Any:
        """The record or records meant by a text; :class:`Unread` where that is not clear."""
        if not self.many:
            return self._one(text, depends)
        found = [self._one(part, None) for part in self.parts(text)]
        return next((one for one in found if isinstance(one, Unread)), tuple(sorted(set(found))))

    def rolled_back(self) -> None:
        """What was made did not stay."""
        for text in self._made_texts:
            self._known.pop(text, None)
        self._made_texts = []

    def committed(self) -> None:
        """What was made stays."""
        self._made_texts = []

    def close(self) -> None:
        """Give back what is held on disk."""
        if self._noted is not None:
            self._noted.close()

    def _count(self, texts: list[str]) -> None:
        """In a dry run each batch makes them anew, since that of the batch before was taken back."""
        self._noted = self._noted or Notebook()
        known = self._noted.known(texts)
        self.made += len(set(texts)) - len(known)
        self._noted.add(texts)

    def _one(self, text: str, depends: Any) -> Any:
        found = self._known[text]
        if isinstance(found, Unread):
            return found
        if depends is not None and self.field.spec.depends:
            found = [one for one in found if one[1] == depends] or found
        if len(found) > 1:
            message = _("Several %(objects)s are called like this. Use their number or external id.")
            return Unread("ambiguous", message % {"objects": self.target.plural})
        return found[0][0]

    def _look_up(self, actor: Actor, texts: Sequence[str]) -> None:
        rows = visible(actor, self.target, narrow=True)
        left = set(texts)
        depends = self.field.spec.depends
        extra = [self.target.fields[depends].attribute] if depends else []
        if self.plan.by == BY_ID:
            ids = [int(text) for text in left if text.isascii() and text.isdigit() and len(text) <= 18]
            for pk, *more in rows.filter(pk__in=ids).values_list("pk", *extra):
                self._known[str(pk)] = [(pk, more[0] if more else None)]
            left -= self._known.keys()
        else:
            for key in [self.plan.by] if self.plan.by != "auto" else ways(self.target, actor):
                found: dict[str, Candidates] = {}
                column = self.target.fields[key].attribute
                for text, pk, *more in rows.filter(**{f"{column}__in": left}).values_list(column, "pk", *extra):
                    found.setdefault(text, []).append((pk, more[0] if more else None))
                self._known.update(found)
                left -= found.keys()
                if not left:
                    break
        message = _("There is no %(object)s like this that you may see.") % {"object": self.target.label}
        self._known.update(dict.fromkeys(left, Unread("not_found", message)))

    def _make(self, door: Door, texts: list[str]) -> None:
        """Create a record for each text; where one cannot be made, the text stays unread in the words of the refusal."""
        key = self.target.title.key if self.plan.by in ("auto", BY_ID) else self.plan.by
        titled = self.target.title.key
        pending = texts
        while pending:
            rows = [{titled: text, key: text} for text in pending]
            try:
                with db.atomic():
                    records = door.create_many(self.target.key, rows)
            except Invalid as error:
                if not error.rows:
                    self._refuse(pending, error.message)
                    return
                for index, messages in error.rows.items():
                    self._refuse([pending[index]], " ".join(one for found in messages.values() for one in found))
                pending = [text for index, text in enumerate(pending) if index not in error.rows]
            except GuanxiError as error:
                self._refuse(pending, error.message)
                return
            else:
                for text, record in zip(pending, records, strict=True):
                    depends = self.field.spec.depends
                    self._known[text] = [(record.pk, getattr(record, f"{depends}_id") if depends else None)]
                self._made_texts += pending
                self._count(pending)
                return

    def _refuse(self, texts: Iterable[str], words: str) -> None:
        message = _("It could not be created: %(reason)s") % {"reason": words}
        self._known.update(dict.fromkeys(texts, Unread("not_made", message)))
