"""The typed spelling: ``stage:proposal amount>=100000 close<=this_quarter owner:me or not (tag:vip)``."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.query.jsonform import MAX_DEPTH
from guanxi.engine.query.lexer import Token, Word, quote, tokens, unreadable
from guanxi.engine.query.resolve import checked, find_path
from guanxi.engine.query.tree import SEARCH, Condition, Group, Not, Scalar, Tree
from guanxi.kernel.errors import QueryError
from guanxi.schema.definition import FieldDefinition, ObjectType

_OPS = {"!=": "ne", ">=": "ge", "<=": "le", ">": "gt", "<": "lt", "~": "contains", "!~": "not_contains", "^=": "starts"}
_SIGNS = {
    **{"eq": "=", "in": "=", "ne": "!=", "not_in": "!=", "ge": ">=", "le": "<=", "gt": ">", "lt": "<"},
    **{"contains": "~", "not_contains": "!~", "starts": "^=", "has": ":", "has_not": "!:"},
}
_PLAIN = re.compile(r"^[\w.+#/@\u3400-\u9fff-]+$")
_WORDS = frozenset({"and", "or", "not"})
_PRESENCE = {"empty": "empty", "any": "not_empty"}
_FLIP = {
    "eq": "ne",
    "in": "not_in",
    "contains": "not_contains",
    "has": "has_not",
    "empty": "not_empty",
    "not_empty": "empty",
}


def parse_line(line: str, kind: ObjectType, actor: Actor) -> Tree | None:
    """The tree of a typed line, ``None`` for an empty one; :class:`QueryError` in words where it cannot be read."""
    found = tokens(line)
    if not found:
        return None
    reader = _Reader(line, found, kind, actor)
    tree = reader.either(0)
    if reader.peek() is not None:
        raise unreadable(line, found[reader.at].at)
    return tree


class _Reader:
    """Recursive descent: ``or`` binds least, then ``and`` (or nothing between two conditions), then ``not`` and ``-``."""

    def __init__(self, line: str, found: list[Token], kind: ObjectType, actor: Actor) -> None:
        self.line, self.found, self.kind, self.actor = line, found, kind, actor
        self.at = 0

    def peek(self) -> Token | None:
        """The next token."""
        return self.found[self.at] if self.at < len(self.found) else None

    def either(self, depth: int) -> Tree:
        """Alternatives."""
        if depth > MAX_DEPTH:
            raise QueryError(_("This filter is too long or too deep. Use fewer conditions."))
        items = [self.every(depth)]
        while self._keyword("or"):
            items.append(self.every(depth))
        return items[0] if len(items) == 1 else Group("or", tuple(items))

    def every(self, depth: int) -> Tree:
        """Conditions that must all hold."""
        items = [self.single(depth)]
        while (token := self.peek()) is not None and token.sort != "close" and not _is_word(token, "or"):
            self._keyword("and")
            items.append(self.single(depth))
        return items[0] if len(items) == 1 else Group("and", tuple(items))

    def single(self, depth: int) -> Tree:
        """One condition, negated or in parentheses."""
        token = self.peek()
        if token is None:
            raise unreadable(self.line, len(self.line))
        self.at += 1
        if token.sort == "minus" or _is_word(token, "not"):
            if depth > MAX_DEPTH:
                raise QueryError(_("This filter is too long or too deep. Use fewer conditions."))
            return Not(self.single(depth + 1))
        if token.sort == "open":
            tree = self.either(depth + 1)
            closing = self.peek()
            if closing is None or closing.sort != "close":
                raise QueryError(_("A closing parenthesis is missing."))
            self.at += 1
            return tree
        if token.sort == "test":
            return self._condition(token)
        if token.sort == "word" and not (not token.quoted and token.text in _WORDS):
            return Condition(SEARCH, "contains", token.text)
        raise unreadable(self.line, token.at)

    def _keyword(self, word: str) -> bool:
        token = self.peek()
        if token is not None and _is_word(token, word):
            self.at += 1
            return True
        return False

    def _condition(self, token: Token) -> Condition:
        field = find_path(token.text, self.kind, self.actor).field
        op, values = _meaning(field, token.op, token.values)
        return checked(Condition(token.text, op, values), self.kind, self.actor)[1]


def _is_word(token: Token, word: str) -> bool:
    return token.sort == "word" and not token.quoted and token.text.lower() == word


def _meaning(
    field: FieldDefinition, sign: str, words: tuple[Word, ...]
) -> tuple[str, Scalar | tuple[Scalar, ...] | None]:
    """Operator and raw value of ``field sign words``; ``:`` means contains for text, has for lists, equals otherwise."""
    first = words[0]
    negated = sign in ("!=", "!:")
    if len(words) == 1 and not first.quoted and first.text in _PRESENCE and sign in (":", "=", "!=", "!:"):
        op = _PRESENCE[first.text]
        return (_FLIP[op] if negated else op), None
    texts = tuple(word.text for word in words)
    operators = field.kind.operators
    if sign in (":", "!:", "=", "!="):
        if "has" in operators:
            op = "has"
        elif "contains" in operators and sign in (":", "!:") and len(texts) == 1:
            op = "contains"
        elif len(texts) > 1 and "in" in operators:
            op = "in"
        else:
            op = "eq"
        op = _FLIP[op] if negated else op
    else:
        op = _OPS[sign]
    return op, texts if len(texts) > 1 or op in ("has", "has_not") else texts[0]


def format_line(tree: Tree | None) -> str:
    """The typed spelling of a tree; :func:`parse_line` gives the tree back."""
    return "" if tree is None else _format(tree, inside="or")


def _format(tree: Tree, *, inside: str) -> str:
    match tree:
        case Condition(path, op, value):
            return _format_condition(path, op, value)
        case Not(item):
            return "not " + _format(item, inside="not")
        case Group(op, items):
            if len(items) < 2:
                raise QueryError(_("A group of fewer than two conditions has no typed spelling."))
            text = (" or " if op == "or" else " ").join(_format(item, inside=op) for item in items)
            return f"({text})" if inside == "not" or inside == op or (inside, op) == ("and", "or") else text


def _format_condition(path: str, op: str, value: object) -> str:
    if path == SEARCH:
        text = str(value)
        plain = _PLAIN.match(text) and text not in _WORDS and not text.startswith("-")
        return text if plain else quote(text)
    if op in ("empty", "not_empty"):
        return f"{path}:{'empty' if op == 'empty' else 'any'}"
    values = value if isinstance(value, tuple) else (value,)
    text = ",".join(_format_value(item) for item in values)
    # A list of one still has to read back as a list.
    suffix = f",{text}" if len(values) == 1 and op in ("in", "not_in") else ""
    return f"{path}{_SIGNS[op]}{text}{suffix}"


def _format_value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"#{value}"
    text = str(value)
    return text if _PLAIN.match(text) and text not in _PRESENCE and not text.startswith("#") else quote(text)
