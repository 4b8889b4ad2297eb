"""The OpenAPI description of administering access: for whoever may use it."""

from __future__ import annotations

from dataclasses import fields
from typing import get_type_hints

from django.utils.translation import gettext as _

from guanxi.access.actor import RIGHTS, Actor
from guanxi.access.compiled import SCOPES
from guanxi.access.policy import Policy
from guanxi.engine.administration.roles import LEVELS, MASKS
from guanxi.engine.administration.settings import LIMITS
from guanxi.schema.definition import ObjectType
from guanxi.schema.registry import snapshot
from guanxi.web.api.describing import (
    COUNT,
    ID,
    MAYBE_MOMENT,
    MAYBE_TEXT,
    MOMENT,
    NUMBER,
    TEXT,
    YES_NO,
    Json,
    array,
    choice,
    described,
    every,
    in_path,
    listed,
    needing,
    operation,
    query,
    ref,
    some,
)

_LEVEL = choice(["private", "read", "write"])


def of(kind: ObjectType, actor: Actor) -> Json:
    """Sharing and explanation of an object's records and fields."""
    one = f"/{kind.key}/{{id}}"
    keys = [field.key for field in actor.visible_fields(kind)]
    thing = {"object": str(kind.label)}
    user = query("user", ID, _("Only this person; for whoever may share the record or administrate people."))
    paths: Json = {
        f"{one}/access": {
            "parameters": [in_path("id")],
            "get": operation(
                f"{kind.key}_access", kind.key, _("Who can see the %(object)s, and why") % thing, listed(ref("Access")),
                parameters=[user],
            ),
        },
        f"/{kind.key}/fields/{{field}}/access": {
            "parameters": [in_path("field", choice(keys))],
            "get": operation(
                f"{kind.key}_field_access", kind.key, _("What the caller and each role may do with a field"),
                ref("FieldAccess"),
            ),
        },
    }  # fmt: skip
    if kind.declaration.kind == "standard":
        shares: Json = {
            "parameters": [in_path("id")],
            "get": operation(
                f"{kind.key}_shares", kind.key, _("Whom the %(object)s is shared with") % thing, listed(ref("Share"))
            ),
        }
        if actor.can("share", kind.key):
            shares["post"] = operation(
                f"{kind.key}_share", kind.key, _("Share the %(object)s") % thing, ref("Share"), body=_share(),
                status="201", sent={"principal_kind": "user", "principal": 7, "level": "read"},
            )  # fmt: skip
        paths[f"{one}/shares"] = shares
    return paths


def _share() -> Json:
    return needing(
        some(
            principal_kind=choice(["user", "department", "department_tree", "role"], default="user"),
            principal=ID,
            level=choice(["read", "write"], default="read"),
            cause=choice(["manual", "team"], default="manual"),
            expires_at=MAYBE_MOMENT,
            note={"type": ["string", "null"], "maxLength": 120},
        ),
        "principal",
    )


def general(actor: Actor) -> Json:
    """Roles, people, keys, policy and defaults."""
    unshare = operation("unshare", "sharing", _("Take a share back"), status="204", writes=True)
    paths: Json = {"/shares/{id}": {"parameters": [in_path("id")], "delete": unshare}} | _own(actor)
    if actor.can("administrate", "role"):
        sent = {"objects": {"*": {"rights": ["read"], "read": "own", "edit": "own"}}, "fields": {}}
        role = ref("RoleRights")
        paths["/role/{id}/rights"] = {
            "parameters": [in_path("id")],
            "get": operation("role_rights", "role", _("What a role allows"), role),
            "put": operation("role_define", "role", _("Make a role allow exactly this"), role, body=role, sent=sent),
        }
        paths["/role/{id}/simulation"] = {
            "parameters": [in_path("id")],
            "post": operation(
                "role_simulation", "role", _("What would change if the role allowed this"), ref("Simulation"), body=role,
                sent=sent,
            ),
        }  # fmt: skip
    if actor.can("administrate", "user"):
        paths |= _people() | _signing(actor)
    if actor.can("read", "audit_event"):
        proof = every(holds=YES_NO, count=COUNT, digest=TEXT, sequence={"type": ["integer", "null"]}, reason=MAYBE_TEXT)
        paths["/audit-log/proof"] = {
            "get": operation("audit_proof", "audit_event", _("Whether the chain of the audit log holds"), proof)
        }
    return paths | (_rules() if actor.is_administrator else {})


