"""The OpenAPI description of administering access: for whoever may use it."""

from __future__ import annotations

from typing import Any

from guanxi.access.actor import RIGHTS, Actor
from guanxi.access.compiled import SCOPES
from guanxi.engine.administration.roles import LEVELS, MASKS
from guanxi.schema.definition import ObjectType

Json = dict[str, Any]
_PROBLEM = {"$ref": "#/components/responses/Problem"}
_OBJECT: Json = {"type": "object"}
_ROLE: Json = {
    "type": "object",
    "properties": {
        "objects": {
            "type": "object",
            "description": "By key of the object; `*` stands for every object that is not named.",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "rights": {"type": "array", "items": {"type": "string", "enum": list(RIGHTS)}},
                    "read": {"type": "string", "enum": list(SCOPES)},
                    "edit": {"type": "string", "enum": list(SCOPES)},
                },
            },
        },
        "fields": {
            "type": "object",
            "description": "By `object.field`.",
            "additionalProperties": {
                "type": "object",
                "required": ["level"],
                "properties": {
                    "level": {"type": "string", "enum": list(LEVELS)},
                    "mask": {"type": "string", "enum": list(MASKS), "default": "none"},
                },
            },
        },
    },
}
_SHARE: Json = {
    "type": "object",
    "required": ["principal"],
    "properties": {
        "principal_kind": {"type": "string", "enum": ["user", "department", "department_tree", "role"]},
        "principal": {"type": "integer", "format": "int64"},
        "level": {"type": "string", "enum": ["read", "write"], "default": "read"},
        "cause": {"type": "string", "enum": ["manual", "team"], "default": "manual"},
        "expires_at": {"type": ["string", "null"], "format": "date-time"},
        "note": {"type": ["string", "null"], "maxLength": 120},
    },
}


def of(kind: ObjectType, actor: Actor) -> Json:
    """Sharing and explanation of an object's records and fields."""
    one = f"/{kind.key}/{{id}}"
    access = {"parameters": [_id("id")], "get": _operation(f"{kind.key}_access", kind.key, "Who can see it, and why")}
    field = {
        "parameters": [{"name": "field", "in": "path", "required": True, "schema": {"type": "string"}}],
        "get": _operation(f"{kind.key}_field_access", kind.key, "What each role may do with a field"),
    }
    paths: Json = {f"{one}/access": access, f"/{kind.key}/fields/{{field}}/access": field}
    if kind.declaration.kind == "standard":
        shares = {
            "parameters": [_id("id")],
            "get": _operation(f"{kind.key}_shares", kind.key, "Whom it is shared with"),
        }
        if actor.can("share", kind.key):
            shares["post"] = _operation(f"{kind.key}_share", kind.key, "Share it", _SHARE, status="201")
        paths[f"{one}/shares"] = shares
    return paths


def general(actor: Actor) -> Json:
    """Roles, people, policy and defaults."""
    unshare = _operation("unshare", "sharing", "Take a share back", status="204")
    paths: Json = {"/shares/{id}": {"parameters": [_id("id")], "delete": unshare}}
    if actor.can("administrate", "role"):
        paths["/role/{id}/rights"] = {
            "parameters": [_id("id")],
            "get": _operation("role_rights", "role", "What a role allows"),
            "put": _operation("role_define", "role", "Make a role allow exactly this", _ROLE),
        }
        simulation = _operation("role_simulation", "role", "What would change if the role allowed this", _ROLE)
        paths["/role/{id}/simulation"] = {"parameters": [_id("id")], "post": simulation}
    if actor.can("administrate", "user"):
        paths |= _people() | _signing(actor)
    if actor.can("read", "audit_event"):
        proof = _operation("audit_proof", "audit_event", "Whether the chain of the audit log holds")
        paths["/audit-log/proof"] = {"get": proof}
    if actor.is_administrator:
        for path, summary in (("security-policy", "The security policy"), ("object-defaults", "Where objects start")):
            name = path.replace("-", "_")
            paths[f"/{path}"] = {
                "get": _operation(name, "security", summary),
                "patch": _operation(f"{name}_change", "security", f"Change: {summary.lower()}", _OBJECT),
            }
    return paths


def _people() -> Json:
    ids = {"type": "array", "items": {"type": "integer", "format": "int64"}}
    roles: Json = {
        "type": "object",
        "required": ["roles"],
        "properties": {"roles": ids, "administrator": {"type": "boolean"}},
    }
    leaving: Json = {"type": "object", "properties": {"successor": {"type": ["integer", "null"], "format": "int64"}}}
    invitation: Json = {
        "type": "object",
        "required": ["csv"],
        "properties": {"csv": {"type": "string"}, "dry_run": {"type": "boolean", "default": False}},
    }
    return {
        "/user/{id}/roles": {
            "parameters": [_id("id")],
            "get": _operation("user_roles", "user", "A person's roles"),
            "put": _operation("user_set_roles", "user", "Give a person exactly these roles", roles),
        },
        "/user/{id}/deactivate": {
            "parameters": [_id("id")],
            "post": _operation("user_deactivate", "user", "Let a person leave, records handed over", leaving),
        },
        "/user/{id}/activate": {
            "parameters": [_id("id")],
            "post": _operation("user_activate", "user", "Let a person sign in again", status="204"),
        },
        "/invitations": {"post": _operation("invite", "user", "Invite people from a table", invitation, status="201")},
    }


def _signing(actor: Actor) -> Json:
    """What can be done for somebody's signing in; factors and keys are for administrators."""
    one = [_id("id")]
    mail: Json = {"type": "object", "properties": {"mail": {"type": "boolean", "default": False}}}
    invitation = _operation("user_invitation", "user", "A link to set the first password; or mail it", mail)
    invitation["responses"]["202"] = {"description": "The mail is on its way"}
    keys = _operation("user_keys", "user", "A person's API keys, without their secrets")
    out = _operation("user_end_sessions", "user", "Sign a person out everywhere")
    unlock = _operation("user_unlock", "user", "Let a person who was locked out try again", status="204")
    paths: Json = {
        "/user/{id}/unlock": {"parameters": one, "post": unlock},
        "/user/{id}/end-sessions": {"parameters": one, "post": out},
        "/user/{id}/invitation": {"parameters": one, "post": invitation},
        "/user/{id}/keys": {"parameters": one, "get": keys},
    }
    if actor.is_administrator:
        chosen: Json = {"type": "array", "items": {"type": "integer", "format": "int64"}}
        ids: Json = {"type": "object", "properties": {"ids": {**chosen, "description": "All keys when left out."}}}
        reset = _operation("user_reset_factors", "user", "Take away a person's second factors", status="204")
        revoke = _operation("user_revoke_keys", "user", "Revoke a person's API keys", ids)
        paths["/user/{id}/reset-factors"] = {"parameters": one, "post": reset}
        paths["/user/{id}/revoke-keys"] = {"parameters": one, "post": revoke}
    return paths


def _id(name: str) -> Json:
    schema = {"type": "integer", "format": "int64", "minimum": 1}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _operation(name: str, tag: str, summary: str, body: Json | None = None, status: str = "200") -> Json:
    success: Json = {"description": "Done"}
    if status != "204":
        success["content"] = {"application/json": {"schema": _OBJECT}}
    operation: Json = {
        "operationId": f"admin_{name}",
        "tags": [tag],
        "summary": summary,
        "responses": {status: success, "default": _PROBLEM},
    }
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation
