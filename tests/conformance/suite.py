"""What must hold for every object, from its declaration alone."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest
from django.test import Client
from django.utils import translation
from markupsafe import escape

from guanxi.engine import keys, query, read, write
from guanxi.engine.query import Condition
from guanxi.engine.scoping import rows_of
from guanxi.journal.models import Entry
from guanxi.kernel.errors import GuanxiError, NotFound, QueryError, Refused
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.record import Record
from guanxi.schema.registry import get
from guanxi.web.api.openapi import describe
from guanxi.web.api.record_paths import name_of
from tests.support import people
from tests.support.samples import Samples, value_of


class _Watched:
    """A record that notes which of its attributes are read."""

    def __init__(self, record: Record, looked_at: set[str]) -> None:
        self._record, self._looked_at = record, looked_at

    def __getattr__(self, name: str) -> Any:
        self._looked_at.add(name)
        return getattr(self._record, name)


@pytest.mark.django_db
class ConformanceSuite:
    """Subclass with ``key`` set to run it over one object."""

    key: ClassVar[str] = ""

    @pytest.fixture
    def object_key(self) -> str:
        """The key of the object under test."""
        return self.key

    @pytest.fixture(autouse=True)
    def _prepare(self, db: Any, object_key: str) -> None:
        self.key = object_key  # type: ignore[misc]
        people.refreshed()
        self.samples = Samples()
        self.kind: ObjectType = get(self.key)
        self.admin = people.actor(people.person("admin", administrator=True))
        self.writable = self.kind.declaration.kind != "log"

    def made(self, **values: Any) -> Record:
        """A record made by the program."""
        if self.key == "audit_event":
            return self.samples.create(self.key)  # type: ignore[no-any-return]
        with write.change(people.program(), "test") as door:
            return door.create(self.key, self.samples.values(self.kind) | values)

    def api(self) -> Client:
        """A client that carries an administrator's API key."""
        _key, secret = keys.issue(self.admin, "conformance")
        return Client(headers={"Authorization": f"Bearer {secret}"})

    def page_client(self) -> Client:
        """A client of a signed-in administrator."""
        client = Client()
        client.login(username="admin", password="admin")
        return client

    def plain_fields(self) -> list[FieldDefinition]:
        """Fields that a person may write and whose sample value needs no other record."""
        return [
            field
            for field in self.kind.fields.values()
            if field.writable and field.shown and value_of(field, 1) is not None and not field.virtual
        ]

    # the declaration

    def test_the_declaration_names_only_fields_that_exist(self) -> None:
        declaration = self.kind.declaration
        named = [
            *(declaration.title, *declaration.list_columns, *declaration.highlights, *declaration.search),
            *(declaration.quick, *declaration.inherits),
        ]
        named = [key for item in named for key in (item if isinstance(item, tuple) else (item,))]
        named += [key for section in declaration.sections for key in section.fields]
        named += [key for key in (declaration.path, declaration.subtitle, declaration.title_en) if key]
        if self.kind.board:
            board = self.kind.board
            named += [key for key in (board.group, board.scope, board.amount, board.weighted, board.age) if key]
            named += list(board.card)
        if self.kind.calendar:
            named += [
                key for key in (self.kind.calendar.start, self.kind.calendar.end, self.kind.calendar.color) if key
            ]
        assert [key for key in named if key not in self.kind.fields] == []
        assert len(declaration.list_columns) > 0

    def test_everything_is_labelled_in_both_languages(self) -> None:
        labels = [self.kind.label, self.kind.plural]
        labels += [field.label for field in self.kind.fields.values()]
        labels += [option.label for field in self.kind.fields.values() for option in field.spec.options]
        labels += [preset.label for preset in self.kind.presets]
        labels += [section.label for section in self.kind.sections]
        labels += [action.label for action in self.kind.declaration.actions]
        assert [label for label in labels if not label.en.strip() or not label.zh.strip()] == []

    def test_related_lists_and_roll_ups_point_here(self) -> None:
        for related in self.kind.related:
            via = get(related.source).fields[related.via]
            assert via.kind.family == "reference" or via.spec.target == self.key
            assert all(key in get(related.source).fields for key in related.columns)
        for field in self.kind.fields.values():
            if field.spec.rollup:
                source = get(field.spec.rollup.source)
                assert source.fields[field.spec.rollup.via].spec.target == self.key

    # reading and writing

    def test_formulas_read_what_they_say_they_read(self) -> None:
        """Whoever may not see a field must not learn it from a formula, and writing loads no more than is needed."""
        record = self.made() if any(field.spec.compute for field in self.kind.fields.values()) else None
        for field in self.kind.fields.values():
            if field.spec.compute is not None and record is not None:
                looked_at: set[str] = set()
                field.spec.compute(_Watched(record, looked_at))
                assert looked_at <= set(field.spec.extra["reads"]), field.key

    def test_the_presets_can_be_read_and_listed(self) -> None:
        self.made()
        for preset in self.kind.presets:
            tree = query.parse(preset.query, self.kind, self.admin)
            listing = read.Listing(query=tree, sort=preset.sort, columns=tuple(preset.columns))
            assert read.page(self.admin, self.key, listing).count is not None

    def test_every_sortable_field_sorts_and_pages(self) -> None:
        for _ in range(3):
            self.made()
        for field in self.kind.fields.values():
            if not field.kind.sortable or not field.shown:
                continue
            for sort in (field.key, f"-{field.key}"):
                seen: list[int] = []
                cursor = None
                for _ in range(4):
                    page = read.page(self.admin, self.key, read.Listing(sort=sort, size=2, cursor=cursor))
                    seen += [row.id for row in page.rows]
                    cursor = page.next
                    if cursor is None:
                        break
                total = read.count(self.admin, self.key).number
                assert len(seen) == len(set(seen)) == min(total, 8), sort

    def test_both_evaluators_agree_on_every_operator(self) -> None:
        record = self.made()
        for field in self.kind.fields.values():
            for op in field.kind.operators:
                value = self.operand(field, op, record)
                tree = Condition(field.key, op, value)
                try:
                    found = rows_of(self.admin, self.kind, tree).filter(pk=record.pk).exists()
                except QueryError:
                    continue
                assert found == query.evaluate(tree, self.kind, record, self.admin), tree

    def operand(self, field: FieldDefinition, op: str, record: Record) -> Any:
        """The field's own value, as a query would name it."""
        if op in ("empty", "not_empty"):
            return None
        value = field.read(record)
        if field.kind.family in ("lookup", "links"):
            value = value or 1
        elif isinstance(value, tuple):
            value = value[0]
        elif not isinstance(value, bool):
            value = field.kind.to_text(value) or "x"
        return (value,) if op in ("in", "not_in", "has", "has_not") else value

    def test_create_read_update_delete_restore_through_the_api(self) -> None:
        client = self.api()
        base = f"/api/v1/{self.key}"
        sample = self.samples.values(self.kind)
        body = {key: self.kind.fields[key].kind.to_json(value) for key, value in sample.items()}
        response = client.post(base, json.dumps(body), content_type="application/json")
        if not self.writable:
            assert response.status_code == 403
            return
        assert response.status_code == 201, response.json()
        created = response.json()
        one = f"{base}/{created['id']}"
        assert client.get(one).json() == created
        assert created["id"] in [row["id"] for row in client.get(base, {"sort": "-created_at"}).json()["data"]]
        title = self.kind.title
        if title in self.plain_fields() and title.kind.name == "text":
            changed = client.patch(
                one,
                json.dumps({title.key: "Renamed 改名", "version": created["version"]}),
                content_type="application/json",
            )
            assert changed.status_code == 200, changed.json()
            assert changed.json()[title.key] == "Renamed 改名"
            stale = client.patch(
                one, json.dumps({title.key: "Again", "version": created["version"]}), content_type="application/json"
            )
            assert stale.status_code == 409
        assert client.delete(one).status_code == 204
        assert client.get(one).status_code == 404
        assert client.post(f"{one}/restore").status_code == 200
        assert client.get(one).status_code == 200

    def test_wrong_values_are_refused_in_words_and_change_nothing(self) -> None:
        if not self.writable:
            return
        client = self.api()
        before = self.kind.model._default_manager.count()
        body = {"no_such_field": 1} | {
            field.key: {"wrong": "shape"} for field in self.plain_fields() if field.kind.family != "none"
        }
        response = client.post(f"/api/v1/{self.key}", json.dumps(body), content_type="application/json")
        assert response.status_code == 422
        assert set(response.json()["errors"]) >= {"no_such_field"}
        assert self.kind.model._default_manager.count() == before

    def test_the_journal_has_before_and_after(self) -> None:
        record = self.made()
        if not self.writable:
            assert not Entry.objects.filter(object=self.key, record=record.pk).exists()
            return
        entry = Entry.objects.filter(object=self.key, record=record.pk).latest("id")
        assert entry.verb == "created"
        assert all(before is None for before, _after in entry.changes.values())
        title = self.kind.title
        if title.writable and title.kind.name == "text":
            old = title.read(record)
            with write.change(self.admin, "test") as door:
                door.update(self.key, record.pk, {title.key: "Journaled"})
            entry = Entry.objects.filter(object=self.key, record=record.pk).latest("id")
            assert entry.changes[title.key] == [old, "Journaled"]
            assert (entry.actor, entry.cause) == (self.admin.user_id, "test")

    def test_openapi_describes_it(self) -> None:
        description = describe(self.admin)
        name = name_of(self.kind)
        assert f"/{self.key}" in description["paths"]
        assert set(description["components"]["schemas"][name]["properties"]) >= set(self.kind.fields)
        assert ("post" in description["paths"][f"/{self.key}"]) == self.writable

    # permission

    def test_a_person_without_roles_gets_nothing(self) -> None:
        record = self.made()
        stranger = people.actor(people.person("stranger"))
        if self.kind.declaration.kind in ("setup", "directory") and not self.kind.declaration.restricted:
            assert read.get(stranger, self.key, record.pk).row.editable is False
        else:
            with pytest.raises(NotFound):
                read.get(stranger, self.key, record.pk)
        with pytest.raises((Refused, NotFound)), write.change(stranger, "test") as door:
            door.update(self.key, record.pk, {self.kind.title.key: "x"})
        with pytest.raises((Refused, NotFound)), write.change(stranger, "test") as door:
            door.delete(self.key, [record.pk])

    def test_scope_own_sees_and_changes_only_what_is_its_own(self) -> None:
        if not self.kind.owned or self.kind.declaration.default_access != "private":
            return
        mine, other = people.person("mine", "salesperson"), people.person("other", "salesperson")
        own, foreign = self.made(owner=mine.pk), self.made(owner=other.pk)
        actor = people.actor(mine)
        assert [row.id for row in read.page(actor, self.key, read.Listing()).rows] == [own.pk]
        assert read.count(actor, self.key).number == 1
        with pytest.raises(NotFound):
            read.get(actor, self.key, foreign.pk)
        before = list(self.kind.model._default_manager.order_by("pk").values())
        for act in (
            lambda door: door.update(self.key, foreign.pk, {"owner": mine.pk}),
            lambda door: door.update(self.key, own.pk, {"owner": other.pk}),
            lambda door: door.delete(self.key, [foreign.pk]),
        ):
            with pytest.raises(GuanxiError), write.change(actor, "test") as door:
                act(door)
        assert list(self.kind.model._default_manager.order_by("pk").values()) == before

    # pages

    def test_its_pages_answer(self) -> None:
        record = self.made()
        client = self.page_client()
        base = f"/o/{self.key}"
        pages = [base, f"{base}/{record.pk}", f"{base}/{record.pk}/peek"]
        pages += [f"{base}?layout=board"] if self.kind.board else []
        pages += [f"{base}?layout=calendar"] if self.kind.calendar else []
        pages += [f"{base}/new", f"{base}/{record.pk}/edit"] if self.writable else []
        for page in pages:
            response = client.get(page)
            assert response.status_code == 200, page
            assert "<script>" not in response.content.decode()
        with translation.override("en"):
            title = read.get(self.admin, self.key, record.pk).row.title
        assert escape(title) in client.get(f"{base}/{record.pk}").content.decode()
