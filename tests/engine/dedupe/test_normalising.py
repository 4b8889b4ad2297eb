"""What people write differently and mean the same, and what only looks so."""

from __future__ import annotations

import pytest

from guanxi.engine.dedupe.evidence import THRESHOLD, weigh
from guanxi.engine.dedupe.frequencies import Frequencies
from guanxi.engine.matching import normalising as n


@pytest.mark.parametrize(
    "names",
    [
        (
            "华为技术有限公司",
            "華為技術有限公司",
            "华为技术 股份有限公司",
            "华为技术（集团）有限公司",
            "华为技术集团",
            "华为技术",
        ),
        ("ACME Co., Ltd.", "Acme Company Limited", "ＡＣＭＥ Ｉｎｃ．", "acme", "Acme, LLC", "A.C.M.E. GmbH"),
        ("Müller GmbH & Co. KG", "müller gmbh", "MÜLLER"),
        ("Siemens AG", "Siemens A.G.", "siemens"),
    ],
)
def test_a_company_is_known_without_its_legal_form(names: tuple[str, ...]) -> None:
    assert len({n.company(name) for name in names}) == 1, [n.company(name) for name in names]


def test_different_companies_stay_different() -> None:
    names = ("华为技术", "华为终端", "北京华为", "公司", "Acme Steel", "Acme Foods", "Group", "Ltd")
    assert len({n.company(name) for name in names}) == len(names)
    assert all(n.company(name) for name in names)


def test_numbers_mails_and_domains() -> None:
    assert (
        len(
            {
                n.phone(text)
                for text in ("13800138000", "+86 138 0013 8000", "０１３８００１３８０００"[1:], "138-0013-8000")
            }
        )
        == 1
    )
    assert n.phone("+49 30 123456") == "+4930123456" and n.phone("n/a") == ""
    assert n.mail("Li.Ming+crm@Example.COM") == n.mail("li.ming@example.com") == "li.ming@example.com"
    assert n.domain("https://www.shop.example.com.cn/a?b=1") == n.domain("sales@example.com.cn") == "example.com.cn"
    assert n.domain("somebody@qq.com") == n.domain("http://gmail.com") == n.domain("localhost") == ""
    assert n.number("91440300-708461136T") == n.number("91440300708461136t")


def test_a_person_is_known_whatever_the_order_of_the_names() -> None:
    assert n.person("Li Ming") == n.person("MING, Li") and n.person("李明") == n.person("李 明")
    assert n.person("李明") != n.person("李名")


SORTS = ("person", "phone", "record", "address", "place")


def judged(first: dict[int, object], second: dict[int, object]) -> float:
    return weigh(SORTS, first, second, Frequencies())[0]


def test_colleagues_and_families_are_not_one_person() -> None:
    """The same telephone, account, street and town, but another name."""
    office = {1: frozenset({"+862112345678"}), 2: "7", 3: "1 nanjing road", 4: "shanghai"}
    assert judged({0: ("wang", "wei"), **office}, {0: ("li", "na"), **office}) < THRESHOLD
    home = {3: "12 hill street", 4: "perth"}
    assert judged({0: ("miller", "john"), **home}, {0: ("miller", "anna"), **home}) < THRESHOLD
    assert judged({0: ("王", "伟"), **office}, {0: ("王", "芳"), **office}) < THRESHOLD + 10
    assert judged({0: ("miller", "john"), **home}, {0: ("john", "miller"), **home}) > THRESHOLD
    assert judged({0: ("miller", "jon"), **home}, {0: ("miller", "john"), **home}) > THRESHOLD


def test_a_name_that_everybody_has_says_less_than_a_rare_one() -> None:
    known = Frequencies()
    for number in range(10_000):
        known.total += 1
        known.add("name", "wang" if number % 4 == 0 else f"name{number}")
    common = weigh(("person",), {0: ("wang", "")}, {0: ("wang", "")}, known)[0]
    rare = weigh(("person",), {0: ("name7", "")}, {0: ("name7", "")}, known)[0]
    assert common < 2.5 and rare == 8.0
