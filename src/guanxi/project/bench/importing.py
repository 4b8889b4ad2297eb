"""Importing a file beside the bare driver: the same rows, into the same table with the same indexes, in the same run.

``python -m guanxi.project.bench.importing ROWS RUNS`` prints JSON.
"""

from __future__ import annotations

import csv
import io
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from string import ascii_lowercase
from threading import Event, Thread
from typing import Any

ACCOUNTS = 500
BARE_RUNS = 5
LONG = 200_000
"""Above so many rows the bare driver is timed once; it takes minutes, and short disturbances do not show."""
_FAMILY, _GIVEN = "王李张刘陈杨黄赵周吴徐孙马朱胡", "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚"


def measure(rows: int) -> list[dict[str, Any]]:
    """Import contacts and opportunities; rows a second, the share of the bare driver's speed, and the memory it took."""
    from guanxi.access import compiled
    from guanxi.access.actor import actor_for
    from guanxi.access.models import User
    from guanxi.engine import write
    from guanxi.project.bench.fill import MANAGER, fill
    from guanxi.schema import registry
    from guanxi.schema.registry import snapshot

    fill(200, lambda line: None)
    compiled.ensure(registry.versions().get("access", 0))
    actor = actor_for(User.objects.get(username=MANAGER))
    with write.change(actor.as_program(), "bench") as door:
        door.create_many("account", [{"name": f"客户有限公司{number}"} for number in range(ACCOUNTS)])
    measured = [_one(actor, "contact", rows, _contacts), _one(actor, "opportunity", rows, _opportunities)]
    # Only now: the driver holds all rows at once, which would count as memory of the second import.
    for key, line in zip(("contact", "opportunity"), measured, strict=True):
        bare = median(_bare(snapshot().get(key).model, rows) for _run in range(BARE_RUNS if rows <= LONG else 1))
        line |= {"bare": rows / bare, "ratio": line["imported"] * bare / rows}
    return measured


def _contacts(writer: Any, rows: int) -> None:
    dice = random.Random(1)  # noqa: S311  made-up people
    writer.writerow(["姓名", "公司名称", "手机", "邮箱", "职务", "生日", "外部编号"])
    for number in range(rows):
        name = dice.choice(_FAMILY) + dice.choice(_GIVEN) + dice.choice(_GIVEN)
        born = f"19{dice.randint(60, 99)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
        company = f"客户有限公司{dice.randrange(ACCOUNTS)}"
        # In no order, as numbers and addresses are in real files: what is sorted by chance fills every index at its end.
        mobile = f"1{dice.choice((38, 39, 50, 58, 86))}{dice.randrange(10**8):08d}"
        mail = f"{''.join(dice.choices(ascii_lowercase, k=8))}{dice.randrange(1000)}@example.com"
        writer.writerow([name, company, mobile, mail, "经理", born, f"bench-{number}"])


def _opportunities(writer: Any, rows: int) -> None:
    dice = random.Random(2)  # noqa: S311
    writer.writerow(["商机名称", "客户", "预计金额", "预计成交日期", "商机来源", "外部编号"])
    for number in range(rows):
        day = f"2027-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
        company, amount = f"客户有限公司{dice.randrange(ACCOUNTS)}", f"{dice.randrange(10**6)}.50"
        writer.writerow([f"采购项目{number}", company, amount, day, "referral", f"bench-{number}"])


def _one(actor: Any, key: str, rows: int, fill: Callable[[Any, int], None]) -> dict[str, Any]:
    from guanxi.engine.importing import checking, receiving, running
    from guanxi.engine.importing.layout import Layout
    from guanxi.engine.importing.rows import batches
    from guanxi.engine.importing.tables import Import

    with tempfile.TemporaryFile() as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        fill(csv.writer(text), rows)
        text.flush()
        size = file.tell()
        file.seek(0)
        received = _seconds(lambda: receiving.receive(actor, key, f"{key}.csv", file))
        text.detach()
    found = Import.objects.latest("pk")
    mapping = {**found.mapping, "mode": "upsert", "key": "external_id"}
    checking.decide(actor, found, mapping)
    with receiving.opened(found) as kept:
        parsed = _seconds(
            lambda: sum(len(one.cells) for one in batches(kept, Layout.of(found.layout), len(found.columns)))
        )
    checked = _seconds(lambda: checking.keep(found, checking.look_through(actor, found, lambda done, total: None)))
    if found.checked["rejected"] or found.checked["questions"]:
        raise SystemExit(f"{key}: {json.dumps(found.checked, ensure_ascii=False)[:2000]}")
    with Memory() as memory:
        imported = _seconds(lambda: running.run_here(actor, found.pk))
    return {
        "name": f"{key}, {size / 1e6:.0f} MB",
        "rows": rows,
        "received": received,
        "parsed": rows / parsed,
        "checked": rows / checked,
        "imported": rows / imported,
        "memory": memory.peak,
    }


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


class Memory(Thread):
    """The most memory of its own that this process holds meanwhile, in MB, looked at ten times a second.

    Without the parts of the database's file that SQLite has in view: those are the system's cache, which it takes back when
    it likes, and they grow with the file whatever reads it.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0.0
        self._done = Event()

    def run(self) -> None:
        """Look until told to stop."""
        while True:
            lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
            held = next(line for line in lines if line.startswith("RssAnon:"))
            self.peak = max(self.peak, int(held.split()[1]) / 1024)
            if self._done.wait(0.1):
                return

    def __enter__(self) -> Memory:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._done.set()
        self.join()


def _bare(model: Any, rows: int) -> float:
    """Seconds the driver takes for the rows that were just imported: taken out of the table, then put back."""
    from guanxi.kernel import db

    meta = model._meta
    quote = db.connection().ops.quote_name
    names = ", ".join(quote(column.column) for column in meta.concrete_fields)
    table = quote(meta.db_table)
    # The names come from the models alone.
    chosen = f"FROM {table} WHERE external_id LIKE 'bench-%%'"
    with db.cursor() as cursor:
        cursor.execute(f"SELECT {names} {chosen}")
        held = cursor.fetchall()
        assert len(held) == rows, len(held)
        if db.is_postgresql():
            cursor.execute("SET session_replication_role = replica")
        else:
            cursor.execute("PRAGMA foreign_keys = OFF")
        cursor.execute(f"DELETE {chosen}")
        if db.is_postgresql():
            cursor.execute("SET session_replication_role = DEFAULT")
            cursor.execute(f"VACUUM {table}")
        else:
            cursor.execute("PRAGMA foreign_keys = ON")
    return _copied(table, names, held) if db.is_postgresql() else _inserted(table, names, held)


def _inserted(table: str, names: str, held: Sequence[Any]) -> float:
    from guanxi.kernel import db

    marks = ", ".join("?" * len(held[0]))
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608
    driver = db.connection().connection

    def insert() -> None:
        with db.atomic():
            driver.executemany(statement, held)

    return _seconds(insert)


def _copied(table: str, names: str, held: Sequence[Any]) -> float:
    from guanxi.kernel import db

    statement = f"COPY {table} ({names}) FROM STDIN"

    def copy() -> None:
        with db.atomic(), db.connection().connection.cursor() as cursor, cursor.copy(statement) as target:
            for row in held:
                target.write_row(row)

    return _seconds(copy)


if __name__ == "__main__":
    from guanxi.project import django_start

    django_start.start()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    print(json.dumps(measure(int(sys.argv[1]))))
