"""A file arrives: kept under a name of our own, looked at, and given a first mapping."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import PurePath
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Protocol, cast

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.importing import layout as layouts
from guanxi.engine.importing import limits
from guanxi.engine.importing.cells import storable
from guanxi.engine.importing.fields import importable
from guanxi.engine.importing.layout import Layout
from guanxi.engine.importing.rows import Sight, look
from guanxi.engine.importing.suggest import known_names, suggest
from guanxi.engine.importing.tables import Import
from guanxi.engine.write import require
from guanxi.kernel import clock, db
from guanxi.kernel.errors import Conflict, Invalid, Refused
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot

FOLDER = "imports"


class Readable(Protocol):
    """What bytes can be read from, piece by piece."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes, or a little more; none at the end."""


_PIECE = 1 << 20


def receive(
    actor: Actor, object_key: str, name: str, content: Readable, layout: Mapping[str, Any] | None = None
) -> Import:
    """Keep a file for an import, look at it, and suggest a mapping.

    Raises :class:`Invalid` in words for what is no table or too large, and :class:`Refused` without the right; then nothing
    is kept. ``layout`` overrides what is found out; see :func:`guanxi.engine.importing.layout.detect`.
    """
    kind = _permitted(actor, object_key)
    limit = limits.file_bytes()
    with TemporaryFile() as file:
        size = 0
        while piece := content.read(_PIECE):
            size += len(piece)
            if size > limit:
                raise too_large()
            file.write(piece)
        found, sight = _seen(actor, kind, cast(BinaryIO, file), layout)
        path = f"{FOLDER}/{secrets.token_hex(16)}"
        file.seek(0)
        default_storage.save(path, File(file))
    try:
        return _keep(actor, kind, name, path, size, found, sight)
    except BaseException:
        default_storage.delete(path)
        raise


def receive_rows(actor: Actor, object_key: str, rows: Sequence[Mapping[str, Any]]) -> Import:
    """As :func:`receive`, with rows that were sent as JSON."""
    _permitted(actor, object_key)
    if not rows:
        raise Invalid(_("Send at least one row."))
    if len(rows) > limits.JSON_ROWS:
        message = _("Send at most %(limit)d rows at once, or all of them as a file.")
        raise Invalid(message % {"limit": limits.JSON_ROWS})
    return receive(actor, object_key, "rows.jsonl", _Lines(rows))


def relayout(actor: Actor, found: Import, layout: Mapping[str, Any]) -> Import:
    """Read the file in another way: encoding, delimiter, sheet, header. The mapping is suggested anew."""
    kind = _permitted(actor, found.object)
    with opened(found) as file:
        made, sight = _seen(actor, kind, file, layout)
    _describe(actor, kind, found, made, sight)
    found.save()
    return found


@contextmanager
def opened(found: Import) -> Iterator[BinaryIO]:
    """The file of an import, to be read."""
    if not found.path:
        raise Conflict(_("The file has been removed, as it was not imported for a while. Send it again."))
    with default_storage.open(found.path, "rb") as kept:
        yield cast(BinaryIO, kept.file)


def discard(found: Import) -> None:
    """Forget a file that has just arrived and could not be used."""
    path = found.path
    found.delete()
    default_storage.delete(path)


def remove_file(found: Import) -> None:
    """Remove the file of an import from the disk, after the present transaction."""
    path = found.path
    found.path = ""
    found.save(update_fields=["path"])
    if path:
        db.on_commit(lambda: default_storage.delete(path))


class TooLarge(Invalid):
    """A file over the limit."""

    status = 413
    code = "too_large"


def too_large() -> TooLarge:
    """The refusal of a file over the limit."""
    message = _("The file is larger than %(limit)d MB. Split it, or ask an administrator to raise the limit.")
    return TooLarge(message % {"limit": limits.file_bytes() // 1024 // 1024})


def _permitted(actor: Actor, object_key: str) -> ObjectType:
    kind = snapshot().get(object_key)
    require(actor, "import", kind)
    if actor.observer is not None or not importable(actor, kind):
        raise Refused(_("You may neither create nor change %(objects)s.") % {"objects": kind.plural})
    return kind


def _seen(actor: Actor, kind: ObjectType, file: BinaryIO, layout: Mapping[str, Any] | None) -> tuple[Layout, Sight]:
    found = layouts.detect(file, known_names(actor, kind), layout)
    sight = look(file, found)
    if not sight.columns or not sight.rows:
        raise Invalid(_("The file has no row below the names of its columns."))
    return found, sight


def _keep(actor: Actor, kind: ObjectType, name: str, path: str, size: int, layout: Layout, sight: Sight) -> Import:
    made = Import(
        object=kind.key,
        name=storable(PurePath(name.replace("\\", "/").replace("\x00", "")).name.strip())[:255] or _("file"),
        path=path,
        size=size,
        created_by_id=actor.user_id,
        created_at=clock.now(),
    )
    _describe(actor, kind, made, layout, sight)
    made.save()
    return made


def _describe(actor: Actor, kind: ObjectType, found: Import, layout: Layout, sight: Sight) -> None:
    found.layout = layout.as_json()
    found.columns = [
        {
            "name": storable(column.name),
            "examples": [storable(text) for text in column.examples],
            "look": column.look,
            "filled": column.filled,
        }
        for column in sight.columns
    ]
    found.rows = sight.rows if sight.whole else None
    found.mapping = suggest(actor, kind, layout, sight).as_json()
    found.checked, found.checked_as = {}, ""


class _Lines:
    """Rows as the bytes of JSON lines, made while they are read."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = iter(rows)

    def read(self, _size: int, /) -> bytes:
        """The next line; empty at the end."""
        row = next(self._rows, None)
        return b"" if row is None else json.dumps(row, ensure_ascii=True).encode() + b"\n"
