"""One batch of rows through the write door: new ones created, differing ones changed, wrong ones put aside in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.importing import matching
from guanxi.engine.importing.fields import ID, target_of
from guanxi.engine.importing.mapping import ColumnPlan, ImportMapping
from guanxi.engine.importing.notebook import Notebook
from guanxi.engine.importing.outcome import Outcome, Reason, Row
from guanxi.engine.importing.resolving import Resolver
from guanxi.engine.importing.rows import Batch
from guanxi.engine.importing.scanning import Formats
from guanxi.engine.importing.values import ColumnReader, Unread, reading
from guanxi.engine.write import Door
from guanxi.kernel import db
from guanxi.kernel.errors import GuanxiError, Invalid
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.kinds.reference import record_id


class Importer:
    """Carries a mapping out, batch by batch. Lives as long as one pass over the file."""

    def __init__(
        self, actor: Actor, kind: ObjectType, mapping: ImportMapping, formats: Formats, titles: Notebook | None = None
    ) -> None:
        self.actor = actor
        self.kind = kind
        self.mapping = mapping
        self.titles = titles
        self.readers: list[ColumnReader] = []
        self.resolvers: list[tuple[ColumnReader, Resolver]] = []
        for plan in mapping.used:
            definition = kind.fields.get(plan.field)
            if definition is not None and target_of(definition) is not None:
                reader = ColumnReader(plan, definition, mapping, lambda text: text)
                self.resolvers.append((reader, Resolver(plan, definition)))
            else:
                self.readers.append(_plain_reader(plan, definition, mapping, formats))
        self.resolvers.sort(key=lambda pair: bool(pair[1].field.spec.depends))
        self.constants = self._constants()
        unique = [
            plan.field for plan in mapping.used if plan.field in kind.fields and kind.fields[plan.field].spec.unique
        ]
        self.books = {key: Notebook() for key in dict.fromkeys([*([mapping.key] if mapping.key else []), *unique])}

    def close(self) -> None:
        """Give back what is held on disk."""
        for book in self.books.values():
            book.close()
        for _reader, resolver in self.resolvers:
            resolver.close()
        if self.titles is not None:
            self.titles.close()

    @property
    def made(self) -> dict[str, int]:
        """How many records of other objects were made on the way, or would be, by object."""
        found: Counter[str] = Counter()
        for _reader, resolver in self.resolvers:
            found[resolver.target.key] += resolver.made
        return {key: number for key, number in found.items() if number}

    def remember(self, batch: Batch, refused: Collection[int]) -> None:
        """Note the keys of rows that an earlier attempt has dealt with, without those it refused before it came to keys."""
        self._repeated([row for row in self.read(batch) if row.number not in refused])

    def read(self, batch: Batch) -> list[Row]:
        """The rows of a batch with the values of their cells, those of other records left out; asks no database."""
        rows = self._rows(batch)
        self._read(rows, batch)
        return rows

    def write(self, door: Door, batch: Batch, rows: list[Row]) -> Outcome:
        """Write one batch that was read, inside a transaction of its own."""
        door.recorder.begin()
        self._refer(rows, batch, door)
        self._repeated(rows)
        outcome = Outcome()
        fresh, known = self._matched(rows)
        self._create(door, fresh, outcome)
        self._update(door, known, outcome)
        for row in rows:
            if row.reasons:
                outcome.rejected.append(row)
            elif row.later and row.record is not None:
                outcome.later.append(row)
        return outcome

    def rolled_back(self) -> None:
        """The transaction of the last batch did not stay."""
        for _reader, resolver in self.resolvers:
            resolver.rolled_back()

    def committed(self) -> None:
        """The transaction of the last batch stays."""
        for _reader, resolver in self.resolvers:
            resolver.committed()

    # reading

    def _rows(self, batch: Batch) -> list[Row]:
        rows = [Row(number, cells) for number, cells in zip(batch.numbers, batch.cells, strict=True)]
        for index, count in batch.surplus.items():
            message = _("The row has %(count)d more cells than there are columns.") % {"count": count}
            rows[index].reasons.append(Reason("surplus", -1, "", "", message))
        if self.constants:
            for row in rows:
                row.values.update(self.constants)
        return rows

    def _read(self, rows: Sequence[Row], batch: Batch) -> None:
        for reader in self.readers:
            key, column = reader.plan.field, reader.plan.column
            texts = reader.texts(batch.column(column))
            known = reader.values(texts)
            strange = any(isinstance(known[text], Unread) for text in set(texts) if text)
            clear = self.mapping.clear and key in self.kind.fields and self.kind.fields[key].kind.name != "boolean"
            for row, text in zip(rows, texts, strict=True):
                if not text:
                    if clear:
                        row.values[key] = None
                    continue
                value = known[text]
                if strange and isinstance(value, Unread):
                    row.reasons.append(Reason(value.code, column, key, text, value.message))
                else:
                    row.values[key] = value

    def _refer(self, rows: Sequence[Row], batch: Batch, door: Door) -> None:
        for reader, resolver in self.resolvers:
            key, column = reader.plan.field, reader.plan.column
            texts = reader.texts(batch.column(column))
            within = self._named_in_file(resolver, texts)
            # Nothing is made for rows that are refused already.
            sound = [text for row, text in zip(rows, texts, strict=True) if text and not row.reasons]
            resolver.learn(self.actor, [text for text in sound if text in within], None)
            resolver.learn(self.actor, [text for text in sound if text not in within], door)
            depends = resolver.field.spec.depends
            for row, text in zip(rows, texts, strict=True):
                if not text:
                    if self.mapping.clear:
                        row.values[key] = None
                    continue
                if row.reasons:
                    continue
                value = resolver.value(text, row.values.get(depends) if depends else None)
                if isinstance(value, Unread) and value.code == "not_found" and text in within:
                    row.later[key] = text
                elif isinstance(value, Unread):
                    row.reasons.append(Reason(value.code, column, key, text, value.message))
                else:
                    row.values[key] = value or None

    def _named_in_file(self, resolver: Resolver, texts: Sequence[str]) -> set[str]:
        if self.titles is None or resolver.many or resolver.target.key != self.kind.key:
            return set()
        return self.titles.known([text for text in set(texts) if text])

    def _constants(self) -> dict[str, Any]:
        """The values of the constants; :class:`Invalid` names those that cannot be read."""
        values: dict[str, Any] = {}
        wrong: dict[str, list[str]] = {}
        for key, text in self.mapping.constants.items():
            definition = self.kind.fields[key]
            if target_of(definition) is not None:
                resolver = Resolver(ColumnPlan(-1, key), definition)
                resolver.learn(self.actor, [text], None)
                value = resolver.value(text, None)
                if isinstance(value, Unread) and text.isdigit():
                    resolver = Resolver(ColumnPlan(-1, key, by="id"), definition)
                    resolver.learn(self.actor, [text], None)
                    value = resolver.value(text, None)
            else:
                plain = ColumnReader(ColumnPlan(-1, key), definition, ImportMapping(), reading_of(definition))
                value = plain.values([text])[text]
            if isinstance(value, Unread):
                wrong[f"constants.{key}"] = [value.message]
            else:
                values[key] = value
        if wrong:
            raise Invalid(_("The mapping needs attention."), wrong)
        return values

    # matching

    def _repeated(self, rows: Sequence[Row]) -> None:
        """Refuse rows that say the same as an earlier one where that must be said once."""
        for key, book in self.books.items():
            plan = self.mapping.of_field(key)
            texts = {
                id(row): str(row.values[key]) for row in rows if row.values.get(key) is not None and not row.reasons
            }
            noted = book.known(list(set(texts.values())))
            book.add(set(texts.values()))
            for row in rows:
                text = texts.get(id(row))
                if text is None:
                    continue
                if text in noted:
                    message = _("An earlier row of the file has the same value.")
                    row.reasons.append(Reason("repeated", plan.column if plan else -1, key, text, message))
                noted.add(text)

    def _matched(self, rows: Sequence[Row]) -> tuple[list[Row], list[Row]]:
        """The rows that make new records, and those about existing ones; the others get their reasons."""
        sound = [row for row in rows if not row.reasons]
        key, mode = self.mapping.key, self.mapping.mode
        if not key:
            return sound, []
        given = {row.values[key] for row in sound if row.values.get(key) is not None}
        found = matching.find(self.actor, self.kind, key, given)
        fresh: list[Row] = []
        known: list[Row] = []
        for row in sound:
            ids = found.get(row.values.get(key), [])
            problem = self._unmatched(row, ids)
            if problem:
                plan = self.mapping.of_field(key)
                column = plan.column if plan else -1
                row.reasons.append(Reason(problem[0], column, key, str(row.values.get(key, "")), problem[1]))
            elif ids and mode != "create":
                row.record = ids[0]
                known.append(row)
            else:
                fresh.append(row)
        if not self._key_is_written():
            for row in [*fresh, *known]:
                row.values.pop(key, None)
        return fresh, known

    def _unmatched(self, row: Row, ids: Sequence[int]) -> tuple[str, str] | None:
        key, mode, kind = self.mapping.key, self.mapping.mode, self.kind
        if len(ids) > 1:
            message = _("%(count)d %(objects)s have this value; it is not clear which one is meant.")
            return "several", message % {"count": len(ids), "objects": kind.plural}
        if mode == "create" and ids:
            return "exists", _("There is a %(object)s with this value already.") % {"object": kind.label}
        if mode == "update" and not ids:
            if row.values.get(key) is None:
                return "no_key", _("The row has no value by which its record could be found.")
            return "unknown", _("There is no %(object)s with this value that you may see.") % {"object": kind.label}
        if key == ID and not ids and row.values.get(key) is not None:
            return "unknown", _("There is no %(object)s with this value that you may see.") % {"object": kind.label}
        return None

    def _key_is_written(self) -> bool:
        definition = self.kind.fields.get(self.mapping.key)
        return definition is not None and definition.writable

    # writing

    def _create(self, door: Door, rows: list[Row], outcome: Outcome) -> None:
        def call(part: list[Row]) -> None:
            records = door.create_many(self.kind.key, [row.values for row in part])
            for row, record in zip(part, records, strict=True):
                row.record = record.id

        done = self._through(rows, call)
        outcome.created += len(done)
        for row in done:
            self._count_owner(row.values, outcome)

    def _update(self, door: Door, rows: list[Row], outcome: Outcome) -> None:
        ids = [row.record for row in rows if row.record is not None]
        allowed = matching.writable(self.actor, self.kind, ids)
        keys = {key for row in rows for key in row.values}
        now = matching.held(self.kind, ids, keys)
        differing: dict[int, dict[str, Any]] = {}
        changed: list[Row] = []
        for row in rows:
            record = row.record or 0
            new = {key: value for key, value in row.values.items() if now[record].get(key) != value}
            if record not in allowed:
                message = _("You may see this %(object)s but not change it.") % {"object": self.kind.label}
                row.reasons.append(Reason("closed", -1, "", "", message))
            elif new:
                differing[record] = new
                changed.append(row)
            elif not row.later:
                outcome.unchanged += 1
            else:
                outcome.updated += 1

        def call(part: list[Row]) -> None:
            door.update_each(self.kind.key, {row.record or 0: differing[row.record or 0] for row in part})

        done = self._through(changed, call)
        outcome.updated += len(done)
        for row in done:
            self._count_owner(differing[row.record or 0], outcome)

    def _count_owner(self, values: Mapping[str, Any], outcome: Outcome) -> None:
        owner = values.get("owner")
        if owner is not None and owner != self.actor.user_id:
            outcome.owners[owner] += 1

    def _through(self, rows: list[Row], call: Callable[[list[Row]], None]) -> list[Row]:
        """The rows that the door took; the others get their reasons."""
        pending = rows
        while pending:
            try:
                with db.atomic():
                    call(pending)
            except Invalid as error:
                if not error.rows:
                    return self._apart(pending, call, error)
                for index, messages in error.rows.items():
                    self._refused(pending[index], messages)
                pending = [row for index, row in enumerate(pending) if index not in error.rows]
            except GuanxiError as error:
                return self._apart(pending, call, error)
            else:
                return pending
        return []

    def _apart(self, rows: list[Row], call: Callable[[list[Row]], None], error: GuanxiError) -> list[Row]:
        """What the door refuses as a whole is halved until only those it is about are left."""
        if len(rows) == 1:
            row = rows[0]
            messages = error.fields if isinstance(error, Invalid) and error.fields else {"": [error.message]}
            self._refused(row, messages)
            return []
        middle = len(rows) // 2
        return [*self._through(rows[:middle], call), *self._through(rows[middle:], call)]

    def _refused(self, row: Row, messages: Mapping[str, Sequence[str]]) -> None:
        for key, words in messages.items():
            plan = self.mapping.of_field(key)
            text = row.cells[plan.column].strip() if plan else ""
            row.reasons.append(Reason("refused", plan.column if plan else -1, key, text[:200], " ".join(words)))


def _plain_reader(
    plan: ColumnPlan, definition: FieldDefinition | None, mapping: ImportMapping, formats: Formats
) -> ColumnReader:
    if definition is None:
        return ColumnReader(plan, None, mapping, record_id)
    chosen = formats.get(plan.column, "")
    return ColumnReader(
        plan, definition, mapping, reading(plan, definition, plan.date or chosen, plan.number or chosen)
    )


def reading_of(definition: FieldDefinition) -> Callable[[str], Any]:
    """How a single text is read that a person typed for a field."""
    return lambda text: definition.kind.parse(text, definition.spec)
