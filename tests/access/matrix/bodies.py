"""Valid bodies for every write, so that nothing but permission decides about the answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile

from guanxi.access.models import User
from guanxi.engine import read
from guanxi.engine.administration import roles as role_documents
from guanxi.kernel import clock
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web import widgets
from guanxi.web.views.forms import asked_fields
from tests.support import people
from tests.support.samples import value_of

if TYPE_CHECKING:
    from tests.access.matrix.targets import Target
    from tests.access.matrix.world import World

PASSWORD = "A-Corr3ct-Horse-Battery"
Body = dict[str, Any]


@dataclass(frozen=True)
class Doing:
    """How an action is tried: on the record of which side, with which inputs."""

    side: str = "own"
    inputs: dict[str, str] = field(default_factory=dict)
    accepts: tuple[int, ...] = ()


def _today() -> str:
    return clock.today().isoformat()


ACTIONS: dict[tuple[str, str], Doing] = {
    ("opportunity", "win"): Doing(inputs={"amount": "500", "closed_on": _today()}),
    ("opportunity", "lose"): Doing(inputs={"lost_reason": "price", "closed_on": _today()}),
    ("opportunity", "void"): Doing(inputs={"lost_note": "Never was one"}),
    ("opportunity", "reopen"): Doing("ended"),
    ("lead", "convert"): Doing(),
    ("lead", "invalidate"): Doing(inputs={"invalid_reason": "other"}),
    ("lead", "reopen"): Doing("ended"),
    ("task", "complete"): Doing(),
    ("task", "reopen"): Doing("ended"),
    ("sharing_rule", "count"): Doing(),
    ("webhook", "send_test"): Doing(),
    ("webhook", "show_secret"): Doing(),
    ("webhook", "new_secret"): Doing(inputs={"keep_old": "yes"}),
    # Nothing answers at the address of the provider, which it says with the status of a refusal.
    ("identity_provider", "try"): Doing(accepts=(403,)),
}
MOVES = {"opportunity": "Needs confirmed", "account": "following", "lead": "following", "task": "in_progress"}
"""Where a record is moved to on the board."""


@cache
def _editable(key: str) -> str:
    kind = snapshot().get(key)
    program = people.program()
    for one in (kind.title, *kind.fields.values()):
        plain = one.kind.family in ("text", "number", "date") and not one.virtual and one.key not in kind.states
        if plain and widgets.may_ask(one, program) and value_of(one, 1) is not None:
            return one.key
    return kind.title.key


def changed_field(kind: ObjectType) -> str:
    """The field of an object that is changed: its title where that is a text."""
    return _editable(kind.key)


def _new_text(kind: ObjectType) -> str:
    one = kind.fields[changed_field(kind)]
    value = value_of(one, 99)
    return "Changed" if value is None or one.kind.name == "text" else str(widgets.form_text(one.spec, value))


def _new_json(kind: ObjectType) -> Any:
    one = kind.fields[changed_field(kind)]
    value = value_of(one, 99)
    return "Changed" if value is None or one.kind.name == "text" else one.kind.to_json(value)


def form_of(kind: ObjectType, record: int) -> Body:
    """The form of a record as a browser would send it unchanged."""
    program = people.program()
    row = read.get(program, kind.key, record).row
    fields = asked_fields(program, kind, quick=False)
    texts = {one.key: widgets.form_text(one.spec, row.values.get(one.key)) for one in fields}
    return {key: text for key, text in texts.items() if text not in ("", [])}


def _created(world: World, kind: ObjectType) -> Body:
    values = world.new.get(kind.key, {})
    return {key: widgets.form_text(kind.fields[key].spec, value) for key, value in values.items()}


def _created_json(world: World, kind: ObjectType) -> Body:
    return {key: kind.fields[key].kind.to_json(value) for key, value in world.new.get(kind.key, {}).items()}


def _roles_of(target: Target, world: World) -> list[int]:
    """The roles the person holds, and a further one that allows nothing."""
    held = User.objects.filter(pk=target.thing).values_list("roles__pk", flat=True)
    return sorted({pk for pk in held if pk is not None} | {world.company.roles["spare"]})


def body(name: str, world: World, target: Target, username: str) -> Body:
    """The body called ``name`` for a target; files are uploads, everything else texts, or JSON for the API."""
    for made in (_personal(name, username), _about_records(name, world, target), _about_rules(name, world, target)):
        if made is not None:
            return made
    raise LookupError(f"there is no body called {name}")


def _personal(name: str, username: str) -> Body | None:
    passwords = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    bodies: dict[str, Body] = {
        "new_password": passwords,
        "password": {"old_password": username, **passwords},
        "own_password": {"password": username},
        "preferences": {"language": "en", "theme": "dark", "time_zone": "", "density": "cozy"},
        "day": {"day": "2026-01-31"},
        "quick": {"key": "theme", "value": "dark"},
        "notice_form": {"assigned": ["app", "digest"], "digest_time": "07:30", "digest_days": "daily"},
        "notice_choices": {"channels": {"assigned": ["app"]}, "digest_time": "07:30"},
        "name": {"name": "Another name"},
        "key_form": {"name": "Another key", "days": "30", "reach": "all"},
        "key": {"name": "Another key"},
        "view": {"name": "Another view", "shared": "private"},
        "columns": {"column": ["name"]},
        "decision": {"decision": "approve", "answer": "Yes"},
        "replay_form": {"what": "selected", "id": ["1"]},
        "replay": {"ids": [1]},
        "api_decision": {"approve": True, "answer": "Yes"},
        "import_form": {"field-0": "name", "mode": "create", "notify": "on"},
        "import_mapping": {"columns": [{"column": 0, "field": "name"}]},
        "import_layout": {"encoding": "utf-8"},
        "import_name": {"name": "A mapping"},
        "import_rows": {"object": "opportunity", "rows": [{"name": "Imported"}]},
        "export": {"format": "csv", "columns": "all"},
        "export_reason": {"format": "csv", "reason": "For the fair"},
    }
    return bodies.get(name)


def _about_records(name: str, world: World, target: Target) -> Body | None:
    kind = snapshot().objects.get(target.key)
    if kind is None:
        named = name in ("form", "json", "view", "columns", "export", "batch", "import_file")
        return {"name": "x"} if named else None
    if name == "edit":
        form = form_of(kind, target.record) if target.side not in ("ghost", "binned") else {}
        return form | {changed_field(kind): _new_text(kind)}
    if name.endswith("inputs"):
        return dict(ACTIONS[(target.key, target.name)].inputs)
    move = MOVES.get(target.key, "x")
    makers: dict[str, Any] = {
        "form": lambda: _created(world, kind),
        "json": lambda: _created_json(world, kind),
        "patch": lambda: {changed_field(kind): _new_json(kind)},
        "cell": lambda: {changed_field(kind): _new_text(kind)},
        "move": lambda: {"value": world.things["stage"].get(move, move)},
        "compose": lambda: {"content": "Said so", "subject": "Do it", "sort": "note"},
        "import_file": lambda: {"file": SimpleUploadedFile("rows.csv", b"name\nImported\n")},
        "file": lambda: {"file": SimpleUploadedFile("note.txt", b"A note")},
        "bulk_edit": lambda: {
            **{"id": [target.record], "what": "edit", "field": changed_field(kind)},
            changed_field(kind): _new_text(kind),
        },
        "bulk_delete": lambda: {"id": [target.record], "what": "delete"},
        "bulk_restore": lambda: {"id": [target.record], "what": "restore"},
        "api_bulk_edit": lambda: {
            "operation": "update",
            "ids": [target.record],
            "values": {changed_field(kind): _new_json(kind)},
        },
        "api_bulk_delete": lambda: {"operation": "delete", "ids": [target.record]},
        "api_bulk_restore": lambda: {"operation": "restore", "ids": [target.record]},
        "api_bulk_both": lambda: {
            "operation": "delete",
            "ids": [world.records[(target.key, "own")], target.record],
        },
        "batch": lambda: {
            "operation": "update",
            "items": [
                {"id": pk, "values": {changed_field(kind): _new_json(kind)}}
                for (key, _side), pk in world.records.items()
                if key == kind.key
            ][:1000],
        },
        "bulk_purge": lambda: {"id": [target.record], "what": "purge"},
        "redaction": lambda: {"field": [changed_field(kind)], "reason": "Asked for", "sure": "yes"},
        "api_redaction": lambda: {"reason": "Asked for"},
        "merge_form": lambda: {
            "id": [world.records[(target.key, "own")], target.record],
            "survivor": world.records[(target.key, "own")],
        },
        "api_merge": lambda: {"records": [world.records[(target.key, "own")]]},
        "bulk_both": lambda: {"id": [world.records[(target.key, "own")], target.record], "what": "delete"},
        "share": lambda: {"principal_kind": "user", "user": world.person("plain"), "level": "read"},
        "api_share": lambda: {"principal_kind": "user", "principal": world.person("plain"), "level": "read"},
    }
    return makers[name]() if name in makers else None


def _about_rules(name: str, world: World, target: Target) -> Body | None:
    if name in ("matrix", "document"):
        role = world.company.roles.get(target.name, 0)
        document = role_documents.document(role) if role else {"objects": {}, "fields": {}}
        if name == "document":
            return document
        form: Body = {}
        for key, entry in document["objects"].items():
            form |= {f"o.{key}.named": "yes", f"o.{key}.r": entry["rights"]}
            form |= {f"o.{key}.read": entry["read"], f"o.{key}.edit": entry["edit"]}
        return form or {"x": "y"}
    departments = world.company.departments
    table = "username,name,roles\nnew.one,New One,\n"
    makers: dict[str, Any] = {
        "roles": lambda: {"role": _roles_of(target, world)},
        "api_roles": lambda: {"roles": _roles_of(target, world)},
        "successor": lambda: {"successor": world.person("colleague")},
        "api_successor": lambda: {"successor": world.person("colleague")},
        "invite_one": lambda: {"what": "one", "username": "new.one", "name": "New One"},
        "invite_many": lambda: {"what": "invite", "csv": table},
        "api_invite": lambda: {"csv": table},
        "move_department": lambda: {"id": departments["team"], "parent": departments["service"], "place": "0"},
        "scan": lambda: {"object": "contact"},
        "index_form": lambda: {"field": "account.city"},
        "index": lambda: {"object": "account", "field": "city"},
        "duplicate_form": lambda: {"mode.account.name": "off"},
        "duplicate_rules": lambda: {"account": {"rules": {"name": "off"}}},
        "defaults": lambda: {"level.account": "read"},
        "api_defaults": lambda: {"account": "read"},
        "retention_form": lambda: {"recycle_bin_days": "20", "history_months": "12"},
        "retention": lambda: {"recycle_bin_days": 20},
        "policy_form": lambda: {"password_length": "12"},
        "policy": lambda: {"password_length": 12},
    }
    return makers[name]() if name in makers else None
