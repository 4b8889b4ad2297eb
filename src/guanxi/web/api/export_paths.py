"""The OpenAPI description of exports and of the requests for them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guanxi.engine.export.order import FORMATS, FORMS, HEADINGS, MAX_IDS
from guanxi.schema.definition import ObjectType
from guanxi.web.api.describing import (
    COUNT,
    MAYBE_MOMENT,
    MAYBE_NUMBER,
    MAYBE_TEXT,
    MOMENT,
    NUMBER,
    TEXT,
    YES_NO,
    Json,
    array,
    choice,
    every,
    in_path,
    listed,
    location,
    needing,
    operation,
    query,
    ref,
    some,
)

_TAG = "export_request"
_REQUEST = ref("ExportRequestState")
_FILES: Json = {
    "text/csv": {"schema": {"type": "string"}},
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
        "schema": {"type": "string", "format": "binary"}
    },
    "application/jsonl": {"schema": {"type": "string"}},
}


def of(kind: ObjectType) -> Json:
    """The path of an object's export."""
    summary = _("Export %(objects)s as one file") % {"objects": kind.plural}
    made = operation(f"{kind.key}_export", kind.key, summary, parameters=_parameters())
    made["responses"]["200"] = {"description": _("The file"), "content": _FILES}
    made["responses"]["202"] = {
        "description": _("The export needs approval; `address` is the request made for it"),
        "headers": location(),
        "content": {"application/json": {"schema": _REQUEST}},
    }
    made["responses"]["422"] = {"$ref": "#/components/responses/Invalid"}
    return {f"/{kind.key}/export": {"get": made}}


def _parameters() -> list[Json]:
    return [
        query("format", choice(list(FORMATS), default="csv"), _("The kind of file.")),
        query("q", TEXT, _("A typed line or a JSON tree, as `filter` of a list.")),
        query("sort", TEXT, _("Up to three field keys separated by commas, `-` before a key for descending.")),
        query("columns", TEXT, _("Field keys separated by commas; all visible ones when left out.")),
        query(
            "ids", TEXT, _("Ids separated by commas, at most %(limit)d, to export a selection.") % {"limit": MAX_IDS}
        ),
        query("headings", choice(list(HEADINGS), default="keys"), _("Labels of fields, or their keys.")),
        query(
            "form", choice(list(FORMS), default="data"), _("As people read values, or as data that can be sent back.")
        ),
        query("note", {**YES_NO, "default": False}, _("A last row with person and time, in spreadsheets.")),
        query("reason", {"type": "string", "maxLength": 2000}, _("What the file is for; needed where approval is.")),
    ]


def requests() -> Json:
    """The paths of the requests."""
    waiting = query("waiting", {**YES_NO, "default": False}, _("Those that wait for the caller's decision."))
    decision = needing(some(approve=YES_NO, answer={"type": "string", "maxLength": 2000}), "approve")
    base = "/export-requests"
    download = operation(
        "export_requests_download", _TAG, _("The file of an approved request, once, within seven days"), writes=True
    )
    download["responses"]["200"] = {"description": _("The file"), "content": _FILES}
    return {
        base: {
            "get": operation(
                "export_requests_list", _TAG, _("The caller's export requests, the latest 100"), listed(_REQUEST),
                parameters=[waiting],
            )
        },
        f"{base}/{{id}}": {
            "parameters": [in_path("id")],
            "get": operation("export_requests_get", _TAG, _("One export request"), _REQUEST),
        },
        f"{base}/{{id}}/decide": {
            "parameters": [in_path("id")],
            "post": operation(
                "export_requests_decide", _TAG, _("Approve or refuse the export of somebody else"), _REQUEST,
                body=decision, sent={"approve": True, "answer": ""},
            ),
        },
        f"{base}/{{id}}/download": {"parameters": [in_path("id")], "post": download},
    }  # fmt: skip


def schemas() -> Json:
    """The schema of a request."""
    return {
        "ExportRequestState": every(
            id=NUMBER, rows=COUNT, requested_by=MAYBE_NUMBER, address=TEXT, object=TEXT, q=TEXT, sort=TEXT, reason=TEXT,
            state=choice(["waiting", "approved", "refused", "done"]), format=choice(list(FORMATS)),
            headings=choice(list(HEADINGS)), form=choice(list(FORMS)), columns=array(TEXT), ids=array(NUMBER),
            decided_by=MAYBE_NUMBER, answer=MAYBE_TEXT, created_at=MOMENT, decided_at=MAYBE_MOMENT,
            expires_at=MAYBE_MOMENT, downloaded_at=MAYBE_MOMENT,
        )
    }  # fmt: skip
