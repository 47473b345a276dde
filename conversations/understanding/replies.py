"""Bare answers to the open question of a dialog; what is no answer is left to the grammar."""

from __future__ import annotations

import re
from decimal import Decimal

from .context import Context
from .intents import Intent, Named, Slot
from .judging import Clause

_KINDS = {
    "customer": ("customer",), "product": ("product",), "person": ("person", "contact"),
    "quantity": ("quantity", "number"), "price": ("money", "number"), "number": ("number", "quantity"),
    "date": ("date", "range", "duration", "time"),
    "score": ("number",), "pick": ("number",), "choice": ("number",),
    "figures": ("money", "quantity", "number", "date"),
}  # fmt: skip
_LABELS = {"total_word": "amount", "quantity_word": "quantity", "price_word": "price", "promise_word": "promise_date"}
_PLAIN = frozenset({"quantity", "price", "number"})
NEAR_NAME = "reply: near name"
"""The rule by which any words are taken for a name that was asked for."""
_BARE = re.compile(r"\d{1,12}(?:\.\d{1,4})?", re.ASCII)
_TO_PLACE = re.compile(
    r"^(?:请|就|帮我)?(?:(?:送|发|寄|运)货?(?:到|往|去|至|给)?|到)(?=[\u4e00-\u9fff])(?![前后时完货])"
    r"|^(?:please )?(?:ship|send|deliver)(?: it| them)? to (?=\S)",
    re.IGNORECASE,
)  # what an answer to «where to?» begins with and what is none of the place
_ASIDE = frozenset({"order.show", "help", "who_am_i", "order.list", "stock.show", "money.show", "how", "order.timeline",
                    "order.why_late", "figures", "leave", "undo", "order.urge", "skip"})  # fmt: skip
_WORDS = frozenset({"yes", "no", "leave", "skip"})
_FREE = frozenset({"text", "field", "reason", "choice", "customer", "product", "person"})


def read_reply(expected: str, clauses: list[Clause], context: Context) -> Intent | None:
    """The answer to the open question, or None when the text is about something else."""
    raw = context.plain.raw.strip()
    whole = (0, len(context.plain.raw))
    first = clauses[0] if clauses else None
    if first is None:
        return (
            Intent("answer", {"value": Slot(raw, whole)}, whole, 0.6, "reply: text")
            if raw and expected in _FREE
            else None
        )
    if expected in {"number", "figures"} and (figures := _figures(clauses, context)):
        return Intent("review.approve", {"figures": Slot(figures, whole)}, whole, 0.95, "reply: figures")
    said = {clause.intent for clause in clauses if clause.best}
    bare = _bare_word(first, expected) if len(clauses) == 1 else None
    if bare is not None:
        return Intent(bare, {}, whole, 0.95, f"reply: {bare}")
    if any(clause.best and clause.best.score >= 0.85 and clause.intent in _ASIDE for clause in clauses):
        return None
    if (
        expected in _FREE - {"customer", "product", "person"}
        and "order" in first.concepts
        and said & {"step.complete", "order.place"}
    ):
        return None
    if expected == "pick" and "order.change" in said:
        return None  # «make it 300» is none of the choices
    if expected not in {"text", "field", "reason"}:
        found = _entity(expected, clauses, context)
        if found is not None:
            return found
    if "order.change" in said and expected != "reason":
        return None
    if expected in {"text", "field", "reason"}:
        text = raw if expected == "reason" else _TO_PLACE.sub("", raw, count=1)
        return Intent("answer", {"value": Slot(text, whole)}, whole, 0.9, "reply: text")
    if expected in {"customer", "product", "person"} and not said and len(raw) <= 60:
        named = context.names.resolve(raw, expected)
        return Intent("answer", {"value": Slot(named, whole, False)}, whole, 0.7, NEAR_NAME)
    return None


def _figures(clauses: list[Clause], context: Context) -> dict[str, object]:
    """Several figures typed at once, each behind its name or of a kind of its own; empty when there is but one."""
    found: dict[str, object] = {}
    label = ""
    for clause in clauses:
        for word in clause.words:
            if word.entity < 0:
                label = next((field for cue, field in _LABELS.items() if cue in word.concepts), label)
                continue
            read = context.read(word)
            field = label if read.kind in {"number", "money", "quantity"} and label != "promise_date" else ""
            field = field or {"money": "amount", "quantity": "quantity", "date": "promise_date"}.get(read.kind, "")
            if field:
                found.setdefault(field, read.value)
            label = ""
    return found if len(found) > 1 else {}


def _bare_word(clause: Clause, expected: str) -> str | None:
    for word in ("leave", "skip", "yes", "no"):
        if word == "skip" and expected == "yes_no":
            continue
        if all(one.concepts & {word, "filler"} for one in clause.words) and any(
            word in one.concepts for one in clause.words
        ):
            return word
    return None


def _entity(expected: str, clauses: list[Clause], context: Context) -> Intent | None:
    wanted = _KINDS.get(expected, ())
    hits = [(word, context.read(word)) for clause in clauses for word in clause.words if word.entity >= 0]
    if expected in _PLAIN and _BARE.fullmatch(context.text.strip()):  # 10.20 is no day where a price was asked for
        whole = (0, len(context.plain.raw))
        return Intent(
            "answer", {"value": Slot(Decimal(context.text.strip()), whole)}, whole, 0.95, f"reply: {expected}"
        )
    if expected == "price":  # 一套4200, 4200 each: the one is what the price is for
        hits = [hit for hit in hits if not (hit[1].kind == "quantity" and getattr(hit[1].value, "value", None) == 1)]
    others = [read for _, read in hits if read.kind not in wanted and read.kind not in {"person", "time"}]
    matching = [(word, read) for word, read in hits if read.kind in wanted]
    if not matching or (others and expected != "figures"):
        return None
    unknown = sum(word.end - word.start for clause in clauses for word in clause.words if not word.concepts)
    if unknown > 6 or (expected in {"pick", "choice"} and len(hits) > 1):
        return None
    word, read = matching[0]
    span = context.raw(word.start, word.end)
    if expected in {"pick", "choice", "score"} and not str(read.value).isdecimal():
        return None
    if expected in {"pick", "choice", "score"}:
        return Intent("number", {"n": Slot(int(str(read.value)), span)}, span, 0.95, "reply: number")
    sure = read.value.sure if isinstance(read.value, Named) else read.sure
    return Intent("answer", {"value": Slot(read.value, span, sure, read.rule)}, span, 0.95, f"reply: {expected}")
