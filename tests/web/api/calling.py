"""Calling the API as a program with a key does."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from guanxi.access.models import User
from guanxi.engine import keys
from guanxi.engine.models import ApiKey
from guanxi.kernel import clock
from tests.support import people


class Program:
    """A program with the key of a person."""

    def __init__(self, user: User, *rights: str, **headers: str) -> None:
        key, self.secret = keys.issue(people.actor(user), "program", list(rights))
        # As one in use: that it was used is noted every few minutes, which is no change that a request made.
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=clock.now())
        self.client = Client(
            headers={"Authorization": f"Bearer {self.secret}", **headers}, raise_request_exception=False
        )

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer to a request; ``body`` is sent as JSON, bytes as they are."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            method, path if path.startswith("/") else f"/api/v1/{path}", content, content_type="application/json",
            headers=told,
        )  # fmt: skip


def administrator(**headers: str) -> Program:
    """A program that may do everything."""
    return Program(people.person("root", administrator=True), **headers)
