"""What the tests of imports share: a file through the same doors as the pages, the API and the command line."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from guanxi.access.actor import Actor
from guanxi.engine.importing import checking, receiving, running
from guanxi.engine.importing.tables import Import


def received(
    actor: Actor, object_key: str, content: bytes | str | Path, name: str = "file.csv", **layout: Any
) -> Import:
    """The import of a file that has just arrived."""
    data = (
        content.read_bytes() if isinstance(content, Path) else content.encode() if isinstance(content, str) else content
    )
    return receiving.receive(
        actor, object_key, content.name if isinstance(content, Path) else name, io.BytesIO(data), layout
    )


def mapped(
    actor: Actor,
    found: Import,
    by_name: dict[str, Any] | None = None,
    also: tuple[dict[str, Any], ...] = (),
    **more: Any,
) -> Import:
    """With a mapping: the suggested one, changed column by column (a field key, or its properties) and in ``more``.

    ``also`` are columns used a second time.
    """
    mapping = dict(found.mapping)
    names = [column["name"] for column in found.columns]
    columns = {one["column"]: dict(one) for one in mapping["columns"]}
    for name, wanted in (by_name or {}).items():
        column = columns[names.index(name)]
        column.update({"field": wanted} if isinstance(wanted, str) else wanted)
    return checking.decide(actor, found, {**mapping, "columns": [*columns.values(), *also], **more})


def checked(actor: Actor, found: Import) -> dict[str, Any]:
    """What the dry run finds, all of it in this process."""
    finding = checking.look_through(actor, found, lambda done, total: None)
    checking.keep(found, finding)
    return found.checked


def carried_out(actor: Actor, found: Import) -> Import:
    """Checked and written, all of it in this process."""
    checked(actor, found)
    return running.run_here(actor, found.pk)


def brought(
    actor: Actor, object_key: str, content: bytes | str | Path, by_name: dict[str, Any] | None = None, **more: Any
) -> Import:
    """A whole import in one call."""
    return carried_out(actor, mapped(actor, received(actor, object_key, content), by_name, **more))
