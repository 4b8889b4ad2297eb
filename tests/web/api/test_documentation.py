"""The description names every address of the API, and the pages made from it show what their reader may use."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import get_resolver

from guanxi.schema.registry import snapshot
from guanxi.web.api.openapi import describe
from guanxi.web.apidocs import model
from tests.access.matrix.routes import is_api, patterns
from tests.support import people

pytestmark = pytest.mark.django_db


def reader(*roles: str, language: str = "en", administrator: bool = False) -> Client:
    person = people.person("reader", *roles, administrator=administrator)
    person.preferences = {"language": language}
    person.save()
    client = Client()
    assert client.login(username="reader", password="reader")
    return client


def test_every_address_of_the_api_is_described() -> None:
    """As an administrator sees it; the parts of the path have the names that their readers understand."""
    described = describe(people.actor(people.person("root", administrator=True)))["paths"]
    shapes = {re.sub(r"\{\w+\}", "*", path) for path in described}
    assert get_resolver().url_patterns
    missing = []
    for pattern in patterns():
        path = f"/{pattern}"
        if not is_api(path) or not path.startswith("/api/v1/"):
            continue
        shape = re.sub(r"<(?:\w+:)?(?!object_key|field_key|action_key)\w+>", "*", path.removeprefix("/api/v1"))
        keys = [kind.key for kind in snapshot()] if "<slug:object_key>" in shape else [""]
        made = [shape.replace("<slug:object_key>", key) for key in keys]
        likely = [one.replace("fields/<slug:field_key>", "fields/*") for one in made]
        likely = [one.replace("by/<slug:field_key>", "by/external_id") for one in likely]
        found = [one for one in likely if re.sub(r"<slug:action_key>", "convert", one) in shapes]
        if not found:
            missing.append(pattern)
    assert missing == []


def test_every_operation_says_what_it_takes_and_gives() -> None:
    document = describe(people.actor(people.person("root", administrator=True)))
    names = []
    for path, item in document["paths"].items():
        for method in model.METHODS:
            if method not in item:
                continue
            made = item[method]
            names.append(made["operationId"])
            assert made["summary"], path
            assert {"401", "403", "429", "default"} <= set(made["responses"]), path
            good = [status for status in made["responses"] if status.startswith("2")]
            assert good, path
            for status in good:
                assert status in ("204", "202") or made["responses"][status].get("content"), path
            if method in ("post", "put", "patch", "delete"):
                assert {"$ref": "#/components/parameters/IdempotencyKey"} in made["parameters"], path
            if "requestBody" in made:
                content = made["requestBody"]["content"]["application/json"]
                assert content["schema"] and "example" in content, path
    assert len(names) == len(set(names)) > 400


def test_the_pages_show_what_their_reader_may_use() -> None:
    boss = reader(administrator=True)
    start = boss.get("/api/docs").content.decode()
    assert "API documentation" in start and "/api/v1/openapi.json" in start
    page = boss.get("/api/docs/account").content.decode()
    assert "account_create" in page and "Idempotency-Key" in page and "gx-try" in page
    assert "annual_revenue" in page and "/account/by/external_id/{value}" in page
    assert not re.search(r"<script(?![^>]*src=)|style=|onclick=", page)
    assert boss.get("/api/docs/zzz").status_code == 404


def test_it_is_closed_to_strangers_and_narrow_for_others() -> None:
    assert Client().get("/api/docs").headers["Location"].startswith("/signin")
    seller = reader("salesperson")
    assert seller.get("/api/docs/account").status_code == 200
    assert "/api/docs/deliveries" not in seller.get("/api/docs").content.decode()
    assert seller.get("/api/docs/deliveries").status_code == 404


def test_it_speaks_the_language_of_its_reader() -> None:
    chinese = reader("salesperson", language="zh-hans")
    page = chinese.get("/api/docs/account").content.decode()
    assert "新建一条客户" in page and "客户名称" in page and "试一试" in page
    assert "Create one" not in page
