"""Files as they come: encodings, quoting, headings, sheets, cards; and those that are refused before anything is kept."""

from __future__ import annotations

import io
import json
import resource
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from guanxi.engine.importing import encoding, formats, limits, receiving
from guanxi.engine.importing import layout as layouts
from guanxi.engine.importing.rows import batches, look
from guanxi.engine.importing.tables import Import
from guanxi.kernel.errors import Invalid
from tests.support import people

UNTOLD = {"big5hkscs": "23 bytes of rare characters: nothing tells them from other encodings, so the person is asked"}
"""What cannot be told for certain though it is read rightly here."""


def seen(data: bytes, **wanted: Any) -> tuple[layouts.Layout, list[list[str]]]:
    """The layout that is found, and the rows."""
    file = io.BytesIO(data)
    found = layouts.detect(file, wanted=wanted)
    return found, look(file, found).sample


def test_every_east_asian_encoding_is_read_as_its_utf8_twin(guanxi_data: Path) -> None:
    names = []
    for path in sorted((guanxi_data / "cjk-encodings").glob("*.txt")):
        if path.stem.endswith("-utf8"):
            continue
        twin = path.with_name(f"{path.stem}-utf8.txt").read_bytes().decode()
        with path.open("rb") as file:
            guess = encoding.detect(file)
        assert path.read_bytes().decode(guess.name) == twin, path.stem
        if path.stem in UNTOLD:
            assert not guess.sure
        names.append(path.stem)
    assert len(names) == 15


