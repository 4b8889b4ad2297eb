"""What searching costs while a person types, among a million records.

Measured for whom everything is open, for a manager of a part, for somebody who sees little, and for somebody who sees
nothing. ``python -m guanxi.project.bench.search ROWS RUNS`` prints JSON.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any

QUERIES = (
    *(
        "g",
        "sh",
        "shang",
        "hw",
        "huawei",
        "huawei jishu",
        "hwjs",
        "公司",
        "技术",
        "华",
        "上海",
        "华为技术",
        "精密机械",
        "上海 机械",
    ),
    *("acme robotics", "acme robotics 5", "zq", "77", "77123", "有限公司 77123", "北京上海", "nothing like this"),
)
"""One letter, two letters, words that are everywhere, rare ones, several at once, and what there is not."""
BASES = 20_000
_CITIES = [
    "上海",
    "北京",
    "深圳",
    "广州",
    "杭州",
    "成都",
    "南京",
    "武汉",
    "西安",
    "苏州",
    "天津",
    "重庆",
    "青岛",
    "宁波",
    "厦门",
    "长沙",
    "郑州",
    "济南",
    "合肥",
    "佛山",
]
_SIGNS = (
    "华中天海金大新国东方明安德美福信达通宏远瑞恒泰诚盛隆兴鑫晨博凯龙翔宇科创联智汇嘉丰益源利和平顺康佳亿百万千永长青云"
)
_TRADES = [
    "精密机械",
    "智能科技",
    "新能源",
    "医疗器械",
    "物流",
    "网络技术",
    "信息技术",
    "电子商务",
    "建筑工程",
    "环保设备",
    "食品",
    "生物医药",
    "新材料",
]
_ENDS = ["有限公司", "有限公司", "有限公司", "股份有限公司", "有限责任公司", "集团"]
_FIRST = ["Acme", "Nova", "Blue", "Delta", "Orion", "Zenith", "Quartz", "Lumen", "Vertex", "Harbor", "Pine", "Falcon"]
_SECOND = ["Robotics", "Foods", "Logistics", "Energy", "Software", "Trading", "Systems", "Medical", "Optics", "Marine"]
_FAMILY = "张王李赵刘陈杨黄周吴徐孙马朱胡郭何高林罗"


def base(dice: random.Random) -> str:
    """A company, a person, or somebody abroad."""
    chance = dice.random()
    if chance < 0.6:
        return (
            dice.choice(_CITIES) + dice.choice(_SIGNS) + dice.choice(_SIGNS) + dice.choice(_TRADES) + dice.choice(_ENDS)
        )
    if chance < 0.8:
        return dice.choice(_FAMILY) + dice.choice(_SIGNS) + (dice.choice(_SIGNS) if chance < 0.74 else "")
    return f"{dice.choice(_FIRST)} {dice.choice(_SECOND)}"


def name_all(rows: int) -> None:
    """Give every opportunity a name and a document, past the door: a million of them in minutes."""
    from guanxi.domains.sales.opportunity import Opportunity
    from guanxi.engine.search import index
    from guanxi.engine.search.document import document_of
    from guanxi.engine.search.tables import SearchDocument
    from guanxi.kernel import db
    from guanxi.schema.registry import get

    dice = random.Random(11)  # noqa: S311  reproducible rows, not secrets
    bases = [base(dice) for _number in range(BASES)] + ["华为技术有限公司"]
    with db.cursor() as cursor:
        inverted = _index(cursor) if db.is_postgresql() else ""
        if inverted:
            cursor.execute("DROP INDEX engine_searchindex")
    for chunk in _chunks():
        named = [(pk, f"{bases[-1] if pk % 100_000 == 7 else dice.choice(bases)} {pk}") for pk, *_rest in chunk]
        with db.atomic(), db.cursor() as cursor:
            sql = f"UPDATE {Opportunity._meta.db_table} SET name = %s WHERE id = %s"  # noqa: S608  the model's own name
            cursor.executemany(sql, [(name, pk) for pk, name in named])
            documents = []
            for (pk, owner, updated, number), (_pk, name) in zip(chunk, named, strict=True):
                documents.append(_document(pk, owner, updated, number, name))
            index.put(documents)
    for one in Opportunity.objects.order_by("pk")[:20]:
        held, right = (
            SearchDocument.objects.get(object="opportunity", record=one.pk),
            document_of(get("opportunity"), one),
        )
        assert set(held.words.split()) == set(right.words.split()), (held.words, right.words)
    with db.cursor() as cursor:
        if inverted:
            cursor.execute("SET maintenance_work_mem = '512MB'")
            cursor.execute(inverted)
        cursor.execute("VACUUM ANALYZE" if inverted else "ANALYZE")
    assert SearchDocument.objects.filter(object="opportunity").count() >= rows


def _index(cursor: Any) -> str:
    cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'engine_searchindex'")
    return str(cursor.fetchone()[0])


def _chunks() -> Iterator[list[Any]]:
    """Two thousand opportunities at a time, each time asked anew: a question left open would keep SQLite's log growing."""
    from guanxi.domains.sales.opportunity import Opportunity

    rows = Opportunity.objects.order_by("pk").values_list("pk", "owner_id", "updated_at", "number")
    after = 0
    while chunk := list(rows.filter(pk__gt=after)[:2000]):
        yield chunk
        after = chunk[-1][0]


