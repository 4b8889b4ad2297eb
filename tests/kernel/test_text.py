"""Folding and search keys."""

from __future__ import annotations

from guanxi.kernel.text import fold, full_name, search_key


def test_a_chinese_name_is_found_by_word_pinyin_and_initials() -> None:
    key = search_key(["华为技术有限公司"])
    for typed in ("华为", "技术", "huawei", "huaweijishu", "hwjs"):
        assert typed in key


def test_full_width_and_case_make_no_difference() -> None:
    assert search_key(["ＡＢＣ　Ltd"]) == search_key(["abc ltd"])


def test_folding_never_changes_the_length() -> None:
    text = "ÉßİıǅΣK华😀"
    assert len(fold(text)) == len(text)


def test_names_in_local_order() -> None:
    assert full_name("王", "小明") == "王小明"
    assert full_name("Smith", "Ann") == "Ann Smith"