def _own(actor: Actor) -> Json:
    """The caller, and the caller's keys."""
    rights = array(choice(list(RIGHTS)))
    named = {"type": "string", "minLength": 1, "maxLength": 120, "pattern": r"\S"}
    made = every(id=NUMBER, name=TEXT, key=described(TEXT, _("The secret, shown this once.")), rights=array(TEXT))
    return {
        "/me": {"get": operation("me", "caller", _("Who the caller is"), every(id=NUMBER, name=TEXT, language=TEXT))},
        "/keys": {
            "get": operation(
                "keys_list", "caller", _("The caller's keys that work"),
                listed(every(id=NUMBER, name=TEXT, prefix=TEXT, rights=array(TEXT))),
            ),
            "post": operation(
                "keys_create", "caller", _("Make a key; only in the session of a signed-in person"), made, status="201",
                body=needing(some(name=named, rights=rights), "name"), sent={"name": "reporting", "rights": ["read"]},
            ),
        },
        "/keys/{id}": {
            "parameters": [in_path("id")],
            "delete": operation("keys_revoke", "caller", _("Revoke a key at once"), status="204", writes=True),
        },
        "/openapi.json": {"get": operation("openapi", "caller", _("This description"), {"type": "object"})},
    }  # fmt: skip


def _people() -> Json:
    roles = needing(some(roles=array(ID), administrator={"type": ["boolean", "null"]}), "roles")
    leaving = some(successor={"type": ["integer", "null"], "format": "int64", "minimum": 1, "maximum": 2**63 - 1})
    invitation = needing(some(csv=TEXT, dry_run={**YES_NO, "default": False}), "csv")
    invited = listed({"type": "object"})
    checked = {
        "description": _("What is wrong with which line"),
        "content": {"application/json": {"schema": listed(every(line=COUNT, errors=array(TEXT)))}},
    }
    return {
        "/user/{id}/roles": {
            "parameters": [in_path("id")],
            "get": operation("user_roles", "user", _("A person's roles"), every(roles=array(NUMBER))),
            "put": operation(
                "user_set_roles", "user", _("Give a person exactly these roles"), every(roles=array(NUMBER)), body=roles,
                sent={"roles": [1, 2], "administrator": False},
            ),
        },
        "/user/{id}/deactivate": {
            "parameters": [in_path("id")],
            "post": operation(
                "user_deactivate", "user", _("Let a person leave, records handed over"),
                every(moved={"type": ["integer", "object"]}), body=leaving, body_required=False, sent={"successor": 7},
            ),
        },
        "/user/{id}/activate": {
            "parameters": [in_path("id")],
            "post": operation("user_activate", "user", _("Let a person sign in again"), status="204", writes=True),
        },
        "/invitations": {
            "post": operation(
                "invite", "user", _("Invite people from a table"), invited, body=invitation, status="201",
                sent={"csv": "username,name\nwang.min,王敏\n", "dry_run": True}, more={"200": checked},
            )
        },
    }  # fmt: skip


