"""The addresses of records and lists. Plain texts, because a list page makes hundreds of them."""

from __future__ import annotations

from urllib.parse import urlencode

from guanxi.engine.notifications import Notice


def record(object_key: str, record_id: int) -> str:
    """The page of a record."""
    if object_key == "export_request":
        return f"/exports/{record_id}"
    if object_key == "job":
        return f"/jobs/{record_id}"
    return f"/o/{object_key}/{record_id}"


def notice(one: Notice) -> str:
    """Where a notification leads: to its record, its list, or nowhere in particular."""
    if one.object == "job" and one.record:
        return "/jobs"
    if one.object and one.record:
        return record(one.object, one.record)
    return listing(one.object) if one.object else "/notifications/all"


def listing(object_key: str, **parameters: object) -> str:
    """The list of an object; empty parameters are left out."""
    wanted = [(key, str(value)) for key, value in parameters.items() if value not in (None, "")]
    return f"/o/{object_key}" + (f"?{urlencode(wanted)}" if wanted else "")


def new(object_key: str, **values: object) -> str:
    """The form for a new record, with values filled in."""
    return f"/o/{object_key}/new" + (f"?{urlencode(values)}" if values else "")