@lru_cache(maxsize=2 * BASES)
def _words(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    from guanxi.engine.search import words

    found, heads = words.of_name(text)
    return tuple(found), tuple(heads)


def _document(pk: int, owner: int | None, updated: Any, number: str, name: str) -> Any:
    """As ``document_of`` makes it, with the words of the name's base made once."""
    from guanxi.engine.search import words
    from guanxi.engine.search.tables import SearchDocument

    text, _space, last = name.rpartition(" ")
    found, heads = _words(text)
    named = dict.fromkeys([*found, *_words(last)[0]])
    every = [*named, *(_words(number)[0] if number else ())]
    return SearchDocument(
        object="opportunity",
        record=pk,
        owner=owner,
        updated=updated,
        title=words.plain(name)[:120],
        title_words=words.joined([*heads, "|", *named]),
        words=words.joined(dict.fromkeys([*every, *words.pairs(every)])),
    )


def prepare(rows: int) -> dict[str, Any]:
    """Fill an empty database; the people to compare."""
    from guanxi.access.models import Role, RoleScope, User
    from guanxi.domains.sales.opportunity import Opportunity
    from guanxi.journal import consumers, cursors, horizon
    from guanxi.journal.models import Cursor
    from guanxi.project.bench.company import build
    from guanxi.schema import registry

    if not Opportunity.objects.exists():
        build(rows, lambda line: print(f"  {line}", file=sys.stderr, flush=True))
        name_all(rows)
        for username in ("p1", "p2"):
            role = Role.objects.create(key=f"only_{username}", name=f"Only {username}")
            role.actions.create(object="*", right="read")
            RoleScope.objects.create(role=role, object="*", read="own", edit="own")
            User.objects.get(username=username).roles.set([role])
        _take_away(User.objects.get(username="p2"))
        registry.bump("access")
    # As it is where the worker keeps up: nothing is left to be taken into the index.
    cursors.start(consumers.names())
    Cursor.objects.update(entry=horizon.newest())
    who = {"all": "all", "manager": "middle", "little": "p1", "nothing": "p2"}
    return {name: User.objects.get(username=username) for name, username in who.items()}


def measure(rows: int, runs: int) -> list[dict[str, Any]]:
    """Medians of the palette's answer for every query and person, in turns, so that a noisy moment meets everybody."""
    from django.test import Client

    from guanxi.access import compiled
    from guanxi.engine.search import words
    from guanxi.kernel import db
    from guanxi.project.bench.measure import Counter, percentile, timed
    from guanxi.schema import registry

    words.preload()
    people = prepare(rows)
    compiled.ensure(registry.versions().get("access", 0))
    clients = {}
    for who, person in people.items():
        clients[who] = Client(headers={"Host": "localhost"})
        clients[who].force_login(person)
    results = []
    for query in QUERIES:
        line: dict[str, Any] = {"name": query}
        for who, client in clients.items():
            counter = Counter()
            with db.connection().execute_wrapper(counter):
                assert client.get("/palette", {"q": query}).status_code == 200
            times = timed(partial(client.get, "/palette", {"q": query}), runs)
            line[who], line[f"{who}_p95"] = statistics.median(times), percentile(times, 0.95)
            line["queries"] = max(line.get("queries", 0), counter.number)
        results.append(line)
    return results


def _take_away(person: Any) -> None:
    """Leave a person without a single opportunity."""
    from guanxi.domains.sales.opportunity import Opportunity
    from guanxi.engine.search.tables import SearchDocument

    other = person.pk + 1
    Opportunity.objects.filter(owner_id=person.pk).update(owner_id=other)
    SearchDocument.objects.filter(owner=person.pk).update(owner=other)


if __name__ == "__main__":
    from guanxi.project import django_start

    django_start.start()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
