"""The OpenAPI description of imports."""

from __future__ import annotations

from django.utils.translation import gettext as _

from guanxi.access.actor import Actor
from guanxi.engine.importing import encoding, limits
from guanxi.engine.importing.fields import importable
from guanxi.engine.importing.layout import FORMATS
from guanxi.engine.importing.mapping import DATES, MODES, NUMBERS
from guanxi.engine.importing.rejected import FORMATS as FILES
from guanxi.schema.registry import snapshot
from guanxi.web.api.describing import (
    COUNT,
    JSON,
    MAYBE_MOMENT,
    MAYBE_NUMBER,
    MOMENT,
    NUMBER,
    TEXT,
    YES_NO,
    Json,
    array,
    choice,
    content,
    described,
    every,
    in_path,
    listed,
    location,
    needing,
    operation,
    or_null,
    query,
    ref,
    some,
)

_TAG = "import"
_IMPORT = ref("Import")
_MAPPING = ref("ImportMapping")
_LAYOUT = ref("ImportLayout")
_TEMPLATE = ref("ImportTemplate")
_ANYTHING: Json = {"type": "object"}
_PERHAPS: Json = {"type": ["object", "null"]}
_FILES: Json = {
    "text/csv": {"schema": {"type": "string"}},
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
        "schema": {"type": "string", "format": "binary"}
    },
}


def allowed(actor: Actor) -> bool:
    """Whether the actor may import anything at all."""
    return any(importable(actor, kind) for kind in snapshot())


def paths(actor: Actor) -> Json:
    """The paths of imports and of saved mappings."""
    keys = [kind.key for kind in snapshot() if importable(actor, kind)]
    everybody = query("all", {**YES_NO, "default": False}, _("Everybody's imports; for administrators."))
    return {
        "/imports": {
            "get": operation(
                "imports_list", _TAG, _("The caller's imports, the latest 100"), listed(_IMPORT), parameters=[everybody]
            ),
            "post": _receiving(keys),
        },
        "/imports/{id}": {
            "parameters": [in_path("id")],
            "get": operation("imports_get", _TAG, _("One import, how far it is, what it did"), _IMPORT),
        },
        **_preparing(),
        **_running(),
        "/import-templates": {
            "get": operation("imports_templates", _TAG, _("The saved mappings the caller may use"), listed(_TEMPLATE))
        },
        "/import-templates/{id}": {
            "parameters": [in_path("id")],
            "delete": operation(
                "imports_remove_template", _TAG, _("Forget a saved mapping"), status="204", writes=True
            ),
        },
    }


def _preparing() -> Json:
    one, number = "/imports/{id}", [in_path("id")]
    naming = needing(
        some(name={**TEXT, "minLength": 1, "maxLength": 120}, everybody={**YES_NO, "default": False}), "name"
    )
    return {
        f"{one}/mapping": {
            "parameters": number,
            "put": operation(
                "imports_map", _TAG, _("Decide what becomes of the columns"), _IMPORT, body=_MAPPING,
                sent={"columns": [{"column": 0, "field": "name"}], "mode": "create"},
            ),
        },
        f"{one}/layout": {
            "parameters": number,
            "put": operation(
                "imports_layout", _TAG, _("Read the file in another way"), _IMPORT, body=_LAYOUT,
                sent={"encoding": "gb18030", "header": 2},
            ),
        },
        f"{one}/template": {
            "parameters": number,
            "post": operation(
                "imports_save_mapping", _TAG, _("Keep the mapping under a name"), _TEMPLATE, status="201", body=naming,
                sent={"name": _("Trade fair")},
            ),
        },
    }  # fmt: skip


def _running() -> Json:
    one, number = "/imports/{id}", [in_path("id")]
    at_once = {"description": _("Checked"), "content": {JSON: content(_IMPORT)}}
    said = _("At once up to %(rows)d rows, else by a job (202).") % {"rows": limits.AT_ONCE}
    rejected = operation(
        "imports_rejected", _TAG, _("The rows that were not taken, with the reasons in the last column"),
        parameters=[query("format", choice(list(FILES), default="csv"), _("The kind of file."))],
    )  # fmt: skip
    rejected["responses"]["200"] = {"description": _("The file"), "content": _FILES}
    rejected["responses"]["422"] = {"$ref": "#/components/responses/Invalid"}
    return {
        f"{one}/check": {
            "parameters": number,
            "post": operation(
                "imports_check", _TAG, _("Try an import out; nothing is written"), _IMPORT, status="202", writes=True,
                description=said, more={"200": at_once},
            ),
        },
        f"{one}/commit": {
            "parameters": number,
            "post": operation(
                "imports_commit", _TAG, _("Carry a checked import out, by a job"), _IMPORT, status="202", writes=True
            ),
        },
        f"{one}/resume": {
            "parameters": number,
            "post": operation(
                "imports_resume", _TAG, _("Go on with an import that was cancelled or failed"), _IMPORT, status="202",
                writes=True,
            ),
        },
        f"{one}/rejected": {"parameters": number, "get": rejected},
    }  # fmt: skip


