"""From the form of the mapping page to a mapping, and from the remedies of the check page to a changed one."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from guanxi.engine.importing.tables import Import

_PROPERTIES = ("by", "date", "number", "scale")


def mapping_from(data: QueryDict, found: Import) -> dict[str, Any]:
    """The mapping as the form says. Aliases, which it does not show, stay while a column fills the same field."""
    before: dict[int, list[dict[str, Any]]] = {}
    for one in found.mapping["columns"]:
        before.setdefault(one["column"], []).append(one)
    columns: list[dict[str, Any]] = []
    for index in range(len(found.columns)):
        old = before.get(index, [])
        chosen = data.get(f"field-{index}", "")
        plan: dict[str, Any] = {"column": index, "field": chosen, "create": f"create-{index}" in data}
        plan |= {key: data.get(f"{key}-{index}", "") for key in _PROPERTIES}
        plan["by"] = plan["by"] or "auto"
        if old and old[0]["field"] == chosen and not data.get(f"forget-{index}"):
            plan["aliases"] = old[0].get("aliases", {})
        columns += [plan] if f"once-{index}" in data else [plan, *old[1:]]
    fields, values = data.getlist("constant-field"), data.getlist("constant-value")
    constants = {key: text.strip() for key, text in zip(fields, values, strict=False) if key and text.strip()}
    return {
        "columns": columns,
        "constants": constants,
        "mode": data.get("mode", "create"),
        "key": data.get("key", ""),
        "empty": [word for word in (part.strip() for part in data.get("empty", "").split(",")) if word],
        "clear": "clear" in data,
        "unquote": "unquote" in data,
        "notify": "notify" in data,
        "automate": "automate" in data,
    }


def layout_from(data: QueryDict) -> dict[str, Any]:
    """How the file is to be read, as the form says."""
    return {key: data.get(key, "") for key in ("encoding", "delimiter", "sheet", "header") if data.get(key, "") != ""}


def remedied(data: QueryDict, found: Import) -> dict[str, Any]:
    """The mapping with the remedies chosen on the check page: meanings of texts, formats, records to be made."""
    columns = [dict(one) for one in found.mapping["columns"]]
    by_place = {(one["column"], one["field"]): one for one in columns}
    for number, problem in enumerate(found.checked.get("problems", ())):
        plan = by_place.get((problem["column"], problem["field"]))
        if plan is None:
            continue
        aliases = dict(plan.get("aliases", {}))
        for index, (text, _count) in enumerate(problem["values"]):
            meaning = data.get(f"meaning-{number}-{index}", "")
            if meaning:
                aliases[text] = "" if meaning == "\u2205" else meaning.strip()
        plan["aliases"] = aliases
        if f"create-{number}" in data:
            plan["create"] = True
        if problem["code"] in ("date", "number") and (chosen := data.get(f"format-{number}", "")):
            plan[problem["code"]] = chosen
    for question in found.checked.get("questions", ()):
        plan = by_place.get((question["column"], question["field"]))
        chosen = data.get(f"answer-{question['column']}", "")
        if plan is not None and chosen:
            plan[question["what"]] = chosen
    return {**found.mapping, "columns": columns}
