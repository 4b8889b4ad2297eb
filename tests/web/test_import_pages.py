"""The wizard over HTTP: file, columns, check, run, report, undo; what is refused loses nothing."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guanxi.domains.customers.models import Account, Contact
from guanxi.engine import jobs
from guanxi.engine.importing.tables import Import, ImportTemplate
from guanxi.engine.jobs.running import run
from guanxi.kernel import db
from tests.support import dump, people

pytestmark = pytest.mark.django_db
TEXT = """姓名,公司名称,手机,邮箱,角色,生日
张三,Acme,13800138000,a@example.com,决策者,03/04/1990
李四,Acme,x,b@example.com,老板,05/06/1991
"""


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def sent(client: Client, text: str | bytes = TEXT, key: str = "contact", name: str = "名单.csv", **more: Any) -> Any:
    data = text.encode("gb18030") if isinstance(text, str) else text
    return client.post(f"/o/{key}/import", {"file": SimpleUploadedFile(name, data), **more})


def form_of(found: Import, **changes: Any) -> dict[str, Any]:
    """The form of the mapping page as a browser sends it."""
    form: dict[str, Any] = {
        "mode": found.mapping["mode"],
        "key": found.mapping["key"],
        "notify": "on",
        "automate": "on",
    }
    for one in found.mapping["columns"]:
        form[f"field-{one['column']}"] = one["field"]
    return form | changes


def page(response: Any) -> str:
    return str(response.content.decode())


def test_from_the_list_to_the_report_and_back(visitor: Client) -> None:
    assert "/o/contact/import" in page(visitor.get("/o/contact"))
    assert "/o/contact/import" in page(visitor.get("/palette?q=Import"))
    assert 'type="file"' in page(visitor.get("/o/contact/import"))
    response = sent(visitor)
    found = Import.objects.get()
    assert (response.status_code, response.headers["Location"]) == (303, f"/imports/{found.pk}/map")
    shown = page(visitor.get(f"/imports/{found.pk}/map"))
    assert "张三" in shown and "GB18030" in shown and "not clear yet" in shown

    response = visitor.post(f"/imports/{found.pk}/map", form_of(found))
    assert response.headers["Location"] == f"/imports/{found.pk}/check"
    shown = page(visitor.get(f"/imports/{found.pk}/check"))
    assert "March 4, 1990" in shown and "April 3, 1990" in shown
    assert "commit" not in shown

    visitor.post(f"/imports/{found.pk}/check", {"answer-5": "dmy"})
    shown = page(visitor.get(f"/imports/{found.pk}/check"))
    assert "老板" in shown and "There is no Account like this" in shown
    assert not Contact.objects.exists()
    found.refresh_from_db()
    places = {one["code"]: number for number, one in enumerate(found.checked["problems"])}
    remedies = {
        f"meaning-{places['choice']}-0": "decision_maker",
        f"create-{places['not_found']}": "on",
    }
    visitor.post(f"/imports/{found.pk}/check", remedies)
    found.refresh_from_db()
    assert (found.checked["created"], found.checked["rejected"], found.checked["made"]) == (1, 1, {"account": 1})

    response = visitor.post(f"/imports/{found.pk}/commit")
    assert response.headers["Location"] == f"/imports/{found.pk}"
    assert "every 1s" in page(
        visitor.get(f"/imports/{found.pk}", headers={"HX-Request": "true", "HX-Target": "import-run"})
    )
    found.refresh_from_db()
    run(found.job_id or 0)
    found.refresh_from_db()
    shown = page(visitor.get(f"/imports/{found.pk}"))
    assert "Imported" in shown and f"/undo/{found.change_set}" in shown and "telephone number" in shown
    assert set(Contact.objects.values_list("name", "role", "mobile")) == {("张三", "decision_maker", "+8613800138000")}

    file = visitor.get(f"/imports/{found.pk}/rejected?format=csv")
    assert "attachment" in file.headers["Content-Disposition"] and "名单" not in file.headers["Content-Disposition"]
    lines = list(csv.reader(io.StringIO(b"".join(file.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert lines[1][0] == "李四" and lines[0][-1] == "Why it was rejected"
    assert b"PK" in b"".join(visitor.get(f"/imports/{found.pk}/rejected?format=xlsx").streaming_content)  # type: ignore[attr-defined]

    assert "Undo…" in page(visitor.get("/imports"))
    visitor.post(f"/undo/{found.change_set}", headers={"HX-Request": "true"})
    assert not Contact.objects.filter(deleted_at=None).exists()
    assert not Account.objects.filter(deleted_at=None).exists()
    assert "Undone" in page(visitor.get(f"/imports/{found.pk}"))


def test_a_corrected_file_uses_the_mapping_of_the_earlier_import(visitor: Client) -> None:
    sent(visitor, b"Who,Post\nAnn,bad\n")
    first = Import.objects.get()
    visitor.post(f"/imports/{first.pk}/map", form_of(first, **{"field-0": "name", "field-1": "email"}))
    assert f'value="{first.pk}"' in page(visitor.get(f"/o/contact/import?like={first.pk}"))
    sent(visitor, b"Post,Who,Row in the file\nann@example.com,Ann,2\n", like=str(first.pk))
    second = Import.objects.latest("pk")
    assert [one["field"] for one in second.mapping["columns"]] == ["email", "name", ""]


def test_a_mapping_is_saved_used_and_removed(visitor: Client) -> None:
    sent(visitor, b"Who,Post\nAnn,a@example.com\n")
    found = Import.objects.get()
    form = form_of(found, **{"field-0": "name", "field-1": "email"})
    response = visitor.post(f"/imports/{found.pk}/template", {**form, "name": "Fair"}, headers={"HX-Request": "true"})
    kept = ImportTemplate.objects.get()
    assert (response.status_code, kept.name) == (204, "Fair")
    response = visitor.post(f"/imports/{found.pk}/template", {**form, "name": " "}, headers={"HX-Request": "true"})
    assert response.status_code == 422
    sent(visitor, b"Post,Who\nb@example.com,Bob\n", template=str(kept.pk))
    second = Import.objects.latest("pk")
    assert [one["field"] for one in second.mapping["columns"]] == ["email", "name"]
    assert "Fair" in page(visitor.get(f"/imports/{second.pk}/map?template={kept.pk}"))
    assert "Fair" in page(visitor.get("/imports"))
    visitor.post(f"/imports/templates/{kept.pk}/remove")
    assert not ImportTemplate.objects.exists()


def test_a_column_that_fills_two_fields_says_so_and_can_be_told_not_to(visitor: Client) -> None:
    sent(visitor, b"name,email\nAnn,a@example.com\n")
    found = Import.objects.get()
    found.mapping["columns"].append({"column": 0, "field": "notes"})
    found.save()
    assert "Do not also fill Notes" in page(visitor.get(f"/imports/{found.pk}/map"))
    visitor.post(f"/imports/{found.pk}/map", form_of(found, **{"field-0": "name"}))
    found.refresh_from_db()
    assert [one["field"] for one in found.mapping["columns"]] == ["name", "notes", "email"]
    visitor.post(f"/imports/{found.pk}/map", form_of(found, **{"field-0": "name", "once-0": "1"}))
    found.refresh_from_db()
    assert [one["field"] for one in found.mapping["columns"]] == ["name", "email"]


def test_the_file_can_be_read_in_another_way(visitor: Client) -> None:
    sent(visitor, "氏名,電話\n田中太郎,0312345678\n".encode("euc_jp"))
    found = Import.objects.get()
    visitor.post(f"/imports/{found.pk}/layout", {"encoding": "euc_jp", "delimiter": ",", "header": "1"})
    assert "田中太郎" in page(visitor.get(f"/imports/{found.pk}/map"))
    response = visitor.post(f"/imports/{found.pk}/layout", {"encoding": "utf-8"})
    assert response.status_code == 422 and "not in the encoding utf-8" in page(response)
    assert "田中太郎" in page(visitor.get(f"/imports/{found.pk}/map"))


def test_the_form_shows_what_belongs_to_a_field_while_it_is_filled_in(visitor: Client) -> None:
    sent(visitor, b"A1,B1\nx,y\n")
    found = Import.objects.get()
    asked = {"HX-Request": "true", "HX-Target": "import-form", "HX-Trigger-Name": "field-1"}
    response = visitor.post(f"/imports/{found.pk}/map?look=1", form_of(found, **{"field-1": "account"}), headers=asked)
    shown = page(response)
    assert 'name="by-1"' in shown and 'name="create-1"' in shown and "autofocus" in shown
    found.refresh_from_db()
    assert found.mapping["columns"][1]["field"] == ""


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"), (bytes(range(256)) * 100, "no table"), (b"PK\x03\x04xx", "cannot be read"),
        (b"a" + b",a" * 3_000 + b"\n1\n", "more than 2000 columns"), (b"name\n", "no row"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_is_refused_on_the_page(visitor: Client, data: bytes, words: str) -> None:
    before = dump.database()
    response = sent(visitor, data)
    assert response.status_code == 422 and words in page(response) and 'type="file"' in page(response)
    assert dump.database() == before


def test_a_mapping_that_cannot_be_carried_out_is_shown_again(visitor: Client) -> None:
    sent(visitor, b"Who,Post\nAnn,a@example.com\n")
    found = Import.objects.get()
    form = form_of(found, **{"field-0": "name", "field-1": "name"})
    response = visitor.post(f"/imports/{found.pk}/map", form)
    assert response.status_code == 422 and "filled twice" in page(response)
    response = visitor.post(f"/imports/{found.pk}/map", form_of(found, **{"field-0": "", "field-1": ""}))
    assert response.status_code == 422 and "at least one column" in page(response)
    response = visitor.post(f"/imports/{found.pk}/map", form_of(found, **{"field-0": "name", "mode": "upsert"}))
    assert response.status_code == 422 and "Choose the field by which" in page(response)
    constants = {"constant-field": ["role", "notes"], "constant-value": ["emperor", "fine"]}
    response = visitor.post(f"/imports/{found.pk}/map", form_of(found, **{"field-0": "name", **constants}))
    assert response.status_code == 422 and "emperor" in page(response)


def test_a_file_over_the_limit_is_refused_by_its_length(visitor: Client, settings: Any) -> None:
    settings.GUANXI_IMPORT_BYTES = 1_000
    response = sent(visitor, b"x" * 1_100_000)
    assert response.status_code == 413 and "larger than" in page(response)
    assert sent(visitor, b"name\n" + b"x" * 2_000).status_code == 422
    assert not Import.objects.exists()


def test_a_long_file_is_checked_by_a_job_that_can_be_cancelled(visitor: Client) -> None:
    sent(visitor, ("name\n" + "\n".join(f"Contact {number}" for number in range(2_500)) + "\n").encode())
    found = Import.objects.get()
    visitor.post(f"/imports/{found.pk}/map", form_of(found))
    assert "is being checked" in page(visitor.get(f"/imports/{found.pk}/check"))
    assert visitor.get(f"/imports/{found.pk}/map").status_code == 409
    found.refresh_from_db()
    run(found.check_job_id or 0)
    shown = page(visitor.get(f"/imports/{found.pk}/check"))
    assert "2,500" in shown and "Every row is understood" in shown
    assert not Contact.objects.exists()
    visitor.post(f"/imports/{found.pk}/map", form_of(found))
    found.refresh_from_db()
    visitor.post(f"/jobs/{found.check_job_id}/cancel")
    assert "The check was cancelled." in page(visitor.get(f"/imports/{found.pk}/check"))
    assert jobs.shown.unfinished(people.program()) == ()


def test_an_import_is_carried_out_once(visitor: Client) -> None:
    sent(visitor, b"name\nAnn\n")
    found = Import.objects.get()
    visitor.post(f"/imports/{found.pk}/map", form_of(found))
    assert visitor.post(f"/imports/{found.pk}/commit").status_code == 303
    assert visitor.post(f"/imports/{found.pk}/commit").status_code == 409
    assert visitor.post(f"/imports/{found.pk}/resume").status_code == 409
    found.refresh_from_db()
    run(found.job_id or 0)
    assert visitor.post(f"/imports/{found.pk}/commit").status_code == 409
    assert Contact.objects.count() == 1


def test_the_name_of_a_file_goes_nowhere_but_on_the_page(visitor: Client, tmp_path: Path) -> None:
    sent(visitor, b"name\nAnn\n", name="../../<script>alert(1)</script>.csv")
    found = Import.objects.get()
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.parent.name for path in kept] == ["imports"]
    assert len(kept[0].name) == 32
    shown = page(visitor.get(f"/imports/{found.pk}/map"))
    assert "<script>alert" not in shown


def test_without_the_right_there_is_no_way_in(db: Any) -> None:
    people.person("seller", "salesperson")
    client = Client()
    assert client.login(username="seller", password="seller")
    assert "/o/tag/import" not in page(client.get("/o/tag"))
    before = dump.database()
    assert client.get("/o/role/import").status_code == 403
    assert sent(client, b"name\nAnn\n", key="role").status_code == 403
    assert dump.database() == before


def test_the_number_of_queries_does_not_grow(visitor: Client) -> None:
    def measured(path: str) -> int:
        visitor.get(path)
        with CaptureQueriesContext(db.connection()) as captured:
            assert visitor.get(path).status_code == 200, path
        return len(captured)

    sent(visitor, b"name,email\nAnn,a@example.com\n")
    found = Import.objects.get()
    few = {path: measured(path) for path in ("/imports", "/o/contact/import", f"/imports/{found.pk}/map")}
    for _ in range(12):
        sent(visitor, b"name,email,mobile,notes\n" + b"Ann,a@example.com,1,x\n" * 50)
    many = {path: measured(path) for path in few}
    assert many == few
    assert max(many.values()) <= 16, many


BIG = "9" * 30
GETS = (
    *(f"/imports/{BIG}", "/imports/zz", "/imports/{id}/map?template=zz", f"/imports/{{id}}/map?template={BIG}"),
    *("/imports/{id}/rejected?format=zz", "/imports?whose=zz", f"/o/contact/import?like={BIG}", "/o/zzz/import"),
)
POSTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/imports/{id}/map", {}),
    ("/imports/{id}/map", {"field-0": "zzz", "mode": "zzz", "key": "zzz"}),
    ("/imports/{id}/map", {"field-0": "name", "date-0": "zzz", "scale-0": "-1", "by-0": "zzz"}),
    ("/imports/{id}/map", {"field-0": "name\x00", "constant-field": ["a", "b"], "constant-value": ["c"]}),
    ("/imports/{id}/map", {"field-0": "name", "mode": "create", "empty": "\x00"}),
    ("/imports/{id}/map?look=1", {"field-0": "zzz", "field-99": "name"}),
    ("/imports/{id}/layout", {"encoding": "zzz"}),
    ("/imports/{id}/layout", {"delimiter": "\x00"}),
    ("/imports/{id}/layout", {"header": "-1"}),
    ("/imports/{id}/layout", {"header": "9999"}),
    ("/imports/{id}/layout", {"sheet": "zzz"}),
    ("/imports/{id}/check", {"answer-zz": "zz", "meaning-0-0": "x", "format-0": "zz"}),
    ("/imports/{id}/template", {"name": "x" * 500}),
    ("/imports/{id}/commit", {"x": "y"}),
    (f"/imports/templates/{BIG}/remove", {}),
    ("/o/contact/import", {"file": "not a file"}),
)


@pytest.mark.parametrize("asker", [{}, {"HX-Request": "true"}])
def test_forms_that_no_page_makes_are_answered_in_words(visitor: Client, asker: dict[str, str]) -> None:
    sent(visitor, b"name,email\nAnn,a@example.com\n")
    found = Import.objects.get()
    wrong: list[tuple[Any, ...]] = []
    for path in GETS:
        status = visitor.get(path.format(id=found.pk), headers=asker).status_code
        wrong += [(path, status)] if status >= 500 else []
    for path, body in POSTS:
        status = visitor.post(path.format(id=found.pk), body, headers=asker).status_code
        wrong += [(path, body, status)] if status >= 500 else []
    assert wrong == []
    assert not Contact.objects.exists()
