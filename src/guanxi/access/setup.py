"""The roles a new installation starts with; an administrator changes them freely."""

from __future__ import annotations

from guanxi.access.actor import RIGHTS
from guanxi.access.models import EVERY_OBJECT, Role, RoleAction, RoleScope
from guanxi.kernel import clock, db
from guanxi.kernel.text import search_key
from guanxi.schema import registry

_WORK = (
    "read",
    "create",
    "edit",
    "delete",
    "restore",
    "assign",
    "export",
    "print",
    "mass_update",
    "change_state",
    "share",
)
_NAMED: dict[str, dict[str, tuple[str, ...]]] = {"auditor": {"audit_event": ("read", "export", "print")}}
"""Objects that a right to every object leaves out, and who is given them by name."""
_ROLES: dict[str, tuple[str, str, tuple[str, ...], str, str]] = {
    "administrator": ("Administrator", "系统管理员", RIGHTS, "all", "all"),
    "sales_manager": ("Sales manager", "销售经理", (*_WORK, "merge", "import"), "department_tree", "department_tree"),
    "salesperson": ("Salesperson", "销售", _WORK, "own", "own"),
    "marketer": ("Marketer", "市场", _WORK, "all", "own"),
    "service_agent": ("Service agent", "客服", _WORK, "all", "own"),
    "auditor": ("Auditor", "审计员", ("read", "export", "print"), "all", "own"),
}


def default_roles() -> dict[str, Role]:
    """The shipped roles by key; made where they are missing, never changed where they exist."""
    with db.atomic():
        roles = {}
        for key, (english, chinese, rights, read, edit) in _ROLES.items():
            now = clock.now()
            named = {"name_en": english, "name": chinese, "search_key": search_key([chinese, english])}
            columns = {**named, "created_at": now, "updated_at": now}
            role, made = Role.objects.get_or_create(key=key, defaults=columns)
            if made:
                RoleAction.objects.bulk_create(
                    [RoleAction(role=role, object=EVERY_OBJECT, right=right) for right in rights]
                )
                RoleAction.objects.bulk_create(
                    [
                        RoleAction(role=role, object=key_named, right=right)
                        for key_named, named in _NAMED.get(key, {}).items()
                        for right in named
                    ]
                )
                RoleScope.objects.create(role=role, object=EVERY_OBJECT, read=read, edit=edit)
            roles[key] = role
        registry.bump("access")
        return roles
