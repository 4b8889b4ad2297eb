"""Sharing rule 共享规则: every record that meets a condition is open to a person, a department, a role or everybody.

A rule is a live condition in the one query that decides what is visible, not a table of rows computed beforehand: it can
never lag behind the records, whatever they change and whenever a date passes. The conditions are written in the query
language of the engine, a layer above; the engine lends its compiler through :func:`use`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as :class:`guanxi.access.compiled.Compiled` holds it."""

    id: int
    name: str
    object: str
    query: str
    level: str
    everybody: bool
    user: int | None
    department: int | None
    below: bool
    role: int | None


class Conditions(Protocol):
    """What the engine lends: the query language."""

    def compile(self, query_line: str, kind: ObjectType, actor: Actor) -> Q:
        """The condition of a typed query line; ``me`` in it is the actor. Raises ``QueryError``."""

    def canonical(self, query_line: str, kind: ObjectType, actor: Actor) -> str:
        """The line with the keys of fields, however it was typed. Raises ``QueryError``."""


_conditions: list[Conditions] = []


def use(conditions: Conditions) -> None:
    """Lend the query language; called once, when the engine starts."""
    _conditions[:] = [conditions]


def condition_of(rule: Rule, kind: ObjectType, actor: Actor) -> Q | None:
    """The records a rule opens; ``None`` when its condition can no longer be read: a broken rule opens nothing."""
    try:
        return _conditions[0].compile(rule.query, kind, actor)
    except GuanxiError:
        return None


class SharingRules(ObjectRules):
    """A rule names an object with owners or scopes, a condition that can be read, and exactly one kind of receiver."""

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
        if kind is None or kind.declaration.kind in ("setup", "directory", "log"):
            shareable = ", ".join(k.key for k in registry.snapshot() if k.declaration.kind == "standard")
            message = _("This object cannot be shared. Choose one of: %(objects)s.")
            draft.error("object", message % {"objects": shareable})
            return
        try:
            draft.set("query", _conditions[0].canonical(draft.get("query") or "", kind, door.actor))
        except GuanxiError as error:
            draft.error("query", error.message)

    def after(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        registry.bump("access")


def _count(door: WriteDoor, record: Any, inputs: Mapping[str, Any]) -> Outcome:
    """How many records the rule opens at present."""
    kind = registry.get(record.object)
    condition = _conditions[0].compile(record.query or "", kind, door.as_program().actor)
    number = kind.model._default_manager.filter(condition, deleted_at=None).count()
    return Outcome(
        ngettext("%(num)d record meets the condition.", "%(num)d records meet the condition.", number) % {"num": number}
    )


class SharingRule(Record):
    """One rule of sharing."""

    name: Any = fields.text("Name", "规则名称", required=True, max_length=120)
    object: Any = fields.text("Object", "对象", required=True, max_length=63, extra={"vocabulary": "objects"})
    query: Any = fields.long_text("Condition", "条件", max_length=2000, help=(
        "A query line such as stage:proposal amount>=100000; empty means every record.",
        "查询语句，例如 stage:proposal amount>=100000；留空表示全部记录。"))  # fmt: skip
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
