"""Files of a record: seen by whoever sees the record, stored under a name of our own, run by nobody."""

from __future__ import annotations

from pathlib import PurePath

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from guanxi.engine.models import StoredFile
from guanxi.journal.models import Entry
from tests.support import people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def signed_in(username: str) -> Client:
    """A client of a salesperson."""
    people.person(username, "salesperson")
    client = Client()
    assert client.login(username=username, password=username)
    return client


def test_a_file_is_kept_shown_and_removed() -> None:
    client = signed_in("ann")
    owner = int(client.session["_auth_user_id"])
    account = Samples().create("account", owner=owner).pk
    sent = SimpleUploadedFile("../../合同 <b>.pdf", b"%PDF-1.7 sample")
    response = client.post(f"/o/account/{account}/files", {"file": sent}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    stored = StoredFile.objects.get()
    assert (stored.name, stored.size) == ("合同 <b>.pdf", 15)
    assert PurePath(stored.path).name != stored.name
    assert "&lt;b&gt;" in response.content.decode()
    assert Entry.objects.filter(object="account", record=account, verb="file_added").exists()
    content = client.get(f"/files/{stored.pk}")
    assert b"".join(content.streaming_content) == b"%PDF-1.7 sample"  # type: ignore[attr-defined]
    assert content["Content-Disposition"].startswith("attachment")
    assert client.post(f"/files/{stored.pk}/remove", headers={"HX-Request": "true"}).status_code == 200
    assert client.get(f"/files/{stored.pk}").status_code == 404


def test_nobody_reaches_files_of_records_they_do_not_see() -> None:
    ann, bob = signed_in("ann"), signed_in("bob")
    account = Samples().create("account", owner=int(ann.session["_auth_user_id"])).pk
    ann.post(f"/o/account/{account}/files", {"file": SimpleUploadedFile("drawing.svg", SVG)})
    stored = StoredFile.objects.get()
    shown = ann.get(f"/files/{stored.pk}")
    assert shown["Content-Type"] == "application/octet-stream"
    assert "sandbox" in shown["Content-Security-Policy"]
    for response in (
        bob.get(f"/files/{stored.pk}"),
        bob.get(f"/o/account/{account}/files"),
        bob.post(f"/files/{stored.pk}/remove"),
        bob.post(f"/o/account/{account}/files", {"file": SimpleUploadedFile("x.txt", b"x")}),
    ):
        assert response.status_code == 404
    assert StoredFile.objects.count() == 1


def test_an_empty_file_and_none_are_refused_in_words() -> None:
    client = signed_in("ann")
    account = Samples().create("account", owner=int(client.session["_auth_user_id"])).pk
    for data in ({}, {"file": SimpleUploadedFile("empty.txt", b"")}):
        assert client.post(f"/o/account/{account}/files", data).status_code == 422
    assert not StoredFile.objects.exists()
