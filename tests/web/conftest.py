"""A person at the pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.support import people


@pytest.fixture
def visitor(db: Any) -> Client:
    """A signed-in administrator who reads English."""
    people.person("lead", administrator=True)
    client = Client()
    assert client.login(username="lead", password="lead")
    return client
