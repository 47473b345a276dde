"""What lines and orders cost: exact decimals, each line rounded half up as an invoice does."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


def line_total(quantity: Decimal, price: Decimal) -> Decimal:
    """A line's amount, with two places."""
    return (quantity * price).quantize(CENT, rounding=ROUND_HALF_UP)


def order_amount(lines: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """The amount of an order of (quantity, price) lines, with two places."""
    return sum((line_total(quantity, price) for quantity, price in lines), Decimal("0.00"))


def price_of(total: Decimal, quantity: Decimal) -> Decimal:
    """The unit price behind «200 pieces, 7000 in all»: exact where it can be, else to four places.

    Raises:
        ZeroDivisionError: for no quantity at all.
    """
    price = (total / quantity).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP).normalize()
    return price.quantize(CENT) if -int(price.as_tuple().exponent) <= 2 else price
