"""Files made while they are sent."""

from __future__ import annotations

from collections.abc import Iterator
from contextvars import copy_context

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from guanxi.engine.export.run import Export


def streamed(export: Export) -> StreamingHttpResponse:
    """The file as a download, never shown inside a page."""
    return attached(export.chunks, export.name, export.media_type)


def attached(chunks: Iterator[bytes], name: str, media_type: str) -> StreamingHttpResponse:
    """Pieces of a file as a download."""
    response = StreamingHttpResponse(_steps(chunks), content_type=media_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _steps(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces, each made as the request was: same language, time zone and company, though its middleware has ended."""
    context = copy_context()

    def run() -> Iterator[bytes]:
        while (piece := context.run(next, chunks, None)) is not None:
            yield piece

    return run()
