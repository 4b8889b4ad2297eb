"""A lead becomes account, contact and opportunity in one change set, without duplicates."""

from __future__ import annotations

from datetime import date

import pytest

from guanxi.domains.customers.models import Account, Contact
from guanxi.domains.sales.models import Lead, Opportunity
from guanxi.engine import write
from guanxi.engine.matching.normalising import company
from guanxi.journal.models import ChangeSet, Entry
from guanxi.kernel.errors import Invalid, Refused
from tests.domains.pipelines import act, create, standard
from tests.support import people

pytestmark = pytest.mark.django_db


def test_conversion_makes_all_three_in_one_change_set() -> None:
    standard()
    product = create("product", name="GC100")
    lead = create(
        "lead",
        name="王伟",
        company="苏州澜锋电子有限公司",
        mobile="+8613800000001",
        product=product.pk,
        source="website",
    )
    before = ChangeSet.objects.count()
    outcome = act("lead", lead.pk, "convert", amount=500_000, close_on=date(2030, 1, 1))
    account, contact, deal = Account.objects.get(), Contact.objects.get(), Opportunity.objects.get()
    assert outcome.goto == ("opportunity", deal.pk)
    assert (account.name, account.source, account.primary_contact_id) == (lead.company, "website", contact.pk)
    assert (contact.name, contact.account_id, contact.mobile) == ("王伟", account.pk, "+8613800000001")
    assert (deal.account_id, deal.contact_id, deal.product_id) == (account.pk, contact.pk, product.pk)
    assert (deal.amount, deal.name) == (500_000, "苏州澜锋电子有限公司 · GC100")
    found = Lead.objects.get(pk=lead.pk)
    assert (found.status, found.account_id, found.opportunity_id) == ("converted", account.pk, deal.pk)
    assert ChangeSet.objects.count() == before + 1
    assert set(Entry.objects.filter(change_set=ChangeSet.objects.last()).values_list("object", flat=True)) >= {
        "lead",
        "account",
        "contact",
        "opportunity",
    }


@pytest.mark.parametrize("name", ["苏州澜锋电子有限公司", "苏州澜锋电子", " 苏州澜锋电子股份有限公司 "])
def test_an_account_of_the_same_company_is_used(name: str) -> None:
    standard()
    account = create("account", name=name)
    contact = create("contact", name="王伟", account=account.pk, mobile="+8613800000001")
    lead = create("lead", name="王先生", company="苏州澜锋电子有限公司", mobile="+8613800000001")
    act("lead", lead.pk, "convert", create_opportunity=False)
    found = Lead.objects.get(pk=lead.pk)
    assert (found.account_id, found.contact_id, found.opportunity_id) == (account.pk, contact.pk, None)
    assert (Account.objects.count(), Contact.objects.count()) == (1, 1)


def test_a_new_account_can_be_insisted_on() -> None:
    standard()
    create("account", name="Quilidane Inc.")
    lead = create("lead", name="Ann Lee", company="Quilidane Inc.")
    act("lead", lead.pk, "convert", new_account=True, create_opportunity=False)
    assert Account.objects.count() == 2


def test_accounts_the_person_cannot_see_are_neither_used_nor_revealed() -> None:
    standard()
    hidden = create("account", name="Quilidane Inc.", owner=people.person("other", "salesperson").pk)
    seller = people.person("seller", "salesperson")
    with write.change(people.actor(seller), "test") as door:
        lead = door.create("lead", {"name": "Ann Lee", "company": "Quilidane Inc."})
        door.act("lead", lead.pk, "convert", {"create_opportunity": True})
    made = Account.objects.exclude(pk=hidden.pk).get()
    assert made.owner_id == seller.pk
    assert Opportunity.objects.get().owner_id == seller.pk
    with pytest.raises(Invalid), write.change(people.actor(seller), "test") as door:
        second = door.create("lead", {"name": "Bo Lee"})
        door.act("lead", second.pk, "convert", {"account": hidden.pk})


def test_a_lead_is_converted_once_and_only_by_conversion() -> None:
    standard()
    lead = create("lead", name="Ann Lee")
    with pytest.raises(Invalid), write.change(people.program(), "test") as door:
        door.update("lead", lead.pk, {"status": "converted"})
    act("lead", lead.pk, "convert")
    assert Account.objects.get().category == "person"
    with pytest.raises(Refused):
        act("lead", lead.pk, "convert")


def test_an_invalid_lead_has_a_reason_and_can_come_back() -> None:
    lead = create("lead", name="Ann Lee")
    with pytest.raises(Invalid), write.change(people.program(), "test") as door:
        door.update("lead", lead.pk, {"status": "invalid"})
    act("lead", lead.pk, "invalidate", invalid_reason="no_need")
    act("lead", lead.pk, "reopen")
    found = Lead.objects.get(pk=lead.pk)
    assert (found.status, found.invalid_reason) == ("following", "")


def test_company_names_are_compared_without_their_legal_form() -> None:
    assert company("ＡＢＣ Co., Ltd.") == company("abc") == "abc"
    assert company("公司") == "公司"
