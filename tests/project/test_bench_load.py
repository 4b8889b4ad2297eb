"""``guanxi bench load`` fills an empty database with a company, and leaves one with records alone."""

from __future__ import annotations

import pytest

from guanxi.access.actor import Actor
from guanxi.access.models import Department, Grant, User
from guanxi.domains.customers.account import Account
from guanxi.domains.customers.contact import Contact
from guanxi.domains.sales.opportunity import Opportunity
from guanxi.engine.field_index import FieldIndex
from guanxi.engine.indexing import building
from guanxi.journal.models import Entry
from guanxi.project.bench import load as loading
from guanxi.schema.models import CustomField

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_empty_database_becomes_a_company(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "BUSY", 20)
    said: list[str] = []
    loading.load(200, said.append)
    assert (Opportunity.objects.count(), Contact.objects.count(), Account.objects.count()) == (200, 200, 20)
    assert CustomField.objects.filter(object="opportunity").count() == 20
    assert Department.objects.count() == 16
    assert Grant.objects.filter(object="opportunity", cause="manual").count() == 39
    owned = sorted(Opportunity.objects.filter(owner=person).count() for person in User.objects.all())
    assert owned[-1] > 3 * owned[len(owned) // 2], "a few have much, most have little"
    made = Entry.objects.filter(object="opportunity", verb="created").count()
    assert made == 200, "all of it went through the write door"
    assert said[-1].startswith("Ready")
    with pytest.raises(SystemExit, match="already holds records"):
        loading.load(200, said.append)
    assert Opportunity.objects.count() == 200
    for one in FieldIndex.objects.all():
        building.remove(Actor.program(), one.pk)
