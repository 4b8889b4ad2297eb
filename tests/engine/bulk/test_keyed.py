"""Only fields that name one record find it."""

from __future__ import annotations

import pytest

from guanxi.engine.bulk.keyed import key_field
from guanxi.kernel.errors import QueryError
from guanxi.schema.registry import snapshot
from tests.support import people

pytestmark = pytest.mark.django_db


def test_only_fields_that_name_one_record_find_it() -> None:
    actor = people.program()
    for name in ("name", "city", "zzz", "owner", "created_at"):
        with pytest.raises(QueryError, match="external_id"):
            key_field(actor, snapshot().get("account"), name)
    assert key_field(actor, snapshot().get("product"), "code").value(" P-1 ") == "P-1"
    with pytest.raises(QueryError):
        key_field(actor, snapshot().get("product"), "code").value("  ")
