"""What words would do to the order being put together, whatever they would mean to a placed one.

While a draft is on the table, «再加B型阀20件», "drop the motors", «A型阀单价36», "PO 4711" and «打九折» are about it:
which lines there are to be and what its fields hold. Nobody is asked for a word for changing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .context import Context
from .intents import Change, Named
from .judging import Clause
from .lexicon import Word

LINE, SWAP = "line", "swap"
"""Modes of a change of a draft: the line is set, or made if there is none; the line's product is another."""

_FIELDS = {"quantity_word": "quantity", "price_word": "price", "total_word": "total"}
_OF_ORDER = {"date": "promise_date", "range": "promise_date", "duration": "promise_date", "po": "po_number",
             "address": "ship_to"}  # fmt: skip
_VALUES = frozenset({"quantity", "number", "money", "discount"})
_AWAY = frozenset({"mode.remove", "unwanted", "neg", "not_but", "mode.less"})
_CUES = frozenset({"change", "move", "wrong"})
_LISTS = frozenset({"list", "order_word", "all_orders", "overdue", "mine", "task"})
_ASKS = frozenset({"q", "q_when", "q_why", "q_who", "q_many", "how", "where", "stock", "look"})


@dataclass(frozen=True, slots=True)
class Redraft:
    """What a text would do to a draft.

    Attributes:
        changes: in the order of the text; `line` is the product whose line is meant.
        unknown: how many letters nobody knows.
        anew: it says that an order is placed: not this one.
        asks: it is a question.
        lists: it asks for a list.
        flow: the flow named, as said; empty if none.
    """

    changes: tuple[Change, ...] = ()
    unknown: int = 0
    anew: bool = False
    asks: bool = False
    lists: bool = False
    flow: str = ""


def redraft(clauses: Sequence[Clause], context: Context) -> Redraft:
    """What a text would do to a draft."""
    words = [word for clause in clauses for word in clause.words]
    changes = [change for clause in clauses for change in _changes(clause.words, context)]
    return Redraft(
        tuple(sorted(changes, key=lambda one: one.mode != SWAP)),  # 改成B型阀200件: what it is of, then how many
        sum(word.end - word.start for word in words if not word.concepts),
        any(_places(words, at) for at in range(len(words))),
        any(clause.ask or clause.concepts & _ASKS for clause in clauses),
        any(word.concepts & _LISTS for word in words),
        next((context.said(word.start, word.end) for word in words if "flow" in word.concepts), ""),
    )


def _places(words: Sequence[Word], at: int) -> bool:
    """Whether a word says that an order is placed: «新单», not «再来10件» nor "make it a rush order"."""
    altered = any("alter" in word.concepts for word in words[max(0, at - 2) : at])
    return "place" in words[at].concepts and "weak" not in words[at].concepts and not altered


def _changes(words: Sequence[Word], context: Context) -> Iterator[Change]:
    held = [_line_of(words, at) for at in range(len(words))]
    mode = _mode(words)
    away = any(word.concepts & _AWAY for word in words) and not any(
        word.entity >= 0 and word.concepts & _VALUES for word in words
    )
    for at, word in enumerate(words):
        if word.entity < 0:
            continue
        read, span = context.read(word), context.raw(word.start, word.end)
        if read.kind == "product" and isinstance(read.value, Named):
            how = "remove" if away else _product_mode(words, at, held, mode)
            if how:
                before = _product_before(words, at) if how == SWAP else None
                yield Change("product", read.value, _named(words, before, context), how, span)
        elif read.kind in _VALUES and not _ordinal(words, at, context):
            line = _named(words, held[at], context)
            name = _field(words, at, read.kind, getattr(read.value, "role", None))
            yield Change(name, read.value, line, _value_mode(words, at, held[at], mode), span)
        elif read.kind == "customer":
            yield Change("customer", read.value, None, "set", span)
        elif read.kind in _OF_ORDER:
            value = context.said(word.start, word.end) if read.kind == "address" else read.value
            yield Change(_OF_ORDER[read.kind], value, None, "set", span)


def _named(words: Sequence[Word], at: int | None, context: Context) -> Named | None:
    value = context.read(words[at]).value if at is not None else None
    return value if isinstance(value, Named) else None


def _is(word: Word, *kinds: str) -> bool:
    return word.entity >= 0 and bool(word.concepts.intersection(kinds))


def _line_of(words: Sequence[Word], at: int) -> int | None:
    """Where the product stands that a value belongs to: just behind a quantity, else the last one before."""
    if not _is(words[at], *_VALUES):
        return None
    before = _product_before(words, at)
    free = before is None or any(_is(word, "quantity", "number") for word in words[before:at])
    ahead = next((n for n in range(at + 1, len(words)) if words[n].concepts - {"filler"}), None)
    if ahead is not None and _is(words[ahead], "product") and _is(words[at], "quantity", "number") and free:
        return ahead
    return before


def _product_before(words: Sequence[Word], at: int) -> int | None:
    return next((n for n in range(at - 1, -1, -1) if _is(words[n], "product")), None)


def _mode(words: Sequence[Word]) -> str:
    """How the values of a clause are meant: to be added, to be taken away, or as they are."""
    modes = (one.removeprefix("mode.") for word in words for one in sorted(word.concepts) if one.startswith("mode."))
    return next(modes, "set")


def _cued(words: Sequence[Word], first: int, stop: int) -> bool:
    """Whether a word for changing stands between, which says neither more nor less."""
    return any(word.entity < 0 and word.concepts & _CUES and not _moded(word) for word in words[first:stop])


def _moded(word: Word) -> bool:
    return any(one.startswith("mode.") for one in word.concepts)


def _product_mode(words: Sequence[Word], at: int, held: Sequence[int | None], mode: str) -> str:
    """What becomes of a product that is named: another in its line's place, one more, or nothing but its values."""
    before = _product_before(words, at)
    first = 0 if before is None else before + 1
    alone = before is None or before not in held
    after = next((n for n in range(at + 1, len(words)) if _is(words[n], "product")), None)
    if before is None and after is not None and at not in held and _cued(words, 0, after):
        return ""  # what another one takes the place of: swap the gasket for a motor
    if alone and (_cued(words, first, at) or (before is not None and _cued(words, 0, before))):
        return SWAP
    return "add" if mode == "add" and at not in held else ""


def _value_mode(words: Sequence[Word], at: int, line: int | None, mode: str) -> str:
    if mode in {"add", "less"}:
        return mode
    if line is None:
        return "set"
    return "set" if line < at and _cued(words, line, at) else LINE


def _field(words: Sequence[Word], at: int, kind: str, role: str | None) -> str:
    """What a value is for: by the field named last, else by its kind."""
    if kind == "discount":
        return kind
    if kind == "money":
        return "total" if role == "total" else "price"
    named = (name for word in reversed(words[:at]) for cue, name in _FIELDS.items() if cue in word.concepts)
    return next(named, "quantity")


def _ordinal(words: Sequence[Word], at: int, context: Context) -> bool:
    """Whether a number counts no goods: 第二行."""
    return context.text[context.read(words[at]).start] == "第"
