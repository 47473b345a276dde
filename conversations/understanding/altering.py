"""order.change: what is to be changed, from the words of a clause in their order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from .context import Context
from .intents import Change, Named, Slot
from .judging import Clause
from .lexicon import Word

_TAKES = {
    "quantity": frozenset({"quantity", "number"}), "price": frozenset({"money", "number", "quantity"}),
    "total": frozenset({"money", "number"}), "promise_date": frozenset({"date", "range", "duration"}),
    "customer": frozenset({"customer"}), "product": frozenset({"product"}), "po_number": frozenset({"po", "number"}),
}  # fmt: skip
_FIELDS = {"quantity_word": "quantity", "price_word": "price", "promise_word": "promise_date",
           "po_word": "po_number", "ship_to": "ship_to", "customer_word": "customer", "product_word": "product",
           "total_word": "total"}  # fmt: skip
_BY_ENTITY = {"quantity": "quantity", "money": "price", "date": "promise_date", "range": "promise_date",
              "duration": "promise_date", "number": "quantity", "product": "product", "customer": "customer",
              "po": "po_number", "discount": "discount"}  # fmt: skip
_PLACE = re.compile(r"[省市县镇乡村路街巷弄栋楼室园]|区(?!别)|号")
_UP_TO = ("到", "至", "为", "成", " to", "to")
_NOT = frozenset({"not", "不是", "不要", "又不要", "rather than", "instead of", "而不是", "非", "不"})
_SHIFTED = frozenset({"sooner", "earlier", "later", "quicker", "faster", "early"})
_COUNTS = frozenset({"quantity", "number", "money", "date"})
_BEHIND = frozenset({"to order", "of", "for", "on", "in", "把", "order", "orders", "单", "订单"})
_SAYS_NOTHING = frozenset(
    {"filler", "perf", "request", "yes", "q", "polite", "thanks", "urge", "change", "mode.add", "instead"}
)
_BEFORE_TEXT = frozenset(
    {
        "应该",
        "现在",
        "是",
        "发",
        "送",
        "寄",
        "要",
        "想",
        "得",
        "to",
        "到",
        "为",
        "成",
        "of",
        "for",
        "on",
        "the",
        "order",
    }
)


def change_slots(clause: Clause, context: Context, *, drafting: bool) -> dict[str, Slot]:
    """What is to be changed: the field words before each value, else the kind of the value."""
    reader = _Reader(clause, context, drafting, _denied(clause.words))
    for at, word in enumerate(clause.words):
        if word.entity < 0:
            if reader.takes_word(at, word):
                break
        elif at not in reader.denied:
            reader.takes_value(at, word)
    return reader.done()


def _denied(words: Sequence[Word]) -> set[int]:
    """Values that are not to be: 300 not 250, 不是200是250."""
    found = set()
    for at, (before, word) in enumerate(pairwise(words), 1):
        said = before.text
        if said == "of" and at > 1 and words[at - 2].text in {"instead", "rather"}:
            said = "instead of"
        if said == "from" and word.entity >= 0 and word.concepts & _COUNTS and at + 2 < len(words):
            found |= {at} if words[at + 1].text == "to" and words[at + 2].entity >= 0 else set()  # from 24.50 to 23.90
        if word.entity >= 0 and said in _NOT and word.concepts & _COUNTS:
            others = [one for one in words if one.entity >= 0 and one is not word and one.concepts & _COUNTS]
            found |= {at} if others else set()
    return found


@dataclass(slots=True)
class _Reader:
    """The words of a change, taken one after another.

    Attributes:
        denied: where values stand that are not to be.
        named: the field that was named last and still waits for its value.
        line: the product whose line is meant.
        cue_at: where the last word for changing stands; -1 before the first.
    """

    clause: Clause
    context: Context
    drafting: bool
    denied: set[int]
    slots: dict[str, Slot] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    named: str = ""
    line: Named | None = None
    mode: str = "set"
    cue_at: int = -1

    def takes_word(self, at: int, word: Word) -> bool:
        """A field's name or a word for changing; True when the rest of the clause is the text of a field."""
        words, context = self.clause.words, self.context
        own = [
            form.key
            for form in context.vocabulary.fields
            if form.step is None and word.text in map(str.lower, form.names)
        ]
        common = next((name for cue, name in _FIELDS.items() if cue in word.concepts and word.text != "to"), "")
        self.named = (own[0] if own else common) or self.named
        if word.concepts & {"change", "move", "wrong", "mode.add"}:
            self.cue_at = at
            modes = (one.removeprefix("mode.") for one in sorted(word.concepts) if one.startswith("mode."))
            self.mode = "set" if word.text.endswith(_UP_TO) else next(modes, self.mode)
        if not (self.named and (own or self.named in {"ship_to", "po_number"}) and at + 1 < len(words)):
            return False
        why = _reason_at(words, at, context) if self.named == "ship_to" and not self.drafting else 0
        typed = self.clause if not why else replace(self.clause, words=words[:why], end=words[why - 1].end)
        text = _typed(typed.words, at, typed, context)
        if text is None:
            return False
        if why:
            start, end = words[why].start, self.clause.end
            self.slots["reason"] = Slot(context.said(start, end), context.raw(start, end), True, "behind")
        self.changes.append(Change(self.named, text[0], None, "set", text[1]))
        _skipped(words[at + 1 :], self.slots, context)
        for skipped in words[at + 1 :]:
            if "order" in skipped.concepts and context.raw(skipped.start, skipped.end)[1] <= text[1][0]:
                _refer(skipped, self.slots, context)  # 送货地址改一下 0025 改到…
        last = words[-1]
        if "order" in last.concepts and context.raw(last.start, last.end)[0] >= text[1][1]:
            _refer(last, self.slots, context)
        return True

    def takes_value(self, at: int, word: Word) -> None:
        """Something read: the order, whose it is, which line, or what a field is to hold."""
        words, context, read = self.clause.words, self.context, self.context.read(word)
        span = context.raw(word.start, word.end)
        drafting = self.drafting or "orders" in self.slots
        if read.kind in {"date", "range"} and not self.named and self.cue_at < 0 and _counted(words[at + 1 :]):
            return  # 上午那单数量错了,应该是20: it says which order, not what it is to be
        if read.kind == "customer" and not self.named and not self.drafting and _whose(words, at, self.cue_at):
            self.slots.setdefault("customer", Slot(read.value, span, read.sure, read.rule))
        elif read.kind == "order" or (
            read.kind == "number" and _names_order(words, at, self.cue_at, self.mode, drafting=drafting)
        ):
            _refer(word, self.slots, context)
        elif read.kind == "address":
            self.changes.append(Change("ship_to", context.said(word.start, word.end), None, "set", span))
        elif read.kind == "product" and self._names_line(at):
            self.line = read.value if isinstance(read.value, Named) else None
        elif read.kind in _BY_ENTITY:
            name = self.named if read.kind in _TAKES.get(self.named, frozenset()) else _BY_ENTITY[read.kind]
            self.changes = [one for one in self.changes if one.field != name]
            more = _more_of(words, at) or context.text[read.start - 1 : read.start] == "+"
            mode = "add" if more else "set" if _up_to(words, at) else self.mode
            if mode == "remove" and word.concepts & _COUNTS - {"date"}:
                mode = "less"  # take 5 off the quantity
            self.changes.append(Change(name, read.value, self.line, mode, span, read.sure))
            self.named = ""

    def _names_line(self, at: int) -> bool:
        """Whether a product only says which line is changed: its quantity or price follows."""
        later = [word for place, word in enumerate(self.clause.words) if place > at and place not in self.denied]
        counted = any(word.concepts & {"quantity", "number"} for word in later)
        return counted or (self.cue_at < 0 and not self.drafting and any("money" in word.concepts for word in later))

    def done(self) -> dict[str, Slot]:
        """The slots found."""
        clause, context = self.clause, self.context
        if self.changes:
            self.slots["changes"] = Slot(tuple(self.changes), context.raw(clause.start, clause.end), True, "changes")
        because = next((word for word in clause.words if "because" in word.concepts and len(word.text) > 1), None)
        if because is not None and because.end < clause.end:
            said, span = context.said(because.end, clause.end), context.raw(because.end, clause.end)
            self.slots["reason"] = Slot(said, span, True, "because")
        elif self.changes and not self.drafting and (start := _behind(clause.words)):
            said, span = context.said(start, clause.end), context.raw(start, clause.end)
            self.slots["reason"] = Slot(said, span, True, "behind")
        return self.slots


