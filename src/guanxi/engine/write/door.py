"""One change set, one transaction: permission, validation, rules, storage and journal for any number of records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access import kept
from guanxi.access.actor import Actor
from guanxi.access.visibility import surely_writable
from guanxi.engine.aggregates.keeping import keep as keep_aggregates
from guanxi.engine.matching import keeping
from guanxi.engine.parse import refusal
from guanxi.engine.rights import rights_in_words
from guanxi.engine.write import deletion, handovers, journaling, loading, sharing, storing, validation
from guanxi.engine.write.defaults import fill_defaults, fill_formulas
from guanxi.engine.write.linking import write_links
from guanxi.journal.recorder import Recorder
from guanxi.kernel import clock, db
from guanxi.kernel.errors import Invalid, NotFound, Refused
from guanxi.schema.declaration import Outcome
from guanxi.schema.definition import ObjectType
from guanxi.schema.record import Record
from guanxi.schema.registry import snapshot
from guanxi.schema.rules import Draft, written

CHUNK = 2000


@contextmanager
def change(
    actor: Actor,
    cause: str = "program",
    note: str = "",
    request: str = "",
    undoes: int | None = None,
    continues: int | None = None,
) -> Iterator[Door]:
    """Open a change set. Everything written through the door given is one transaction: all of it happens, or nothing.

    ``undoes`` is the id of the change set that this one takes back, ``continues`` that of one which an earlier transaction
    began and which this one goes on with.
    """
    with db.atomic():
        recorder = Recorder(clock.now(), actor.user_id, cause, note, request, undoes)
        if continues is not None:
            recorder.resume(continues)
        yield Door(actor, recorder)


class Door:
    """Writes records for one actor inside one change set. See :class:`guanxi.schema.rules.WriteDoor`.

    Every method raises :class:`Invalid`, :class:`Refused`, :class:`NotFound` or :class:`Conflict`, and then the whole change
    set is rolled back.
    """

    def __init__(self, actor: Actor, recorder: Recorder) -> None:
        self.actor = actor
        self.recorder = recorder

    @property
    def now(self) -> datetime:
        """The moment of the change set."""
        return self.recorder.at

    @property
    def change_set(self) -> int | None:
        """Id of the change set, once anything was written: what undo takes back."""
        return self.recorder.change_set.pk if self.recorder.change_set is not None else None

    @property
    def user_id(self) -> int | None:
        """The person who acts."""
        return self.actor.user_id

    def as_program(self) -> Door:
        """The same change set with the program's own rights."""
        return Door(self.actor.as_program(), self.recorder)

    def create(self, object_key: str, values: Mapping[str, Any]) -> Record:
        """Create one record."""
        return _single(lambda: self.create_many(object_key, [values])[0])

    def create_many(self, object_key: str, rows: Sequence[Mapping[str, Any]]) -> list[Record]:
        """Create many records, set-based, in batches of 2,000. ``Invalid.rows`` names the refused ones by index."""
        kind = snapshot().get(object_key)
        self._require("create", kind)
        created: list[Record] = []
        for start in range(0, len(rows), CHUNK):
            drafts = []
            for values in rows[start : start + CHUNK]:
                draft = Draft(kind, kind.model.blank(), None, "created")
                draft.values.update(emptied(values))
                drafts.append(draft)
            self._permit_fields(kind, drafts)
            self._permit_operations(kind, drafts)
            fill_defaults(kind, drafts, self)
            self._save(kind, drafts, first=start)
            created.extend(draft.record for draft in drafts)
        return created

    def update(self, object_key: str, record_id: int, values: Mapping[str, Any], version: int | None = None) -> Record:
        """Change one record; with ``version`` only if nobody changed it since that version was read."""
        versions = {record_id: version} if version is not None else {}
        return _single(lambda: self.update_each(object_key, {record_id: values}, versions=versions)[0])

    def update_many(self, object_key: str, ids: Sequence[int], values: Mapping[str, Any]) -> list[Record]:
        """Give many records the same values, set-based."""
        kind = snapshot().get(object_key)
        if len(ids) > 1:
            self._require("mass_update", kind)
        return self.update_each(object_key, {record_id: values for record_id in ids})

    def update_each(
        self,
        object_key: str,
        changes: Mapping[int, Mapping[str, Any]],
        *,
        versions: Mapping[int, int] | None = None,
    ) -> list[Record]:
        """Change many records, each with values of its own, set-based, in batches of 2,000."""
        kind = snapshot().get(object_key)
        self._require("edit", kind)
        ids = list(changes)
        updated: list[Record] = []
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            drafts = loading.drafts(self.actor, kind, chunk, "updated", versions or {}, changes)
            for draft in drafts:
                draft.values.update(emptied(changes[draft.record.pk]))
            self._permit_fields(kind, drafts)
            self._permit_operations(kind, drafts)
            self._save(kind, drafts, first=start)
            updated.extend(draft.record for draft in drafts)
        return updated

    def revert(
        self,
        object_key: str,
        changes: Mapping[int, Mapping[str, Any]],
        since: datetime | None = None,
        found: Mapping[int, Record] | None = None,
    ) -> None:
        """Give records back former values, computed ones among them, set-based; ``found`` are the records if locked already.

        What was right then is right again, so the object's rules are not asked; references, choices and uniqueness are.
        A former value may point to what was in the recycle bin already at the moment of the change taken back, ``since``.
        Setup and people go the ordinary way: their rules guard the rights of others.
        """
        kind = snapshot().get(object_key)
        self._require("edit", kind)
        if kind.declaration.kind in ("setup", "directory"):
            own = {pk: {k: v for k, v in values.items() if kind.fields[k].writable} for pk, values in changes.items()}
            self.update_each(object_key, own)
            return
        ids = list(changes)
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            here = {pk: found[pk] for pk in chunk} if found is not None else None
            drafts = loading.drafts(self.actor, kind, chunk, "updated", {}, changes, found=here)
            for draft in drafts:
                draft.values.update(changes[draft.record.pk])
            self._permit_fields(kind, drafts, computed=True)
            self._permit_operations(kind, drafts)
            fill_formulas(kind, drafts)
            validation.validate(kind, drafts, self.actor, since)
            _raise_errors(drafts, start)
            self._keep(kind, drafts)
            kind.declaration.rules().undone(drafts, self)

    def delete(self, object_key: str, ids: Sequence[int], moment: datetime | None = None) -> int:
        """Put records into the recycle bin, with those that belong to them; the number of records named.

        ``moment`` is since when they count as deleted, where that is not now: a deletion that is done again.
        """
        kind = snapshot().get(object_key)
        self._require("delete", kind)
        return deletion.delete(self, kind, ids, moment)

    def restore(self, object_key: str, ids: Sequence[int]) -> int:
        """Take records out of the recycle bin, with those deleted along with them."""
        kind = snapshot().get(object_key)
        self._require("restore", kind)
        return deletion.restore(self, kind, ids)

    def act(self, object_key: str, record_id: int, action_key: str, inputs: Mapping[str, Any]) -> Outcome:
        """Do one of the object's actions on a record; ``inputs`` are values as :func:`parse_inputs` gives them."""
        kind = snapshot().get(object_key)
        action = kind.action(action_key)
        if action is None:
            raise NotFound(_("There is no action called “%(key)s”.") % {"key": action_key[:63]})
        self._require(action.right, kind)
        record = loading.drafts(self.actor, kind, [record_id], "updated", {}, {record_id: {}})[0].record
        if not action.available(record):
            raise Refused(_("“%(action)s” is not possible in the record's present state.") % {"action": action.label})
        return action.run(self, record, inputs)

    def _save(self, kind: ObjectType, drafts: list[Draft], *, first: int) -> None:
        rules = kind.declaration.rules()
        rules.prepare(drafts, self)
        fill_formulas(kind, drafts)
        validation.validate(kind, drafts, self.actor)
        rules.check(drafts, self)
        _raise_errors(drafts, first)
        changed = self._keep(kind, drafts)
        if changed:
            rules.after(changed, self)
            handovers.tell(kind, changed, self.actor)

    def _keep(self, kind: ObjectType, drafts: Sequence[Draft]) -> list[Draft]:
        """Store and journal the drafts that change anything; those."""
        changed = [draft for draft in drafts if draft.created or any(draft.changed(key) for key in draft.values)]
        if not changed:
            return []
        storing.store(kind, changed, self)
        write_links(kind, changed)
        kept.changed(kind)
        sharing.follow(kind, changed, self)
        self._permit_after(kind, changed)
        keeping.keep(kind, changed, self)
        keep_aggregates(kind, changed)
        if kind.declaration.kind != "log":
            # A log follows from a journaled change and is history itself; an entry for it would say everything twice.
            journaling.record(kind, changed, self.recorder)
        return changed

    def _require(self, right: str, kind: ObjectType) -> None:
        require(self.actor, right, kind)

    def _permit_fields(self, kind: ObjectType, drafts: Sequence[Draft], *, computed: bool = False) -> None:
        """Only fields the actor may write, and computed or system ones only for the program or where they come along."""
        for key in written(drafts):
            field = kind.fields.get(key)
            if field is not None and computed and not field.writable:
                continue
            closed = field is None or (not field.writable and not self.actor.is_program)
            if field is None or closed or self.actor.field_level(kind.key, key) != "write":
                message = _("There is no such field.") if field is None else _("You may not change this field.")
                raise refusal({key: [message]})

    def _permit_operations(self, kind: ObjectType, drafts: Sequence[Draft]) -> None:
        """Giving a record to somebody and moving it to another state are rights of their own."""
        for draft in drafts:
            owner = draft.get("owner")
            if draft.changed("owner") and not (draft.created and owner in (None, self.user_id)):
                self._require("assign", kind)
            if not draft.created and any(draft.changed(key) for key in kind.states):
                self._require("change_state", kind)

    def _permit_after(self, kind: ObjectType, drafts: Sequence[Draft]) -> None:
        mine = surely_writable(self.actor, kind)
        ids = [draft.record.pk for draft in drafts if draft.get("owner") not in mine]
        if ids and loading.count_writable(self.actor, kind, ids) != len(ids):
            raise Refused(
                _("This would put the record outside what you may edit. Choose an owner within your own scope.")
            )


def emptied(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with empty texts and lists as ``None``, the only empty value."""
    return {
        key: None if not value and isinstance(value, str | tuple | list) else value for key, value in values.items()
    }


def require(actor: Actor, right: str, kind: ObjectType) -> None:
    """Raise :class:`Refused` unless the actor holds the right on the object."""
    if not actor.can(right, kind.key):
        needed = "administrate" if kind.declaration.kind in ("setup", "directory") else right
        needed = rights_in_words().get(needed, needed)
        raise Refused(
            _("You have no right to do this with %(object)s. Ask an administrator for the right “%(right)s”.")
            % {"object": kind.plural, "right": needed}
        )


def _single(write: Any) -> Record:
    """Run a write of one record; its row errors become the errors of the record."""
    try:
        record: Record = write()
    except Invalid as error:
        if list(error.rows) == [0]:
            raise refusal(error.rows[0]) from error
        raise
    return record


def _raise_errors(drafts: Sequence[Draft], first: int) -> None:
    rows = {first + index: draft.errors for index, draft in enumerate(drafts) if draft.errors}
    if rows:
        raise Invalid(
            _("Some values need attention. Nothing was saved; correct them and save again."),
            fields=next(iter(rows.values())),
            rows=rows,
        )
