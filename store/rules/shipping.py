"""How much of each line leaves with a shipment that is only part of an order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from store.refusals import Invalid

NOTHING = Decimal(0)


def share_out(
    left: Sequence[tuple[str, Decimal]],
    wanted: Mapping[str, Decimal] | Decimal | None,
    names: Mapping[str, Any],
) -> list[Decimal]:
    """How much of each line goes, earlier lines first where a product stands in several.

    Args:
        left: sku and quantity not yet shipped, line by line.
        wanted: how much goes: by sku, as a bare number where there is one product, or None for all that is left.
        names: what people call each sku, for the refusals.

    Raises:
        Invalid: refused.ship_which (a bare number for several products), refused.ship_unknown (a product that is not
            in the order), refused.ship_nothing, refused.ship_too_many (facts product, left, given).
    """
    if wanted is None:
        return [count for _, count in left]
    products = list(dict.fromkeys(sku for sku, _ in left))
    if isinstance(wanted, Decimal):
        if len(products) > 1:
            raise Invalid("refused.ship_which", products=[names[sku] for sku in products])
        wanted = {products[0]: wanted}
    for sku, count in wanted.items():
        _check(sku, count, sum((one for other, one in left if other == sku), NOTHING), names)
    rest = dict(wanted)
    going = []
    for sku, count in left:
        part = min(count, rest.get(sku, NOTHING))
        rest[sku] = rest.get(sku, NOTHING) - part
        going.append(part)
    return going


def _check(sku: str, count: Decimal, left: Decimal, names: Mapping[str, Any]) -> None:
    if sku not in names:
        raise Invalid("refused.ship_unknown", product=sku, products=list(names.values()))
    if not count.is_finite() or count <= 0:
        raise Invalid("refused.ship_nothing", product=names[sku])
    if count > left:
        raise Invalid("refused.ship_too_many", product=names[sku], left=left, given=count)
