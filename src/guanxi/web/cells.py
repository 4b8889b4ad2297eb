"""Values as HTML. Python rather than a template, because a list page shows four hundred of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from markupsafe import Markup, escape

from guanxi.access.actor import Actor
from guanxi.engine.shapes import Labels, Row
from guanxi.kernel import clock
from guanxi.schema import registry
from guanxi.schema.definition import FieldDefinition, ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web import reading
from guanxi.web.colors import Colors
from guanxi.web.html import Html

SHORT = 90
EMPTY = Markup("")
EMPTY_VALUES = (None, "", ())
CLOSED_TITLE = "•••"
"""Stands for a record that the reader may not see."""
NUMERIC = ("number",)
LIVELY = frozenset({"next_contact_on", "due_on", "close_on"})
"""Dates that ask for something to be done: they are marked when they have passed."""
CLOSED = frozenset({"won", "lost", "void", "done", "cancelled", "converted", "invalid"})
_PILL = Html('<span class="p c-{}">{}</span>')
_TAG = Html('<span class="t c-{}">{}</span>')
_RECORD = Html('<a href="/o/{}/{}">{}</a>')
_OUTSIDE = Html('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>')
_MASKED = Html('<span title="{}">{}</span>')
_FAINT = Html('<span class="faint">{}</span>')
_CLOSED = Html('<span class="faint" title="{}">•••</span>')
_PERSON = Html('<span class="who {}" data-i="{}">{}</span>')
_NOW = Html('<span class="now">{}</span>')
_LATE = Html('<span class="late" title="{}">{}</span>')
_MAIL = Html('<a href="mailto:{}">{}</a>')
_CALL = Html('<a href="tel:{}">{}</a>')


class Cells:
    """Draws the values of one page for one reader."""

    def __init__(self, actor: Actor, labels: Labels, colors: Colors | None = None) -> None:
        self.actor = actor
        self.labels = labels
        self.colors = colors or Colors(actor)
        self.today = clock.today(actor.zone)
        self._readings: dict[str, Any] = {}
        self._drawers: Mapping[str, Callable[[FieldDefinition, Any, Row], Markup]] = {
            **{"select": self._select, "multi_select": self._choices, "boolean": self._boolean, "tags": self._links},
            **{"links": self._links, "lookup": self._lookup, "owner": self._lookup, "reference": self._reference},
            **{"date": self._date, "datetime": self._datetime, "email": self._email, "phone": self._phone},
            **{"url": self._url, "rich_text": self._rich, "long_text": self._long, "address": self._long},
            "geo_point": self._position,
        }

    def __call__(self, field: FieldDefinition, row: Row, *, full: bool = False) -> Markup:
        """The value of a field; ``full`` shows long texts whole."""
        value = row.values.get(field.key)
        if value in EMPTY_VALUES:
            return EMPTY
        if field.key in row.masked:
            return _MASKED(_("Masked for your role"), str(value))
        if full and field.kind.name in ("long_text", "address"):
            return escape(value)
        if full and field.kind.name == "rich_text":
            return Markup(value)  # noqa: S704 - cleaned by nh3 on the way in
        if field.spec.extra.get("vocabulary") == "objects" and value in snapshot().objects:
            return escape(snapshot().get(value).plural)
        drawer = self._drawers.get(field.kind.name)
        return drawer(field, value, row) if drawer else escape(field.display(value, self._reading(row)))

    def rows(
        self, kind: ObjectType, columns: Sequence[FieldDefinition], rows: Sequence[Row], numeric: Collection[str]
    ) -> Markup:
        """The rows of a table. A template would take longer to call what draws each cell than the cell takes."""
        preview = escape(_("Preview"))
        titled = kind.title.key
        openings = [(field, "<td class=n>" if field.key in numeric else "<td>") for field in columns]
        drawn: list[str] = []
        for row in rows:
            drawn.append(
                f"<tr data-id={row.id} data-v={row.version}{'' if row.editable else ' data-ro'}><td>"
                f'<input class=form-check-input type=checkbox aria-label="{escape(row.title)}">'
                f'<button class=eye tabindex=-1 aria-label="{preview}"></button>'
            )
            for field, opening in openings:
                drawn += (opening, self.title(field, row, kind.key) if field.key == titled else self(field, row))
            drawn.append("</tr>\n")
        return Markup("".join(drawn))  # noqa: S704 - every part was escaped above or is Markup

    def title(self, field: FieldDefinition, row: Row, object_key: str) -> Markup:
        """The title cell: a link to the record."""
        return _RECORD(object_key, row.id, row.title)

    def text(self, field: FieldDefinition, row: Row) -> str:
        """The value without markup."""
        value = row.values.get(field.key)
        if value in EMPTY_VALUES or field.key in row.masked:
            return str(self(field, row).striptags())
        if field.kind.name in ("lookup", "owner"):
            return self.labels.get((field.spec.target, value), CLOSED_TITLE)
        if field.kind.name not in self._drawers and "vocabulary" not in field.spec.extra:
            return field.display(value, self._reading(row))
        return str(self(field, row).striptags())

    def _reading(self, row: Row) -> Any:
        if row.currency not in self._readings:
            self._readings[row.currency] = self.actor.reading(row.currency)
        return self._readings[row.currency]

    def _select(self, field: FieldDefinition, value: Any, row: Row) -> Markup:
        option = field.spec.option(value)
        text = option.label.text(self.actor.language) if option else str(value)
        return _PILL(option.color, text) if option and option.color else escape(text)

    def _choices(self, field: FieldDefinition, value: Any, row: Row) -> Markup:
        options = [option for option in field.spec.options if option.key in value]
        return EMPTY.join(_TAG(o.color or "gray", o.label.text(self.actor.language)) for o in options)

    def _boolean(self, field: FieldDefinition, value: Any, row: Row) -> Markup:
        text = field.display(value, self._reading(row))
        return escape(text) if value else _FAINT(text)

    def _links(self, field: FieldDefinition, value: Any, row: Row) -> Markup:
        target = field.spec.target
        known = [(pk, self.labels[(target, pk)]) for pk in value if (target, pk) in self.labels]
        return EMPTY.join(_TAG(self.colors.of(target, pk) or "gray", title) for pk, title in known)

    def _lookup(self, field: FieldDefinition, value: Any, row: Row) -> Markup:
        target = field.spec.target
        title = self.labels.get((target, value))
        if title is None:
            return _CLOSED(_("You may not see this record"))
        if target == "user":
            return _PERSON(reading.hue(title), reading.initial(title), title)
        if (color := self.colors.of(target, value)) is not None:
            return _PILL(color, title)
        return _RECORD(target, value, title)

    def _reference(self, field: FieldDefinition, value: Any, row: Row) -> Markup:
        target, _colon, number = str(value).partition(":")
        title = self.labels.get((target, int(number)))
        if title is None:
            return _CLOSED(_("You may not see this record"))
        return _RECORD(target, number, title)

    def _date(self, field: FieldDefinition, value: date, row: Row) -> Markup:
        text = field.display(value, self._reading(row))
        if field.key in LIVELY and value <= self.today and self._open(field, row):
            days = (self.today - value).days
            if days == 0:
                return _NOW(_("Today"))
            title = _("%(count)s days ago") % {"count": days}
            return _LATE(title, text)
        return escape(text)

    @staticmethod
    def _open(field: FieldDefinition, row: Row) -> bool:
        """Whether the record still waits for something. Without its status at hand nothing is said to be late."""
        if "status" not in row.values:
            return "status" not in registry.get(field.object_key).fields
        return row.values["status"] not in CLOSED

    def _datetime(self, field: FieldDefinition, value: datetime, row: Row) -> Markup:
        return reading.ago(value, self.actor)

    def _email(self, field: FieldDefinition, value: str, row: Row) -> Markup:
        return _MAIL(value, value)

    def _phone(self, field: FieldDefinition, value: str, row: Row) -> Markup:
        return _CALL(value.replace(" ", ""), value)

    def _url(self, field: FieldDefinition, value: str, row: Row) -> Markup:
        shown = value.partition("://")[2].removeprefix("www.").rstrip("/")
        return _OUTSIDE(value, shown)

    def _position(self, field: FieldDefinition, value: str, row: Row) -> Markup:
        address = f"https://www.openstreetmap.org/?mlat={value.partition(',')[0]}&mlon={value.partition(',')[2]}#map=15"
        return _OUTSIDE(address, value)

    def _rich(self, field: FieldDefinition, value: str, row: Row) -> Markup:
        return self._short(Markup(value).striptags())  # noqa: S704 - only its text is used

    def _long(self, field: FieldDefinition, value: str, row: Row) -> Markup:
        return self._short(" ".join(value.split()))

    @staticmethod
    def _short(text: str) -> Markup:
        return escape(text if len(text) <= SHORT else text[: SHORT - 1].rstrip() + "…")


def is_numeric(field: FieldDefinition) -> bool:
    """Whether a column of the field is set flush right."""
    return field.kind.family in NUMERIC or field.kind.name in ("roll_up", "roll_up_money")
