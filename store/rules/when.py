"""Whether a step is needed for an order: the `when` of the company file, as data; nothing is evaluated as code."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

_COMPARE: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "=": operator.eq,
    "!=": operator.ne,
}
_THERE = frozenset({"present", "absent"})
_AMOUNT = re.compile(r"\s*(>=|<=|==|!=|>|<|=)?\s*([0-9][0-9,_]*(?:\.[0-9]+)?)\s*")


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What a condition may ask about an order. `short`: the free stock does not cover it."""

    amount: Decimal
    customer: str
    products: frozenset[str]
    fields: Mapping[str, Any] = field(default_factory=dict)
    short: bool = False


def holds(when: Mapping[str, Any] | None, order: OrderFacts) -> bool:
    """Whether every key of a condition holds; no condition always does.

    Raises:
        ValueError: for a key or a comparison that the company file does not know.
    """
    return all(_one(key, wanted, order) for key, wanted in (when or {}).items() if wanted is not None)


def compare_amount(text: str, amount: Decimal) -> bool:
    """`amount` against a comparison such as ">= 10000"; a bare number is equality. Raises ValueError."""
    found = _AMOUNT.fullmatch(str(text))
    if found is None:
        raise ValueError(f"no comparison with an amount: {text!r}")
    try:
        limit = Decimal(found[2].replace(",", "").replace("_", ""))
    except InvalidOperation as problem:
        raise ValueError(f"no amount: {found[2]!r}") from problem
    return _COMPARE[found[1] or "="](amount, limit)


def _one(key: str, wanted: Any, order: OrderFacts) -> bool:
    match key:
        case "stock":
            return order.short is bool(wanted == "short")
        case "amount":
            return compare_amount(str(wanted), order.amount)
        case "customer":
            return order.customer in _several(wanted)
        case "product":
            return not order.products.isdisjoint(_several(wanted))
        case "field":
            return all(_field(order.fields.get(name), one) for name, one in dict(wanted).items())
    raise ValueError(f"no condition of that name: {key!r}")


def _several(value: Any) -> frozenset[str]:
    return frozenset([value]) if isinstance(value, str) else frozenset(value)


def _field(value: Any, wanted: Any) -> bool:
    """Whether a field is as wanted: one of several values, or merely present or absent."""
    there = value not in (None, "", [], {})
    several = wanted if isinstance(wanted, list | tuple) else (wanted,)
    return any(_fits(value, there, one) for one in several)


def _fits(value: Any, there: bool, wanted: Any) -> bool:
    if wanted in _THERE:
        return there is bool(wanted == "present")
    return str(value) == str(wanted)
