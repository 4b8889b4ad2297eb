"""In which encoding a text file is written: by its marks where it has any, by statistics otherwise, never for certain."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import BinaryIO

import chardet
from django.utils.translation import gettext as _

from guanxi.kernel.errors import Invalid

SAMPLE = 262_144
SURE = 0.5
"""Below it the person is asked to look whether the text can be read, unless"""
ENOUGH = 100
"""so many bytes beyond ASCII leave nothing else."""
CHOICES = (
    *("utf-8", "utf-16-le", "utf-16-be", "gb18030", "hz", "big5", "big5hkscs", "cp932", "shift_jis_2004", "euc_jp"),
    *(
        "euc_jis_2004",
        "iso2022_jp",
        "euc_kr",
        "cp949",
        "johab",
        "iso2022_kr",
        "cp1252",
        "cp1250",
        "cp1251",
        "cp1253",
        "cp1254",
    ),
    *("cp1255", "cp1256", "cp1257", "cp1258", "cp874", "iso8859_15", "koi8_r", "mac_roman"),
)
"""What a person can choose, by the names Python knows them by. Each stands for the older ones that it holds."""
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LARGER = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "ascii": "utf-8", "iso8859_1": "cp1252"}
_NEXT = {
    "euc_kr": ("euc_kr", "cp949"),
    "big5": ("big5", "big5hkscs"),
    "euc_jp": ("euc_jp", "euc_jis_2004"),
    "cp932": ("cp932", "shift_jis_2004"),
}
"""Encodings that hold more, tried where the whole file does not fit into the one its beginning is in."""
_EASTERN = ("gb18030", "hz", "iso2022_jp", "iso2022_kr", "johab", "cp949", "shift_jis_2004", "euc_jis_2004", *_NEXT)
_OTHER_SCRIPTS = ("cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class Guess:
    """An encoding and whether it is as good as certain."""

    name: str
    sure: bool


def detect(file: BinaryIO) -> Guess:
    """The encoding of a text file; :class:`Invalid` where it is no text."""
    file.seek(0)
    data = file.read(SAMPLE)
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _readable(data, Guess(name, True))
    plain = _utf8(file, data)
    if plain is not None and b"\x00" not in data and b"\x1b" not in data and b"~{" not in data:
        return _readable(data, plain)
    name, sure = _statistics(data)
    if name == "utf-8" and plain is None:
        name = ""
    if not name and plain is not None:
        name = "utf-8"
    if not name:
        raise _no_table()
    if not sure and name not in (*_EASTERN, *_OTHER_SCRIPTS, "utf-8", "utf-16-le", "utf-16-be"):
        # Too few letters to tell the Latin ones apart: then it is what Windows writes in most of the world, or else anything
        # that can be read, to be looked at and corrected.
        name = next(one for one in ("cp1252", "big5hkscs", "gb18030", "mac_roman") if _decodes(file, one))
    return _readable(data, Guess(_fitting(file, name), sure))


def by_name(name: str) -> str:
    """The encoding a person or a program names; :class:`Invalid` where there is none like it."""
    known = _known(name)
    if known not in CHOICES:
        message = _("There is no encoding “%(name)s” to choose. Known are: %(choices)s.")
        raise Invalid(message % {"name": name[:40], "choices": ", ".join(CHOICES)})
    return known


def wrong_encoding(name: str) -> Invalid:
    """The refusal of a file that cannot be read in an encoding."""
    return Invalid(
        _("The file is not in the encoding %(name)s. Choose another one, or save it as UTF-8.") % {"name": name}
    )


def _utf8(file: BinaryIO, data: bytes) -> Guess | None:
    """UTF-8 where the beginning is nothing else; text of other encodings is as good as never valid UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(data, len(data) < SAMPLE)
    except UnicodeDecodeError:
        return None
    if data.isascii():
        # What comes later may still be anything: then the whole file is looked at.
        return Guess("utf-8", True) if _ascii(file) or _decodes(file, "utf-8") else None
    return Guess("utf-8", True)


def _ascii(file: BinaryIO) -> bool:
    file.seek(0)
    while piece := file.read(1 << 20):
        if not piece.isascii():
            return False
    return True


def _statistics(data: bytes) -> tuple[str, bool]:
    """What the frequency of letters says; sure where it is plain, or where much text leaves nothing else."""
    found = [(_known(str(one["encoding"] or "")), float(one["confidence"] or 0)) for one in chardet.detect_all(data)]
    name, weight = found[0]
    other = next((share for one, share in found[1:] if one != name), 0.0)
    foreign = sum(1 for byte in data[:20_000] if byte > 0x7F)
    return name, weight >= SURE or (foreign >= ENOUGH and weight >= 3 * other)


def _fitting(file: BinaryIO, name: str) -> str:
    """The encoding, or the larger one in which the whole file can be read."""
    return next((one for one in _NEXT.get(name, ()) if _decodes(file, one)), name)


def _decodes(file: BinaryIO, name: str) -> bool:
    decoder = codecs.getincrementaldecoder(name)()
    file.seek(0)
    try:
        while piece := file.read(1 << 20):
            decoder.decode(piece)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _known(name: str) -> str:
    try:
        name = codecs.lookup(name).name if name else ""
    except LookupError:
        return ""
    name = {"euc_jisx0213": "euc_jis_2004", "shift_jisx0213": "shift_jis_2004"}.get(name, name.replace("-", "_"))
    name = {"utf_8": "utf-8", "utf_8_sig": "utf-8", "utf_16_le": "utf-16-le", "utf_16_be": "utf-16-be"}.get(name, name)
    return _LARGER.get(name, name)


def _readable(data: bytes, guess: Guess) -> Guess:
    """The guess, unless the text is full of what no table holds: pictures, programs, archives."""
    text = data[: len(data) // 4 * 4].decode(guess.name, "replace")
    strange = len(_CONTROL.findall(text))
    broken = text.count("�") if guess.name not in ("utf-16-le", "utf-16-be") else 0
    if strange + broken > max(5, len(text) // 50):
        raise _no_table()
    return guess


def _no_table() -> Invalid:
    return Invalid(
        _("This is no table: it holds no readable text. Send CSV, TSV, a spreadsheet (XLSX), vCards or JSON lines.")
    )
