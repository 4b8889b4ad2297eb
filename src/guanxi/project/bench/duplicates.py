"""What duplicates cost: writing contacts with their keys, the check of one, and a scan of all, with the memory it takes.

``python -m guanxi.project.bench.duplicates ROWS RUNS`` prints JSON. One contact in twenty is a copy with slips.
"""

from __future__ import annotations

import json
import random
import resource
import statistics
import sys
import time
from datetime import date, timedelta
from itertools import combinations
from typing import Any

CHINESE = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国志文玉兰红梅鹏飞宇浩然子轩梓涵雨欣"
PARTS = (
    "ba be bo ca ce co da de do fa fe fo ga go ha he ho ja jo ka ke la le lo ma me mi mo na ne no pa pe ra re ro sa se"
)
CITIES = ("Shanghai", "Beijing", "Shenzhen", "Guangzhou", "Hangzhou", "Chengdu", "Berlin", "London", "Sydney", "Osaka")
SHARE = 20


def measure(rows: int, runs: int) -> list[dict[str, Any]]:
    """Seconds, or what else a line says."""
    from guanxi.access.actor import Actor
    from guanxi.engine import write
    from guanxi.engine.dedupe import scanning
    from guanxi.engine.dedupe.checking import check
    from guanxi.engine.jobs import running
    from guanxi.engine.match_record import DuplicateGroup
    from guanxi.schema.registry import snapshot

    rng = random.Random(7)  # noqa: S311
    program = Actor.program()
    people = [_person(rng) for _ in range(rows - rows // SHARE)]
    copied = rng.sample(range(len(people)), rows // SHARE)
    people += [_copy(rng, people[index]) for index in copied]
    ids: list[int] = []
    start = time.perf_counter()
    for first in range(0, len(people), 10_000):
        with write.change(program, "bench") as door:
            ids += [made.pk for made in door.create_many("contact", people[first : first + 10_000])]
    results = [{"name": f"writing {rows:,} contacts", "value": f"{time.perf_counter() - start:10.1f} s"}]
    kind = snapshot().get("contact")
    times, busy_times = [], []
    for _ in range(max(runs, 100)):
        values = _copy(rng, rng.choice(people))
        start, busy = time.perf_counter(), time.process_time()
        check(program, kind, values)
        times.append((time.perf_counter() - start) * 1000)
        busy_times.append((time.process_time() - busy) * 1000)
    results.append({"name": "check of one, median", "value": f"{statistics.median(times):10.1f} ms"})
    results.append({"name": "of that, processor", "value": f"{statistics.median(busy_times):10.1f} ms"})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    start, busy = time.perf_counter(), time.process_time()
    job = scanning.start(program, "contact")
    running.run(job.pk)
    results.append({"name": f"scan of {rows:,} contacts", "value": f"{time.perf_counter() - start:10.1f} s"})
    results.append({"name": "of that, processor", "value": f"{time.process_time() - busy:10.1f} s"})
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    results.append({"name": "memory: before, most", "value": f"{before:5,} / {after:,} MB"})
    found = {pair for group in DuplicateGroup.objects.all() for pair in combinations(sorted(group.members), 2)}
    planted = {
        tuple(sorted((ids[index], ids[len(people) - len(copied) + number]))) for number, index in enumerate(copied)
    }
    results.append({"name": "pairs found", "value": f"{len(found):10,}"})
    results.append({"name": "planted copies found", "value": f"{100 * len(found & planted) / len(planted):10.1f} %"})
    return results


def _person(rng: random.Random) -> dict[str, Any]:
    if rng.random() < 0.5:
        family, given = rng.choice(CHINESE), "".join(rng.choices(GIVEN, k=rng.choice((1, 2, 2))))
        name = family + given
    else:
        parts = PARTS.split()
        family, given = ("".join(rng.choices(parts, k=size)).capitalize() for size in (3, 2))
        name = f"{given} {family}"
    values: dict[str, Any] = {"family_name": family, "given_name": given, "name": name}
    values["mobile"] = f"+861{rng.randint(3_000_000_000, 9_999_999_999)}"
    if rng.random() < 0.6:
        values["email"] = f"{''.join(rng.choices('abcdefghijklmnop', k=8))}@example{rng.randint(1, 2000)}.com"
    if rng.random() < 0.3:
        values["birthday"] = date(1950, 1, 1) + timedelta(days=rng.randint(0, 20_000))
    values["city"] = rng.choice(CITIES)
    values["address"] = f"{rng.randint(1, 900)} {''.join(rng.choices(PARTS.split(), k=4)).capitalize()} Road"
    return values


def _copy(rng: random.Random, person: dict[str, Any]) -> dict[str, Any]:
    """The same person typed again: one or two slips, something left out."""
    values = dict(person)
    for key in rng.sample(["name", "mobile", "address"], k=rng.choice((1, 2))):
        text = values[key]
        place = rng.randrange(1, max(len(text) - 1, 2))
        values[key] = text[:place] + text[place + 1 :] if key != "name" or text.isascii() else text
    if values["name"] != person["name"]:
        values["given_name"], _space, values["family_name"] = values["name"].partition(" ")
    values.pop(rng.choice(["email", "birthday", "city"]), None)
    return {key: value for key, value in values.items() if value}


if __name__ == "__main__":
    from guanxi.project import django_start

    django_start.start()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