def _receiving(keys: list[str]) -> Json:
    along: Json = {
        "object": choice(keys, description=_("Key of the object")),
        "mapping": _MAPPING,
        "template": described(NUMBER, _("A saved mapping to use")),
        "like": described(NUMBER, _("An earlier import whose mapping to use")),
    }
    rows = array(_ANYTHING, minItems=1, maxItems=limits.JSON_ROWS)
    made = operation(
        "imports_receive", _TAG, _("Send a file or rows; nothing is written yet"), _IMPORT, status="201",
        body=needing(some(**along, rows=rows), "object", "rows"), sent={"object": keys[0], "rows": [{"name": "…"}]},
        headers=location(),
    )  # fmt: skip
    file: Json = {"type": "string", "format": "binary"}
    form = needing(some(**along, layout=_LAYOUT, file=file), "object", "file")
    made["requestBody"]["content"]["multipart/form-data"] = {"schema": form}
    return made


def schemas() -> Json:
    """The schemas of an import, its mapping, its layout and a saved mapping."""
    layout = some(
        encoding=choice(list(encoding.CHOICES)),
        delimiter=choice([",", ";", "tab", "|"]),
        sheet=TEXT,
        header={"type": "integer", "minimum": 0, "maximum": 9999, "description": _("Row of the names; 0: none")},
    )
    said = _("Overrides what is found out about a file (%(formats)s).") % {"formats": ", ".join(FORMATS)}
    return {
        "Import": every(
            id=NUMBER, object=TEXT, name=TEXT, size=COUNT, rows=MAYBE_NUMBER, layout=_ANYTHING, columns=array(_ANYTHING),
            stage=choice(["mapping", "checking", "checked", "running", "done", "stopped"]), mapping=_MAPPING,
            check=described(_PERHAPS, _("Counts, problems by kind with examples, and questions about formats")),
            counts={"type": "object", "additionalProperties": COUNT}, made=_ANYTHING, job=or_null(ref("Job")),
            change_set=described(MAYBE_NUMBER, _("What undo takes back")), created_by=MAYBE_NUMBER, created_at=MOMENT,
            begun_at=MAYBE_MOMENT, finished_at=MAYBE_MOMENT,
        ),
        "ImportMapping": _mapping(),
        "ImportLayout": described(layout, said),
        "ImportTemplate": every(id=NUMBER, object=TEXT, name=TEXT, everybody=YES_NO, mapping=_ANYTHING),
    }  # fmt: skip


def _mapping() -> Json:
    texts: Json = {"type": "object", "additionalProperties": TEXT}
    column = some(
        column={"type": ["integer", "string"], "description": _("Number from 0, or name")},
        field=described(TEXT, _("Key of a field; empty leaves the column out")),
        by={**TEXT, "default": "auto", "description": _("References: auto, id or the key of a field")},
        create={**YES_NO, "default": False, "description": _("References: create what does not exist")},
        date=choice(["", *DATES]),
        number=described(choice(["", *NUMBERS]), _("What comes before the decimals")),
        scale=described(TEXT, _("Factor of the numbers, such as 1000")),
        aliases=described(texts, _("Text in the file: meaning")),
    )
    return some(
        columns=array(needing(column, "column")),
        constants=texts,
        mode=choice(list(MODES), default="create"),
        key=described(TEXT, _("Field by which records are found; id for the record's number")),
        empty=described(array(TEXT), _("Words that mean no value")),
        clear={**YES_NO, "default": False, "description": _("Empty cells empty the field")},
        unquote={**YES_NO, "default": True, "description": _("Take off the apostrophe an export puts before formulas")},
        notify={**YES_NO, "default": True},
        automate={**YES_NO, "default": True},
    )
