"""Amounts: what people type and what they read."""

from __future__ import annotations

import pytest
from babel import Locale

from guanxi.kernel import money


@pytest.mark.parametrize(
    ("typed", "hundredths"),
    [
        ("1234.5", 123450),
        ("1,234.56", 123456),
        ("12万", 12000000),
        ("1.5亿", 15000000000),
        ("¥3k", 300000),
        ("0.005", 1),
        ("-7", -700),
        (4514, 451400),
        ("１２", 1200),
    ],
)
def test_what_people_type(typed: object, hundredths: int) -> None:
    assert money.parse(typed) == hundredths


@pytest.mark.parametrize("typed", ["", "abc", "1.2.3", "1e99", "NaN", True, "10000000000001", "--5"])
def test_what_is_no_amount_is_refused_in_words(typed: object) -> None:
    with pytest.raises(ValueError, match=r"\w{3}"):
        money.parse(typed)


@pytest.mark.parametrize(
    ("hundredths", "currency", "locale", "compact", "text"),
    [
        (123_400, "CNY", "zh_Hans_CN", False, "¥1,234"),
        (123_450, "CNY", "en", False, "¥1,234.50"),
        (123_400, "JPY", "en", False, "JPY 1,234"),
        (123_450, "USD", "zh_Hans_CN", False, "US$1,234.50"),
        (1_234_567_800, "CNY", "zh_Hans_CN", True, "¥1,234.6万"),
        (1_234_567_800, "CNY", "en", True, "¥12.3M"),
        (-500, "EUR", "en", False, "-€5"),
    ],
)
def test_what_people_read(hundredths: int, currency: str, locale: str, compact: bool, text: str) -> None:
    assert money.display(hundredths, currency, Locale.parse(locale), compact=compact) == text
