"""Money as whole hundredths of a currency unit.

The scale is 100 for every currency, so that one filter or one sort works across currencies in a plain integer column;
the number of decimals shown follows the currency (none for JPY).
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

from babel import Locale
from babel.numbers import format_currency, get_currency_precision, get_currency_symbol
from django.conf import settings
from django.utils.translation import gettext as _

SCALE = 100
LIMIT = 10**15

_UNITS = {"万": 10_000, "亿": 100_000_000, "w": 10_000, "k": 1_000, "m": 1_000_000}
_HOME = {"CNY": "zh_Hans_CN", "JPY": "ja", "KRW": "ko", "USD": "en_US", "TWD": "zh_Hant_TW", "HKD": "zh_Hant_HK"}
"""Where a currency is at home and its sign is short."""
_TEXT = re.compile(r"^(-?[\d,]*\.?\d+)\s*(万|亿|[wkm])?$", re.IGNORECASE)


def parse(raw: object) -> int:
    """Hundredths from a number or a text such as ``1,234.5``, ``12万`` or ``1.5m``.

    Raises ``ValueError`` with a sentence for the person when it is not an amount or is out of range (±10¹³ units).
    """
    if isinstance(raw, bool):
        raise ValueError(_("Enter an amount such as 1234.50."))
    factor = 1
    text = str(raw).strip().lstrip("¥￥$€£").strip()
    if match := _TEXT.match(text.replace("，", ",")):
        text, unit = match.group(1).replace(",", ""), (match.group(2) or "").lower()
        factor = _UNITS.get(unit, 1)
    try:
        hundredths = (Decimal(text) * factor * SCALE).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    except InvalidOperation as error:
        raise ValueError(_("Enter an amount such as 1234.50.")) from error
    if not hundredths.is_finite() or abs(hundredths) > LIMIT:
        raise ValueError(_("This amount is too large. Enter at most 10,000,000,000,000."))
    return int(hundredths)


def to_decimal(hundredths: int) -> Decimal:
    """The amount in currency units, two decimals."""
    return Decimal(hundredths).scaleb(-2)


def plain(hundredths: int) -> str:
    """The amount as programs read it: ``-12340.50``, always two decimals."""
    if hundredths >= SCALE:
        # Thousands of them are written in one answer; cutting the digits takes half as long as dividing.
        text = str(hundredths)
        return f"{text[:-2]}.{text[-2:]}"
    units, rest = divmod(abs(hundredths), SCALE)
    return f"-{units}.{rest:02d}" if hundredths < 0 else f"{units}.{rest:02d}"


def display(hundredths: int, currency: str, locale: Locale, *, compact: bool = False, cents: bool = False) -> str:
    """The amount as a person of ``locale`` reads it: ``¥12,340`` or ``¥12,340.50``; compact ``¥1.2万`` or ``$12.3K``.

    With ``cents`` whole amounts have decimals too, where their currency has any: ``¥12,340.00``.
    """
    return _displayed(hundredths, currency, locale, compact, cents, settings.GUANXI_CURRENCY)


@lru_cache(10_000)
def _displayed(hundredths: int, currency: str, locale: Locale, compact: bool, cents: bool, company: str) -> str:
    """Kept, because the same amounts are shown again and again and each takes as long as a look-up in the database."""
    amount = to_decimal(hundredths)
    if compact:
        return _compact(amount, currency, locale, company)
    whole = amount == amount.to_integral_value() and not cents
    digits = 0 if whole else get_currency_precision(currency)
    return _written(amount, currency, locale, _pattern(digits), company)


def _written(amount: Decimal, currency: str, locale: Locale, pattern: str, company: str) -> str:
    """The amount with its currency sign.

    The company's own currency needs no country before its sign (¥, not CN¥); another with the same sign goes by its code.
    """
    text = format_currency(amount, currency, locale=locale, format=pattern, currency_digits=False)
    sign = get_currency_symbol(currency, locale)
    short = get_currency_symbol(company, _HOME.get(company, locale))
    if currency == company:
        return text.replace(sign, short)
    return text.replace(sign, f"{currency} ") if sign == short else text


def _pattern(digits: int) -> str:
    return "¤#,##0" + ("." + "0" * digits if digits else "")


def _compact(amount: Decimal, currency: str, locale: Locale, company: str) -> str:
    steps: tuple[tuple[int, str], ...] = (
        ((100_000_000, "亿"), (10_000, "万"))
        if locale.language == "zh"
        else ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K"))
    )
    for size, unit in steps:
        if abs(amount) >= size:
            scaled = (amount / size).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
            pattern = "¤#,##0" if scaled == scaled.to_integral_value() else "¤#,##0.0"
            return _written(scaled, currency, locale, pattern, company) + unit
    return _written(amount, currency, locale, "¤#,##0", company)