def _behind(words: Sequence[Word]) -> int:
    """Where the reason begins that stands apart behind what is changed: 0001改成250件 客户加量; 0 if there is none."""
    last = max((at for at, word in enumerate(words) if word.entity >= 0), default=-1)
    later = words[last + 1 :]
    if last < 0 or not later:
        return 0
    apart = later[0].start > words[last].end
    says = [word for word in later if not word.concepts or word.concepts - _SAYS_NOTHING or _theirs(word)]
    return later[0].start if apart and sum(word.end - word.start for word in says) > 1 else 0


def _reason_at(words: Sequence[Word], at: int, context: Context) -> int:
    """Which word behind a blank begins the reason for an address: 改送无锡洛社镇 客户搬家了; 0 if none does."""
    for index in range(at + 2, len(words)):
        word = words[index]
        if word.start == words[index - 1].end or word.entity >= 0:
            continue
        rest = context.masked.text[word.start : words[-1].end].strip()
        if not _PLACE.search(rest) and (_theirs(word) or "because" in word.concepts or rest.endswith("了")):
            return index
    return 0


def _theirs(word: Word) -> bool:
    """Whether it speaks of the customer, which is a reason whatever follows: 客户急用."""
    return word.text.startswith(("客户", "对方", "甲方"))


def _counted(later: Sequence[Word]) -> bool:
    """Whether a quantity or price is what is changed: its word and its value follow."""
    named = any(word.concepts & {"quantity_word", "price_word"} for word in later)
    return named and any(word.concepts & {"quantity", "number", "money"} for word in later)


