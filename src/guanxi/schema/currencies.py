"""The currencies a money field can be in."""

from __future__ import annotations

from guanxi.kernel.labels import Label
from guanxi.schema.spec import Option


def taken_over() -> None:
    """Default of a currency field whose rules take the currency from another record: nothing yet."""


CURRENCIES: tuple[Option, ...] = tuple(
    Option(code, Label(f"{code} {en}", f"{code} {zh}"))
    for code, en, zh in (
        ("CNY", "Chinese yuan", "人民币"),
        ("USD", "US dollar", "美元"),
        ("EUR", "Euro", "欧元"),
        ("JPY", "Japanese yen", "日元"),
        ("GBP", "British pound", "英镑"),
        ("HKD", "Hong Kong dollar", "港元"),
        ("TWD", "New Taiwan dollar", "新台币"),
        ("SGD", "Singapore dollar", "新加坡元"),
        ("KRW", "South Korean won", "韩元"),
        ("AUD", "Australian dollar", "澳大利亚元"),
        ("CAD", "Canadian dollar", "加拿大元"),
        ("CHF", "Swiss franc", "瑞士法郎"),
        ("INR", "Indian rupee", "印度卢比"),
        ("THB", "Thai baht", "泰铢"),
        ("VND", "Vietnamese dong", "越南盾"),
        ("MYR", "Malaysian ringgit", "马来西亚林吉特"),
    )
)
"""ISO 4217 codes; the key is the code."""
