"""Sharing rule 共享规则: every record that meets a condition is open to a person, a department, a role or everybody.

What a rule opens is kept as grants with the cause "rule", so that a list looks rights up in an index however many rules
there are. The grants are kept in the transaction of the change: of a record by the write door, of a rule by the rule
itself. They can never lag behind, because a condition may look only at the record's own fields and at fixed values:
neither at other records nor at the calendar nor at who asks. The conditions are written in the query language of the
engine, a layer above; it lends its compiler through :func:`use`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guanxi.access.grants import EVERYONE, Grant
from guanxi.kernel import clock, db
from guanxi.kernel.errors import GuanxiError
from guanxi.kernel.labels import Label
from guanxi.schema import fields, registry
from guanxi.schema.declaration import Action, ObjectDeclaration, Outcome, Section
from guanxi.schema.definition import ObjectType
from guanxi.schema.fields import option
from guanxi.schema.record import Record
from guanxi.schema.rules import Draft, ObjectRules, WriteDoor

if TYPE_CHECKING:
    from guanxi.access.actor import Actor

LOCK = "sharing"
"""Held shared by whoever writes records, alone by whoever changes a rule: no record slips past a new rule."""


class Conditions(Protocol):
    """What the engine lends: the query language."""

    def compile(self, query_line: str, kind: ObjectType, actor: Actor) -> Q:
        """The condition of a query line as :meth:`canonical` gives it. Raises ``QueryError``."""

    def canonical(self, query_line: str, kind: ObjectType, actor: Actor) -> str:
        """The line with keys and ids instead of names. Raises ``QueryError``, also where it looks beyond the record."""

    def fields(self, query_line: str, kind: ObjectType, actor: Actor) -> frozenset[str]:
        """Keys of the fields it looks at. Raises ``QueryError``."""


_conditions: list[Conditions] = []


def use(conditions: Conditions) -> None:
    """Lend the query language; called once, when the engine starts."""
    _conditions[:] = [conditions]


def rules_of(object_key: str) -> list[SharingRule]:
    """The active rules of an object as the database has them now."""
    return list(SharingRule.objects.filter(object=object_key, is_active=True, deleted_at=None).order_by("pk"))


def condition_of(rule: SharingRule, kind: ObjectType, program: Actor) -> Q:
    """The records a rule opens; none where its condition can no longer be read, because a field is gone.

    Days are those of the company's time zone, whoever writes.
    """
    try:
        return _conditions[0].compile(rule.query or "", kind, replace(program, zone=ZoneInfo(settings.TIME_ZONE)))
    except GuanxiError:
        return Q(pk__in=())


def fields_of(rule: SharingRule, kind: ObjectType, program: Actor) -> frozenset[str]:
    """Keys of the fields a rule looks at."""
    try:
        return _conditions[0].fields(rule.query or "", kind, program)
    except GuanxiError:
        return frozenset()


def grant_for(rule: SharingRule, record_id: int) -> Grant:
    """The grant by which a rule opens a record."""
    principal_kind, principal = receiver(rule)
    return Grant(
        object=rule.object,
        record=record_id,
        principal_kind=principal_kind,
        principal=principal,
        level=rule.level,
        cause="rule",
        rule_id=rule.pk,
        created_at=clock.now(),
    )


def receiver(rule: SharingRule) -> tuple[str, int]:
    """Kind and id of the principal a rule is for."""
    if rule.to_user_id is not None:
        return "user", rule.to_user_id
    if rule.to_role_id is not None:
        return "role", rule.to_role_id
    if rule.to_department_id is not None:
        return ("department_tree" if rule.with_below else "department"), rule.to_department_id
    return EVERYONE, 0


def rebuild(rule_ids: Iterable[int], program: Actor) -> None:
    """Make the grants of these rules anew, set-based; rules that are switched off or deleted lose theirs."""
    db.lock(LOCK)
    for rule in SharingRule.objects.filter(pk__in=list(rule_ids)):
        Grant.objects.filter(rule=rule.pk).delete()
        kind = registry.snapshot().objects.get(rule.object)
        if rule.is_active and rule.deleted_at is None and kind is not None:
            rows = kind.model._default_manager.filter(condition_of(rule, kind, program))
            _insert(rule, rows.order_by().values_list("pk"))


def _insert(rule: SharingRule, ids: Any) -> None:
    """One grant per id of a query, without the ids leaving the database."""
    model = grant_for(rule, 0)
    columns = [field for field in Grant._meta.concrete_fields if field.name not in ("id", "record")]
    quote = db.connection().ops.quote_name
    values = [field.get_db_prep_save(getattr(model, field.attname), db.connection()) for field in columns]
    selected, parameters = ids.query.sql_with_params()
    names = ", ".join(quote(str(field.column)) for field in columns)
    marks = ", ".join(f"CAST(%s AS {field.db_type(db.connection())})" for field in columns)
    table = quote(Grant._meta.db_table)
    # The names come from the models alone, every value is a parameter.
    statement = f"WITH found(id) AS ({selected}) INSERT INTO {table} (record, {names}) SELECT id, {marks} FROM found"  # noqa: S608
    with db.cursor() as cursor:
        cursor.execute(statement, [*parameters, *values])


class SharingRules(ObjectRules):
    """A rule names an object of everyday work, a condition on its records, and exactly one kind of receiver."""

    def prepare(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        for draft in drafts:
            self._object(draft, door)

    def check(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        for draft in drafts:
            receivers = [draft.get(key) for key in ("to_user", "to_department", "to_role")]
            if sum(value is not None for value in receivers) + bool(draft.get("to_everybody")) != 1:
                draft.error("", _("Choose exactly one receiver: a person, a department, a role or everybody."))

    def _object(self, draft: Draft, door: WriteDoor) -> None:
        kind = registry.snapshot().objects.get(draft.get("object") or "")
        if kind is None or kind.declaration.kind != "standard":
            shareable = ", ".join(k.key for k in registry.snapshot() if k.declaration.kind == "standard")
            message = _("This object cannot be shared. Choose one of: %(objects)s.")
            draft.error("object", message % {"objects": shareable})
            return
        try:
            draft.set("query", _conditions[0].canonical(draft.get("query") or "", kind, door.actor))
        except GuanxiError as error:
            draft.error("query", error.message)

    def after(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        rebuild([draft.record.pk for draft in drafts], door.as_program().actor)


def _count(door: WriteDoor, record: Any, inputs: Mapping[str, Any]) -> Outcome:
    """How many records the rule opens at present."""
    kind = registry.get(record.object)
    condition = condition_of(record, kind, door.as_program().actor)
    number = kind.model._default_manager.filter(condition, deleted_at=None).count()
    words = ngettext("%(num)d record meets the condition.", "%(num)d records meet the condition.", number)
    return Outcome(words % {"num": number})


class SharingRule(Record):
    """One rule of sharing."""

    name: Any = fields.text("Name", "规则名称", required=True, max_length=120)
    object: Any = fields.text("Object", "对象", required=True, max_length=63, extra={"vocabulary": "objects"})
    query: Any = fields.long_text("Condition", "条件", max_length=2000, help=(
        "A query line on the record's own fields, such as level:a city:上海; empty means every record.",
        "针对记录自身字段的查询语句，例如 level:a city:上海；留空表示全部记录。"))  # fmt: skip
    level: Any = fields.select(
        "Opens for", "开放权限", (option("read", "Reading", "只读", "blue"), option("write", "Editing", "可编辑", "green")),
        default="read", required=True,
    )  # fmt: skip
    to_user: Any = fields.lookup("Person", "人员", "user", "access.User")
    to_department: Any = fields.lookup("Department", "部门", "department", "access.Department")
    with_below: Any = fields.boolean("With departments below", "含下级部门", default=True)
    to_role: Any = fields.lookup("Role", "角色", "role", "access.Role")
    to_everybody: Any = fields.boolean("Everybody", "所有人", default=False)
    is_active: Any = fields.boolean("Active", "启用", default=True)

    class Meta:
        db_table = "access_sharingrule"

    class Declaration(ObjectDeclaration):
        key = "sharing_rule"
        label, plural = Label("Sharing rule", "共享规则"), Label("Sharing rules", "共享规则")
        icon = "share"
        kind = "setup"
        restricted = True
        area, order = "setup", 930
        list_columns = (
            *("name", "object", "query", "level"),
            *("to_user", "to_department", "to_role", "to_everybody", "is_active"),
        )
        default_sort = "name"
        search = ("name",)
        sections = (
            Section(Label("What", "共享内容"), ("name", "object", "query", "level", "is_active")),
            Section(
                Label("With whom", "共享给"), ("to_user", "to_department", "with_below", "to_role", "to_everybody")
            ),
        )
        rules = SharingRules
        actions = (Action("count", Label("Count records", "统计记录"), "list-check", _count),)
        default_access = "read"
