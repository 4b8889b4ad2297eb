"""Tokens of the typed line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from guanxi.kernel.errors import QueryError

MAX_LINE = 4000
_FIELD = r"[A-Za-z_\u3400-\u9fff][\w.\u3400-\u9fff]*"
_OPERATOR = r"[!！][:：=＝]|[>＞][=＝]|[<＜][=＝]|[!！]~|\^=|[:=<>~：＝＞＜≥≤≠]"
_TOKEN = re.compile(
    rf"""
    (?P<space>\s+)
  | (?P<open>[(（])
  | (?P<close>[)）])
  | (?P<minus>-(?=[(（A-Za-z_\u3400-\u9fff"“]))
  | (?P<test>{_FIELD})(?P<op>{_OPERATOR})
  | (?P<quoted>"(?:[^"\\]|\\.)*")
  | (?P<word>[^\s()（）"]+)
    """,
    re.VERBOSE,
)
_VALUE = re.compile(r"""(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<bare>[^\s,，()（）"]+)""")
_WIDE = str.maketrans({"：": ":", "＝": "=", "＞": ">", "＜": "<", "！": "!", "≥": ">=", "≤": "<=", "≠": "!="})


@dataclass(frozen=True, slots=True)
class Word:
    """A value as typed; a quoted one is never a keyword."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Token:
    """``sort`` is open, close, minus, word or test; a test has a field, an operator and values."""

    sort: str
    at: int
    text: str
    op: str = ""
    values: tuple[Word, ...] = ()
    quoted: bool = False


def tokens(line: str) -> list[Token]:
    """The tokens of a line; :class:`QueryError` with the position where it cannot be read."""
    if len(line) > MAX_LINE:
        raise QueryError(_("This filter is too long or too deep. Use fewer conditions."))
    found: list[Token] = []
    at = 0
    while at < len(line):
        match = _TOKEN.match(line, at)
        if match is None:
            raise unreadable(line, at)
        start, at = at, match.end()
        sort = match.lastgroup or ""
        if sort == "op":
            values, at = _values(line, at)
            op = match.group("op").translate(_WIDE)
            found.append(Token("test", start, match.group("test"), op, values))
        elif sort == "quoted":
            found.append(Token("word", start, unquote(match.group()), quoted=True))
        elif sort != "space":
            found.append(Token(sort, start, match.group()))
    return found


def _values(line: str, at: int) -> tuple[tuple[Word, ...], int]:
    """The comma-separated values after an operator, and the position behind them."""
    values: list[Word] = []
    while True:
        match = _VALUE.match(line, at)
        if match is None:
            raise unreadable(line, at)
        quoted = match.group("quoted")
        values.append(Word(unquote(quoted), True) if quoted else Word(match.group("bare"), False))
        at = match.end()
        if at >= len(line) or line[at] not in ",，":
            return tuple(values), at
        at += 1


def unquote(text: str) -> str:
    """The text inside quotes, escapes undone."""
    return re.sub(r"\\(.)", r"\1", text[1:-1], flags=re.DOTALL)


def quote(text: str) -> str:
    """The text in quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unreadable(line: str, at: int) -> QueryError:
    """The sentence for a line that cannot be read from a position on."""
    rest = line[at : at + 20].strip()
    if not rest:
        return QueryError(_("The filter ends too early: a value is missing."))
    return QueryError(_("The filter cannot be read at “%(rest)s” (position %(at)d).") % {"rest": rest, "at": at + 1})
