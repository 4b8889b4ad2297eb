"""What a demo deal is made of, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from guanxi.project.demo.companies import Company
from guanxi.project.demo.dice import Dice
from guanxi.project.demo.offerings import OFFERS, Offer

_BY_CODE = {offer.code: offer for offer in OFFERS}
_COMPANIONS = {
    "control": ("GH-15", "GD-IMP", "GD-TRN"),
    "drive": ("GM-8", "GC-100", "GD-TRN"),
    "vision": ("GT-5", "GD-IMP"),
    "robot": ("GV-20", "GD-IMP", "GD-TRN", "GD-MNT"),
    "software": ("GD-IMP", "GD-TRN", "GD-MNT"),
    "service": ("GD-TRN",),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A product of a deal: quantity, price per unit in hundredths of the currency, discount in per cent."""

    offer: Offer
    quantity: int
    price: int
    discount: int

    @property
    def amount(self) -> int:
        """The line's amount in hundredths."""
        return int(Decimal(self.price) * self.quantity * (100 - self.discount) / 100)


def price_lines(dice: Dice, offer: Offer, company: Company) -> tuple[list[Line], int]:
    """The lines of a deal about ``offer`` and their sum in hundredths of the company's currency.

    Quantities are log-normal and larger at larger companies, so that a few deals make most of the money.
    """
    size = {"a": 1.9, "b": 1.0, "c": 0.55}[company.level]
    lines = [_line(dice, offer, company, size)]
    if dice.chance(0.6):
        extra = dice.some(_COMPANIONS[offer.category], dice.whole(1, 2))
        lines += [_line(dice, _BY_CODE[code], company, size * 0.6) for code in extra if code != offer.code]
    return lines, sum(line.amount for line in lines)


def _line(dice: Dice, offer: Offer, company: Company, size: float) -> Line:
    quantity = max(1, round(dice.skewed(offer.quantity * size, 0.75)))
    project = dice.skewed(1.0, 0.3) if offer.kind == "software" else 1.0
    price = offer.price * project / company.rate
    rounding = 1000 if price >= 100_000 else 100 if price >= 5_000 else 10 if price >= 100 else 1
    unit = max(rounding, round(price / rounding) * rounding)
    discount = dice.weigh({0: 40.0, 5: 25.0, 8: 12.0, 10: 12.0, 15: 8.0, 20: 3.0})
    return Line(offer, quantity, unit * 100, discount)