@pytest.mark.parametrize(
    ("name", "mark"),
    [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")],
)
def test_unicode_with_and_without_marks(name: str, mark: bytes) -> None:
    found, rows = seen(mark + "姓名,手机\r\n张三,13800138000\r\n".encode(name))
    assert (found.encoding, found.header, rows) == (name, 0, [["张三", "13800138000"]])


@pytest.mark.parametrize("name", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark(name: str) -> None:
    found, rows = seen("name,city\nAnn,Graz\n".encode(name))
    assert (found.encoding, rows) == (name, [["Ann", "Graz"]])


def test_the_person_can_name_the_encoding() -> None:
    data = "氏名,電話\n田中太郎,0312345678\n".encode("euc_jp")
    assert seen(data, encoding="euc_jp")[1] == [["田中太郎", "0312345678"]]
    with pytest.raises(Invalid, match="no encoding"):
        seen(data, encoding="klingon")
    with pytest.raises(Invalid, match="not in the encoding utf-8"):
        seen(data, encoding="utf-8")


def test_csv_spectrum(guanxi_data: Path) -> None:
    number = 0
    for path in sorted((guanxi_data / "csv-spectrum" / "csvs").glob("*.csv")):
        with path.open("rb") as file:
            found = layouts.detect(file)
            sight = look(file, found)
        names = [column.name for column in sight.columns]
        rows = [dict(zip(names, row, strict=True)) for row in sight.sample]
        expected = json.loads((path.parent.parent / "json" / f"{path.stem}.json").read_text(encoding="utf-8"))
        expected = expected if isinstance(expected, list) else [expected]
        if path.stem == "location_coordinates":
            # The two files disagree about the telephone number where they come from; everything else must agree.
            assert rows[0].pop("Contact Phone Number") == "2095257564"
            assert expected[0].pop("Contact Phone Number") == "1234567890"
        assert rows == expected, path.stem
        number += 1
    assert number == 12


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in (("name", "note"), ("Ann", '"a, b; c|d"'), ("Bob", "x")))
    found, rows = seen(text.encode())
    assert (found.delimiter, rows) == (delimiter, [["Ann", "a, b; c|d"], ["Bob", "x"]])


def test_title_lines_and_files_without_names() -> None:
    found, rows = seen("2024 年展会名单,,\n\n姓名,手机,邮箱\n张三,13800138000,a@example.com\n".encode())
    assert (found.header, rows[0][0]) == (2, "张三")
    found, rows = seen(b"103,Atelier,40.32.2555\n112,Signal,7025551838\n")
    assert (found.header, len(rows)) == (-1, 2)
    found, rows = seen(b"Ann,Graz\nBob,Linz\n", header="0")
    assert (found.header, len(rows)) == (-1, 2)


def test_orders_without_headings_add_up(guanxi_data: Path) -> None:
    folder = guanxi_data / "orders-classicmodels"

    def table(name: str) -> list[list[str]]:
        with (folder / name).open("rb") as file:
            found = layouts.detect(file)
            assert found.header == -1
            width = len(look(file, found).columns)
            return [row for batch in batches(file, found, width) for row in batch.cells]

    lines = table("OrderDetails.txt")
    total = sum(int(line[2]) * formats.read_number(line[3], "point") for line in lines)
    payments = sum(formats.read_number(line[3], "point") for line in table("Payments.txt"))
    assert (len(lines), total, payments) == (2_996, Decimal("9604190.61"), Decimal("8853839.23"))


def test_spreadsheets_with_several_sheets_and_typed_cells() -> None:
    book = openpyxl.Workbook()
    book.active.title = "About"
    book.active.append(["Made by hand"])
    sheet = book.create_sheet("People")
    sheet.append(["Export of contacts"])
    sheet.append(["Name", "Birthday", "Revenue", "VIP"])
    sheet.append(["Ann", date(1990, 3, 4), 1234.5, True])
    sheet.append(["=1+1", None, 7])
    buffer = io.BytesIO()
    book.save(buffer)
    found, rows = seen(buffer.getvalue(), sheet="People")
    assert (found.sheets, found.header) == (("About", "People"), 1)
    assert rows[0] == ["Ann", "1990-03-04", "1234.5", "true"]
    with pytest.raises(Invalid, match="no sheet"):
        seen(buffer.getvalue(), sheet="Nowhere")


CARDS = {
    "2.1": (
        "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=BC=A0;=E4=B8=89;;;\r\n"
        "FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E5=BC=A0=E4=B8=89\r\nTEL;CELL:13800138000\r\n"
        "TEL;WORK:010-88886666\r\nEMAIL;INTERNET:a@example.com\r\nORG:Acme;Sales\r\nEND:VCARD\r\n"
    ),
    "3.0": (
        "BEGIN:VCARD\nVERSION:3.0\nN:张;三;;;\nFN:张三\nTEL;TYPE=CELL,VOICE:13800138000\nTEL;TYPE=WORK:010-88886666\n"
        "EMAIL;TYPE=INTERNET:a@example.com\nORG:Acme;Sales\nBDAY:1990-03-04\nNOTE:line one\\nline\n  two\nEND:VCARD\n"
    ),
    "4.0": (
        "BEGIN:VCARD\nVERSION:4.0\nFN:张三\nN:张;三;;;\nTEL;TYPE=cell;VALUE=uri:tel:13800138000\n"
        "TEL;TYPE=work:010-88886666\nEMAIL:a@example.com\nORG:Acme;Sales\nEND:VCARD\n"
    ),
}


@pytest.mark.parametrize("version", list(CARDS))
def test_vcards_of_every_version(version: str) -> None:
    file = io.BytesIO((CARDS[version] + "\n" + CARDS[version].replace("张三", "李四")).encode())
    found = layouts.detect(file)
    sight = look(file, found)
    names = [column.name for column in sight.columns]
    card = dict(zip(names, sight.sample[0], strict=True))
    assert (found.format, sight.rows) == ("vcard", 2)
    assert (card["Name"], card["Family name"], card["Given name"]) == ("张三", "张", "三")
    assert (card["Mobile"], card["Phone"], card["Mail"]) == ("13800138000", "010-88886666", "a@example.com")
    assert (card["Company"], card["Department"]) == ("Acme", "Sales")
    if version == "3.0":
        assert (card["Birthday"], card["Notes"]) == ("1990-03-04", "line one\nline two")


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["03/04/2025", "13/04/2025"], "dmy"),
        (["03/04/2025", "03/14/2025"], "mdy"),
        (["03/04/2025"], ""),
        (["13/04/2025", "04/13/2025"], ""),
        (["2025-03-04", "2025年3月4日", "20250304"], "ymd"),
        (["4 Mar 2025", "March 4, 2025"], "ymd"),
    ],
)
def test_the_order_of_dates_is_found_or_asked_for(texts: list[str], order: str) -> None:
    evidence = formats.DateEvidence()
    evidence.add(texts)
    assert evidence.order == order
    if order == "ymd":
        assert {formats.read_moment(text, order) for text in texts} == {date(2025, 3, 4)}


@pytest.mark.parametrize(
    ("texts", "style"),
    [
        (["1.234"], ""),
        (["1,234", "5,678"], ""),
        (["1.234", "1.234,56"], "comma"),
        (["1,234", "1,234.56"], "point"),
        (["1.5", "1.234"], "point"),
        (["1,5", "1.234"], "comma"),
        (["1.234.567"], "comma"),
        (["12", "7000"], "point"),
        (["0.125"], "point"),
        (["1.5", "1,5"], ""),
    ],
)
def test_the_sign_before_decimals_is_found_or_asked_for(texts: list[str], style: str) -> None:
    evidence = formats.NumberEvidence()
    evidence.add(texts)
    assert evidence.style == style