def _whose(words: Sequence[Word], at: int, cue_at: int) -> bool:
    """Whether a customer says whose order is changed rather than what it is changed to: 华东的单改成400件."""
    changed = any("change" in word.concepts or "move" in word.concepts for word in words[at + 1 :])
    return cue_at < 0 and (changed or (at == 0 and any(word.entity >= 0 for word in words[1:])))


def _skipped(words: Sequence[Word], slots: dict[str, Slot], context: Context) -> None:
    """The order named between a field and its new text: the ship-to of 12 to ..."""
    for before, word in pairwise(words):
        if word.concepts & {"order", "number"} and before.text in {"of", "for", "on", "order"}:
            _refer(word, slots, context)
            return


def _refer(word: Word, slots: dict[str, Slot], context: Context) -> None:
    read = context.read(word)
    value = read.value if isinstance(read.value, tuple) else (context.text[read.start : read.end],)
    slots.setdefault("orders", Slot(value, context.raw(word.start, word.end), True, read.rule))


def _names_order(words: Sequence[Word], at: int, cue_at: int, mode: str, *, drafting: bool) -> bool:
    """Whether a bare number names the order: it stands before the cue with another value behind it, or behind "of"."""
    later, before = words[at + 1 :], words[at - 1].text if at else ""
    if drafting or _counts(words, at, mode, before):
        return False
    if before in _BEHIND or (before == "to" and at == len(words) - 1 and any(word.entity >= 0 for word in words[:at])):
        return True
    if _said_of(words[at], later) or (before == "from" and mode in {"remove", "less"}):
        return True  # remove the glasses from 31
    if cue_at < 0 and before in {"deliver", "ship", "send"}:
        return True
    if cue_at < 0:
        fielded = at == 0 and later and later[0].concepts & _FIELDS.keys() and any(word.entity >= 0 for word in later)
        return bool(fielded) or any(word.concepts & {"change", "move"} for word in later)
    rises = any(
        words[later].entity >= 0 and (_up_to(words, later) or words[later - 1].text == "by")  # reduce 12 by 50
        for later in range(at + 1, len(words))
    )
    direct = (mode == "set" or rises) and (
        cue_at == at - 1 or all("filler" in word.concepts for word in words[cue_at + 1 : at])
    )
    leads = all(word.concepts & {"filler", "request", "polite"} for word in words[:cue_at])
    return leads and direct and any(word.entity >= 0 or word.concepts & {"ship_to", "po_word"} for word in later)


