"""What a role allows, as one document that can be read, changed, compared and exported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from guanxi.access import audit, compiled
from guanxi.access.actor import RIGHTS, Actor
from guanxi.access.compiled import SCOPES, FieldRule, RoleRules
from guanxi.access.dominance import Excess, excess
from guanxi.access.models import EVERY_OBJECT, Role, RoleAction, RoleField, RoleScope
from guanxi.engine.parse import refusal
from guanxi.engine.rights import rights_in_words, scopes_in_words
from guanxi.engine.write import Door, require
from guanxi.kernel.errors import NotFound, Refused
from guanxi.schema import registry
from guanxi.schema.registry import snapshot

Document = dict[str, Any]
"""``{"objects": {key: {"rights": [...], "read": scope, "edit": scope}}, "fields": {"object.field": {"level", "mask"}}}``.

The key ``*`` stands for every object that is not named.
"""
LEVELS = ("hidden", "read", "write")
MASKS = ("none", "list", "all")


def document(role_id: int) -> Document:
    """What the role allows now; :class:`NotFound` when there is no such role."""
    _role(role_id)
    objects: dict[str, dict[str, Any]] = {}
    for key, right in RoleAction.objects.filter(role=role_id).values_list("object", "right"):
        objects.setdefault(key, {"rights": [], "read": "own", "edit": "own"})["rights"].append(right)
    for key, read, edit in RoleScope.objects.filter(role=role_id).values_list("object", "read", "edit"):
        objects.setdefault(key, {"rights": []}).update(read=read, edit=edit)
    fields = {
        f"{row.object}.{row.field}": {"level": row.level, "mask": row.mask}
        for row in RoleField.objects.filter(role=role_id)
    }
    return _ordered({"objects": objects, "fields": fields})


def rules_of(wanted: Mapping[str, Any]) -> RoleRules:
    """The rules a document stands for; :class:`Invalid` names what it does not understand."""
    errors: dict[str, list[str]] = {}
    objects = wanted.get("objects", {})
    fields = wanted.get("fields", {})
    if not isinstance(objects, Mapping) or not isinstance(fields, Mapping):
        raise refusal({"": [_("A role is an object with “objects” and “fields”.")]})
    actions, scopes = {}, {}
    for key, entry in objects.items():
        if key != EVERY_OBJECT and key not in snapshot().objects:
            errors[key] = [_("There is no such object.")]
            continue
        rights, read, edit = _entry(entry)
        if not rights <= set(RIGHTS) or read not in SCOPES or edit not in SCOPES:
            errors[key] = [_("Use the rights %(rights)s and the scopes %(scopes)s.") % _vocabulary()]
        actions[key], scopes[key] = frozenset(rights), (read, edit)
    rules = {}
    for path, entry in fields.items():
        key, _dot, field = path.partition(".")
        level, mask = (entry.get("level"), entry.get("mask", "none")) if isinstance(entry, Mapping) else (None, None)
        if key not in snapshot().objects or field not in snapshot().get(key).fields:
            errors[path] = [_("There is no such field.")]
        elif level not in LEVELS or mask not in MASKS:
            errors[path] = [_("Use the levels hidden, read, write and the masks none, list, all.")]
        else:
            rules[(key, field)] = FieldRule(level, mask)
    if errors:
        raise refusal(errors)
    return RoleRules(actions, scopes, rules)


def _entry(entry: Any) -> tuple[set[str], Any, Any]:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("rights", []), list | tuple):
        return {"?"}, "", ""
    rights = {str(right) for right in entry.get("rights", [])}
    return rights, entry.get("read", "own"), entry.get("edit", "own")


def _vocabulary() -> dict[str, str]:
    return {"rights": ", ".join(RIGHTS), "scopes": ", ".join(SCOPES)}


def define(door: Door, role_id: int, wanted: Mapping[str, Any]) -> None:
    """Make the role allow exactly this. The giver must hold everything it allowed before and will allow."""
    require(door.actor, "administrate", snapshot().get("role"))
    role = _role(role_id)
    before = document(role_id)
    rules = rules_of(wanted)
    for held in (rules_of(before), rules):
        if (found := excess(door.actor, held)) is not None:
            raise Refused(beyond(found))
    after = written(rules)
    if after == before:
        return
    for table in (RoleAction, RoleScope, RoleField):
        table.objects.filter(role=role_id).delete()
    RoleAction.objects.bulk_create(
        RoleAction(role_id=role_id, object=key, right=right)
        for key, rights in rules.actions.items()
        for right in sorted(rights)
    )
    RoleScope.objects.bulk_create(
        RoleScope(role_id=role_id, object=key, read=read, edit=edit) for key, (read, edit) in rules.scopes.items()
    )
    RoleField.objects.bulk_create(
        RoleField(role_id=role_id, object=key, field=field, level=rule.level, mask=rule.mask)
        for (key, field), rule in rules.fields.items()
    )
    registry.bump("access")
    changes = differences(before, after)
    door.recorder.record("role", "rights_changed", [(role_id, changes, None)])
    told = "; ".join(f"{key}: {old or '–'} → {new or '–'}" for key, (old, new) in changes.items())
    audit.note("permission_changed", door.actor, object_key="role", record=role_id, detail=f"{role.label.en}: {told}")


def beyond(found: Excess) -> str:
    """Why a role may not be given, in words."""
    what = {**rights_in_words(), **scopes_in_words()}.get(found.what)
    if what is None:
        field = found.kind.fields.get(found.what)
        what = str(field.label) if field else found.what
    return _("This would give more than you hold yourself: “%(what)s” of %(object)s. Ask somebody who has it.") % {
        "what": what,
        "object": found.kind.plural,
    }


def written(rules: RoleRules) -> Document:
    """The document of these rules, in a fixed order."""
    objects = {
        key: {
            "rights": list(rights),
            "read": rules.scopes.get(key, ("own", "own"))[0],
            "edit": rules.scopes.get(key, ("own", "own"))[1],
        }
        for key, rights in rules.actions.items()
    }
    fields = {f"{key}.{field}": {"level": rule.level, "mask": rule.mask} for (key, field), rule in rules.fields.items()}
    return _ordered({"objects": objects, "fields": fields})


def _ordered(found: Document) -> Document:
    objects = {
        key: {
            "rights": [right for right in RIGHTS if right in entry["rights"]],
            "read": entry["read"],
            "edit": entry["edit"],
        }
        for key, entry in sorted(found["objects"].items())
    }
    return {"objects": objects, "fields": dict(sorted(found["fields"].items()))}


def differences(before: Document, after: Document) -> dict[str, list[Any]]:
    """``{"account.rights": [before, after], "account.phone": […]}``: only what differs, in words that last."""
    old, new = _flat(before), _flat(after)
    return {key: [old.get(key), new.get(key)] for key in sorted(old | new) if old.get(key) != new.get(key)}


def _flat(found: Document) -> dict[str, str]:
    flat = {}
    for key, entry in found["objects"].items():
        flat[f"{key}.rights"] = ", ".join(entry["rights"])
        flat[f"{key}.read"], flat[f"{key}.edit"] = entry["read"], entry["edit"]
    for path, rule in found["fields"].items():
        flat[path] = rule["level"] if rule["mask"] == "none" else f"{rule['level']}, mask {rule['mask']}"
    return flat


def given_to(role_id: int) -> tuple[int, ...]:
    """Ids of the active people who hold the role."""
    people = compiled.current().people.values()
    return tuple(person.id for person in people if role_id in person.roles and person.active)


def may_give(actor: Actor, role_id: int) -> Excess | None:
    """What the role has beyond the actor's own rights; ``None`` when the actor may give it."""
    rules = compiled.current().roles.get(role_id)
    return excess(actor, rules) if rules is not None else None


def _role(role_id: int) -> Role:
    role: Role | None = Role.objects.filter(pk=role_id, deleted_at=None).first()
    if role is None:
        raise NotFound(_("This role does not exist or was deleted."))
    return role