def _signing(actor: Actor) -> Json:
    """What can be done for somebody's signing in; factors and keys are for administrators."""
    one = [in_path("id")]
    invitation = operation(
        "user_invitation", "user", _("A link to set the first password; or mail it"), every(link=TEXT),
        body=some(mail={**YES_NO, "default": False}), body_required=False, sent={"mail": False},
        more={"202": {"description": _("The mail is on its way")}},
    )  # fmt: skip
    key = every(
        id=NUMBER, name=TEXT, prefix=TEXT, rights=array(TEXT), created_at=MOMENT, expires_at=MAYBE_MOMENT,
        last_used_at=MAYBE_MOMENT,
    )  # fmt: skip
    paths: Json = {
        "/user/{id}/unlock": {
            "parameters": one,
            "post": operation(
                "user_unlock", "user", _("Let a person who was locked out try again"), status="204", writes=True
            ),
        },
        "/user/{id}/end-sessions": {
            "parameters": one,
            "post": operation(
                "user_end_sessions", "user", _("Sign a person out everywhere"), every(ended=COUNT), writes=True
            ),
        },
        "/user/{id}/invitation": {"parameters": one, "post": invitation},
        "/user/{id}/keys": {
            "parameters": one,
            "get": operation("user_keys", "user", _("A person's API keys, without their secrets"), listed(key)),
        },
    }
    if actor.is_administrator:
        ids = some(ids=described(array(ID), _("All keys when left out.")))
        paths["/user/{id}/reset-factors"] = {
            "parameters": one,
            "post": operation(
                "user_reset_factors", "user", _("Take away a person's second factors"), status="204", writes=True
            ),
        }
        paths["/user/{id}/revoke-keys"] = {
            "parameters": one,
            "post": operation(
                "user_revoke_keys", "user", _("Revoke a person's API keys"), every(revoked=COUNT), body=ids,
                body_required=False, sent={"ids": [3]},
            ),
        }  # fmt: skip
    return paths


def _rules() -> Json:
    """What holds for everybody; for administrators."""
    policy = _policy()
    standard = {kind.key: _LEVEL for kind in snapshot() if kind.declaration.kind == "standard"}
    return {
        "/security-policy": {
            "get": operation("security_policy", "security", _("The security policy"), every(**policy)),
            "patch": operation(
                "security_policy_change", "security", _("Change rules of the security policy"), every(**policy),
                body=some(**policy), sent={"password_length": 12},
            ),
        },
        "/object-defaults": {
            "get": operation("object_defaults", "security", _("The access that objects start from"), every(**standard)),
            "patch": operation(
                "object_defaults_change", "security", _("Change the access that objects start from"), every(**standard),
                body=some(**standard), sent={"account": "read"},
            ),
        },
    }  # fmt: skip


def _policy() -> Json:
    hints = get_type_hints(Policy)
    found: Json = {}
    for field in fields(Policy):
        if hints[field.name] is bool:
            found[field.name] = YES_NO
        elif hints[field.name] is int:
            low, high = LIMITS[field.name]
            found[field.name] = {"type": "integer", "minimum": low, "maximum": high}
        else:
            found[field.name] = array(TEXT)
    return found


def schemas() -> Json:
    """The schemas of sharing, access and roles."""
    share = every(
        id=NUMBER, principal_kind=TEXT, principal={"type": ["integer", "null"], "format": "int64"}, level=TEXT, cause=TEXT,
        expires_at=MAYBE_MOMENT, note=MAYBE_TEXT,
    )  # fmt: skip
    share["properties"] |= {"name": TEXT, "ended": YES_NO}
    entry = some(rights=array(choice(list(RIGHTS))), read=choice(list(SCOPES)), edit=choice(list(SCOPES)))
    level = needing(some(level=choice(list(LEVELS)), mask=choice(list(MASKS), default="none")), "level")
    role = some(
        objects={
            "type": "object",
            "description": _("By key of the object; `*` stands for every object that is not named."),
            "additionalProperties": entry,
        },
        fields={"type": "object", "description": _("By `object.field`."), "additionalProperties": level},
    )
    effect = every(object=TEXT, level=TEXT, gained=ref("Count"), lost=ref("Count"), people=COUNT)
    right = every(object=TEXT, right=TEXT)
    return {
        "Access": every(user=NUMBER, name=TEXT, read=array(TEXT), write=array(TEXT)),
        "FieldAccess": every(mine={}, roles=array({"type": "object"})),
        "Share": share,
        "RoleRights": role,
        "Simulation": every(holders=COUNT, effects=array(effect), rights_gained=array(right), rights_lost=array(right)),
    }
