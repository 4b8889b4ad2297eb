"""Imports through the API: files and rows, mapping, dry run, commit, rejected rows; every refusal in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from guanxi.access.models import AuditEvent, User
from guanxi.domains.customers.models import Account, Contact
from guanxi.engine import keys
from guanxi.engine.importing import limits
from guanxi.engine.importing.tables import Import
from guanxi.engine.jobs.running import run
from tests.domains.pipelines import create
from tests.support import dump, people

pytestmark = pytest.mark.django_db
BASE = "/api/v1/imports"


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def program() -> Client:
    """A program with the key of an administrator."""
    boss = people.person("boss", administrator=True)
    return client_of(boss)


def client_of(person: User, *rights: str) -> Client:
    _key, secret = keys.issue(people.actor(person), "program", list(rights))
    return Client(headers={"Authorization": f"Bearer {secret}"})


def post(client: Client, path: str, body: Any = None, method: str = "post") -> Any:
    return getattr(client, method)(path, json.dumps(body if body is not None else {}), content_type="application/json")


def test_a_file_from_its_arrival_to_its_undo(program: Client) -> None:
    content = "姓名,公司,电子邮箱\n张三,华为,z@example.com\n李四,华为,bad\n".encode("gb18030")
    response = program.post(BASE, {"object": "contact", "file": SimpleUploadedFile("a.csv", content)})
    assert response.status_code == 201, response.content
    body = response.json()
    path = response.headers["Location"]
    assert (body["stage"], body["layout"]["encoding"], body["rows"]) == ("mapping", "gb18030", 2)
    assert [one["field"] for one in body["mapping"]["columns"]] == ["name", "account", "email"]
    assert post(program, f"{path}/commit").status_code == 409

    mapping = {
        "columns": [
            {"column": "姓名", "field": "name"}, {"column": 1, "field": "account", "create": True},
            {"column": 2, "field": "email"},
        ],
        "constants": {"role": "user"}, "mode": "upsert", "key": "email", "notify": False,
    }  # fmt: skip
    assert post(program, f"{path}/mapping", mapping, "put").status_code == 200
    response = post(program, f"{path}/check")
    assert response.status_code == 200
    check = response.json()["check"]
    assert (check["created"], check["rejected"], check["made"]) == (1, 1, {"account": 1})
    assert (check["problems"][0]["field"], check["problems"][0]["rows"][0]["row"]) == ("email", 3)
    assert not Contact.objects.exists() and not Account.objects.exists()

    response = post(program, f"{path}/commit")
    assert (response.status_code, response.json()["stage"]) == (202, "running")
    run(response.json()["job"]["id"])
    body = program.get(path).json()
    assert (body["stage"], body["counts"]) == ("done", {"created": 1, "updated": 0, "unchanged": 0, "rejected": 1})
    assert Contact.objects.get().account is not None
    assert AuditEvent.objects.filter(event="imported", object="contact").count() == 1
    file = b"".join(program.get(f"{path}/rejected").streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert "李四" in file and "mail address" in file
    assert post(program, f"/api/v1/change-sets/{body['change_set']}/undo").status_code == 200
    assert not Contact.objects.filter(deleted_at=None).exists()
    assert [one["id"] for one in program.get(BASE).json()["data"]] == [body["id"]]


def test_rows_as_json_with_their_mapping(program: Client) -> None:
    create("contact", name="Ann", email="ann@example.com")
    rows = [
        {"name": "Anna", "email": "ann@example.com", "do_not_call": True},
        {"name": "Bob", "email": "bob@example.com"},
    ]
    columns = [{"column": key, "field": key} for key in ("name", "email", "do_not_call")]
    body = {"object": "contact", "rows": rows, "mapping": {"columns": columns, "mode": "upsert", "key": "email"}}
    response = post(program, BASE, body)
    assert response.status_code == 201, response.content
    path = response.headers["Location"]
    check = post(program, f"{path}/check").json()["check"]
    assert (check["created"], check["updated"]) == (1, 1)
    run(post(program, f"{path}/commit").json()["job"]["id"])
    assert set(Contact.objects.values_list("name", "do_not_call")) == {("Anna", True), ("Bob", False)}


def test_two_ways_of_reading_are_a_problem_until_one_is_named(program: Client) -> None:
    body = {"object": "contact", "rows": [{"name": "Ann", "birthday": "03/04/1990"}]}
    path = post(program, BASE, body).headers["Location"]
    check = post(program, f"{path}/check").json()["check"]
    assert check["questions"] == [
        {
            "column": 1, "field": "birthday", "what": "date", "examples": ["03/04/1990"],
            "contradicts": False, "choices": ["mdy", "dmy"],
        }
    ]  # fmt: skip
    refused = post(program, f"{path}/commit")
    assert refused.status_code == 409 and "dates or numbers" in refused.json()["detail"]
    columns = [{"column": 0, "field": "name"}, {"column": 1, "field": "birthday", "date": "mdy"}]
    post(program, f"{path}/mapping", {"columns": columns}, "put")
    assert post(program, f"{path}/check").json()["check"]["questions"] == []
    assert post(program, f"{path}/commit").status_code == 202


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"rows": [{"name": "x"}]}, "object"),
        ({"object": "nothing", "rows": [{"name": "x"}]}, "no object"),
        ({"object": "contact"}, "rows"),
        ({"object": "contact", "rows": []}, "at least one"),
        ({"object": "contact", "rows": [1]}, "rows"),
        ({"object": "contact", "rows": [{"name": {"a": 1}}]}, "flat JSON"),
        ({"object": "contact", "rows": [{"name": "x"}] * (limits.JSON_ROWS + 1)}, "at most 5000"),
        ({"object": "contact", "rows": [{"name": "x"}], "mapping": []}, "mapping"),
        ({"object": "contact", "rows": [{"name": "x"}], "mapping": {"columns": [{"column": 7}]}}, "mapping"),
        ({"object": "contact", "rows": [{"name": "x"}], "mapping": {"mode": "magic"}}, "mapping"),
        (
            {"object": "contact", "rows": [{"name": "x"}], "mapping": {"constants": {"role": "\x00"}}},
            "no text can hold",
        ),
        ({"object": "contact", "rows": [{"name": "x"}], "template": 999}, "saved mapping"),
        ({"object": "contact", "rows": [{"name": "x"}], "strange": 1}, "strange"),
        ({"object": "stage_change", "rows": [{"name": "x"}]}, "right"),
    ],
)
def test_what_cannot_be_taken_is_refused_and_nothing_is_kept(
    program: Client, body: Any, words: str, tmp_path: Path
) -> None:
    program.get("/api/v1/me")  # the key has been used from here on
    before = dump.database()
    response = post(program, BASE, body)
    assert 400 <= response.status_code < 500
    assert words in response.content.decode()
    assert dump.database() == before
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_bodies_nested_a_hundred_thousand_levels_deep_are_refused(program: Client) -> None:
    deep = "[" * 100_000 + "]" * 100_000
    for text in (deep, '{"object":"contact","rows":' + deep + "}", '{"object":"contact","mapping":' + deep + "}"):
        response = program.post(BASE, text, content_type="application/json")
        assert response.status_code == 400, response.content[:200]
        assert "nested too deeply" in response.json()["detail"]
    file = SimpleUploadedFile("a.csv", b"name\nAnn\n")
    response = program.post(BASE, {"object": "contact", "file": file, "mapping": deep})
    assert response.status_code in (400, 422)
    assert not Import.objects.exists()


def test_a_key_reaches_no_further_than_its_rights() -> None:
    person = people.person("manager", "sales_manager")
    body = {"object": "contact", "rows": [{"name": "Ann"}]}
    assert post(client_of(person, "read", "create"), BASE, body).status_code == 403
    reading = client_of(person, "read", "import")
    assert post(reading, BASE, body).status_code == 403
    allowed = client_of(person, "read", "import", "create")
    path = post(allowed, BASE, body).headers["Location"]
    assert post(reading, f"{path}/check").status_code == 403
    assert post(allowed, f"{path}/check").status_code == 200
    run(post(allowed, f"{path}/commit").json()["job"]["id"])
    assert Contact.objects.get().owner_id == person.pk
    stranger = client_of(people.person("stranger", "sales_manager"))
    for way in (path, f"{path}/rejected"):
        assert stranger.get(way).status_code == 404
    assert post(stranger, f"{path}/check").status_code == 404


def test_saved_mappings(program: Client) -> None:
    path = post(program, BASE, {"object": "contact", "rows": [{"name": "Ann", "x": "a@example.com"}]}).headers[
        "Location"
    ]
    columns = [{"column": "name", "field": "name"}, {"column": "x", "field": "email"}]
    post(program, f"{path}/mapping", {"columns": columns}, "put")
    kept = post(program, f"{path}/template", {"name": "Mine", "everybody": True})
    assert kept.status_code == 201
    assert [one["name"] for one in program.get("/api/v1/import-templates").json()["data"]] == ["Mine"]
    again = post(program, BASE, {"object": "contact", "rows": [{"x": "b@example.com"}], "template": kept.json()["id"]})
    assert again.json()["mapping"]["columns"][0]["field"] == "email"
    assert program.delete(f"/api/v1/import-templates/{kept.json()['id']}").status_code == 204
    assert program.delete(f"/api/v1/import-templates/{kept.json()['id']}").status_code == 404


def test_the_description_names_the_imports(program: Client) -> None:
    described = program.get("/api/v1/openapi.json").json()
    assert {path for path in described["paths"] if path.startswith("/import")} == {
        "/imports", "/imports/{id}", "/imports/{id}/mapping", "/imports/{id}/layout", "/imports/{id}/check",
        "/imports/{id}/commit", "/imports/{id}/resume", "/imports/{id}/rejected", "/imports/{id}/template",
        "/import-templates", "/import-templates/{id}",
    }  # fmt: skip
    nobody = client_of(people.person("nobody"))
    assert not any(path.startswith("/import") for path in nobody.get("/api/v1/openapi.json").json()["paths"])


def test_texts_of_json_rows_keep_their_apostrophe(program: Client) -> None:
    columns = [{"column": "name", "field": "name"}]
    body = {"object": "contact", "rows": [{"name": "'=1+1"}], "mapping": {"columns": columns}}
    path = post(program, BASE, body).headers["Location"]
    post(program, f"{path}/check")
    run(post(program, f"{path}/commit").json()["job"]["id"])
    assert Contact.objects.get().name == "'=1+1"


def test_mappings_of_the_wrong_shape_are_answered_in_words(program: Client) -> None:
    path = post(program, BASE, {"object": "contact", "rows": [{"name": "Ann", "email": "a@example.com"}]}).headers[
        "Location"
    ]
    column: dict[str, Any] = {"column": 0, "field": "name"}
    lists: tuple[Any, ...] = (None, 5, "x", {}, [None], [5], [[]], [{}], [{"column": True}], [{"column": []}])
    values: tuple[Any, ...] = (None, 5.5, [], {"a": {}}, "x" * 10_000, "\ud800", [[]], {"name": []}, {"owner": "x"})
    shapes: list[Any] = [{"columns": [column], "nothing": 1}, *({"columns": one} for one in lists)]
    for value in values:
        inner = ("column", "field", "by", "create", "date", "aliases", "scale")
        shapes += [{"columns": [column | {key: value}]} for key in inner]
        outer = ("constants", "mode", "key", "empty", "clear", "unquote", "notify")
        shapes += [{"columns": [column], key: value} for key in outer]
    wrong = []
    for shape in shapes:
        status = post(program, f"{path}/mapping", shape, "put").status_code
        if status == 200:
            status = post(program, f"{path}/check").status_code
        wrong += [(shape, status)] if status >= 500 else []
    assert wrong == []
    assert not Contact.objects.exists()
    layouts: tuple[Any, ...] = (
        {"encoding": 5},
        {"encoding": []},
        {"header": []},
        {"header": -1},
        {"sheet": {}},
        {"x": 1},
    )
    for layout in layouts:
        assert post(program, f"{path}/layout", layout, "put").status_code < 500
