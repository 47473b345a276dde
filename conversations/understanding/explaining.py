"""What was understood of a text, line by line, for whoever extends the words and rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .intents import Intent, Named, Span, Understood


@dataclass(frozen=True, slots=True)
class Explained:
    """One line of an explanation.

    Attributes:
        depth: 0 for what was read, intents, suggestions; 1 for the slots of the intent above.
        what: read | intent | slot | suggestion | unread | cut.
        name: the kind of entity, the intent's or slot's name.
        said: the raw words.
        value: what they mean, as text.
        rule: which rule, reader or cue read it.
        sure: False: a guess.
    """

    depth: int
    what: str
    name: str
    said: str
    value: str = ""
    rule: str = ""
    sure: bool = True


def explain(understood: Understood) -> tuple[Explained, ...]:
    """Everything that was read, every intent with its slots, then what was suggested and what nothing accounts for."""
    return tuple(_lines(understood))


def _lines(understood: Understood) -> Iterator[Explained]:
    raw = understood.raw
    for entity in understood.entities.all:
        yield Explained(0, "read", entity.kind, _said(raw, entity.span), _plain(entity.value), entity.rule, entity.sure)
    for intent in understood.intents:
        yield from _intent(raw, intent, "intent")
    for intent in understood.suggestions:
        yield from _intent(raw, intent, "suggestion")
    for span in understood.unread:
        yield Explained(0, "unread", "", _said(raw, span))
    if understood.cut:
        yield Explained(0, "cut", "", "", str(understood.cut))


def _intent(raw: str, intent: Intent, what: str) -> Iterator[Explained]:
    marks = [
        f"{intent.confidence:.2f}",
        *(["negated"] if intent.negated else []),
        *(["question"] if intent.question else []),
    ]
    yield Explained(
        0, what, intent.name, _said(raw, intent.span), " ".join(marks), intent.rule, intent.confidence >= 0.7
    )
    for name, slot in intent.slots.items():
        yield Explained(1, "slot", name, _said(raw, slot.span), _plain(slot.value), slot.source, slot.sure)


def _said(raw: str, span: Span) -> str:
    return raw[span[0] : span[1]].strip()


def _plain(value: Any) -> str:
    if isinstance(value, Named):
        return " | ".join(f"{hit.kind}:{hit.key} {hit.score:.2f}" for hit in value.hits) or "unknown"
    if hasattr(value, "due"):
        return f"{value.due:%Y-%m-%d %H:%M} ({value.grain}{', deadline' if value.deadline else ''})"
    if isinstance(value, tuple):
        return "; ".join(map(_plain, value))
    if hasattr(value, "product") and hasattr(value, "quantity"):
        parts = (value.product, value.quantity, value.price, value.total)
        return " × ".join(_plain(part.value) for part in parts if part is not None)
    if hasattr(value, "mode"):
        return f"{value.field} {value.mode} {_plain(value.value)}"
    if hasattr(value, "amount"):
        return f"{value.amount} {value.currency or ''}".strip()
    return str(value.value) if hasattr(value, "unit_key") else str(value)
