"""SQL on which SQLite and PostgreSQL differ, as Django expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import BooleanField, Func, Sum
from django.db.models.sql.compiler import SQLCompiler

Compiled = tuple[str, tuple[Any, ...]]
JsonType = Literal["text", "integer", "number", "boolean"]

_KEY = re.compile(r"^[a-z][a-z0-9_]{0,62}$")


class JsonValue(Func):
    """The value of one key of a JSON column, typed.

    The key is validated and inlined: Django's own JSON lookups bind the path as a parameter, and an expression index
    is then never used on SQLite.
    """

    _postgresql = {"text": "({} ->> '{}')", "integer": "(({} ->> '{}')::bigint)"} | {
        "number": "(({} ->> '{}')::numeric)",
        "boolean": "(({} ->> '{}')::boolean)",
    }
    _sqlite = {
        "text": "(JSON_EXTRACT({}, '$.{}'))",
        "integer": "(CAST(JSON_EXTRACT({}, '$.{}') AS INTEGER))",
        "number": "(CAST(JSON_EXTRACT({}, '$.{}') AS REAL))",
        "boolean": "(JSON_EXTRACT({}, '$.{}'))",
    }

    def __init__(self, column: Any, key: str = "", json_type: JsonType = "text", **extra: Any) -> None:
        if not _KEY.match(key):
            raise ValueError(f"Not a field key: {key!r}")
        fields: dict[JsonType, models.Field[Any, Any]] = {
            "text": models.TextField(),
            "integer": models.BigIntegerField(),
            "number": models.DecimalField(max_digits=30, decimal_places=10),
            "boolean": models.BooleanField(),
        }
        extra.setdefault("output_field", fields[json_type])
        super().__init__(column, **extra)
        self.key = key
        self.json_type = json_type

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **kwargs: Any) -> Compiled:
        templates = self._postgresql if connection.vendor == "postgresql" else self._sqlite
        column, params = compiler.compile(self.source_expressions[0])
        return templates[self.json_type].format(column, self.key), tuple(params)


class Filled(Func):
    """Whether a text column is not empty, in the words of the partial indexes over such columns.

    Django binds the empty text as a parameter, from which SQLite cannot conclude that the index holds all that is wanted.
    """

    conditional = True

    def __init__(self, expression: Any, **extra: Any) -> None:
        extra.setdefault("output_field", BooleanField())
        super().__init__(expression, **extra)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **kwargs: Any) -> Compiled:
        column, params = compiler.compile(self.source_expressions[0])
        return f"NOT ({column} = '')", tuple(params)


class Holds(Func):
    """Whether a text that is stored folded (a search key) holds a folded word.

    PostgreSQL looks for it letter for letter, without folding again; on SQLite LIKE was measured faster than INSTR, and
    between folded texts it means the same.
    """

    output_field = models.BooleanField()

    def __init__(self, expression: Any, word: str = "", **extra: Any) -> None:
        super().__init__(expression, **extra)
        self.word = word

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **kwargs: Any) -> Compiled:
        column, params = compiler.compile(self.source_expressions[0])
        if connection.vendor == "postgresql":
            return f"(STRPOS({column}, %s) > 0)", (*params, self.word)
        return f"({column} LIKE %s ESCAPE '\\')", (*params, like_pattern(self.word, "contains"))


def like_pattern(text: str, mode: str) -> str:
    """The LIKE pattern for a text taken literally, with the backslash as escape."""
    escaped = re.sub(r"([\\%_])", r"\\\1", text)
    return {"contains": f"%{escaped}%", "starts": f"{escaped}%", "equals": escaped}[mode]


class FoldedContains(Func):
    """Whether the first expression contains the needle, letters compared without case, as :func:`text.fold` does.

    SQLite's LIKE folds only ASCII; that is right when the needle has no other cased letter, and much the fastest.
    """

    output_field = models.BooleanField()

    def __init__(self, expression: Any, needle: str = "", mode: str = "contains", **extra: Any) -> None:
        super().__init__(expression, **extra)
        self.needle = needle
        self.mode = mode

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **kwargs: Any) -> Compiled:
        column, params = compiler.compile(self.source_expressions[0])
        pattern = like_pattern(self.needle, self.mode)
        if connection.vendor == "postgresql":
            return f"(LOWER({column}::text) LIKE LOWER(%s) ESCAPE '\\')", (*params, pattern)
        if all(char.isascii() or char.lower() == char.upper() for char in self.needle):
            return f"({column} LIKE %s ESCAPE '\\')", (*params, pattern)
        return f"(gx_fold({column}) LIKE gx_fold(%s) ESCAPE '\\')", (*params, pattern)


class IdIn(Func):
    """Whether an id is one of many known ones, which are written into the statement.

    Django prepares and binds each of a hundred ids at every use, which costs more than the database needs to answer. True or
    unknown (where the id is empty) or false; never true for no ids.
    """

    conditional = True
    aside = False
    """Whether no index is to be looked up by it, because another condition of the query leaves few records."""

    def __init__(self, expression: Any, ids: Iterable[int]) -> None:
        super().__init__(expression, output_field=BooleanField())
        self.ids = ",".join(str(int(one)) for one in sorted(ids)) or "NULL"

    def put_aside(self) -> IdIn:
        """The same condition, only checked on records that another condition finds.

        SQLite knows little of how many records a person owns: without this it reads all of somebody's million to find the
        fifty named in the same query. PostgreSQL knows, and is told nothing.
        """
        copied: IdIn = self.copy()
        copied.aside = True
        return copied

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Compiled:  # type: ignore[override]
        """``column IN (1,2,3)``. Narrower than Func's own: there is no other function or template to choose."""
        column, parameters = compiler.compile(self.source_expressions[0])
        kept = "+" if self.aside and connection.vendor == "sqlite" else ""
        return f"{kept}{column} IN ({self.ids})", tuple(parameters)


