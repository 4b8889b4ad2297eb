"""Merging and duplicates on pages: the list leads there, the form keeps what was chosen, addresses lead on."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from guanxi.domains.customers.models import Account
from guanxi.engine import write
from guanxi.engine.dedupe import deciding, scanning
from guanxi.engine.jobs import running
from guanxi.kernel import db
from guanxi.schema.registry import snapshot
from tests.support import people

pytestmark = pytest.mark.django_db


def accounts(*rows: dict[str, Any]) -> list[int]:
    """New accounts."""
    with write.change(people.program(), "test") as door:
        return [record.pk for record in door.create_many("account", rows)]


def words(response: Any) -> str:
    """The text of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_the_list_and_the_record_lead_to_the_merge(visitor: Client) -> None:
    (one,) = accounts({"name": "One"})
    assert 'data-bulk-go="/o/account/merge"' in visitor.get("/o/account").content.decode()
    assert "data-bulk-go" not in visitor.get("/o/task").content.decode()
    assert f'href="/o/account/merge?id={one}"' in visitor.get(f"/o/account/{one}").content.decode()
    seen = words(visitor.get(f"/o/account/merge?id={one}"))
    assert "Add another record" in seen and "Chosen so far: One" in seen


def test_values_are_chosen_side_by_side(visitor: Client) -> None:
    first, second = accounts(
        {"name": "One", "phone": "+8675528780808", "city": "Perth"}, {"name": "Two", "city": "Perth", "level": "a"}
    )
    with write.change(people.program(), "test") as door:
        door.create_many("contact", [{"name": f"Contact {n}", "account": second} for n in range(3)])
    response = visitor.get(f"/o/account/merge?id={first}&id={second}&survivor={first}")
    page = response.content.decode()
    assert re.search(rf'name="f-name" value="{first}"[^>]*checked', page)
    assert re.search(rf'name="f-level" value="{second}"[^>]*checked', page), "what the survivor lacks is filled"
    assert 'name="f-city"' not in page and "The same in all" in page
    assert "3 Contacts" in words(response)
    form = {"id": [first, second], "survivor": first, "f-name": second, f"version-{first}": 1, f"version-{second}": 1}
    done = visitor.post("/o/account/merge", form, headers={"HX-Request": "true"})
    assert done.headers["HX-Redirect"] == f"/o/account/{first}"
    assert "2 records merged" in json.loads(done.headers["HX-Trigger"])["toast"]["message"]
    kept = Account.objects.get(pk=first)
    assert (kept.name, kept.level, kept.phone) == ("Two", "a", "+8675528780808")
    led = visitor.get(f"/o/account/{second}")
    assert (led.status_code, led.headers["Location"]) == (303, f"/o/account/{first}")
    assert "This record was merged into another one" in words(visitor.get(f"/o/account/{second}?merged"))
    told = words(visitor.get(f"/o/account/{first}/history", headers={"HX-Request": "true"}))
    assert "merged other records into this" in told and "Merged records: Two" in told


def test_a_merge_of_what_changed_meanwhile_is_refused_and_shown_again(visitor: Client) -> None:
    first, second = accounts({"name": "One"}, {"name": "Two"})
    with write.change(people.program(), "test") as door:
        door.update("account", second, {"city": "Perth"})
    form = {"id": [first, second], "survivor": first, f"version-{second}": 1}
    refused = visitor.post("/o/account/merge", form)
    assert refused.status_code == 422 and "Somebody else changed this record" in words(refused)
    assert Account.objects.filter(deleted_at=None).count() == 2


def test_the_page_costs_the_same_for_two_and_for_ten_records(visitor: Client) -> None:
    ids = accounts(*({"name": f"Account {number}", "city": f"City {number}"} for number in range(10)))

    def cost(chosen: list[int]) -> int:
        address = "/o/account/merge?" + "&".join(f"id={pk}" for pk in chosen)
        visitor.get(address)
        with CaptureQueriesContext(db.connection()) as captured:
            assert visitor.get(address).status_code == 200
        return len(captured)

    few, many = cost(ids[:2]), cost(ids)
    assert few == many <= 34, (few, many)


