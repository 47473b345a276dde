"""Stock: what is there, what open orders have reserved, what goes out when a step ships.

Reserved is what open orders have still to get; free is stock less what *other* open orders reserved. A product
without stock is not watched: it is never short.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class Stock:
    """One product's figures; `stock` and `free` None: not watched."""

    sku: str
    stock: Decimal | None
    reserved: Decimal = NONE
    incoming: Decimal = NONE

    @property
    def free(self) -> Decimal | None:
        """What nobody has reserved; below zero when more is promised than there is."""
        return None if self.stock is None else self.stock - self.reserved


@dataclass(frozen=True, slots=True)
class Goods:
    """What a line still has to get."""

    sku: str
    quantity: Decimal
    shipped: Decimal = NONE

    @property
    def open(self) -> Decimal:
        """Ordered and not shipped, never below zero."""
        return max(self.quantity - self.shipped, NONE)


def is_short(lines: Iterable[Goods], free: Mapping[str, Decimal | None]) -> bool:
    """Whether the free stock does not cover the lines; `free` as seen without this order's own reservation."""
    wanted: dict[str, Decimal] = {}
    for line in lines:
        wanted[line.sku] = wanted.get(line.sku, NONE) + line.open
    return any((have := free.get(sku)) is not None and need > have for sku, need in wanted.items() if need > 0)


class TooMuch(ValueError):
    """More is to be shipped than a line has left; `left` is what it has."""

    def __init__(self, sku: str, left: Decimal) -> None:
        super().__init__(sku)
        self.sku = sku
        self.left = left


def spread(lines: Mapping[int, Goods], quantity: Decimal | None, sku: str | None = None) -> dict[int, Decimal]:
    """How much of each line goes out: everything that is left, or a stated quantity from the first lines on.

    Args:
        lines: by position.
        quantity: how much in all; None is all there is left.
        sku: only of this product.

    Raises:
        TooMuch: the lines have less left.
    """
    going: dict[int, Decimal] = {}
    rest = quantity
    for position, line in sorted(lines.items()):
        if sku is not None and line.sku != sku:
            continue
        take = line.open if rest is None else min(line.open, rest)
        if take > 0:
            going[position] = take
        rest = None if rest is None else rest - take
    if rest:
        raise TooMuch(sku or "", (quantity or NONE) - rest)
    return going
