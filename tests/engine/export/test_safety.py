"""What a spreadsheet could execute, and that the way back is exact."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from guanxi.engine.export.safety import neutralise, restore

SIGNS = "=+-@＝＋－＠\t\r\n"


@given(st.text(alphabet=st.one_of(st.sampled_from("'’ \t\r\n=+-@＝＋－＠a1,\"\u3000\xa0"), st.characters())))
@example("'=1")
@example("''=1")
@example("'")
@example("'hello")
@example(" =1")
def test_restore_is_the_inverse_for_every_text(text: str) -> None:
    assert restore(neutralise(text)) == text


@given(st.text(alphabet=st.sampled_from("' =+-@＝＋－＠\t\r\nab")))
def test_no_neutralised_cell_begins_like_a_formula(text: str) -> None:
    cell = neutralise(text)
    assert not cell.startswith(tuple(SIGNS))
    assert not cell.lstrip().startswith(tuple(SIGNS))


@pytest.mark.parametrize("sign", SIGNS)
def test_each_sign_is_neutralised_even_behind_apostrophes(sign: str) -> None:
    for text in (f"{sign}cmd|' /C calc'!A0", f"'{sign}x", f"''{sign}x"):
        assert neutralise(text) == f"'{text}"


def test_ordinary_texts_stay_as_they_are() -> None:
    for text in ("", "Acme", "华为", "a=b", "'quoted'", "O'Neil", "'tis", "1-2"):
        assert neutralise(text) == text == restore(text)


def test_hostile_strings_come_back(guanxi_data: Path) -> None:
    texts = hostile(guanxi_data)
    assert len(texts) > 400
    assert [text for text in texts if restore(neutralise(text)) != text] == []


def hostile(folder: Path) -> list[str]:
    """Every text of the data set of hostile strings."""
    found = []
    for path in sorted((folder / "hostile-strings").rglob("*")):
        if path.suffix == ".jsonl":
            for line in path.read_text(encoding="utf-8").splitlines():
                found += _texts(json.loads(line))
        elif path.suffix == ".json":
            found += _texts(json.loads(path.read_text(encoding="utf-8")))
        elif path.suffix == ".txt":
            found += path.read_text(encoding="utf-8", errors="replace").splitlines()
    return found


def _texts(data: object) -> list[str]:
    if isinstance(data, str):
        return [data]
    parts = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return [text for part in parts for text in _texts(part)]
