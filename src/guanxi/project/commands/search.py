"""``guanxi search``: makes the search index anew, or proves that it is right."""

from __future__ import annotations

import argparse
from typing import Any


def register(commands: Any) -> None:
    """Add the parser."""
    parser = commands.add_parser("search", help="rebuild the search index, or compare it with the records")
    parser.add_argument("what", choices=["rebuild", "check"])
    parser.add_argument("--object", action="append", metavar="KEY", help="only this object; may be given again")
    parser.add_argument("--go-on", action="store_true", help="only finish a rebuild that was interrupted")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0 when index and records agree, 1 when ``check`` finds a difference."""
    from guanxi.project import django_start

    django_start.start()
    django_start.require_database()
    return _rebuild(arguments) if arguments.what == "rebuild" else _check()


def _rebuild(arguments: argparse.Namespace) -> int:
    from guanxi.engine.search import rebuild

    if not (arguments.go_on and rebuild.under_way()):
        rebuild.order(arguments.object)
    looked: dict[str, int] = {}

    def tell(step: rebuild.Step) -> None:
        before = looked.get(step.object, 0)
        looked[step.object] = before + step.looked
        if before // 20_000 != looked[step.object] // 20_000:
            print(f"{step.object}: {looked[step.object]:,} records", flush=True)

    written = rebuild.go_on(tell)
    print(f"The index was compared with {sum(looked.values()):,} records; {written:,} documents were put right.")
    return 0


def _check() -> int:
    from guanxi.engine.search import rebuild

    finding = rebuild.check()
    if finding.whole:
        print(f"The search index is right: {finding.documents:,} documents.")
        return 0
    for what, number in finding.counts.items():
        if number:
            print(f"{what}: {number:,} ({', '.join(finding.examples[what])}{', …' if number > 5 else ''})")
    print("Make it anew with: guanxi search rebuild")
    return 1
