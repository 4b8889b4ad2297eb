"""From the lines of a file to the values of records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from guanxi.domains.integration import dates
from guanxi.domains.integration.plan import FieldPlan, Plan, Step
from guanxi.domains.integration.report import AliasUse, ImportReport, Issue
from guanxi.domains.integration.resolve import lookup_table
from guanxi.domains.integration.tabular import Line, Table
from guanxi.domains.integration.templates import compose
from guanxi.schema import registry
from guanxi.schema.definition import FieldDefinition, ObjectType


@dataclass
class Item:
    """One record to be: its line, its external id and its values. A rejected item has ``rejected`` set."""

    line: Line
    external_id: str
    values: dict[str, Any] = field(default_factory=dict)
    rejected: bool = False


class StepReader:
    """Reads the items of one step; what it does not understand goes to the report."""

    def __init__(
        self, plan: Plan, step: Step, options: Mapping[str, str], date_order: dates.Order | None, report: ImportReport
    ):
        self.plan = plan
        self.step = step
        self.options = options
        self.date_order = date_order
        self.report = report
        self.kind: ObjectType = registry.get(step.object)

    def items(self, table: Table) -> list[Item]:
        """One item per line, or per different values of the ``distinct`` columns."""
        cells = [self._meant(line, table) for line in table.lines]
        found: dict[str, Item] = {}
        items: list[Item] = []
        lines: list[Mapping[str, str]] = []
        for line, meant in zip(table.lines, cells, strict=True):
            item = Item(line, self._external_id(meant))
            if self.step.distinct and item.external_id in found:
                continue
            if not item.external_id:
                self.reject(item, "", "", _("The row has no value to tell it from others by."))
            elif item.external_id in found:
                earlier = found[item.external_id].line.number
                self.reject(item, "", item.external_id, _("The same as row %(row)d.") % {"row": earlier})
            else:
                found[item.external_id] = item
            self._check_shape(item)
            items.append(item)
            lines.append(meant)
        return self._fill(items, lines)

    def _fill(self, items: list[Item], lines: Sequence[Mapping[str, str]]) -> list[Item]:
        for plan in self.step.fields:
            if not plan.later:
                self.fill(plan, items, lines)
        self.lines = lines
        return items

    def fill_later(self, items: list[Item]) -> list[FieldPlan]:
        """The fields that point to records of the same step, once these exist."""
        later = [plan for plan in self.step.fields if plan.later]
        for plan in later:
            self.fill(plan, items, self.lines)
        return later

    def _meant(self, line: Line, table: Table) -> dict[str, str]:
        """The cells with the plan's aliases applied, each use counted."""
        cells = dict(line.cells)
        for column, name in self.step.aliases.items():
            value = cells.get(column, "")
            meaning = self.plan.aliases.get(name, {}).get(value)
            if meaning is not None:
                cells[column] = meaning
                self._alias(table.name, column, value, meaning).count += 1
        return cells

    def _alias(self, file: str, column: str, value: str, meaning: str) -> AliasUse:
        for use in self.report.aliases:
            if (use.file, use.column, use.value) == (file, column, value):
                return use
        self.report.aliases.append(AliasUse(file, column, value, meaning))
        return self.report.aliases[-1]

    def _external_id(self, cells: Mapping[str, str]) -> str:
        own = compose((self.step.id,), cells)
        return own if self.step.bare or not own else f"{self.plan.prefix}:{own}"

    def _check_shape(self, item: Item) -> None:
        if item.line.surplus:
            self.issue(
                item, "", ", ".join(item.line.surplus), _("More cells than columns."), _("Surplus cells left out.")
            )
        if item.line.short:
            self.issue(item, "", "", _("Fewer cells than columns."), _("Missing cells taken as empty."))

    def fill(self, plan: FieldPlan, items: Sequence[Item], lines: Sequence[Mapping[str, str]]) -> None:
        """Put the values of one field into the items."""
        definition = self.kind.fields[plan.key]
        texts = [self._text(plan, cells) for cells in lines]
        table = self._lookups(plan, texts) if plan.lookup else {}
        order = self._order(plan, texts) if definition.kind.name == "date" else "ymd"
        known: dict[str, Any] = {}
        empty = 0
        for item, text, cells in zip(items, texts, lines, strict=True):
            if not all(cells.get(column) == value for column, value in plan.when.items()):
                continue
            if not text:
                empty += 1
                item.values[plan.key] = None
                if plan.required:
                    self.reject(item, plan.column, "", _("This value is needed."))
                continue
            try:
                if text not in known:
                    known[text] = self._value(plan, definition, text, table, order)
                item.values[plan.key] = known[text]
            except ValueError as error:
                item.values[plan.key] = None
                if plan.required:
                    self.reject(item, plan.column, text, str(error))
                else:
                    self.issue(item, plan.column, text, str(error), _("Field left empty, row kept."))
        if plan.lookup and plan.column and empty:
            self.report.empty.append((self.step.file, plan.column, empty))

    def _text(self, plan: FieldPlan, cells: Mapping[str, str]) -> str:
        if plan.column:
            return cells.get(plan.column, "")
        if plan.template:
            return compose(plan.template, cells)
        return self.options[plan.option] if plan.option else plan.constant

    def _lookups(self, plan: FieldPlan, texts: Sequence[str]) -> dict[str, int | str]:
        prefix = self.plan.prefix
        wanted = {text: f"{prefix}:{plan.id.replace('{}', text)}" if plan.id else text for text in set(texts) if text}
        return lookup_table(plan.lookup, "external_id" if plan.id else plan.by, wanted, prefix)

    def _order(self, plan: FieldPlan, texts: Sequence[str]) -> dates.Order:
        where = f"{self.step.file}, {plan.column}"
        order = dates.detect((text for text in texts if text), where, self.date_order)
        self.report.dates.append((self.step.file, plan.column, order))
        return order

    def _value(
        self,
        plan: FieldPlan,
        definition: FieldDefinition,
        text: str,
        table: Mapping[str, int | str],
        order: dates.Order,
    ) -> Any:
        if plan.lookup:
            found = table[text]
            if isinstance(found, str):
                raise ValueError(found)
            return found
        if definition.kind.name == "date":
            return dates.parse(text, order)
        if plan.scale is not None:
            text = _scaled(text, plan.scale)
        try:
            value = definition.kind.parse(text, definition.spec)
        except ValueError as error:
            if definition.kind.family == "choice":
                raise ValueError(_("This is not one of the choices.")) from error
            raise
        if value is not None and (problem := definition.kind.check(value, definition.spec)):
            raise ValueError(problem)
        return value

    def issue(self, item: Item, column: str, value: str, problem: str, action: str) -> None:
        """Note something that was not understood."""
        self.report.issues.append(Issue(self.step.file, item.line.number, column, value[:200], problem, action))

    def reject(self, item: Item, column: str, value: str, problem: str) -> None:
        """Refuse a row."""
        item.rejected = True
        self.issue(item, column, value, problem, _("Row rejected."))


def _scaled(text: str, scale: Decimal) -> str:
    try:
        return str(Decimal(text.replace(",", "")) * scale)
    except InvalidOperation as error:
        raise ValueError(_("Enter a number.")) from error
