"""Collects the texts of the program, and checks and compiles their Chinese translations. English is the source."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

import guanxi

PACKAGE = Path(guanxi.__file__).parent
PO = PACKAGE / "project" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
MO = PO.with_suffix(".mo")

# Only the template folders: a Jinja2 file elsewhere would be somebody's fixture.
METHODS = [("**/migrations/**", "ignore"), ("**.py", "python"), ("**/templates/**", "jinja2")]
OPTIONS = {
    "**/templates/**": {
        "extensions": "jinja2.ext.i18n,jinja2.ext.do,jinja2.ext.loopcontrols",
        "trimmed": "true",
        "silent": "false",
    }
}
KEYWORDS = dict(DEFAULT_KEYWORDS) | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
HEADER = (
    "# The Chinese texts of Guanxi. Kept by `guanxi translations update`; only the msgstr lines are written by hand."
)
CHANGING_HEADERS = (
    "Project-Id-Version",
    "Report-Msgid-Bugs-To",
    "POT-Creation-Date",
    "PO-Revision-Date",
    "Last-Translator",
    "Language-Team",
    "Generated-By",
)
"""Header lines left out of the file: they would make every update a conflict."""


def update() -> int:
    """Write the file anew with every text of the program, keeping translations; how many texts still wait for one."""
    catalog = _read()
    catalog.update(_collect(), no_fuzzy_matching=True)
    catalog.header_comment, catalog.fuzzy = HEADER, False
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=120, no_location=True, sort_output=True, ignore_obsolete=True)
    lines = buffer.getvalue().decode("utf-8").splitlines(keepends=True)
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_text("".join(line for line in lines if not line.startswith(_skipped_starts())), encoding="utf-8")
    return sum(1 for message in catalog if message.id and not _translated(message))


def problems() -> list[str]:
    """One sentence for each text that is missing, untranslated, fuzzy, unused, or differs in its placeholders."""
    catalog = _read()
    collected = {_key(message): message for message in _collect() if message.id}
    kept = {_key(message): message for message in catalog if message.id}
    found = [f"Not in the file: {_shown(collected[key])}" for key in collected.keys() - kept.keys()]
    found += [f"No longer used: {_shown(kept[key])}" for key in kept.keys() - collected.keys()]
    for key in kept.keys() & collected.keys():
        found.extend(_message_problems(catalog, kept[key]))
    return sorted(found)


def older_than_source() -> bool:
    """Whether the compiled file is absent or older than its source."""
    return PO.is_file() and (not MO.is_file() or MO.stat().st_mtime_ns < PO.stat().st_mtime_ns)


def compile_if_older() -> bool:
    """Compile if needed; whether it was."""
    if not older_than_source():
        return False
    draft = MO.with_suffix(".mo.draft")
    with draft.open("wb") as file:
        write_mo(file, _read())
    draft.replace(MO)
    return True


def _read() -> Catalog:
    if not PO.is_file():
        return Catalog(locale="zh_Hans", project="Guanxi", charset="utf-8")
    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans", abort_invalid=True)


def _collect() -> Catalog:
    catalog = Catalog(project="Guanxi", charset="utf-8")
    found = extract_from_dir(
        PACKAGE, METHODS, OPTIONS, KEYWORDS, comment_tags=("Translators:",), directory_filter=_wanted_directory
    )
    for _, _, text, comments, context in found:
        catalog.add(text, auto_comments=comments, context=context)
    return catalog


def _wanted_directory(path: str) -> bool:
    return Path(path).name not in ("node_modules", "static", "migrations", "__pycache__", "assets")


def _message_problems(catalog: Catalog, message: Message) -> Iterator[str]:
    if not _translated(message):
        yield f"Not translated: {_shown(message)}"
    elif message.fuzzy:
        yield f"Marked as uncertain (fuzzy): {_shown(message)}"
    else:
        for error in message.check(catalog):
            yield f"{error}: {_shown(message)}"


def _translated(message: Message) -> bool:
    texts = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return bool(texts) and all(texts)


def _key(message: Message) -> tuple[str, str]:
    return (message.context or "", message.id if isinstance(message.id, str) else message.id[0])


def _shown(message: Message) -> str:
    context, text = _key(message)
    return f"{text!r}" + (f" ({context})" if context else "")


def _skipped_starts() -> tuple[str, ...]:
    return tuple(f'"{header}:' for header in CHANGING_HEADERS)
