"""``guanxi import FILE --object KEY``: one file from the command line, by the same way as on the pages."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor, actor_for
from guanxi.access.models import User
from guanxi.engine.importing import checking, receiving, rejected, running, templates
from guanxi.engine.importing.layout import NO_HEADER
from guanxi.engine.importing.tables import Import
from guanxi.kernel.errors import Invalid, NotFound

SHOWN = 20


def main(args: argparse.Namespace) -> int:
    """Check the file, and import it unless ``--dry-run``; 0 when every row was taken, 1 when some were rejected."""
    actor = _actor(args.user)
    layout = {key: value for key in ("encoding", "sheet", "header") if (value := getattr(args, key)) is not None}
    with args.folder.open("rb") as file:
        found = receiving.receive(actor, args.object, args.folder.name, file, layout)
    try:
        checking.decide(actor, found, _mapping(actor, found, args))
        checking.keep(found, checking.look_through(actor, found, lambda done, total: None))
        print(_told(found))
        if args.report is not None:
            args.report.write_text(json.dumps(found.checked, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        if found.checked["questions"]:
            raise Invalid(_question(found))
        if args.dry_run:
            return 1 if found.checked["rejected"] else 0
        done = running.run_here(actor, found.pk)
    finally:
        if found.begun_at is None and not Import.objects.filter(pk=found.pk).exclude(begun_at=None).exists():
            receiving.discard(found)
    counts = {key: done.state[key] for key in running.COUNTS}
    message = _("%(created)d created, %(updated)d updated, %(unchanged)d unchanged, %(rejected)d rejected")
    print(message % counts + (f" · {_('undo')}: {done.change_set}" if done.change_set else ""))
    if args.rejected is not None and done.state["rejected"]:
        args.rejected.mkdir(parents=True, exist_ok=True)
        target: Path = args.rejected / f"{args.folder.stem}-rejected.csv"
        target.write_bytes(b"".join(rejected.export(actor, done.pk, "csv").chunks))
        print(_("Rejected rows: %(path)s") % {"path": target})
    return 1 if done.state["rejected"] else 0


def _actor(username: str | None) -> Actor:
    if username is None:
        return Actor.program()
    person = User.objects.filter(username=username, is_active=True, deleted_at=None).first()
    if person is None:
        raise NotFound(_("There is no active person with the user name “%(name)s”.") % {"name": username[:60]})
    return actor_for(person)


def _mapping(actor: Actor, found: Import, args: argparse.Namespace) -> dict[str, Any]:
    """The suggested mapping, or a saved one, with what the arguments say."""
    mapping: dict[str, Any] = dict(found.mapping)
    if args.template is not None:
        kept = templates.of(actor, found.object).filter(name=args.template).first()
        if kept is None:
            raise NotFound(_("There is no saved mapping “%(name)s”.") % {"name": args.template[:60]})
        mapping = templates.applied(actor, found, kept)
    names = [column["name"] for column in found.columns]
    columns = {one["column"]: dict(one) for one in mapping["columns"]}
    for text in args.map or ():
        name, _sign, key = text.partition("=")
        if name not in names:
            raise Invalid(_("The file has no column “%(name)s”.") % {"name": name[:60]})
        columns[names.index(name)] = {"column": names.index(name), "field": key}
    constants = dict(text.partition("=")[::2] for text in args.set or ())
    for plan in columns.values():
        plan |= {"create": True} if args.create_missing and plan["field"] else {}
        plan |= {"date": args.date_format} if args.date_format else {}
        plan |= {"number": args.number_format} if args.number_format else {}
    mapping |= {"columns": list(columns.values()), "constants": {**mapping.get("constants", {}), **constants}}
    mapping |= {"mode": args.mode} if args.mode else {}
    mapping |= {"key": args.key} if args.key else {}
    mapping |= {"notify": not args.quiet}
    return mapping


def _question(found: Import) -> str:
    one = found.checked["questions"][0]
    name = found.columns[one["column"]]["name"]
    message = (
        _("In “%(column)s” it cannot be told whether the month or the day comes first. Say so with --date-format.")
        if one["what"] == "date"
        else _("In “%(column)s” it cannot be told what comes before the decimals. Say so with --number-format.")
    )
    return message % {"column": name}


def _told(found: Import) -> str:
    """What was found, for the terminal."""
    layout, check = found.layout, found.checked
    lines = [f"{found.name}: {layout['format']} {layout['encoding']}".rstrip()]
    if layout["header"] != NO_HEADER:
        fields = {one["column"]: one["field"] for one in found.mapping["columns"]}
        lines += [f"  {column['name']} → {fields.get(index) or '–'}" for index, column in enumerate(found.columns)]
    for problem in check["problems"][:SHOWN]:
        where = found.columns[problem["column"]]["name"] if problem["column"] >= 0 else ""
        examples = ", ".join(f"{row['row']} “{row['value']}”" for row in problem["rows"][:3])
        lines.append(f"  {problem['count']} × {where} {problem['message']} ({examples})")
    return "\n".join(lines)
