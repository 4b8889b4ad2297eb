"""What is found, in which order, and by whom."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import Mock

import pytest

from guanxi.access.models import RoleField
from guanxi.domains.customers.account import Account
from guanxi.engine import write
from guanxi.engine.search import finding, inverted, scan
from guanxi.engine.search.asked import asked
from guanxi.engine.search.tables import SearchDocument
from guanxi.kernel import clock
from guanxi.schema import registry
from tests.access.test_administration import role_with
from tests.engine.search.indexed import follow_journal, large, titles
from tests.support import people

pytestmark = pytest.mark.django_db
HUAWEI = "华为技术有限公司"


def account(**values: object) -> int:
    """A new account."""
    with write.change(people.program(), "test") as door:
        return int(door.create("account", {"name": HUAWEI, **values}).pk)


@pytest.mark.parametrize(
    "text",
    (
        *("华为", "技术", "为技", "华为技", "华为技术", HUAWEI, "公司", "司", "華為技術", "華為"),
        *(
            "huawei jishu",
            "huawei",
            "hua wei",
            "huaweijishu",
            "HUAWEI",
            "ＨＵＡＷＥＩ",
            "h",
            "jishu",
            "gongsi",
            "Hua Wei Ji Shu",
        ),
        *("hwjs", "hwjsyxgs", "jsyxgs", "huaweijishuyouxiangongsi"),
        *("13800138000", "138 0013 8000", "+86 138-0013-8000", "8000", "0138000", "1380013"),
        *(
            "sales@huawei.example",
            "huawei.example",
            "sales",
            "example",
            "华为 8000",
            "shenzhen1234",
            "华为 sales jishu",
        ),
    ),
)
@pytest.mark.parametrize("size", ("small", "large"))
def test_a_company_is_found_by(text: str, size: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = people.actor(people.person("lead", administrator=True))
    account(phone="+8613800138000", email="sales@huawei.example", tax_number="SHENZHEN12345678")
    account(name="小米科技有限责任公司" if "公司" not in text and text not in ("司", "gongsi") else "Acme")
    follow_journal()
    if size == "large":
        with large(monkeypatch):
            assert titles(made, text)[:1] == [HUAWEI], text
    else:
        assert titles(made, text)[:1] == [HUAWEI], text


@pytest.mark.parametrize(
    "text", ("华威", "hjws", "uawei", "为华", "138001", "9000", "术技", "", "  ", "!?", "%", "_", "'\"*)", "AND")
)
def test_and_not_by(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = people.actor(people.person("lead", administrator=True))
    account(phone="+8613700138000", email="sales@huawei.example")
    follow_journal()
    assert titles(made, text) == []
    with large(monkeypatch):
        assert titles(made, text) == []


def test_prose_is_found_by_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    made = people.actor(people.person("lead", administrator=True))
    with write.change(people.program(), "test") as door:
        content = (
            "客户对付款条件很满意，希望明年继续采购三台激光切割机，送到比亚迪。 They asked for the Warranty terms."
        )
        door.create("task", {"subject": "Visit", "description": content})
    follow_journal()
    for text in ("付款条件", "激光切割机", "激光", "warranty", "采购", "切割", "比亚", "比亚迪"):
        assert len(titles(made, text)) == 1, text
        with large(monkeypatch):
            assert len(titles(made, text)) == 1, text
    assert titles(made, "款条") == []


def test_a_record_is_found_right_after_it_was_saved_and_no_longer_when_it_is_gone() -> None:
    made = people.actor(people.person("lead", administrator=True))
    pk = account()
    assert not SearchDocument.objects.filter(object="account").exists()
    assert titles(made, "hwjs") == [HUAWEI]
    follow_journal()
    assert titles(made, "hwjs") == [HUAWEI]
    with write.change(people.program(), "test") as door:
        door.update("account", pk, {"name": "小米科技"})
    assert titles(made, "xmkj") == ["小米科技"]
    follow_journal()
    assert (titles(made, "hwjs"), titles(made, "xmkj")) == ([], ["小米科技"])
    with write.change(people.program(), "test") as door:
        door.delete("account", [pk])
    assert titles(made, "xmkj") == []
    follow_journal()
    assert not SearchDocument.objects.filter(object="account").exists()
    with write.change(people.program(), "test") as door:
        door.restore("account", [pk])
    follow_journal()
    assert titles(made, "xmkj") == ["小米科技"]


def test_the_best_come_first() -> None:
    """Beginning of the title, whole words of it, its parts, other fields; then one's own, then the latest."""
    li = people.person("li", "sales_manager")
    lead = people.actor(people.person("lead", administrator=True))
    start = clock.now()
    made: tuple[tuple[str, dict[str, object]], ...] = (
        ("南方机械设备", {}),
        ("机械时代", {}),
        ("华南 机械", {}),
        ("北方机械设备", {"owner": li.pk}),
        ("Acme", {"website": "https://机械.example"}),
    )
    for number, (name, values) in enumerate(made):
        with clock.frozen(start + timedelta(minutes=number)):
            account(name=name, **values)
    follow_journal()
    everybody = ["机械时代", "北方机械设备", "华南 机械", "南方机械设备", "Acme"]
    assert titles(lead, "机械") == everybody
    assert titles(lead, "jixie")[0] == "机械时代"
    assert titles(lead, "jxsd") == ["机械时代"]
    with write.change(people.program(), "test") as door:
        door.update_many(
            "account", [one.pk for one in Account.objects.filter(name="南方机械设备")], {"owner": lead.user_id}
        )
    follow_journal()
    assert titles(lead, "机械")[:2] == ["机械时代", "南方机械设备"]