def test_the_form_warns_while_typing_and_asks_before_it_saves_a_duplicate(visitor: Client) -> None:
    (first,) = accounts({"name": "Alpha Ltd"})
    live = visitor.post("/o/account/duplicates", {"name": "ALPHA GmbH"})
    assert f'href="/o/account/{first}"' in live.content.decode() and "Same company name" in words(live)
    assert visitor.post("/o/account/duplicates", {"name": "Beta"}).content.strip() == b""
    form = {"name": "alpha", "currency": "CNY"}
    asked = visitor.post("/o/account/new", form)
    assert asked.status_code == 422 and "This may be there already" in words(asked)
    assert 'value="alpha"' in asked.content.decode() and Account.objects.count() == 1
    saved = visitor.post("/o/account/new", {**form, "duplicates_seen": "1"})
    assert saved.status_code == 303 and Account.objects.count() == 2


def test_a_blocking_rule_is_told_in_the_form(visitor: Client) -> None:
    accounts({"name": "Alpha Ltd"})
    boss = people.actor(people.person("boss", administrator=True))
    with write.change(boss, "test") as door:
        deciding.decide(door, snapshot().get("account"), {"name": "block"})
    people.refreshed()
    refused = visitor.post("/o/account/new", {"name": "alpha", "duplicates_seen": "1"})
    assert refused.status_code == 422 and "cannot be saved again" in words(refused)
    assert Account.objects.count() == 1


def test_the_review_shows_groups_and_remembers_what_is_different(visitor: Client) -> None:
    rows = [{"name": "Li Ming", "mobile": "+8613800138000"}, {"name": "Ming Li", "mobile": "+8613800138000"}]
    with write.change(people.program(), "test") as door:
        made = door.create_many("contact", rows)
    assert "Not looked for yet" in words(visitor.get("/duplicates?object=contact"))
    started = visitor.post("/duplicates/scan", {"object": "contact"}, headers={"HX-Request": "true"})
    assert started.headers["HX-Redirect"] == "/duplicates?object=contact"
    job = scanning.start(people.program(), "contact")
    running.run(job.pk)
    page = visitor.get("/duplicates?object=contact")
    assert f"/o/contact/merge?id={made[0].pk}&amp;id={made[1].pk}" in page.content.decode()
    assert "Same mobile" in words(page)
    group = re.search(r'id="group-(\d+)"', page.content.decode())
    assert group is not None
    assert visitor.post(f"/duplicates/{group[1]}/apart", headers={"HX-Request": "true"}).status_code == 200
    assert "No duplicates left" in words(visitor.get("/duplicates?object=contact"))


def test_is_this_company_taken(visitor: Client) -> None:
    accounts({"name": "Alpha Ltd"})
    assert "the same name" in words(visitor.get("/taken?q=alpha+inc"))
    assert "Not taken" in words(visitor.get("/taken?q=omega"))
    codes = {visitor.get("/taken?q=omega").status_code for _ in range(25)}
    assert codes == {200, 429}


def test_the_conversion_of_a_lead_tells_what_is_there(visitor: Client) -> None:
    (first,) = accounts({"name": "Alpha Ltd"})
    with write.change(people.program(), "test") as door:
        lead = door.create("lead", {"name": "Li", "company": "ALPHA GmbH", "owner": None}).pk
    dialog = visitor.get(f"/o/lead/{lead}/act/convert", headers={"HX-Request": "true"})
    assert f'href="/o/account/{first}"' in dialog.content.decode()


def test_administrators_set_the_rules(visitor: Client) -> None:
    page = visitor.get("/admin/duplicates").content.decode()
    assert 'name="mode.account.name"' in page and 'name="shown.lead"' in page
    form = {"mode.account.name": "block", "asked.account": "1", "shown.account": ["name", "city"]}
    assert visitor.post("/admin/duplicates", form, headers={"HX-Request": "true"}).status_code == 204
    people.refreshed()
    page = visitor.get("/admin/duplicates").content.decode()
    assert re.search(r'name="mode.account.name".*?<option value="block" selected>', page, re.S)
    assert re.search(r'name="shown.account" value="city" checked', page)
