"""vCards (2.1, 3.0, 4.0) as rows: one card, one row; the columns are the same for every file."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import vobject
from django.utils.translation import gettext as _
from vobject.base import ParseError, VObjectError

from guanxi.engine.importing import limits
from guanxi.engine.importing.encoding import wrong_encoding
from guanxi.kernel.errors import Invalid

COLUMNS = (
    *("Name", "Family name", "Given name", "Company", "Department", "Job title", "Mobile", "Phone", "Mail"),
    *("Address", "Website", "Birthday", "Notes", "WeChat", "Tags", "UID"),
)
_BEGIN, _END = re.compile(r"^BEGIN:VCARD\s*$", re.IGNORECASE), re.compile(r"^END:VCARD\s*$", re.IGNORECASE)


def is_card(head: bytes) -> bool:
    """Whether a file begins like a vCard, in whatever encoding."""
    return head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \r\n").upper().startswith(b"BEGIN:VCARD")


def records(file: BinaryIO, encoding: str) -> Iterator[list[str]]:
    """The names of the columns, then one row per card."""
    yield list(COLUMNS)
    for card in _cards(file, encoding):
        yield _row(card)


def _cards(file: BinaryIO, encoding: str) -> Iterator[str]:
    """The text of each card; what stands between them is left out."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="strict", newline=None)
    lines: list[str] | None = None
    length = 0
    try:
        while line := text.readline(limits.CARD + 1):
            line = line.removeprefix("\ufeff")
            length += len(line)
            if length > limits.CARD:
                raise Invalid(_("A vCard is longer than %(limit)d characters.") % {"limit": limits.CARD})
            if _BEGIN.match(line):
                lines, length = [], 0
            if lines is not None:
                lines.append(line)
                if _END.match(line):
                    yield "".join(lines)
                    lines = None
    except UnicodeDecodeError as error:
        raise wrong_encoding(encoding) from error
    finally:
        text.detach()


def _row(text: str) -> list[str]:
    """The cells of a card; a card that cannot be read gives its text as the name, to be seen among the problems."""
    try:
        card = next(vobject.readComponents(text, allowQP=True, ignoreUnreadable=True), None)
    except (VObjectError, ParseError, ValueError, UnicodeError, IndexError, AttributeError):
        card = None
    if card is None:
        return [text[:200].replace("\n", " "), *[""] * (len(COLUMNS) - 1)]
    family, given = _name(card)
    company = _first(card, "org")
    parts = company if isinstance(company, list) else [company]
    phones = [(str(one.value), _types(one)) for one in card.contents.get("tel", ())]
    mobile = next((number for number, kinds in phones if kinds & {"CELL", "MOBILE"}), "")
    others = [number for number, kinds in phones if number != mobile and "FAX" not in kinds]
    return [
        *(_text(card, "fn"), family, given, str(parts[0] or ""), " ".join(str(part) for part in parts[1:] if part)),
        *(_text(card, "title"), _number(mobile), _number(others[0] if others else "")),
        *(_text(card, "email").removeprefix("mailto:"), _address(card), _text(card, "url"), _birthday(card)),
        *(_text(card, "note"), _text(card, "x-wechat") or _text(card, "x-weixin"), _tags(card), _text(card, "uid")),
    ]


def _first(card: Any, name: str) -> Any:
    found = card.contents.get(name)
    return found[0].value if found else ""


def _text(card: Any, name: str) -> str:
    value = _first(card, name)
    return " ".join(str(part) for part in value) if isinstance(value, list) else str(value)


def _name(card: Any) -> tuple[str, str]:
    value = _first(card, "n")
    if not value:
        return "", ""
    parts = (value.family, value.given, value.additional)
    family, given, more = (" ".join(part) if isinstance(part, list) else str(part) for part in parts)
    return family, " ".join(filter(None, (given, more)))


def _types(line: Any) -> set[str]:
    """The types of a line: ``TYPE=CELL`` and, in version 2.1, bare words."""
    kinds = {str(one).upper() for one in line.params.get("TYPE", ())}
    return {part for kind in kinds for part in kind.split(",")} | {str(one).upper() for one in line.singletonparams}


def _number(text: str) -> str:
    return text.removeprefix("tel:").split(";")[0]


def _address(card: Any) -> str:
    value = _first(card, "adr")
    if not value:
        return ""
    fields = (value.country, value.region, value.city, value.street, value.extended, value.box, value.code)
    return " ".join(" ".join(part) if isinstance(part, list) else str(part) for part in fields if part)


def _birthday(card: Any) -> str:
    return re.sub(r"T.*$", "", _text(card, "bday"))


def _tags(card: Any) -> str:
    value = _first(card, "categories")
    return ",".join(value) if isinstance(value, list) else str(value)