@pytest.mark.parametrize("size", ("small", "large"))
def test_only_what_the_person_may_see(size: str, monkeypatch: pytest.MonkeyPatch) -> None:
    li, wang = people.person("li", "salesperson"), people.person("wang", "salesperson")
    nobody = people.actor(people.person("nobody"))
    for number in range(5):
        account(name=f"华为 {number}", owner=li.pk)
        account(name=f"华为 wang {number}", owner=wang.pk)
    follow_journal()
    if size == "large":
        monkeypatch.setattr(finding, "WINDOW", 0)
        monkeypatch.setattr(finding, "CANDIDATES", 1)  # the index is full of what the person may not see
    assert sorted(titles(people.actor(li), "huawei")) == [f"华为 {number}" for number in range(5)]
    assert sorted(titles(people.actor(wang), "华为")) == [f"华为 wang {number}" for number in range(5)]
    assert titles(nobody, "华为") == []
    assert titles(people.actor(li), "wang", objects=("account",)) == []


@pytest.mark.parametrize("size", ("small", "large"))
def test_a_closed_field_is_not_searched(size: str, monkeypatch: pytest.MonkeyPatch) -> None:
    role = role_with("Closed", {"*": {"rights": ["read"], "read": "all", "edit": "own"}})
    RoleField.objects.create(role=role, object="account", field="phone", level="read", mask="all")
    person = people.person("li")
    person.roles.set([role])
    registry.bump("access")
    account(phone="+8613800138000", email="sales@huawei.example")
    follow_journal()
    actor = people.actor(person)
    if size == "large":
        monkeypatch.setattr(finding, "WINDOW", 0)
    assert titles(actor, "huawei") == [HUAWEI]
    assert titles(actor, "13800138000") == [] == titles(actor, "8000")
    assert titles(actor, "sales") == []  # one closed field closes the whole of what is found beside the title
    RoleField.objects.filter(role=role).update(field="name", level="hidden", mask="none")
    registry.bump("access")
    assert titles(people.actor(person), "huawei") == []


def test_a_title_is_found_among_many_with_the_word_in_a_closed_field(monkeypatch: pytest.MonkeyPatch) -> None:
    role = role_with("Closed", {"*": {"rights": ["read"], "read": "all", "edit": "own"}})
    RoleField.objects.create(role=role, object="account", field="website", level="read", mask="all")
    person = people.person("li")
    person.roles.set([role])
    registry.bump("access")
    for number in range(20):
        account(name="New Embers" if number == 10 else f"Acme {number}", website=f"https://ember{number}.example")
    follow_journal()
    monkeypatch.setattr(finding, "CANDIDATES", 3)
    with large(monkeypatch):
        assert titles(people.actor(person), "ember", limit=5) == ["New Embers"]


