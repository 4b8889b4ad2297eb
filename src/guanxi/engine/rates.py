"""Exchange rates to the company's currency."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings

_TO_CNY = {
    **{"CNY": "1", "USD": "7.1", "EUR": "7.7", "GBP": "9.1", "JPY": "0.048", "HKD": "0.91", "TWD": "0.22"},
    **{"SGD": "5.3", "KRW": "0.0052", "AUD": "4.7", "CAD": "5.2", "CHF": "8.1", "INR": "0.084", "THB": "0.2"},
    **{"VND": "0.00028", "MYR": "1.6"},
}


def rates() -> dict[str, Decimal]:
    """Units of the company's currency per unit of each currency.

    The built-in table is a starting point (rounded 2024 averages to CNY, crossed for other company currencies);
    ``GUANXI_RATES`` in the settings replaces single rates.
    """
    company = Decimal(_TO_CNY.get(settings.GUANXI_CURRENCY, "1"))
    crossed = {code: (Decimal(rate) / company).quantize(Decimal("0.000001")) for code, rate in _TO_CNY.items()}
    return crossed | dict(getattr(settings, "GUANXI_RATES", {}))
