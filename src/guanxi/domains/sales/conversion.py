"""Conversion of a lead: account, contact and opportunity in one change set, without making duplicates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from guanxi.access.visibility import visible
from guanxi.engine.matching.normalising import company
from guanxi.kernel.errors import Conflict, Invalid
from guanxi.kernel.labels import Label
from guanxi.kernel.text import fold, has_cjk, normalise
from guanxi.schema import fields, registry
from guanxi.schema.currencies import CURRENCIES
from guanxi.schema.declaration import Action, Outcome
from guanxi.schema.record import Record
from guanxi.schema.rules import WriteDoor

SAME_NAME_LIMIT = 200


@dataclass
class Converted:
    """What a conversion used or made."""

    account: int
    account_found: bool
    contact: int
    contact_found: bool
    opportunity: int | None = None


def convert(door: WriteDoor, record: Record, inputs: Mapping[str, Any]) -> Outcome:
    """Turn the lead into account, contact and, unless refused, opportunity.

    An account the person can see with the same name, and a contact with the same mobile, mail or name there, are used
    instead of new ones, unless ``new_account`` says otherwise.
    """
    lead: Any = record
    if lead.status == "converted":
        raise Conflict(_("This lead has been converted already."))
    result = _people(door, lead, inputs)
    if inputs.get("create_opportunity", True):
        result.opportunity = _opportunity(door, lead, result, inputs)
    outcome = {
        "status": "converted",
        "converted_at": door.now,
        "account": result.account,
        "contact": result.contact,
        "opportunity": result.opportunity,
    }
    door.as_program().update("lead", lead.pk, outcome)
    goto = ("opportunity", result.opportunity) if result.opportunity else ("account", result.account)
    return Outcome(_message(result), goto)


def _people(door: WriteDoor, lead: Any, inputs: Mapping[str, Any]) -> Converted:
    chosen = inputs.get("account")
    name = (inputs.get("account_name") or lead.company or lead.name).strip()
    found = _chosen(door, chosen) if chosen else None if inputs.get("new_account") else _same_account(door, name)
    account = found if found is not None else door.create("account", _account_values(lead, name)).pk
    contact = _same_contact(door, lead, account) if found is not None else None
    made = contact if contact is not None else door.create("contact", _contact_values(lead, account)).pk
    if found is None:
        door.update("account", account, {"primary_contact": made})
    return Converted(account, found is not None, made, contact is not None)


def _visible(door: WriteDoor, object_key: str) -> QuerySet[Any]:
    return visible(door.actor, registry.get(object_key), narrow=True)


def _chosen(door: WriteDoor, account: int) -> int:
    if not _visible(door, "account").filter(pk=account).exists():
        raise Invalid(_("Choose an existing account."), {"account": [_("This account does not exist.")]})
    return account


def _same_account(door: WriteDoor, name: str) -> int | None:
    """The oldest visible account of the same company name; only names with the same beginning are compared."""
    wanted = company(name)
    if not wanted:
        return None
    start = normalise(name)[: 4 if has_cjk(name) else 3]
    rows = _visible(door, "account").filter(search_key__startswith=start).order_by("pk")
    for pk, found in rows.values_list("pk", "name")[:SAME_NAME_LIMIT]:
        if company(found) == wanted:
            return int(pk)
    return None


def _same_contact(door: WriteDoor, lead: Any, account: int) -> int | None:
    same = Q(name=lead.name, account_id=account)
    if lead.mobile:
        same |= Q(mobile=lead.mobile)
    if lead.email:
        same |= Q(email=fold(lead.email)) | Q(email=lead.email)
    rows = _visible(door, "contact").filter(same).filter(Q(account_id=account) | Q(account=None))
    found = rows.order_by("pk").values_list("pk", flat=True).first()
    return None if found is None else int(found)


def _account_values(lead: Any, name: str) -> dict[str, Any]:
    values = {
        key: getattr(lead, key) for key in ("phone", "website", "industry", "region", "country", "city", "source")
    }
    person = not lead.company
    values |= {"name": name, "category": "person" if person else "company", "status": "following"}
    values |= {"owner": lead.owner_id, "billing_address": lead.address, "next_contact_on": lead.next_contact_on}
    return {key: value for key, value in values.items() if value not in (None, "")}


def _contact_values(lead: Any, account: int | None) -> dict[str, Any]:
    values = {key: getattr(lead, key) for key in ("name", "job_title", "mobile", "phone", "email", "wechat")}
    values |= {"account": account, "owner": lead.owner_id}
    return {key: value for key, value in values.items() if value not in (None, "")}


def _opportunity(door: WriteDoor, lead: Any, people: Converted, inputs: Mapping[str, Any]) -> int:
    values = {key: inputs.get(key) for key in ("amount", "currency", "pipeline", "close_on")}
    values |= {
        "name": inputs.get("opportunity_name") or _opportunity_name(lead),
        "account": people.account,
        "contact": people.contact,
        "product": lead.product_id,
        "source": lead.source,
        "needs": lead.description,
        "owner": lead.owner_id,
    }
    given = {key: value for key, value in values.items() if value not in (None, "")}
    return int(door.create("opportunity", given).pk)


def _opportunity_name(lead: Any) -> str:
    who = lead.company or lead.name
    return f"{who} · {lead.product.name}" if lead.product_id else str(who)


def _message(result: Converted) -> str:
    if result.account_found and result.contact_found:
        return _("Converted. The account and the contact existed already and were used.")
    if result.account_found:
        return _("Converted. An account of this name existed already and was used.")
    return _("Converted.")


def _makes(record: Any) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("account", _account_values(record, record.company or record.name)),
        ("contact", _contact_values(record, None)),
    ]


def _prefill(record: Any) -> dict[str, Any]:
    return {
        "account_name": record.company or record.name,
        "create_opportunity": True,
        "opportunity_name": _opportunity_name(record),
    }


CONVERT = Action(
    "convert", Label("Convert", "转化"), "arrow-right-circle", convert, prefill=_prefill, makes=_makes,
    available=lambda record: getattr(record, "status", "") in ("new", "following"), right="change_state", primary=True,
    inputs={
        "account_name": fields.virtual("text", "Account name", "客户名称", max_length=200),
        "account": fields.virtual("lookup", "Or an existing account", "或选择已有客户", target="account"),
        "new_account": fields.virtual(
            "boolean", "New account even if the name exists", "即使同名也新建客户",
            help=Label(
                "Otherwise an account of the same name that you can see is used.",
                "否则将使用您可见的同名客户。",
            ),
        ),
        "create_opportunity": fields.virtual("boolean", "Create an opportunity", "创建商机", default=True),
        "opportunity_name": fields.virtual("text", "Opportunity name", "商机名称", max_length=200),
        "pipeline": fields.virtual("lookup", "Pipeline", "销售管道", target="pipeline"),
        "amount": fields.virtual("money", "Amount", "预计金额", minimum=0),
        "currency": fields.virtual("select", "Currency", "币种", options=CURRENCIES),
        "close_on": fields.virtual("date", "Expected close", "预计成交日期"),
    },
)  # fmt: skip