def test_what_is_neither_rare_nor_everywhere_is_found_beyond_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person may see little of the newest documents that match, and more of the rest."""
    li, wang = people.person("li", "salesperson"), people.person("wang", "salesperson")
    for number in range(12):
        account(name=f"小华为 {number}", owner=li.pk if number < 4 else wang.pk)
    follow_journal()
    for name, value in {"WINDOW": 8, "RARE": 2, "OWN": 0, "NARROW": 0, "GRANTED": 0, "PART": 0}.items():
        monkeypatch.setattr(finding, name, value)
    assert sorted(titles(people.actor(li), "hua")) == [f"小华为 {number}" for number in range(4)]
    monkeypatch.setattr(finding, "EVERYWHERE", 8)
    assert titles(people.actor(li), "hua") == []  # the inverted index would gather very much: the person's part is next
    monkeypatch.setattr(finding, "NARROW", 8)
    assert sorted(titles(people.actor(li), "hua")) == [f"小华为 {number}" for number in range(4)]


def test_enough_names_that_begin_so_are_all_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    actor = people.actor(people.person("lead", administrator=True))
    for number in range(12):
        account(name=f"Acme {number}" if number % 2 else f"New Acme {number}")
    follow_journal()
    asked_for = Mock(wraps=inverted.matching)
    monkeypatch.setattr(inverted, "matching", asked_for)
    with large(monkeypatch):
        assert titles(actor, "acme", limit=6) == [f"Acme {number}" for number in (11, 9, 7, 5, 3, 1)]
        assert asked_for.call_count == 0
        assert len(titles(actor, "acme", limit=7)) == 7
        assert asked_for.call_count == 1


def test_parts_of_the_index_are_asked_for_together() -> None:
    for number in range(3):
        account(name=f"Acme {number}", owner=people.person(f"p{number}").pk)
    follow_journal()
    owner = Account.objects.get(name="Acme 1").owner_id
    everything = scan.Scope(("account",))
    parts = [
        scan.Part(everything, 10, 2),
        scan.Part.beginning("acme 0", everything, 5),
        scan.Part(scan.Scope(("account",), owners=[owner]), 10, 5),
        scan.Part.few(["tag"], 5),
        scan.Part(scan.Scope(()), 10, 5),
    ]
    found = [[one.title for one in each] for each in scan.among(asked("acme"), parts, ())]
    assert found == [["acme 2", "acme 1"], ["acme 0"], ["acme 1"], [], []]
    assert scan.among(asked("acme"), [], ()) == []
    with pytest.raises(ValueError, match="Not keys of objects"):
        scan.Scope(("account'; DROP TABLE access_user; --",)).sql()


def test_what_was_just_saved_is_no_way_around_a_closed_field() -> None:
    role = role_with("Closed", {"*": {"rights": ["read"], "read": "all", "edit": "own"}})
    RoleField.objects.create(role=role, object="account", field="phone", level="hidden", mask="none")
    person = people.person("li")
    person.roles.set([role])
    registry.bump("access")
    account(phone="+8613800138000")
    actor = people.actor(person)
    assert (titles(actor, "8000"), titles(actor, "hwjs"), titles(actor, "华为")) == ([], [], [HUAWEI])


def test_what_is_typed_is_taken_apart() -> None:
    assert asked("hua wei").groups == ((("hua", "wei"), ("huawei",)),)
    assert asked("华为").groups == ((("华为",),),)
    assert not asked(" - ")


@pytest.mark.parametrize("size", ("small", "large"))
def test_what_the_index_holds_and_what_it_lacks_yet_are_found_together(
    size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite gives the moment of a change once as a text and once as a moment, as its plan happens to be."""
    actor = people.actor(people.person("both", administrator=True))
    for number in range(6):
        account(name=f"Ember {number}")
    follow_journal()
    account(name="Ember, new")
    for text in ("ember", "emb", "Ember 3", "ember new"):
        if size == "large":
            with large(monkeypatch):
                found = titles(actor, text)
        else:
            found = titles(actor, text)
        assert found and ("Ember, new" in found) == (text != "Ember 3"), (text, found)


