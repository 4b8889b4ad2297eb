"""The pages and the API of jobs, the recycle bin, retention and redaction."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from guanxi.access.models import User
from guanxi.domains.customers.models import Account, Contact
from guanxi.engine import jobs, keys, write
from guanxi.engine.job import Job
from guanxi.engine.jobs import running
from guanxi.engine.retention import emptying, policy
from guanxi.journal.models import Entry
from guanxi.kernel.labels import Label
from tests.support import people
from tests.support.samples import Samples

pytestmark = pytest.mark.django_db


def own_job(username: str = "lead") -> Job:
    """A job that waits."""
    user = User.objects.get(username=username)
    return jobs.start(people.actor(user), emptying.KIND, {}, Label("Emptying", "清空"))


def toast(response: Any) -> str:
    """What the answer says in a toast."""
    return str(json.loads(response.headers["HX-Trigger"])["toast"]["message"])


def binned_account(**values: Any) -> int:
    """An account in the recycle bin."""
    pk = int(Samples().create("account", **values).pk)
    with write.change(people.program(), "test") as door:
        door.delete("account", [pk])
    return pk


def test_a_running_job_shows_in_the_top_bar_and_its_end_is_told_once(visitor: Client) -> None:
    assert 'id="jobs-mark"' in visitor.get("/o/account").content.decode()
    assert "every 2s" not in visitor.get("/jobs/mark").content.decode()
    job = own_job()
    mark = visitor.get("/jobs/mark").content.decode()
    assert f"was={job.pk}" in mark
    assert "every 2s" in mark
    assert f'hx-get="/jobs/mark?was={job.pk}"' in visitor.get("/o/account").content.decode()
    running.run(job.pk)
    ended = visitor.get(f"/jobs/mark?was={job.pk}")
    assert toast(ended) == "Done: Emptying"
    assert "was=" not in ended.content.decode()
    other = own_job()
    assert "HX-Trigger" not in visitor.get(f"/jobs/mark?was={other.pk}").headers


def test_the_list_polls_while_something_runs_and_cancels(visitor: Client) -> None:
    job = own_job()
    page = visitor.get("/jobs").content.decode()
    assert "Emptying" in page
    assert "every 2s" in page
    fragment = visitor.get("/jobs", headers={"HX-Request": "true", "HX-Target": "jobs"}).content.decode()
    assert fragment.strip().startswith('<div id="jobs"')
    done = visitor.post(f"/jobs/{job.pk}/cancel")
    assert (done.status_code, toast(done)) == (204, "Cancelled.")
    page = visitor.get(f"/jobs/{job.pk}").content.decode()
    assert "Cancelled" in page
    assert "every 2s" not in page
    assert visitor.post(f"/jobs/{job.pk}/cancel", headers={"HX-Request": "true"}).status_code == 409


def test_everybodys_jobs_are_for_administrators(visitor: Client) -> None:
    people.person("ann", "salesperson")
    own_job("ann")
    assert "Person ann" in visitor.get("/jobs?whose=all").content.decode()
    assert "Emptying" not in visitor.get("/jobs").content.decode()
    ann = Client()
    assert ann.login(username="ann", password="ann")
    own_job("lead")
    page = ann.get("/jobs?whose=all").content.decode()
    assert page.count("Emptying") > 0
    assert "Person lead" not in page


def test_the_api_lists_reads_and_cancels(visitor: Client) -> None:
    job = own_job()
    listed = visitor.get("/api/v1/jobs").json()["data"]
    assert [one["id"] for one in listed] == [job.pk]
    assert listed[0] | {"created_at": ""} == {
        **{"id": job.pk, "kind": "empty_bin", "title": {"en": "Emptying", "zh": "清空"}, "status": "queued"},
        **{"done": 0, "total": None, "message": None, "result": None, "error": None, "cancel_requested": False},
        **{"started_by": job.started_by_id, "created_at": "", "started_at": None, "finished_at": None},
    }
    _key, secret = keys.issue(people.actor(User.objects.get(username="lead")), "Key", [])
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.post(f"/api/v1/jobs/{job.pk}/cancel").json()["status"] == "cancelled"
    assert client.post(f"/api/v1/jobs/{job.pk}/cancel").status_code == 409
    assert client.get("/api/v1/jobs/999999999999999999999").status_code == 404
    assert client.get("/api/v1/jobs?all=perhaps").status_code == 400


def test_delete_for_good_from_the_list_the_record_and_the_api(visitor: Client) -> None:
    kept = binned_account(name="Kept")
    Contact.objects.filter(pk=Samples().create("contact").pk).update(account_id=kept)
    first, second, third = (binned_account(name=f"Gone {number}") for number in range(3))
    assert "Delete for good" in visitor.get("/o/account?deleted=1").content.decode()
    page = visitor.get(f"/o/account/{first}").content.decode()
    assert f'hx-post="/o/account/{first}/purge"' in page
    assert visitor.post(f"/o/account/{first}/purge", headers={"HX-Request": "true"}).status_code == 204
    done = visitor.post("/o/account/bulk", {"what": "purge", "id": [second, kept]})
    assert toast(done) == "1 record removed for good. 1 is kept, because other records point to it."
    assert visitor.post(f"/o/account/{kept}/purge", headers={"HX-Request": "true"}).status_code == 409
    _key, secret = keys.issue(people.actor(User.objects.get(username="lead")), "Key", [])
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.delete(f"/api/v1/account/{third}?purge=true").status_code == 204
    assert client.delete(f"/api/v1/account/{kept}?purge=true").status_code == 409
    assert client.delete(f"/api/v1/account/{kept}?purge=perhaps").status_code == 400
    assert list(Account.objects.values_list("pk", flat=True)) == [kept]


def test_the_rules_of_retention(visitor: Client) -> None:
    page = visitor.get("/admin/retention").content.decode()
    assert 'name="recycle_bin_days"' in page
    wrong = visitor.post("/admin/retention", {"recycle_bin_days": "-5", "history_months": "12"})
    assert wrong.status_code == 422
    assert 'value="-5"' in wrong.content.decode(), "nothing that was typed is lost"
    assert visitor.post("/admin/retention", {"recycle_bin_days": "5", "history_months": "0"}).status_code == 303
    assert policy.values() == {"recycle_bin_days": 5, "history_months": 0}
    assert visitor.get("/api/v1/retention-policy").json() == {"recycle_bin_days": 5, "history_months": 0}
    started = visitor.post("/admin/retention/run", headers={"HX-Request": "true"})
    assert started.headers["HX-Redirect"] == "/jobs"
    assert Job.objects.get().kind == emptying.KIND


def test_redaction_asks_for_fields_reason_and_certainty(visitor: Client) -> None:
    contact = Samples().create("contact", mobile="+8613912345678")
    address = f"/o/contact/{contact.pk}/redact"
    assert address in visitor.get(f"/o/contact/{contact.pk}").content.decode()
    dialog = visitor.get(address).content.decode()
    assert 'value="mobile" checked' in dialog
    assert 'value="birthday" checked' in dialog
    assert 'value="owner" checked' not in dialog
    unsure = visitor.post(address, {"field": ["mobile"], "reason": "Asked for"})
    assert unsure.status_code == 422
    assert 'value="Asked for"' in unsure.content.decode()
    assert Entry.objects.filter(verb="redacted").count() == 0
    done = visitor.post(address, {"field": ["mobile"], "reason": "Asked for", "sure": "yes"})
    assert toast(done) == "1 entry redacted."
    long = visitor.post(address, {"field": ["name"], "reason": "Asked for", "sure": "yes", "follow_ups": "yes"})
    assert "jobs" in json.loads(long.headers["HX-Trigger"])
    assert Job.objects.get().kind == "redact"


def test_redaction_through_the_api(visitor: Client) -> None:
    contact = Samples().create("contact", mobile="+8613912345678")
    _key, secret = keys.issue(people.actor(User.objects.get(username="lead")), "Key", [])
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def post(**body: Any) -> Any:
        return client.post(f"/api/v1/contact/{contact.pk}/redact", json.dumps(body), content_type="application/json")

    assert post().status_code == 422
    assert post(reason="Asked for", fields=["nothing"]).status_code == 422
    assert post(reason="Asked for", fields="mobile").status_code == 422
    assert post(reason="Asked for", other=1).status_code == 422
    assert post(reason="Asked for", fields=["mobile"]).json() == {"entries": 1, "job": None}
    later = post(reason="Asked for", follow_ups=True)
    assert later.status_code == 202
    assert later.headers["Location"] == f"/api/v1/jobs/{later.json()['job']['id']}"
