"""The people of the demo company, in a department tree."""

from __future__ import annotations

from dataclasses import dataclass

from guanxi.project.demo.dice import Dice
from guanxi.project.demo.names import person_name

PASSWORD = "guanxi-demo"  # noqa: S105 -- the demo's, told to everybody who loads it
DOMAIN = "guanshan.example"

DEPARTMENTS: tuple[tuple[str, str, str], ...] = (
    ("company", "关山智控 Guanshan Controls", ""),
    ("management", "总经办 Management", "company"),
    ("sales", "销售中心 Sales", "company"),
    ("east", "华东销售部 East China", "sales"),
    ("south", "华南销售部 South China", "sales"),
    ("north", "北方销售部 North China", "sales"),
    ("central", "中西部销售部 Central & West", "sales"),
    ("overseas", "海外销售部 Overseas", "sales"),
    ("marketing", "市场部 Marketing", "company"),
    ("solutions", "方案部 Solutions", "company"),
    ("service", "客户服务部 Service", "company"),
    ("finance", "财务部 Finance", "company"),
    ("it", "信息与人事部 IT & People", "company"),
)
"""Key, name, key of the department above."""

# Department, job title, role, how many, whether they head the department.
_POSTS: tuple[tuple[str, str, str, int, bool], ...] = (
    ("management", "总经理", "auditor", 1, True),
    ("sales", "销售副总裁", "sales_manager", 1, True),
    ("east", "华东区总监", "sales_manager", 1, True),
    ("east", "客户经理", "salesperson", 6, False),
    ("south", "华南区总监", "sales_manager", 1, True),
    ("south", "客户经理", "salesperson", 4, False),
    ("north", "北方区总监", "sales_manager", 1, True),
    ("north", "客户经理", "salesperson", 4, False),
    ("central", "中西部总监", "sales_manager", 1, True),
    ("central", "客户经理", "salesperson", 3, False),
    ("overseas", "Director Overseas", "sales_manager", 1, True),
    ("overseas", "Account Manager", "salesperson", 4, False),
    ("solutions", "方案总监", "marketer", 1, True),
    ("solutions", "解决方案顾问", "marketer", 2, False),
    ("marketing", "市场总监", "marketer", 1, True),
    ("marketing", "市场专员", "marketer", 2, False),
    ("service", "服务经理", "service_agent", 1, True),
    ("service", "服务工程师", "service_agent", 3, False),
    ("finance", "财务总监", "auditor", 1, True),
    ("it", "系统管理员", "administrator", 1, True),
)
_ABROAD = ("US", "DE", "SG", "GB", "JP")


@dataclass
class Employee:
    """A person of the demo company; ``skill`` moves the odds of winning."""

    username: str
    name: str
    title: str
    department: str
    role: str
    head: bool
    manager: str = ""
    skill: float = 0.0
    english: bool = False
    phone: str = ""

    @property
    def email(self) -> str:
        """The mail address at the demo company."""
        return f"{self.username}@{DOMAIN}"


def make_people(dice: Dice) -> list[Employee]:
    """Everybody, the heads with their departments; ``admin``, ``manager`` and ``sales`` are among them."""
    people: list[Employee] = []
    names: set[str] = {"admin", "manager", "sales"}
    for department, title, role, count, head in _POSTS:
        for _number in range(count):
            people.append(_employee(dice, department, title, role, head, names, len(people)))
    heads = {person.department: person.username for person in people if person.head}
    above = {key: parent for key, _name, parent in DEPARTMENTS}
    for person in people:
        if person.head:
            boss = heads.get(above.get(person.department, ""), heads["management"])
            person.manager = "" if boss == person.username else boss
        else:
            person.manager = heads[person.department]
    return people


def _employee(dice: Dice, department: str, title: str, role: str, head: bool, names: set[str], number: int) -> Employee:
    english = department == "overseas"
    name = person_name(dice, dice.pick(_ABROAD) if english else "CN")
    username = _username(department, role, head, names) or name.latin
    while username in names and username not in ("admin", "manager", "sales"):
        username = f"{name.latin}{dice.whole(2, 99)}"
    names.add(username)
    return Employee(
        username=username,
        name=name.full,
        title=title,
        department=department,
        role=role,
        head=head,
        skill=0.45 if username == "sales" else dice.random.gauss(0, 0.4),
        english=english,
        phone=f"+8613800001{number:03d}",
    )


def _username(department: str, role: str, head: bool, names: set[str]) -> str:
    """The three sign-ins that are told to everybody; the first salesperson of the east is ``sales``."""
    if role == "administrator":
        return "admin"
    if department == "sales" and head:
        return "manager"
    if department == "east" and role == "salesperson" and "sales!" not in names:
        names.add("sales!")
        return "sales"
    return ""