class ReferenceId(Func):
    """The id in a reference such as ``account:7`` to a record of one object; unknown where it is to another object's."""

    def __init__(self, expression: Any, object_key: str, **extra: Any) -> None:
        if not _KEY.match(object_key):
            raise ValueError(f"Not an object's key: {object_key!r}")
        super().__init__(expression, output_field=models.BigIntegerField(), **extra)
        self.object_key = object_key

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Compiled:  # type: ignore[override]
        """A ``CASE``, so that PostgreSQL casts nothing but ids. Narrower than Func's own, as IdIn's is."""
        column, parameters = compiler.compile(self.source_expressions[0])
        size = len(self.object_key) + 1
        named, number = f"SUBSTR({column}, 1, {size})", f"SUBSTR({column}, {size + 1})"
        asked = f"CASE WHEN {named} = '{self.object_key}:' THEN CAST({number} AS BIGINT) END"
        return asked, (*parameters, *parameters)


class Unsorted(Func):
    """A column to group by, of which no index is to be used for the order of the groups.

    SQLite takes an index in that order where it finds one, and then opens every record: fifty times as long as reading
    another index that holds everything, and putting the groups together itself. PostgreSQL is told nothing.
    """

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Compiled:  # type: ignore[override]
        """Narrower than Func's own, as IdIn's is."""
        column, parameters = compiler.compile(self.source_expressions[0])
        return f"{'+' if connection.vendor == 'sqlite' else ''}{column}", tuple(parameters)


class MonthOf(Func):
    """The month of a day, for grouping: on PostgreSQL its first moment, on SQLite a text such as ``2026-03``.

    Django's own truncation calls Python for every row on SQLite, and asks the time zone for every row on PostgreSQL.
    """

    output_field = models.TextField()

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Compiled:  # type: ignore[override]
        """Narrower than Func's own, as IdIn's is."""
        column, parameters = compiler.compile(self.source_expressions[0])
        if connection.vendor == "postgresql":
            return f"DATE_TRUNC('month', {column}::timestamp)", tuple(parameters)
        return f"SUBSTR({column}, 1, 7)", tuple(parameters)


class IdText(Func):
    """An id as a text, empty for 0. Groups go by the id itself, whose index gives their order."""

    output_field = models.TextField()
    template = "CASE WHEN %(expressions)s = 0 THEN '' ELSE CAST(%(expressions)s AS TEXT) END"

    def get_group_by_cols(self) -> list[Any]:
        """The id."""
        return [column for source in self.source_expressions for column in source.get_group_by_cols()]


class IntegerSum(Sum):
    """A sum of whole numbers as the driver reads it.

    PostgreSQL's own sum of them is a decimal, and Django passes each whole number through a call that changes nothing.
    """

    output_field = models.BigIntegerField()

    def get_db_converters(self, connection: BaseDatabaseWrapper) -> list[Any]:
        """None."""
        return []

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Compiled:
        """The same, as a whole number."""
        sql, parameters = self.as_sql(compiler, connection, **context)
        return f"({sql})::bigint", tuple(parameters)


class PairIn(Func):
    """Whether a word and an id are one of many known pairs, written into the statement as :class:`IdIn` writes ids.

    The words come from the program, never from people. PostgreSQL gets them as a list of values to be joined: for the
    alternatives spelled out it would rather read a table of millions from the start until it has found enough.
    """

    conditional = True

    def __init__(self, word: Any, number: Any, pairs: Mapping[str, Iterable[int]]) -> None:
        super().__init__(word, number, output_field=BooleanField())
        assert all(key.replace("_", "").isalpha() for key in pairs)
        self.pairs = {key: ",".join(str(int(one)) for one in sorted(ids)) for key, ids in pairs.items() if ids}

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> Compiled:  # type: ignore[override]
        """``(word = 'user' AND number IN (1)) OR (…)``, or as a list of values. Narrower than Func's own, as IdIn's is."""
        word, number = (compiler.compile(one)[0] for one in self.source_expressions)
        if connection.vendor == "postgresql":
            rows = [f"('{key}', {one})" for key, ids in self.pairs.items() for one in ids.split(",")]
            return f"({word}, {number}) IN (VALUES {', '.join(rows) or '(NULL, NULL)'})", ()
        found = [f"({word} = '{key}' AND {number} IN ({ids}))" for key, ids in self.pairs.items()]
        return f"({' OR '.join(found) or 'NULL'})", ()
