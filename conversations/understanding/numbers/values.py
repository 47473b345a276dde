"""What this package finds: numbers, quantities, money, discounts, each with its place in the normalised text."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Number:
    """A bare number. A percentage of 12 % has the value 12; 第三 and third are ordinals of 3."""

    span: Span
    value: Decimal
    kind: Literal["cardinal", "ordinal", "percent"]
    rule: str


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number of some unit.

    Attributes:
        value: how many of `unit_key`; two dozen are 24 pieces.
        unit: as written; empty when a label says that it is a quantity (数量200) and no unit follows.
        unit_key: the unit's key in data/units.yaml, or the unit as handed in.
        rule: which rule read it.
        sure: False where the words are vague: 两三百, 100多, five hundred odd.
    """

    span: Span
    value: Decimal
    unit: str
    unit_key: str
    rule: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of money.

    Attributes:
        currency: ISO 4217, None when none was written; a bare $ is USD, ¥ and 元 are CNY.
        per: the key of the unit the price is for, "" when it is for each of whatever is ordered, None for none. A price
            for a hundred or a dozen is read as the price for one.
        role: unit_price or total where the words say which.
        tax: whether the words say that tax is in it.
    """

    span: Span
    amount: Decimal
    currency: str | None
    per: str | None
    role: Literal["unit_price", "total"] | None
    tax: Literal["included", "excluded"] | None
    rule: str


@dataclass(frozen=True, slots=True)
class Discount:
    """What is left of a price: 0.88 for 12 % off, 0.9 for 打九折."""

    span: Span
    factor: Decimal
    rule: str
