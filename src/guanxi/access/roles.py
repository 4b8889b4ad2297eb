"""Role 角色: a named set of rights. A person may have several, and holds the union."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any
from uuid import uuid4

from django.db import models
from django.utils.translation import gettext as _

from guanxi.kernel.labels import Label
from guanxi.schema import fields
from guanxi.schema.declaration import ObjectDeclaration, Section
from guanxi.schema.record import Record
from guanxi.schema.rules import Draft, ObjectRules, WriteDoor


def networks_in(text: str | None) -> tuple[str, ...]:
    """The networks in a text such as ``10.0.0.0/8, 2001:db8::/32``; :class:`ValueError` names the first that is none."""
    found = []
    for part in re.split(r"[\s,;，；]+", text or ""):
        if part:
            try:
                found.append(str(ip_network(part, strict=False)))
            except ValueError as error:
                raise ValueError(part) from error
    return tuple(found)


class RoleRules(ObjectRules):
    """Every role has a key that never changes."""

    def prepare(self, drafts: Sequence[Draft], door: WriteDoor) -> None:
        for draft in drafts:
            if draft.created and not draft.get("key"):
                slug = re.sub(r"[^a-z0-9]+", "_", (draft.get("name_en") or draft.get("name") or "").lower()).strip("_")
                draft.set("key", f"{slug[:40] or 'role'}_{uuid4().hex[:6]}")
            if draft.changed("networks"):
                try:
                    draft.set("networks", ", ".join(networks_in(draft.get("networks"))) or None)
                except ValueError as error:
                    message = _("“%(text)s” is not a network. Write networks such as 10.0.0.0/8, separated by commas.")
                    draft.error("networks", message % {"text": str(error)[:60]})


class Role(Record):
    """A named set of rights; the rights themselves are rows of their own, changed by ``engine.administration.roles``."""

    key: Any = fields.text("Key", "键", max_length=63, unique=True, read_only=True, hidden=True)
    name: Any = fields.text("Name", "角色名称", required=True, max_length=120)
    name_en: Any = fields.text("English name", "英文名称", max_length=120)
    description: Any = fields.long_text("Description", "说明", max_length=1000)
    requires_mfa: Any = fields.boolean(
        "Second factor required", "必须启用双因素", default=False,
        help=("Whoever holds the role must sign in with a second factor.", "持有该角色的人员登录时必须使用第二因素。"),
    )  # fmt: skip
    networks: Any = fields.text(
        "Allowed networks", "允许的网络", max_length=500,
        help=(
            "Holders may sign in and work from these addresses only, such as 10.0.0.0/8; empty allows every address.",
            "持有者只能从这些地址登录和使用，例如 10.0.0.0/8；留空表示不限制。",
        ),
    )  # fmt: skip

    class Meta:
        db_table = "access_role"
        constraints = [models.UniqueConstraint(fields=["key"], name="access_role_key")]

    class Declaration(ObjectDeclaration):
        key = "role"
        label, plural = Label("Role", "角色"), Label("Roles", "角色")
        icon = "shield"
        kind = "setup"
        area, order = "setup", 920
        title_en = "name_en"
        list_columns = ("name", "name_en", "requires_mfa", "networks", "description")
        default_sort = "name"
        search = ("name", "name_en")
        sections = (Section(Label("Role", "角色"), ("name", "name_en", "description", "requires_mfa", "networks")),)
        quick = ("name", "name_en")
        rules = RoleRules
        default_access = "read"

    @property
    def label(self) -> Label:
        """The name in both languages."""
        return Label(self.name_en or self.name, self.name)