def test_two_characters_are_a_word_of_the_index_wherever_they_stand() -> None:
    account(name="华为技术", phone="+8613800138000")
    follow_journal()
    document = SearchDocument.objects.get(object="account")
    assert {"华为", "为技", "技术"} <= set(document.words.split())
    assert "为技" not in document.title_words.split()  # it is not what somebody means by a word


@pytest.mark.parametrize(
    ("text", "begun", "whole"),
    (
        ("为技", "(('为技'))", "(('为技'))"),
        ("华", "(('华':*))", "(('华'))"),
        ("hw", "(('hw':*))", "(('hw'))"),
        ("hua wei", "(('hua':* & 'wei':*) | ('huawei':*))", "(('hua' & 'wei') | ('huawei':*))"),
        ("上海 机械", "(('上海')) & (('机械'))", "(('上海')) & (('机械'))"),
        ("上海 kang", "(('上海')) & (('kang':*))", "(('上海')) & (('kang':*))"),
        ("北京上海", "(('北京上海':*) | ('北京' & '上海'))", "(('北京上海':*) | ('北京' & '上海'))"),
    ),
)
def test_what_the_index_is_asked(text: str, begun: str, whole: str) -> None:
    assert inverted.GIN.question(asked(text)) == begun
    assert inverted.GIN.question(asked(text), whole=True) == whole
    assert inverted.holds_whole(asked(text)) == (begun == whole)


def test_the_beginning_of_a_name_is_found_among_many_that_end_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """``kang`` is a whole word of every name that ends with 康; who is called 康 is meant all the same."""
    actor = people.actor(people.person("lead", administrator=True))
    for number in range(20):
        account(name=f"{'康师傅' if number == 10 else '小康'} {number}")
    follow_journal()
    monkeypatch.setattr(finding, "WINDOW", 0)
    monkeypatch.setattr(finding, "HITS", 0)
    assert titles(actor, "kang", limit=5)[0] == "康师傅 10"
    for number in range(20):
        account(name=f"{'华为技术' if number == 10 else '小华 小为'} {number}")
    follow_journal()
    assert titles(actor, "hua wei", limit=5)[0] == "华为技术 10"


def test_whole_words_are_found_among_many_that_only_begin_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The index is asked for whole words first: the few that are meant are not lost among what is taken of the rest."""
    actor = people.actor(people.person("lead", administrator=True))
    for number in range(61):
        account(name="Acme Robo" if number == 30 else f"Acme Robotics {number}")
    follow_journal()
    monkeypatch.setattr(finding, "WINDOW", 0)
    monkeypatch.setattr(finding, "HITS", 0)
    monkeypatch.setattr(finding, "CANDIDATES", 5)
    assert titles(actor, "robo", limit=5)[0] == "Acme Robo"
    assert titles(actor, "robo acme", limit=5)[0] == "Acme Robo"
    assert len(titles(actor, "robo acme", limit=5)) == 5


@pytest.mark.parametrize("common", ("华为", "技术", "huawei", "jishu", "nothing"))
@pytest.mark.parametrize("text", ("华为 技术", "华为技术公司", "huawei jishu", "hua 技术"))
def test_what_is_found_does_not_depend_on_the_sample(text: str, common: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sample tells what the index is asked first; it may be old or wrong."""
    actor = people.actor(people.person("lead", administrator=True))
    account()
    account(name="华为机械")
    account(name="小米技术有限公司")
    follow_journal()
    monkeypatch.setattr(inverted, "_newest", lambda: f" {common} " * inverted.SAMPLE)
    with large(monkeypatch):
        assert titles(actor, text) == [HUAWEI]


@pytest.mark.parametrize(
    ("text", "shared"),
    (
        ("acme robotics", "acme"),
        ("北京上海", "北京"),
        ("华为技术公司", "华为"),
        ("acme", None),
        ("138 0013 8000", "138"),
    ),
)
def test_what_all_alternatives_ask_for_is_compared_once(text: str, shared: str | None) -> None:
    (group,) = asked(text).groups
    assert scan._shared(group) == shared
