"""Reviews: who may not judge, when the figures are hidden, and whether those typed unseen are right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from store.rules.forms import amount_of, number, plain


@dataclass(frozen=True, slots=True)
class Figures:
    """What a review may ask about. Quantities and prices line by line, in the order of the lines."""

    amount: Decimal
    quantities: tuple[Decimal, ...]
    prices: tuple[Decimal, ...]
    promise_date: date
    fields: Mapping[str, Any]


def authors(placed_by: str, changed_by: str) -> frozenset[str]:
    """Who may not review an order, and is passed over when its reviewer is chosen."""
    return frozenset({placed_by, changed_by})


def is_blind(amount: Decimal, blind_above: Decimal | None) -> bool:
    """Whether the reviewer has to type the figures unseen: above the amount, not at it."""
    return blind_above is not None and amount > blind_above


def still_to_give(wanted: Sequence[str], given: Mapping[str, Any] | None) -> list[str]:
    """The figures that a blind review still lacks."""
    return [name for name in wanted if (given or {}).get(name) in (None, "", [])]


def wrong_figures(wanted: Sequence[str], given: Mapping[str, Any], truth: Figures) -> list[str]:
    """Which of the figures typed unseen are not those of the order; what is right is not told."""
    return [name for name in wanted if not _same(name, given.get(name), truth)]


def _same(name: str, given: Any, truth: Figures) -> bool:
    try:
        match name:
            case "amount":
                return amount_of(given) == truth.amount
            case "quantity":
                return _numbers(given, truth.quantities)
            case "price":
                return _prices(given, truth.prices)
            case "promise_date":
                return (
                    str(given.isoformat() if isinstance(given, date) else plain(given))
                    == truth.promise_date.isoformat()
                )
    except ValueError:
        return False
    return _loose(given) == _loose(truth.fields.get(name))


def _numbers(given: Any, lines: Sequence[Decimal]) -> bool:
    """The sum of the lines, or each line."""
    if _is_list(given):
        return [number(one) for one in given] == list(lines)
    return number(given) == sum(lines, Decimal(0))


def _prices(given: Any, lines: Sequence[Decimal]) -> bool:
    """The price of every line, or the one that all have."""
    if _is_list(given):
        return [amount_of(one) for one in given] == list(lines)
    return set(lines) == {amount_of(given)}


def _is_list(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | Mapping)


def _loose(value: Any) -> str:
    """Text as two people would call it the same: width, case and spaces do not count."""
    return "".join(plain("" if value is None else value).casefold().split())
