"""Bringing in people from a table: every row is checked before anybody is made."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access import audit
from guanxi.access.models import Department, Role, User
from guanxi.engine.administration import people
from guanxi.engine.administration.roles import beyond, may_give
from guanxi.engine.parse import parse_values, refusal
from guanxi.engine.write import Door, require
from guanxi.kernel.errors import Invalid
from guanxi.kernel.text import normalise
from guanxi.schema.registry import snapshot

MAX_ROWS = 1000
_COLUMNS = {
    "username": ("username", "user name", "login", "用户名", "账号", "登录名"),
    "name": ("name", "full name", "姓名", "名字"),
    "email": ("email", "e-mail", "mail", "邮箱", "电子邮箱"),
    "phone": ("phone", "mobile", "电话", "手机"),
    "job_title": ("job title", "title", "职务", "职位"),
    "department": ("department", "部门"),
    "manager": ("superior", "manager", "上级", "直属上级"),
    "roles": ("roles", "role", "角色"),
}


@dataclass(slots=True)
class Candidate:
    """One row: the texts given, the values meant, and what is wrong with it."""

    line: int
    texts: dict[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    roles: tuple[int, ...] = ()
    superior: str = ""
    errors: list[str] = field(default_factory=list)


def read(door: Door, data: bytes | str) -> tuple[Candidate, ...]:
    """The people in a CSV text with a header line; what is wrong stands beside each. :class:`Invalid` if it is no table."""
    require(door.actor, "administrate", snapshot().get("user"))
    candidates = _rows(_decoded(data) if isinstance(data, bytes) else data)
    departments = {
        normalise(name): pk for pk, name in Department.objects.filter(deleted_at=None).values_list("pk", "name")
    }
    roles: dict[str, int] = {}
    for role in Role.objects.filter(deleted_at=None):
        roles |= {normalise(text): role.pk for text in (role.key, role.name, role.name_en) if text}
    taken = {normalise(name) for name in User.objects.values_list("username", flat=True)}
    for candidate in candidates:
        _understand(candidate, departments, roles, door)
        name = normalise(candidate.texts.get("username", ""))
        if name and name in taken:
            candidate.errors.append(_("The user name “%(name)s” is taken.") % {"name": candidate.texts["username"]})
        taken.add(name)
    names = taken
    for candidate in candidates:
        if candidate.superior and normalise(candidate.superior) not in names:
            candidate.errors.append(
                _("There is no person with the user name “%(name)s”.") % {"name": candidate.superior}
            )
    return candidates


def invite(door: Door, candidates: Sequence[Candidate]) -> list[User]:
    """Make the people, who get no password: each sets one through an invitation. All or none; :class:`Invalid` by line."""
    require(door.actor, "administrate", snapshot().get("user"))
    if wrong := {str(candidate.line): candidate.errors for candidate in candidates if candidate.errors}:
        raise Invalid(_("Some lines need attention. Nobody was invited; correct them and try again."), wrong)
    made: list[User] = []
    for candidate in candidates:
        record = door.create("user", candidate.values)
        assert isinstance(record, User)
        record.set_unusable_password()
        record.save(update_fields=["password"])
        made.append(record)
    known = {normalise(user.username): user.pk for user in User.objects.filter(deleted_at=None)}
    for candidate, user in zip(candidates, made, strict=True):
        if candidate.superior:
            door.update("user", user.pk, {"manager": known[normalise(candidate.superior)]})
        if candidate.roles:
            people.set_roles(door, user.pk, candidate.roles)
        audit.note("invited", door.actor, object_key="user", record=user.pk, detail=user.username)
    return made


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refusal({"file": [_("The file is neither UTF-8 nor GB18030. Save it as CSV in UTF-8.")]})


def _rows(text: str) -> tuple[Candidate, ...]:
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    table = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    heads = [_column(head) for head in table[0]] if table else []
    if "username" not in heads or "name" not in heads:
        raise refusal({"file": [_("The first line must name the columns; “username” and “name” must be among them.")]})
    if not 1 <= len(table) - 1 <= MAX_ROWS:
        raise refusal({"file": [_("Give between 1 and %(limit)d people.") % {"limit": MAX_ROWS}]})
    return tuple(
        Candidate(line, {head: cell.strip() for head, cell in zip(heads, row, strict=False) if head})
        for line, row in enumerate(table[1:], start=2)
    )


def _column(head: str) -> str:
    wanted = normalise(head.lstrip("\ufeff"))
    return next((key for key, names in _COLUMNS.items() if wanted in names), "")


def _understand(candidate: Candidate, departments: Mapping[str, int], roles: Mapping[str, int], door: Door) -> None:
    texts = candidate.texts
    kind = snapshot().get("user")
    plain = {key: texts[key] for key in ("username", "name", "email", "phone", "job_title") if texts.get(key)}
    try:
        candidate.values = parse_values(kind, plain)
    except Invalid as error:
        candidate.errors += [f"{kind.fields[key].label}: {' '.join(said)}" for key, said in error.fields.items()]
    for key in ("username", "name"):
        if not texts.get(key):
            candidate.errors.append(_("Please fill in %(field)s.") % {"field": kind.fields[key].label})
    if department := texts.get("department"):
        found = departments.get(normalise(department))
        if found is None:
            candidate.errors.append(_("There is no department “%(name)s”.") % {"name": department[:60]})
        candidate.values["department"] = found
    candidate.superior = texts.get("manager", "")
    given = [name.strip() for name in re.split("[;；，、]", texts.get("roles", ""))]
    for name in filter(None, given):
        role = roles.get(normalise(name))
        if role is None:
            candidate.errors.append(_("There is no role “%(name)s”.") % {"name": name[:60]})
        elif (found_excess := may_give(door.actor, role)) is not None:
            candidate.errors.append(beyond(found_excess))
        else:
            candidate.roles = (*candidate.roles, role)
