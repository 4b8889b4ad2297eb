"""A client generated from the description by an independent generator works against the running program as it comes out."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import people
from tests.web.api.calling import Program


@pytest.fixture
def generated(live_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Any]]:
    """The package, and a client of it with a key of a salesperson."""
    program = Program(people.person("seller", "salesperson"))
    document = tmp_path / "openapi.json"
    document.write_bytes(program.ask("GET", "openapi.json").content)
    config = tmp_path / "config.yml"
    config.write_text("project_name_override: crm-client\npackage_name_override: crm_client\npost_hooks: []\n")
    command = [
        *(sys.executable, "-m", "openapi_python_client", "generate", "--path", str(document), "--config", str(config)),
        *("--output-path", str(tmp_path / "made"), "--fail-on-warning"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    monkeypatch.syspath_prepend(str(tmp_path / "made"))
    package = importlib.import_module("crm_client")
    client = package.AuthenticatedClient(base_url=f"{live_server.url}/api/v1", token=program.secret)
    yield package, client
    for name in [name for name in sys.modules if name.split(".")[0] == "crm_client"]:
        del sys.modules[name]


def _call(name: str) -> Any:
    return importlib.import_module(f"crm_client.api.{name}")


@pytest.mark.django_db(transaction=True)
def test_the_generated_client_lists_creates_reads_changes_and_understands_errors(generated: tuple[Any, Any]) -> None:
    _package, client = generated
    models = importlib.import_module("crm_client.models")
    made = _call("account.account_create").sync(client=client, body=models.AccountCreate(name="示例科技", city="苏州"))
    assert isinstance(made, models.Account) and made.name == "示例科技"
    found = _call("account.account_get").sync(made.id, client=client)
    assert found.city == "苏州" and found.version == 1
    changed = _call("account.account_update").sync(
        made.id, client=client, body=models.AccountUpdate(city="无锡", version=1)
    )
    assert changed.version == 2
    page = _call("account.account_list").sync(client=client, filter_="city=无锡", limit=10, count=True)
    assert [one.id for one in page.data] == [made.id] and page.count.number == 1
    refused = _call("account.account_create").sync(client=client, body=models.AccountCreate(name=""))
    assert isinstance(refused, models.Problem) and refused.code == "invalid" and refused.errors["name"]
    rows = models.AccountBatchBody.from_dict(
        {"operation": "upsert", "by": "external_id", "items": [
            {"values": {"external_id": "E-1", "name": "One"}}, {"values": {"external_id": "E-2", "level": "zzz"}}]}
    )  # fmt: skip
    outcome = _call("account.account_batch").sync(client=client, body=rows)
    assert [row.status for row in outcome.results] == [201, 422]
    missing = _call("account.account_get").sync_detailed(10**9, client=client)
    assert missing.status_code == 404 and json.loads(missing.content)["code"] == "not_found"
