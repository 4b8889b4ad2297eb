"""Sending one request of the matrix inside a savepoint, and saying what it wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from tests.access.matrix.bodies import Body
from tests.access.matrix.company import Asker
from tests.access.matrix.routes import is_api

_WRITING = re.compile(r'\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM|REPLACE\s+INTO)\s+"?(\w+)', re.I)
_HARMLESS = ("access_auditevent", "access_audithead", "django_session", "usersessions_", "guanxi_cache")
"""Tables to which a refusal is written, and those of sessions."""


@dataclass
class Answer:
    """What came back."""

    status: int
    text: str
    location: str
    wrote: list[str] = field(default_factory=list)
    """Tables that any statement of the request would have changed."""
    difference: str = ""
    """How the database differed afterwards."""


@contextmanager
def watched(tables: list[str]) -> Iterator[None]:
    """Collect the tables that statements write to."""

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        found = _WRITING.match(sql)
        if found and not found[1].startswith(_HARMLESS):
            tables.append(found[1])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield


def ask(asker: Asker, method: str, address: str, body: Body | None, compare: Any, *, fragment: bool) -> Answer:
    """Send a request and undo what it did; ``compare`` tells how the database differs, should anything have been written."""
    client = asker.client
    cookies = dict(client.cookies.items())
    tables: list[str] = []
    with transaction.atomic():
        with watched(tables):
            response = _sent(client, method, address, body, {"HX-Request": "true"} if fragment else {})
            content = b"".join(response.streaming_content) if response.streaming else response.content
        answer = Answer(
            response.status_code, content.decode("utf-8", "replace"), response.headers.get("Location", ""), tables
        )
        if tables and compare is not None:
            answer.difference = compare()
        transaction.set_rollback(True)
    client.cookies.clear()
    client.cookies.update(cookies)
    return answer


def _sent(client: Any, method: str, address: str, body: Body | None, headers: dict[str, str]) -> Any:
    send = getattr(client, method.lower())
    if is_api(address):
        if method == "GET":
            return send(address)
        return send(address, json.dumps(body if body is not None else {}), content_type="application/json")
    return send(address, body or {}, headers=headers) if method == "POST" else send(address, headers=headers)
