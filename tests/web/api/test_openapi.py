"""The OpenAPI description is valid and says only what the caller may do."""

from __future__ import annotations

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from guanxi.web.api.openapi import describe
from tests.support import people

pytestmark = pytest.mark.django_db


def test_it_is_valid_openapi_3_1() -> None:
    administrator = people.actor(people.person("root", administrator=True))
    description = describe(administrator)
    assert description["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(description).iter_errors()) == []
    assert {"/opportunity", "/opportunity/{id}", "/lead/{id}/actions/convert"} <= set(description["paths"])


def test_it_names_only_what_the_caller_may_use() -> None:
    auditor = describe(people.actor(people.person("auditor", "auditor")))
    assert "post" not in auditor["paths"]["/opportunity"]
    assert "get" in auditor["paths"]["/opportunity"]
    assert "/opportunity" not in describe(people.actor(people.person("nobody")))["paths"]


def test_administration_is_described_to_whoever_may() -> None:
    administrator = describe(people.actor(people.person("root", administrator=True)))["paths"]
    for path in ("roles", "deactivate", "unlock", "end-sessions", "reset-factors", "invitation", "keys", "revoke-keys"):
        assert f"/user/{{id}}/{path}" in administrator
    assert {"/role/{id}/rights", "/invitations", "/security-policy", "/audit-log/proof"} <= set(administrator)
    auditor = describe(people.actor(people.person("auditor", "auditor")))
    assert list(OpenAPIV31SpecValidator(auditor).iter_errors()) == []
    assert "/audit-log/proof" in auditor["paths"] and "/user/{id}/roles" not in auditor["paths"]
    seller = set(describe(people.actor(people.person("seller", "salesperson")))["paths"])
    assert not {
        path for path in seller if path.startswith(("/user/{id}/un", "/role/{id}/r", "/audit-log", "/security"))
    }
