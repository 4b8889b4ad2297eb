"""Icons from the one sprite."""

from __future__ import annotations

from functools import lru_cache

from django.templatetags.static import static
from markupsafe import Markup, escape

from guanxi.schema.registry import snapshot


@lru_cache(maxsize=512)
def icon(name: str, style: str = "", label: str = "") -> Markup:
    """An icon; decorative unless it has a label. ``style`` is a further class: small, large."""
    classes = f"icon {style}".strip()
    spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="{}" {}><use href="{}#{}"/></svg>').format(
        classes, spoken, static("guanxi/icons.svg"), escape(name)
    )


SORTS = {
    **{"call": "phone", "mail": "mail", "sms": "message", "meeting": "users", "visit": "map-pin", "note": "note"},
    **{"open": "circle", "in_progress": "progress", "done": "circle-check", "cancelled": "circle-x"},
    **{
        "created": "plus",
        "updated": "pencil",
        "deleted": "trash",
        "restored": "restore",
        "converted": "arrows-exchange",
        "merged": "arrows-join",
        "unmerged": "arrow-back-up",
    },
}
"""Icons by the key of a stream's sort or of a journal verb."""


def sort_icon(sort: str, fallback: str = "point") -> str:
    """Name of the icon for a sort of timeline item."""
    return SORTS.get(sort, fallback)


def sort_name(object_key: str, sort: str, language: str) -> str:
    """What a timeline item is called by its sort: the option's label, or the object's own."""
    kind = snapshot().get(object_key)
    stream = kind.declaration.stream
    option = kind.fields[stream.sort].spec.option(sort) if stream and stream.sort else None
    return option.label.text(language) if option else kind.label.text(language)
