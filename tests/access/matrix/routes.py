"""Who may use which route: declared for every pattern and method of the resolver, and nowhere else.

A route without a line here makes the test fail: whoever adds an endpoint says who may use it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

PAGE_METHODS = ("GET", "POST")
API_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Need:
    """What a request needs. ``rule`` names a rule of :mod:`expected`, ``right`` an operation right.

    ``body`` names what is sent (see :mod:`bodies`); ``query`` goes to the address; ``accepts`` are further statuses that
    mean that the door was open, where a valid body would need a device.
    """

    rule: str
    right: str = ""
    body: str = ""
    query: str = ""
    accepts: tuple[int, ...] = ()
    sides: tuple[str, ...] = ()
    """Sides of the record other than the usual ones."""

    def sending(self, body: str) -> Need:
        """The same with another body."""
        return replace(self, body=body)


OPEN = Need("open")
"""Anybody, signed in or not."""
SIGNED = Need("signed")
"""Anybody who is signed in, or has a key."""
SESSION = Need("session")
"""Anybody who is signed in; not with a key."""
ADMIN = Need("administrator")
AUDIT = Need("object_named", "read", body="audit_event")
FACTOR = Need("own", accepts=(422,))
RECORD = Need("record")
READ = Need("object", "read")
EDIT = Need("record", "edit")
APPROVED = Need("export_download")


def _administrate(key: str, body: str = "") -> Need:
    return Need(f"administrate:{key}", body=body)


Methods = dict[str, Need | tuple[Need, ...]]

_SIGN_IN: dict[str, Methods] = {
    "signin": {"GET": OPEN, "POST": OPEN},
    "signin/passkey": {"GET": OPEN, "POST": OPEN},
    "signin/second": {"GET": OPEN, "POST": OPEN},
    "signin/forgotten": {"GET": OPEN, "POST": OPEN},
    "signin/reset/<str:token>": {"GET": Need("token", "forgotten"), "POST": Need("token", "forgotten", "new_password")},
    "signin/invited/<str:token>": {
        "GET": Need("token", "invitation"),
        "POST": Need("token", "invitation", "new_password"),
    },
    "signin/renew": {"GET": OPEN, "POST": OPEN},
    "signin/oidc/<id:provider_id>": {"GET": Need("nobody")},
    "signin/oidc/<id:provider_id>/callback": {"GET": Need("nobody")},
    "signout": {"POST": OPEN},
    "language": {"POST": OPEN},
}
_OWN: dict[str, Methods] = {
    "": {"GET": SIGNED},
    "briefing": {"GET": (SIGNED, replace(SIGNED, query="whose=team"))},
    "preferences": {"GET": Need("oneself"), "POST": Need("oneself", body="preferences")},
    "preferences/quick": {"POST": Need("oneself", body="quick")},
    "preferences/password": {"POST": Need("oneself", body="password")},
    "preferences/security": {"GET": Need("oneself")},
    "preferences/security/setup": {"GET": Need("oneself")},
    "preferences/security/app": {"GET": Need("oneself"), "POST": Need("oneself", accepts=(422,))},
    "preferences/security/app/remove": {"POST": Need("factor")},
    "preferences/security/passkeys": {"GET": Need("oneself"), "POST": Need("oneself")},
    "preferences/security/passkeys/add": {"GET": Need("oneself"), "POST": Need("oneself", accepts=(422,))},
    "preferences/security/passkeys/<int:pk>/name": {"POST": Need("own", body="name")},
    "preferences/security/passkeys/<int:pk>/remove": {"POST": Need("own")},
    "preferences/security/codes": {"GET": Need("factor")},
    "preferences/security/codes/new": {"POST": Need("factor")},
    "preferences/security/codes/download": {"GET": Need("factor")},
    "preferences/security/sessions/<int:session_id>/end": {"POST": Need("own")},
    "preferences/security/sessions/end-others": {"POST": Need("oneself")},
    "preferences/security/keys/new": {"GET": Need("oneself"), "POST": Need("oneself", body="key_form")},
    "preferences/security/keys/<int:key_id>/revoke": {"POST": Need("own")},
    "preferences/confirm": {"GET": Need("oneself"), "POST": Need("oneself", body="own_password")},
    "preferences/confirm/code": {"GET": Need("oneself"), "POST": Need("oneself", accepts=(422,))},
    "preferences/confirm/passkey": {"GET": Need("oneself"), "POST": Need("oneself", accepts=(422,))},
    "notifications": {"GET": SIGNED},
    "notifications/unread": {"GET": SIGNED},
    "notifications/all": {"GET": (SIGNED, replace(SIGNED, query="unread=1"))},
    "notifications/read": {"POST": Need("oneself")},
    "preferences/notices": {"POST": Need("oneself", body="notice_form")},
    "search": {"GET": (SIGNED, replace(SIGNED, query="q=zq"))},
    "recents": {"GET": SIGNED},
    "palette": {"GET": (SIGNED, replace(SIGNED, query="q=zq"))},
    "watermark.svg": {"GET": SIGNED},
    "jobs": {"GET": (SIGNED, replace(SIGNED, query="whose=all"))},
    "jobs/mark": {"GET": SIGNED},
    "jobs/<id:job_id>": {"GET": Need("job")},
    "jobs/<id:job_id>/cancel": {"POST": Need("job")},
    "activity": {"GET": SIGNED},
    "bulk/<id:run_id>": {"GET": Need("job")},
    "bulk/<id:run_id>/rejected.csv": {"GET": Need("job")},
    "api/docs": {"GET": SIGNED},
    "api/docs/<slug:key>": {"GET": SIGNED},
    "see-as/end": {"POST": SESSION},
}
_EXPORTS: dict[str, Methods] = {
    "exports": {"GET": Need("oneself")},
    "exports/<id:request_id>": {"GET": Need("export_see")},
    "exports/<id:request_id>/decide": {"POST": Need("export_decide", body="decision")},
    "exports/<id:request_id>/download": {"POST": APPROVED},
    "o/<slug:object_key>/export": {
        "GET": Need("object", "export"),
        "POST": (Need("object", "export", "export"), Need("object", "export", "export_reason")),
    },
    "api/v1/export-requests": {"GET": (Need("oneself"), Need("oneself", query="waiting=true"))},
    "api/v1/export-requests/<int:request_id>": {"GET": Need("export_see")},
    "api/v1/export-requests/<int:request_id>/decide": {"POST": Need("export_decide", body="decision")},
    "api/v1/export-requests/<int:request_id>/download": {"POST": APPROVED},
    "api/v1/<slug:object_key>/export": {"GET": Need("object", "export")},
}
_IMPORTS: dict[str, Methods] = {
    "imports": {"GET": (SIGNED, replace(SIGNED, query="whose=all"))},
    "imports/<id:import_id>": {"GET": Need("job")},
    "imports/<id:import_id>/map": {"GET": Need("import_mine"), "POST": Need("import_mine", "create", "import_form")},
    "imports/<id:import_id>/layout": {"POST": Need("import_mine", "import", "import_layout")},
    "imports/<id:import_id>/check": {"GET": Need("job"), "POST": Need("import_mine", "create")},
    "imports/<id:import_id>/commit": {"POST": Need("import_mine", "create")},
    "imports/<id:import_id>/resume": {"POST": Need("import_stopped")},
    "imports/<id:import_id>/rejected": {"GET": Need("job")},
    "imports/<id:import_id>/template": {"POST": Need("import_mine", "import", "import_name")},
    "imports/templates/<id:template_id>/remove": {"POST": Need("import_template")},
    "o/<slug:object_key>/import": {
        "GET": Need("object_import"),
        "POST": Need("object_import", "create", "import_file", accepts=(422,)),
    },
    "api/v1/imports": {
        "GET": (SIGNED, replace(SIGNED, query="all=true")),
        "POST": Need("import_rows", body="import_rows"),
    },
    "api/v1/imports/<int:import_id>": {"GET": Need("job")},
    "api/v1/imports/<int:import_id>/mapping": {"PUT": Need("import_mine", "create", "import_mapping")},
    "api/v1/imports/<int:import_id>/layout": {"PUT": Need("import_mine", "import", "import_layout")},
    "api/v1/imports/<int:import_id>/check": {"POST": Need("import_mine", "create")},
    "api/v1/imports/<int:import_id>/commit": {"POST": Need("import_mine", "create")},
    "api/v1/imports/<int:import_id>/resume": {"POST": Need("import_stopped")},
    "api/v1/imports/<int:import_id>/rejected": {"GET": Need("job")},
    "api/v1/imports/<int:import_id>/template": {"POST": Need("import_mine", "import", "import_name")},
    "api/v1/import-templates": {"GET": SIGNED},
    "api/v1/import-templates/<int:template_id>": {"DELETE": Need("import_template")},
}
_LISTS: dict[str, Methods] = {
    "o/<slug:object_key>": {
        "GET": (READ, Need("board", query="layout=board"), replace(READ, query="deleted=1"), Need("view_used")),
    },
    "o/<slug:object_key>/totals": {"GET": READ},
    "o/<slug:object_key>/column": {"GET": Need("board", query="column={column}")},
    "o/<slug:object_key>/heads": {"GET": Need("board")},
    "o/<slug:object_key>/filter": {"GET": READ},
    "o/<slug:object_key>/save-view": {
        "GET": (READ, Need("view_used")),
        "POST": replace(READ, right="read", body="view"),
    },
    "o/<slug:object_key>/views/<id:view_id>/delete": {"POST": Need("view_own")},
    "o/<slug:object_key>/chooser": {"GET": (READ, Need("view_used"))},
    "o/<slug:object_key>/columns": {"POST": (READ.sending("columns"), replace(Need("view_used"), body="columns"))},
    "o/<slug:object_key>/bulk": {
        "GET": (Need("object_asked"), Need("object", "delete", query="what=delete&all=1")),
        "POST": (
            Need("record", "edit", "bulk_edit"),
            Need("record", "delete", "bulk_delete"),
            Need("record", "restore", "bulk_restore", sides=("binned",)),
            Need("bulk_both", "delete", "bulk_both"),
            Need("purged", "administrate", "bulk_purge", accepts=(409,), sides=("binned",)),
        ),
    },
    "o/<slug:object_key>/choices/<slug:field_key>": {"GET": Need("choices")},
    "o/<slug:object_key>/targets": {"GET": (READ, replace(READ, query="q=zq"))},
    "o/<slug:object_key>/new": {"GET": Need("object_create"), "POST": Need("create", body="form")},
}
_RECORDS: dict[str, Methods] = {
    "": {"GET": (RECORD, Need("binned", sides=("binned",)))},
    "/edit": {"GET": EDIT, "POST": EDIT.sending("edit")},
    "/print": {"GET": Need("record_and", "print")},
    "/peek": {"GET": RECORD},
    "/stream": {"GET": RECORD},
    "/files": {"GET": RECORD, "POST": EDIT.sending("file")},
    "/related": {"GET": RECORD},
    "/history": {"GET": RECORD},
    "/compose/<slug:stream_key>": {"POST": Need("compose", body="compose")},
    "/cell/<slug:field_key>": {"GET": EDIT.sending("cell"), "POST": EDIT.sending("cell")},
    "/move": {"GET": Need("path"), "POST": Need("path", "change_state", "move")},
    "/act/<slug:action_key>": {"GET": Need("action_seen"), "POST": Need("action", body="inputs")},
    "/delete": {"POST": Need("record", "delete")},
    "/restore": {"POST": Need("record", "restore", sides=("binned",))},
    "/purge": {"POST": Need("purged", "administrate", accepts=(409,), sides=("ghost", "binned"))},
    "/redact": {"GET": Need("redacted"), "POST": Need("redacted", body="redaction")},
    "/favourite": {"POST": RECORD},
    "/follow": {"POST": RECORD},
    "/share": {"GET": RECORD, "POST": Need("shared", "share", "share")},
    "/share/<id:grant_id>/remove": {"POST": Need("granted", "share")},
    "/access": {"GET": RECORD},
}
_FILES: dict[str, Methods] = {
    "files/<id:file_id>": {"GET": Need("file")},
    "files/<id:file_id>/remove": {"POST": Need("file", "edit")},
    "o/<slug:object_key>/fields/<slug:field_key>/access": {"GET": Need("field")},
}
_UNDO: dict[str, Methods] = {
    "as-of": {"GET": SIGNED, "POST": SIGNED.sending("day")},
    "as-of/end": {"POST": SIGNED},
    "undo/<id:change_set_id>": {"GET": Need("changed"), "POST": Need("changed", "edit")},
    "api/v1/change-sets": {"GET": SIGNED},
    "api/v1/change-sets/<int:change_set_id>": {"GET": Need("changed")},
    "api/v1/change-sets/<int:change_set_id>/undo": {"POST": Need("changed", "edit")},
    "api/v1/<slug:object_key>/<int:record_id>/history": {"GET": RECORD},
}
_DUPLICATES: dict[str, Methods] = {
    "taken": {"GET": (Need("taken"), Need("taken", query="q=zq"))},
    "duplicates": {"GET": Need("reviews")},
    "duplicates/scan": {"POST": Need("scans", body="scan")},
    "duplicates/<id:group_id>/apart": {"POST": Need("apart")},
    "o/<slug:object_key>/duplicates": {"POST": Need("typed", body="form")},
    "o/<slug:object_key>/merge": {"GET": Need("merges"), "POST": Need("merged", body="merge_form")},
    "admin/indexes": {"GET": ADMIN, "POST": ADMIN.sending("index_form")},
    "admin/indexes/<id:index_id>/remove": {"POST": Need("index")},
    "admin/sums": {"GET": ADMIN, "POST": ADMIN},
    "api/v1/kept-sums": {"GET": ADMIN, "POST": ADMIN},
    "api/v1/field-indexes": {"GET": ADMIN, "POST": ADMIN.sending("index")},
    "api/v1/field-indexes/<int:index_id>": {"DELETE": Need("index")},
    "admin/duplicates": {"GET": ADMIN, "POST": ADMIN.sending("duplicate_form")},
    "admin/duplicates/prepare": {"POST": ADMIN},
    "api/v1/taken": {"GET": replace(SIGNED, query="name=zq")},
    "api/v1/duplicate-rules": {"GET": ADMIN, "PATCH": ADMIN.sending("duplicate_rules")},
    "api/v1/duplicates": {"GET": Need("scans", query="object=contact")},
    "api/v1/duplicates/scan": {"POST": Need("scans", body="scan")},
    "api/v1/duplicates/<int:group_id>/apart": {"POST": Need("apart")},
    "api/v1/<slug:object_key>/duplicates": {"POST": Need("checked", body="json")},
    "api/v1/<slug:object_key>/<int:record_id>/merge": {"POST": Need("merged", body="api_merge")},
}
_ADMIN: dict[str, Methods] = {
    "admin": {"GET": Need("hub")},
    "admin/people": {"GET": _administrate("user")},
    "admin/people/<id:user_id>": {"GET": Need("person_seen")},
    "admin/people/<id:user_id>/roles": {"POST": Need("person", body="roles")},
    "admin/people/<id:user_id>/deactivate": {"POST": Need("person", body="successor")},
    "admin/people/<id:user_id>/activate": {"POST": Need("person")},
    "admin/people/<id:user_id>/reset-factors": {"POST": Need("person_by_administrator")},
    "admin/people/<id:user_id>/unlock": {"POST": Need("person")},
    "admin/people/<id:user_id>/end-sessions": {"POST": Need("person")},
    "admin/people/<id:user_id>/revoke-keys": {"POST": Need("person_by_administrator")},
    "admin/people/<id:user_id>/invitation": {"POST": Need("person_invited")},
    "admin/people/<id:user_id>/see-as": {"POST": Need("see_as")},
    "admin/invite": {
        "GET": _administrate("user"),
        "POST": (_administrate("user", "invite_one"), _administrate("user", "invite_many")),
    },
    "admin/departments": {"GET": _administrate("department")},
    "admin/departments/move": {"POST": _administrate("department", "move_department")},
    "admin/roles": {"GET": _administrate("role")},
    "admin/roles/<id:role_id>": {"GET": Need("role")},
    "admin/roles/<id:role_id>/save": {"POST": Need("role", body="matrix")},
    "admin/roles/<id:role_id>/preview": {"POST": Need("role", body="matrix")},
    "admin/defaults": {"GET": ADMIN, "POST": ADMIN.sending("defaults")},
    "admin/security": {"GET": ADMIN, "POST": ADMIN.sending("policy_form")},
    "admin/retention": {"GET": ADMIN, "POST": ADMIN.sending("retention_form")},
    "admin/retention/run": {"POST": ADMIN},
    "admin/journal": {"GET": (Need("overseer"), Need("overseer", query="status=dead"))},
    "admin/journal/replay": {"POST": Need("overseer", body="replay_form")},
    "admin/journal/<id:delivery_id>": {"GET": Need("delivery")},
    "admin/search": {"GET": ADMIN},
    "admin/search/rebuild": {"POST": ADMIN},
    "admin/audit": {"GET": AUDIT},
    "admin/audit/verify": {"POST": AUDIT},
}
_API: dict[str, Methods] = {
    "openapi.json": {"GET": SIGNED},
    "me": {"GET": SIGNED},
    "search": {"GET": replace(SIGNED, query="q=zq")},
    "notifications": {"GET": (SIGNED, replace(SIGNED, query="unread=true"))},
    "notifications/read": {"POST": SIGNED},
    "notification-choices": {"GET": SIGNED, "PATCH": SIGNED.sending("notice_choices")},
    "<slug:object_key>/<int:record_id>/follow": {"GET": RECORD, "PUT": RECORD, "DELETE": RECORD},
    "keys": {"GET": Need("oneself"), "POST": Need("oneself_signed_in", body="key")},
    "keys/<int:key_id>": {"DELETE": Need("own", "delete")},
    "role/<int:role_id>/rights": {"GET": Need("role"), "PUT": Need("role", body="document")},
    "role/<int:role_id>/simulation": {"POST": Need("role", body="document")},
    "user/<int:user_id>/roles": {"GET": Need("person_seen"), "PUT": Need("person", body="api_roles")},
    "user/<int:user_id>/deactivate": {"POST": Need("person", body="api_successor")},
    "user/<int:user_id>/activate": {"POST": Need("person")},
    "user/<int:user_id>/unlock": {"POST": Need("person")},
    "user/<int:user_id>/end-sessions": {"POST": Need("person")},
    "user/<int:user_id>/reset-factors": {"POST": Need("person_by_administrator")},
    "user/<int:user_id>/invitation": {"POST": Need("person_invited")},
    "user/<int:user_id>/keys": {"GET": Need("person_seen")},
    "user/<int:user_id>/revoke-keys": {"POST": Need("person_by_administrator")},
    "audit-log/proof": {"GET": AUDIT},
    "journal": {"GET": Need("overseer")},
    "deliveries": {"GET": Need("overseer")},
    "deliveries/replay": {"POST": Need("overseer", body="replay")},
    "deliveries/<int:delivery_id>": {"GET": Need("delivery")},
    "invitations": {"POST": _administrate("user", "api_invite")},
    "jobs": {"GET": (SIGNED, replace(SIGNED, query="all=true"))},
    "jobs/<int:job_id>": {"GET": Need("job")},
    "jobs/<int:job_id>/cancel": {"POST": Need("job")},
    "retention-policy": {"GET": ADMIN, "PATCH": ADMIN.sending("retention")},
    "<slug:object_key>/<int:record_id>/redact": {"POST": Need("redacted", body="api_redaction")},
    "security-policy": {"GET": ADMIN, "PATCH": ADMIN.sending("policy")},
    "object-defaults": {"GET": ADMIN, "PATCH": ADMIN.sending("api_defaults")},
    "shares/<int:grant_id>": {"DELETE": Need("grant", "share")},
    "<slug:object_key>/<int:record_id>/shares": {"GET": RECORD, "POST": Need("shared", "share", "api_share")},
    "<slug:object_key>/<int:record_id>/access": {"GET": (RECORD, Need("access_of_other", query="user={plain}"))},
    "<slug:object_key>/fields/<slug:field_key>/access": {"GET": Need("field")},
    "<slug:object_key>": {"GET": (READ, replace(READ, query="deleted=true")), "POST": Need("create", body="json")},
    "<slug:object_key>/<int:record_id>": {
        "GET": RECORD,
        "PATCH": EDIT.sending("patch"),
        "DELETE": (
            Need("record", "delete"),
            Need("purged", "administrate", query="purge=true", accepts=(409,), sides=("ghost", "binned")),
        ),
    },
    "changes": {"GET": SIGNED},
    "bulk/<int:run_id>": {"GET": Need("job")},
    "bulk/<int:run_id>/rejected": {"GET": Need("job")},
    "<slug:object_key>/summary": {"GET": READ},
    "<slug:object_key>/batch": {"POST": Need("object", "edit", "batch")},
    "<slug:object_key>/bulk": {
        "POST": (
            Need("record", "edit", "api_bulk_edit"),
            Need("record", "delete", "api_bulk_delete"),
            Need("record", "restore", "api_bulk_restore", sides=("binned",)),
            Need("bulk_both", "delete", "api_bulk_both"),
        )
    },
    "<slug:object_key>/by/<slug:field_key>/<path:value>": {
        "GET": RECORD,
        "PUT": Need("put_by", "edit", "patch", sides=("own",)),
    },
    "<slug:object_key>/<int:record_id>/restore": {"POST": Need("record", "restore", sides=("binned",))},
    "<slug:object_key>/<int:record_id>/actions/<slug:action_key>": {"POST": Need("action", body="api_inputs")},
}
OF_EVERY_OBJECT = frozenset(
    (
        *("o/<slug:object_key>", "o/<slug:object_key>/new", "o/<slug:object_key>/<id:record_id>"),
        *("api/v1/<slug:object_key>", "api/v1/<slug:object_key>/<int:record_id>"),
        *("o/<slug:object_key>/merge", "api/v1/<slug:object_key>/<int:record_id>/merge"),
        *("o/<slug:object_key>/duplicates", "api/v1/<slug:object_key>/duplicates"),
        *("api/v1/<slug:object_key>/<int:record_id>/restore", "api/v1/<slug:object_key>/export"),
    )
)
"""Routes that are asked about every object; the others about one of each sort (see :func:`targets.sorts`)."""
NOTHING = "api/^(?P<path>(?s:.*))\\Z"
"""Whatever is no address of the API: nobody gets anything there."""

TABLE: dict[str, Methods] = {
    **_SIGN_IN,
    **_OWN,
    **_EXPORTS,
    **_IMPORTS,
    **_LISTS,
    **{f"o/<slug:object_key>/<id:record_id>{end}": methods for end, methods in _RECORDS.items()},
    **_FILES,
    **_UNDO,
    **_DUPLICATES,
    **_ADMIN,
    **{f"api/v1/{end}": methods for end, methods in _API.items()},
    NOTHING: {method: Need("nobody") for method in API_METHODS},
}


def patterns() -> list[str]:
    """Every pattern of the resolver, as text."""
    return list(_walk(get_resolver().url_patterns, ""))


def _walk(found: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for one in found:
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, before + str(one.pattern))
        else:
            yield before + str(one.pattern)


def needs(pattern: str, method: str) -> tuple[Need, ...]:
    """The needs of a method; none when the route does not know it."""
    found = TABLE[pattern].get(method, ())
    return found if isinstance(found, tuple) else (found,)


def methods_of(pattern: str) -> tuple[str, ...]:
    """The methods that are tried."""
    return API_METHODS if is_api(f"/{pattern}") else PAGE_METHODS


def is_api(address: str) -> bool:
    """Whether an address belongs to the API; its documentation is pages."""
    return address.startswith("/api/") and not address.startswith("/api/docs")
