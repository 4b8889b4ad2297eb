"""The people at the demo's customers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from guanxi.project.demo.companies import Company
from guanxi.project.demo.dice import Dice
from guanxi.project.demo.names import person_name
from guanxi.project.demo.places import landline, mobile

# Role, department and job title in Chinese and English, whether they decide.
_JOBS: tuple[tuple[str, str, str, str, str, bool, float], ...] = (
    ("decision_maker", "总经办", "总经理", "Management", "Managing Director", True, 2),
    ("decision_maker", "生产中心", "生产副总", "Operations", "VP Operations", True, 2),
    ("technical", "设备部", "设备部经理", "Engineering", "Head of Engineering", True, 4),
    ("technical", "自动化部", "自动化工程师", "Automation", "Automation Engineer", False, 5),
    ("technical", "信息部", "信息化主管", "IT", "IT Manager", False, 3),
    ("user", "生产部", "车间主任", "Production", "Plant Manager", False, 3),
    ("user", "工艺部", "工艺工程师", "Process", "Process Engineer", False, 2),
    ("purchaser", "采购部", "采购经理", "Purchasing", "Purchasing Manager", False, 4),
    ("purchaser", "采购部", "采购专员", "Purchasing", "Buyer", False, 2),
    ("finance", "财务部", "财务经理", "Finance", "Finance Manager", False, 1),
    ("champion", "精益办公室", "精益改善主管", "Lean Office", "Lean Manager", False, 2),
)
_NOTES = (
    *("喜欢上午沟通，微信回复快。", "技术出身，看重现场验证。", "预算需报集团审批。", "关注交期，多次强调停机窗口。"),
    *("对国产替代持开放态度。", "推动内部立项的关键人。", "与竞争对手有多年合作。"),
)
_NOTES_EN = (
    *("Prefers mail over phone.", "Wants a site reference before any decision.", "Budget is approved by the group."),
    *("Very interested in total cost of ownership.", "Has worked with a competitor for years."),
)


@dataclass
class ContactPlan:
    """A contact before it is written."""

    values: dict[str, Any]
    company: int
    role: str
    reports_to: int | None = None

    @property
    def called(self) -> str:
        """How one speaks of the person: family name and title in Chinese, the given name otherwise."""
        return str(self.values["called"])


def make_contacts(dice: Dice, companies: list[Company], count: int, today: date) -> list[ContactPlan]:
    """About ``count`` contacts, at least one per company, more at the larger ones; a few have their birthday today."""
    contacts: list[ContactPlan] = []
    wanted = {"a": 4.0, "b": 2.2, "c": 1.2}
    factor = count / max(1.0, sum(wanted[company.level] for company in companies))
    for index, company in enumerate(companies):
        number = max(1, round(wanted[company.level] * factor + dice.random.uniform(-0.6, 0.6)))
        jobs = dice.some(_JOBS, number)
        jobs.sort(key=lambda job: not job[5])
        for job in jobs:
            plan = _contact(dice, index, company, job, len(contacts), today)
            if company.contacts and dice.chance(0.6):
                plan.reports_to = company.contacts[0]
            company.contacts.append(len(contacts))
            contacts.append(plan)
    _birthdays_soon(dice, contacts, today)
    return contacts


def _contact(
    dice: Dice, index: int, company: Company, job: tuple[str, str, str, str, str, bool, float], number: int, today: date
) -> ContactPlan:
    role, department, title, department_en, title_en, decides, _weight = job
    name = person_name(dice, company.place.country)
    chinese = company.chinese
    salutation = "ms" if name.female else "mr"
    called = name.family + _form_of_address(title, female=name.female) if chinese else name.given
    values: dict[str, Any] = {
        "family_name": name.family,
        "given_name": name.given,
        "salutation": salutation,
        "job_title": title if chinese else title_en,
        "department": department if chinese else department_en,
        "role": role,
        "decision_maker": decides,
        "mobile": mobile(company.place, number * 3 + 107),
        "email": f"{name.latin}{'' if number % 3 else number % 90 + 10}@{company.domain}",
        "called": called,
    }
    if dice.chance(0.45):
        values["phone"] = landline(company.place, number * 5 + 3)
    if chinese and dice.chance(0.7):
        values["wechat"] = f"{name.latin.replace('.', '_')}_{dice.whole(10, 99)}"
    if dice.chance(0.55):
        age = timedelta(days=dice.whole(26 * 365, 58 * 365))
        values["birthday"] = today - age
    if dice.chance(0.25):
        values["notes"] = dice.pick(_NOTES if chinese else _NOTES_EN)
    if dice.chance(0.03):
        values["do_not_mail"] = True
    return ContactPlan(values, index, role)


def _form_of_address(title: str, *, female: bool) -> str:
    """What follows the family name when one speaks of the person."""
    for ending, spoken in (("副总", "总"), ("总经理", "总"), ("工程师", "工"), ("经理", "经理"), ("主任", "主任")):
        if title.endswith(ending):
            return spoken
    return "女士" if female else "先生"


def _birthdays_soon(dice: Dice, contacts: list[ContactPlan], today: date) -> None:
    """Every demo has somebody to congratulate: two today, a handful in the days to come."""
    for offset, plan in zip((0, 0, 1, 2, 3, 4, 6), dice.some(contacts, 7), strict=False):
        day = today + timedelta(days=offset)
        # The 28th exists in every year; a birthday on the 29th of February would not.
        plan.values["birthday"] = date(day.year - dice.whole(29, 52), day.month, min(day.day, 28))
        if day.day <= 28 or day.month != 2:
            plan.values["birthday"] = plan.values["birthday"].replace(day=day.day)
