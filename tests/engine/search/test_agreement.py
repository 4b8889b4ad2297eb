"""Search finds exactly the visible records that an independent matcher finds, whichever way it takes to them."""

from __future__ import annotations

import random
import re

import jieba
import pytest
from pypinyin import Style, lazy_pinyin

from guanxi.engine import write
from guanxi.engine.search import finding
from tests.engine.search.indexed import follow_journal, titles
from tests.support import people

pytestmark = pytest.mark.django_db
CITIES = ("上海", "北京", "重庆", "Berlin", "Lyon")
BRANDS = ("华为", "中兴", "小米", "美的", "Acme", "Nova", "长虹")
TRADES = ("技术", "科技", "机械", "Robotics", "医疗")
ENDS = ("有限公司", "集团", "GmbH", "")
_RUN = re.compile(r"[\u4e00-\u9fff]+|[a-z0-9]+")


def name(dice: random.Random, number: int) -> str:
    """A company's name that no other has."""
    parts = [dice.choice(CITIES), dice.choice(BRANDS), dice.choice(TRADES), dice.choice(ENDS)]
    return "".join(part if not part.isascii() else f" {part} " for part in parts).strip() + f" {number}"


def matches(title: str, word: str) -> bool:
    """Whether a name holds one typed word: Chinese anywhere, else the beginning of a word, as it is or in pinyin."""
    runs = _RUN.findall(title.lower())
    if not word.isascii():
        return any(word in run for run in runs if not run.isascii())
    if any(run.startswith(word) for run in runs if run.isascii()):
        return True
    for run in runs:
        if not run.isascii():
            syllables = lazy_pinyin(run, style=Style.NORMAL)
            for start in beginnings(run):
                initials = "".join(part[0] for part in syllables[start:])
                if "".join(syllables[start:]).startswith(word) or initials.startswith(word):
                    return True
    return False


def beginnings(run: str) -> set[int]:
    """Where a word may be meant to begin: at every character of a short name, at the words of a long one."""
    return set(range(len(run))) if len(run) <= 4 else {start for _w, start, _e in jieba.tokenize(run, mode="search")}


def words(dice: random.Random, title: str) -> list[str]:
    """Some way in which a person may look for a name."""
    # Numbers are left out: an account has a number of its own, which finds it too.
    run = dice.choice([run for run in _RUN.findall(title.lower()) if not run.isdigit()])
    if run.isascii():
        return [run[: dice.randint(2, len(run))]]
    syllables = lazy_pinyin(run, style=Style.NORMAL)
    start = dice.randrange(len(run))
    return [
        dice.choice(
            (
                run[start : start + dice.randint(1, 6)],
                "".join(syllables)[: dice.randint(5, 16)],
                "".join(part[0] for part in syllables)[: dice.randint(2, 8)],
            )
        )
    ]


@pytest.mark.parametrize("seed", range(6))
def test_search_agrees_with_reading_every_name(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(seed)
    li, wang = people.person("li", "salesperson"), people.person("wang", "salesperson")
    lead = people.person("lead", administrator=True)
    names = {name(dice, number): dice.choice((li.pk, wang.pk)) for number in range(60)}
    with write.change(people.program(), "test") as door:
        door.create_many("account", [{"name": one, "owner": owner} for one, owner in names.items()])
    follow_journal()
    seen = {
        "li": {one for one, owner in names.items() if owner == li.pk},
        "wang": {one for one, owner in names.items() if owner == wang.pk},
        "lead": set(names),
    }
    actors = {"li": people.actor(li), "wang": people.actor(wang), "lead": people.actor(lead)}
    for number in range(40):
        typed = words(dice, dice.choice(list(names)))
        if dice.random() < 0.4:
            typed += words(dice, dice.choice(list(names)))
        if len(typed) > 1 and all(word.isascii() for word in typed):
            typed = typed[:1]  # letters one after another may also be meant as one word
        monkeypatch.setattr(finding, "WINDOW", dice.choice((0, 3000)))
        for who, actor in actors.items():
            expected = {one for one in seen[who] if all(matches(one, word) for word in typed)}
            found = set(titles(actor, " ".join(typed), 200)) & set(names)
            assert found == expected, (seed, number, who, typed, found ^ expected)
