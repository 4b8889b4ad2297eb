"""The demo's leads: where they came from and what became of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from guanxi.kernel.text import pinyin
from guanxi.project.demo.companies import INDUSTRY_WORDS, SOURCE_WEIGHTS, TEAMS, Company
from guanxi.project.demo.contacts import ContactPlan
from guanxi.project.demo.deals import Deal
from guanxi.project.demo.dice import Dice
from guanxi.project.demo.names import person_name
from guanxi.project.demo.offerings import OFFERS, Offer
from guanxi.project.demo.people import Employee
from guanxi.project.demo.places import PLACES, address, mobile

_INVALID = {
    "wrong_contact": 16.0,
    "no_need": 26.0,
    "no_budget": 16.0,
    "not_target": 18.0,
    "duplicate": 8.0,
    "no_answer": 16.0,
}
_TITLES = (
    ("设备主管", "生产经理", "自动化工程师", "采购", "总经理助理", "信息化专员"),
    ("Plant Engineer", "Production Manager", "Buyer", "Automation Lead", "IT Specialist"),
)
_BRANDS = ("澄", "晏", "砺", "昀", "峻", "熠", "朔", "渝", "蔚", "骞"), ("达", "科", "创", "元", "润", "和", "维", "进")
_BRANDS_EN = ("Pell", "Strav", "Ulm", "Hask", "Gorn", "Brix"), ("idor", "amere", "olby", "enfall", "udane")
_WANTS = (
    *(
        "官网留言，询问{offer}价格和交期。",
        "展会扫码，想要{offer}的样本和案例。",
        "准备改造两条产线，想了解{offer}。",
        "下载了白皮书，电话确认有兴趣。",
    ),
    *("朋友介绍，想参观样板工厂。", "客户在做选型，{offer}需要试用。"),
)
_WANTS_EN = (
    *("Asked for a quotation for {offer} on the website.", "Scanned at the booth, wants a {offer} brochure."),
    *("Comparing vendors, would like to try {offer}.", "Downloaded the white paper, confirmed interest by phone."),
)


@dataclass
class LeadPlan:
    """A lead before it is written; ``deal`` is the index of the opportunity it became."""

    values: dict[str, Any]
    owner: str
    created: datetime
    status: str
    offer: Offer
    called: str
    chinese: bool
    converted: datetime | None = None
    deal: int | None = None
    tags: list[int] = field(default_factory=list)


def make_leads(
    dice: Dice,
    deals: list[Deal],
    companies: list[Company],
    contacts: list[ContactPlan],
    people: list[Employee],
    count: int,
    today: date,
) -> list[LeadPlan]:
    """``count`` leads: a third became first deals of the recent past, the rest are new, followed up or invalid."""
    firsts: dict[int, int] = {}
    for index, deal in enumerate(deals):
        firsts.setdefault(deal.company, index)
    recent = [index for index in firsts.values() if (today - deals[index].created.date()).days < 600]
    leads = [
        _converted(dice, index, deals[index], companies[deals[index].company], contacts)
        for index in sorted(dice.some(recent, count * 32 // 100))
    ]
    sellers: dict[str, list[str]] = {}
    for person in people:
        if person.role == "salesperson":
            sellers.setdefault(person.department, []).append(person.username)
    leads += [_unconverted(dice, number, sellers, today) for number in range(count - len(leads))]
    leads.sort(key=lambda lead: lead.created)
    return leads


def _converted(dice: Dice, index: int, deal: Deal, company: Company, contacts: list[ContactPlan]) -> LeadPlan:
    person = contacts[deal.contacts[0]].values
    keys = ("job_title", "mobile", "email")
    values = {key: person[key] for key in keys} | {"company": company.values["name"], "source": company.source}
    values |= {key: company.values[key] for key in ("industry", "region", "country", "city")}
    values |= {"family": person["family_name"], "given": person["given_name"], "score": dice.whole(60, 98)}
    values["description"] = _wish(dice, deal.offer, company.chinese)
    created = deal.created - timedelta(days=dice.whole(2, 25))
    called = str(person["called"])
    return LeadPlan(
        values,
        deal.owner,
        created,
        "converted",
        deal.offer,
        called,
        company.chinese,
        converted=deal.created,
        deal=index,
    )


def _unconverted(dice: Dice, number: int, sellers: dict[str, list[str]], today: date) -> LeadPlan:
    place = dice.weigh({place: place.weight for place in PLACES})
    chinese = place.country == "CN"
    name = person_name(dice, place.country)
    industry = dice.weigh({key: weight for key, (weight, _zh, _en) in INDUSTRY_WORDS.items()})
    brand = "".join(dice.pick(part) for part in (_BRANDS if chinese else _BRANDS_EN))
    _weight, words, words_en = INDUSTRY_WORDS[industry]
    word = dice.pick(words if chinese else words_en)
    company = f"{place.city}{brand}{word}有限公司" if chinese else f"{brand} {word}"
    domain = f"{pinyin(brand)[0] if chinese else brand.lower()}{number}.example"
    status = dice.weigh({"new": 34.0, "following": 42.0, "invalid": 24.0})
    age = {"new": 21, "following": 90, "invalid": 420}[status]
    offer = dice.weigh({offer: offer.weight for offer in OFFERS})
    values: dict[str, Any] = {
        "family": name.family,
        "given": name.given,
        "company": company,
        "job_title": dice.pick(_TITLES[0 if chinese else 1]),
        "mobile": mobile(place, number * 11 + 51),
        "email": f"{name.latin}@{domain}",
        "industry": industry,
        "region": place.region,
        "country": place.country,
        "city": place.city,
        "source": dice.weigh(SOURCE_WEIGHTS),
        "score": min(95, max(5, int(dice.random.gauss(52 if status != "invalid" else 25, 20)))),
        "description": _wish(dice, offer, chinese),
    }
    if dice.chance(0.3):
        values["address"] = address(dice, place)
    if status == "invalid":
        values["invalid_reason"] = dice.weigh(_INVALID)
    owner = dice.pick(sellers[TEAMS.get(place.region, "overseas")])
    created = dice.moment(today - timedelta(days=age), today - timedelta(days=1))
    called = name.family + ("女士" if name.female else "先生") if chinese else name.given
    return LeadPlan(values, owner, created, status, offer, called, chinese)


def _wish(dice: Dice, offer: Offer, chinese: bool) -> str:
    return dice.pick(_WANTS if chinese else _WANTS_EN).format(offer=offer.name if chinese else offer.english)
