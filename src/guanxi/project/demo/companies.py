"""The demo's accounts: companies that do not exist, in places that do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from guanxi.kernel.text import pinyin
from guanxi.project.demo.dice import Dice
from guanxi.project.demo.places import CURRENCIES, PLACES, RATES, Place, address, landline

_FIRST = "澜屿砚岚曜澈禾衡岳瀚黎沐珩弈骁翊霁峤溯铄昱璟桓湛钦"
_SECOND = "川锋源辰图陆驰石野山桥舟帆格序林原钧拓界泰和岭成"
_STEMS = (
    *("Brav", "Kest", "Ostr", "Quil", "Fenw", "Drax", "Wend", "Haldr", "Vosk", "Plim", "Zarn", "Thul", "Grev", "Mirk"),
    *("Joln", "Skerr", "Trask", "Yorv", "Bexl", "Corv"),
)
_ENDS = (
    *("ovane", "idane", "amark", "estead", "ivora", "untria", "olund", "imere", "equist", "arnova", "owick", "andric"),
    *("elion", "oheim"),
)
_LEGAL = {
    **{"US": "Inc.", "CA": "Inc.", "GB": "Ltd", "DE": "GmbH", "FR": "SAS", "IT": "S.p.A.", "NL": "B.V.", "JP": "K.K."},
    **{
        "KR": "Co., Ltd.",
        "SG": "Pte. Ltd.",
        "MY": "Sdn. Bhd.",
        "TH": "Co., Ltd.",
        "VN": "Co., Ltd.",
        "IN": "Pvt. Ltd.",
    },
    **{"AU": "Pty Ltd", "AE": "LLC", "MX": "S.A. de C.V."},
}
INDUSTRY_WORDS: dict[str, tuple[float, tuple[str, ...], tuple[str, ...]]] = {
    "automotive": (20, ("汽车零部件", "汽车系统", "新能源汽车"), ("Automotive", "Mobility Systems", "Drivetrain")),
    "electronics": (22, ("电子", "半导体", "精密电子", "光电"), ("Electronics", "Semiconductors", "Photonics")),
    "manufacturing": (20, ("装备", "机械", "精密制造", "智能装备"), ("Machinery", "Precision", "Industries")),
    "energy": (10, ("新能源", "储能科技", "电力设备"), ("Energy", "Power Systems", "Battery")),
    "food": (8, ("食品", "乳业", "饮料"), ("Foods", "Beverages", "Dairy")),
    "medical": (8, ("生物医药", "医疗器械", "制药"), ("Medical", "Pharma", "Biotech")),
    "logistics": (7, ("物流", "供应链", "冷链"), ("Logistics", "Supply Chain")),
    "chemicals": (7, ("新材料", "化工", "涂料"), ("Materials", "Chemicals", "Coatings")),
    "software": (3, ("软件", "数字科技"), ("Software", "Digital")),
    "education": (2, ("职业技术学院", "研究院"), ("Institute", "Technical College")),
}
SOURCE_WEIGHTS = {
    **{"referral": 16.0, "exhibition": 22.0, "website": 15.0, "search": 9.0, "cold_call": 10.0, "partner": 13.0},
    **{"seminar": 7.0, "tender": 6.0, "social": 2.0},
}
TEAMS = {
    **{"east": "east", "south": "south", "north": "north", "northeast": "north", "northwest": "central"},
    **{"central": "central", "southwest": "central"},
}


@dataclass
class Company:
    """An account before it is written."""

    values: dict[str, Any]
    brand: str
    domain: str
    place: Place
    industry: str
    level: str
    source: str
    team: str
    owner: str = ""
    created: date = date.min
    parent: int | None = None
    contacts: list[int] = field(default_factory=list)

    @property
    def chinese(self) -> bool:
        """Whether one writes Chinese with them."""
        return self.place.country == "CN"

    @property
    def currency(self) -> str:
        """The currency they are quoted in."""
        return CURRENCIES[self.place.country]

    @property
    def rate(self) -> float:
        """Yuan per unit of that currency, roughly."""
        return RATES[self.currency]


def make_companies(dice: Dice, count: int, today: date) -> list[Company]:
    """``count`` companies with names that differ; roughly every twelfth belongs to an earlier one."""
    used: set[str] = set()
    companies = [_company(dice, number, today, used) for number in range(count)]
    for number, company in enumerate(companies):
        if number > 10 and dice.chance(0.08):
            parent = dice.whole(0, number - 1)
            if companies[parent].parent is None and companies[parent].chinese == company.chinese:
                company.parent = parent
    return companies


def _company(dice: Dice, number: int, today: date, used: set[str]) -> Company:
    place = dice.weigh({place: place.weight for place in PLACES})
    industry = dice.weigh({key: weight for key, (weight, _zh, _en) in INDUSTRY_WORDS.items()})
    brand = _brand(dice, place, used)
    name = _name(dice, place, industry, brand)
    domain = f"{pinyin(brand)[0] if place.country == 'CN' else brand.lower()}{'' if number % 7 else '-group'}.example"
    employees = max(12, int(dice.skewed(320, 1.15)))
    score = employees * dice.skewed(1, 0.5)
    level = "a" if score > 1300 else "b" if score > 260 else "c"
    source = dice.weigh(SOURCE_WEIGHTS)
    revenue = employees * dice.skewed(900_000, 0.45) / RATES[CURRENCIES[place.country]]
    values: dict[str, Any] = {
        "name": name,
        "level": level,
        "industry": industry,
        "source": source,
        "phone": landline(place, number * 7 + 11),
        "email": f"info@{domain}",
        "website": f"https://www.{domain}",
        "region": place.region,
        "country": place.country,
        "city": place.city,
        "billing_address": address(dice, place),
        "location": f"{place.latitude + dice.random.uniform(-0.12, 0.12):.6f},"
        f"{place.longitude + dice.random.uniform(-0.12, 0.12):.6f}",
        "employees": employees,
        "annual_revenue": int(revenue / 10_000) * 10_000 * 100,
        "currency": CURRENCIES[place.country],
        "founded": min(today.year - 2, max(1948, int(today.year - dice.skewed(16, 0.6)))),
        "relationship": "reseller" if source == "partner" and dice.chance(0.25) else "customer",
    }
    if place.country == "CN":
        values["tax_number"] = f"91{dice.whole(100000, 659999)}MA{dice.whole(0, 99_999_999):08d}"
        values["shipping_address"] = values["billing_address"] if dice.chance(0.7) else address(dice, place)
    return Company(values, brand, domain, place, industry, level, source, TEAMS.get(place.region, "overseas"))


def _brand(dice: Dice, place: Place, used: set[str]) -> str:
    while True:
        parts: tuple[Sequence[str], Sequence[str]] = (_FIRST, _SECOND) if place.country == "CN" else (_STEMS, _ENDS)
        brand = "".join(dice.pick(part) for part in parts)
        if brand not in used:
            used.add(brand)
            return brand


def _name(dice: Dice, place: Place, industry: str, brand: str) -> str:
    _weight, chinese, english = INDUSTRY_WORDS[industry]
    if place.country == "CN":
        if industry == "education":
            return f"{place.city}{brand}{dice.pick(chinese)}"
        suffix = dice.weigh({"有限公司": 60.0, "科技有限公司": 18.0, "股份有限公司": 14.0, "集团有限公司": 8.0})
        return f"{place.city}{brand}{dice.pick(chinese)}{suffix}"
    return f"{brand} {dice.pick(english)} {_LEGAL[place.country]}"
