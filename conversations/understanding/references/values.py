"""What this package finds: orders, tracking numbers, telephone numbers, binding codes, customers' own numbers."""

from dataclasses import dataclass

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class OrderRef:
    """A mention of one or several orders.

    Attributes:
        numbers: as typed: "SO-2611-0001" in the company's form when full, else the short one, "12" or "0012".
        weak: only a bare number, an order where the sentence wants one.
    """

    span: Span
    numbers: tuple[str, ...]
    rule: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Tracking:
    """A carrier's number. `carrier` is its key in data/carriers.yaml, None when only a label tells."""

    span: Span
    carrier: str | None
    carrier_name: str
    number: str


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number: digits only, a leading + kept."""

    span: Span
    number: str
    rule: str


@dataclass(frozen=True, slots=True)
class Code:
    """A binding code as it is shown: two groups of four, K7QF-2M9D."""

    span: Span
    code: str


@dataclass(frozen=True, slots=True)
class PoNumber:
    """The number an order has at the customer's."""

    span: Span
    number: str
