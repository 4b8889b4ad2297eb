"""The mapping texts of a provider: ``group → role`` and ``value → department``, one per line."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from guanxi.access.models import Department, Role

_ARROW = re.compile(r"\s*(?:→|->|=>|⇒)\s*")


def pairs(text: str | None) -> list[tuple[str, str]]:
    """The pairs in a mapping text. :class:`ValueError`, in words, names the first line that is none."""
    found = []
    for line in (text or "").splitlines():
        if not line.strip():
            continue
        left, *rest = _ARROW.split(line.strip())
        if len(rest) != 1 or not left or not rest[0]:
            message = _("“%(line)s” is not a pair. Write one pair per line, such as: sales → Salesperson")
            raise ValueError(message % {"line": line.strip()[:80]})
        found.append((left, rest[0]))
    return found


def role_named(text: str) -> Role | None:
    """The role with this key or, if only one has it, with this name in either language."""
    live = Role.objects.filter(deleted_at=None)
    found = list(live.filter(key=text)[:1]) or [
        *live.filter(name__iexact=text)[:2],
        *live.filter(name_en__iexact=text).exclude(name__iexact=text)[:2],
    ]
    return found[0] if len(found) == 1 else None


def department_named(text: str) -> Department | None:
    """The department with this name, if only one has it."""
    found = list(Department.objects.filter(deleted_at=None, name__iexact=text)[:2])
    return found[0] if len(found) == 1 else None


def roles_for(text: str | None, groups: Iterable[str]) -> set[int]:
    """Ids of the roles that these groups give; unknown groups and vanished roles give nothing."""
    held = {folded(group) for group in groups}
    roles = (role_named(role) for group, role in pairs(text) if folded(group) in held)
    return {role.pk for role in roles if role is not None}


def department_for(text: str | None, value: str) -> int | None:
    """Id of the department that the value means; ``None`` when it means none."""
    if not value:
        return None
    named = next((name for given, name in pairs(text) if folded(given) == folded(value)), value)
    found = department_named(named)
    return found.pk if found else None


def folded(text: str) -> str:
    """As groups are compared: without regard to case and to blanks after the commas of a DN."""
    return re.sub(r"\s*,\s*", ",", text.strip()).casefold()