@pytest.mark.parametrize(
    ("text", "style", "number"),
    [
        ("¥1,234.50", "point", "1234.50"),
        ("1.234,50 €", "comma", "1234.50"),
        ("(1,200)", "point", "-1200"),
        ("-3", "comma", "-3"),
        ("35%", "point", "35"),
        ("1 234,5", "comma", "1234.5"),
    ],
)
def test_numbers(text: str, style: str, number: str) -> None:
    assert formats.read_number(text, style) == Decimal(number)


@pytest.mark.parametrize("text", ["1.234,5", "abc", "1,2,3.4", "--5", "1e5x"])
def test_what_is_no_number_in_that_style_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        formats.read_number(text, "point")


def bomb() -> bytes:
    """A spreadsheet whose sheet unpacks to a thousand times its size."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(100):
                sheet.write(b" " * (1 << 20))
    return buffer.getvalue()


HUGE_SHEET = """<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>
<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>"""


def claiming() -> bytes:
    """A spreadsheet of two cells that claims to fill every cell there can be."""
    book = openpyxl.Workbook()
    plain, made = io.BytesIO(), io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            sheet = part.filename == "xl/worksheets/sheet1.xml"
            new.writestr(part.filename, HUGE_SHEET if sheet else old.read(part.filename))
    return made.getvalue()


def entities() -> bytes:
    """A spreadsheet whose sheet defines entities that unfold to billions of letters."""
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    evil = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">{lol}]><worksheet>&l9;</worksheet>'
    book = openpyxl.Workbook()
    plain, made = io.BytesIO(), io.BytesIO()
    book.save(plain)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            sheet = part.filename == "xl/worksheets/sheet1.xml"
            new.writestr(part.filename, evil if sheet else old.read(part.filename))
    return made.getvalue()


def unclosed() -> bytes:
    return b'name,note\nAnn,"never closed\n' + b"x\n" * 3_000_000


REFUSED = {
    "a million columns": lambda: b"a" + b",a" * 1_000_000 + b"\n1\n",
    "a million quoted columns": lambda: b'"a"' + b',"a"' * 1_000_000 + b"\n1\n",
    "columns over many lines": lambda: b'a,"\n' + b'","\n' * 1_000_000,
    "a huge cell": lambda: b"name,note\nAnn," + b"x" * 5_000_000 + b"\n",
    "a quotation that is never closed": unclosed,
    "a zip bomb": bomb,
    "a spreadsheet that claims every cell": claiming,
    "entities": entities,
    "binary garbage": lambda: bytes(range(256)) * 4_000,
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(0, 256, 3)) * 2_000,
    "an archive that is no spreadsheet": lambda: b"PK\x03\x04" + b"\x00" * 1_000,
    "nested JSON lines": lambda: b'{"name":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
    "nothing": lambda: b"",
    "blanks": lambda: b" \n \n",
    "only names": lambda: b"name,mail\n",
}


@pytest.mark.django_db
@pytest.mark.parametrize("what", list(REFUSED))
def test_what_is_no_table_is_refused_in_words_and_bounded_memory(what: str, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    data = io.BytesIO(REFUSED[what]())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(Invalid) as refusal:
        receiving.receive(people.program(), "contact", what, data)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert refusal.value.message.endswith((".", ". Nothing was read."))
    assert grown < 150, f"{grown:.0f} MB"
    assert list(tmp_path.rglob("*")) == []
    assert not Import.objects.exists()


class Endless(io.RawIOBase):
    """A table of so many bytes, made while it is read."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.line = b"Ann,ann@example.com," + b"x" * 79 + b"\n"

    def read(self, size: int = -1, /) -> bytes:
        if self.left <= 0:
            return b""
        piece = self.line * max(1, min(size, self.left) // len(self.line))
        self.left -= len(piece)
        return piece


@pytest.mark.django_db
def test_a_gigabyte_is_refused_after_the_limit(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.GUANXI_IMPORT_BYTES = 20 * 1024 * 1024
    source = Endless(1 << 30)
    with pytest.raises(Invalid, match="larger than 20 MB") as refusal:
        receiving.receive(people.program(), "contact", "large.csv", source)
    assert refusal.value.status == 413
    assert source.left > 900 * 1024 * 1024
    assert list(tmp_path.rglob("*")) == []


@pytest.mark.soak
@pytest.mark.django_db
def test_a_gigabyte_is_read_in_flat_memory_where_it_is_allowed(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.GUANXI_IMPORT_BYTES = 2 << 30
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = receiving.receive(people.program(), "contact", "large.csv", Endless(1 << 30))
    with receiving.opened(found) as file:
        rows = sum(len(one.cells) for one in batches(file, layouts.Layout.of(found.layout), len(found.columns)))
    assert rows > 10_000_000
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 < 120


@pytest.fixture(autouse=True)
def _bounded() -> Iterator[None]:
    yield
    assert limits.BATCH <= 5_000
