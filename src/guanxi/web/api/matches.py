"""Records that were found as duplicates, as JSON."""

from __future__ import annotations

from typing import Any

from guanxi.engine.dedupe.checking import Match


def as_json(match: Match) -> dict[str, Any]:
    """One record: with its id where the caller may see it, with the few fields told to everybody otherwise."""
    shown = match.shown
    return {
        "object": shown.kind.key,
        "id": shown.id,
        "title": shown.title,
        "rules": list(match.rules),
        "score": match.score,
        "reasons": list(match.reasons),
        "fields": dict(shown.fields),
        "deleted": shown.deleted,
        "owner": shown.owner or None,
    }