def _counts(words: Sequence[Word], at: int, mode: str, before: str) -> bool:
    """Whether a number counts something: 20 extra glasses, add 2 heaters, 80 of «make it 80 on order 17»."""
    word, later = words[at], words[at + 1 :]
    if not word.text or _more_of(words, at) or (mode == "add" and "quantity" in word.concepts):
        return True
    if any("order" in one.concepts for one in words) and "order" not in word.concepts:
        return True
    if before == "from" or before in _BEHIND:
        return False
    more = bool(later) and "mode.add" in later[0].concepts and before == "add"  # add 50 more to 12
    named = bool(later) and later[0].start == word.end and later[0].concepts & {"it", "order_word"}
    goods = bool(later) and "product" in later[0].concepts and not named  # make it 8 chairs
    return more or (goods and not any(one.concepts & _COUNTS for one in later[1:]))


def _said_of(word: Word, later: Sequence[Word]) -> bool:
    """Whether what follows speaks of a number as of an order: 12 sooner, 12 should be 150."""
    if not later:
        return False
    if (later[0].start == word.end and later[0].concepts & {"it", "order_word"}) or later[0].text in _SHIFTED:
        return True
    return len(later) > 1 and "change" in later[0].concepts and later[1].entity >= 0 and later[0].entity < 0


def _up_to(words: Sequence[Word], at: int) -> bool:
    """Whether a value is what it shall come to, not what is added: increase it to 500, 加到500."""
    return at > 0 and words[at - 1].text.endswith(_UP_TO)


def _more_of(words: Sequence[Word], at: int) -> bool:
    """Whether it counts more of a product: 20 extra glasses."""
    beside = words[at + 1 : at + 3]
    return len(beside) > 1 and "mode.add" in beside[0].concepts and "product" in beside[1].concepts


def _typed(words: Sequence[Word], at: int, clause: Clause, context: Context) -> tuple[str, tuple[int, int]] | None:
    """The free words that a text field is to hold: what follows the change cue, or the field's name."""
    start = words[at].end
    told = False  # behind "to" and "is now" a number is the text's own: 22 Marine Parade
    for word in words[at + 1 :]:
        if not word.concepts & {"change", "order", "number", "order_word", "ship_to"} and word.text not in _BEFORE_TEXT:
            break
        if told and word.concepts & {"number"} and not word.concepts & {"order"}:
            break
        told = told or "change" in word.concepts or word.text == "to"
        start = word.end
    stop = len(words)
    while (
        stop > at + 2 and words[stop - 1].concepts & {"order", "number"} and words[stop - 1].start > words[stop - 2].end
    ):
        stop -= 1  # 包装改木箱 0012: the order's number is none of the text
    end = words[stop - 1].end if stop < len(words) else clause.end
    said = context.said(start, end)
    return (said, context.raw(start, end)) if said else None
