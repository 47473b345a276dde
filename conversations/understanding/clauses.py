"""A message as clauses: where it is cut, what belongs together, and which rule reads each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from .joining import join
from .judging import REFERENCE, UNSPLIT, Clause, judged
from .lexicon import Lexicon, Word, cut, is_han
from .patterns import Read

MASK = "\ue000"
_BREAKS = re.compile(
    r"[。！!；;\n，]|,(?!\d{3}\b)|\?|(?<=[a-z]{3})\.(?=\s|$)|(?<=\s)-+(?=\s)|(?<=\s)(?:and|but|also)(?=\s+(?:the\s+|order\s+)?"
    + MASK
    + ")"
)
_ASK_LAST = frozenset({"没", "没有", "不", "否", "吗", "么", "咋"})
_INVERTED = frozenset(
    ["is", "are", "was", "were", "will", "would", "can", "could", "should", "does", "did", "has", "have"]
)
_PRONOUNS = frozenset(
    [
        "i",
        "we",
        "you",
        "they",
        "he",
        "she",
        "it",
        "that",
        "this",
        "there",
        "to",
        "will",
        "would",
        "should",
        "must",
        "may",
    ]
    + [f"{one}'{end}" for one in ("i", "we", "you", "they", "he", "she", "it") for end in ("ll", "d")]
)
_SUBJECT = frozenset({"order", "number", "it", "order_word", "product"})
_MOST_REFERENCES = 12
_MOST_PIECES = 40  # clauses of one message that are read; nobody types more
_OBJECT = REFERENCE | {"order_word", "filler", "customer", "many", "promise_word"}
_MOST_BETWEEN, _MOST_GAPS = 4, 4
_PARTICLES = frozenset(
    [
        "back",
        "off",
        "over",
        "up",
        "out",
        "down",
        "through",
        "along",
        "aside",
        "pending",
        "waiting",
        "on standby",
        "forward",
        "forward to",
        "that",
        "from my side",
        "from me",
        "by me",
        "with me",
        "for me",
        "out to",
        "on hold",
        "off hold",
        "on ice",
        "over to",
        "on to",
        "to",
        "up to",
        "back to",
    ]
)
_STANDS = 0.88  # a rule of this score needs nothing beside it
_CONNECTIVES = {
    **dict.fromkeys(("另外", "顺便", "顺便问一下", "对了", "btw", "by the way", "also"), True),
    **dict.fromkeys(("然后", "同时", "并且", "并", "and", "then", "but"), False),
}
"""Words between two things said: whether they always begin something else, or only before another order."""
_BEFORE_REASON = frozenset({"order.cancel", "order.hold", "order.resume", "step.postpone", "review.return",
                            "order.urge", "problem.report", "step.complete", "review.approve",
                            "step.hand_over"})  # fmt: skip


_LATER_COUNTS = frozenset({("step.complete", "order.resume"), ("step.complete", "problem.solve"),
                           ("step.postpone", "review.return"), ("order.hold", "order.cancel")})  # fmt: skip
"""What is said first and behind a blank, where the second is what is wanted: 0012不行 付款方式没写 退回."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with each entity as one character; `starts` and `ends` lead back to positions of the text."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    entity_at: dict[int, int]


def mask(text: str, entities: Sequence[Read]) -> Masked:
    """The text with entities masked; entities in order, without overlap."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    entity_at: dict[int, int] = {}
    done = 0
    for index, one in enumerate(entities):
        plain = text[done : one.start]
        pieces.append(plain.replace(MASK, " "))
        starts += range(done, one.start)
        ends += range(done + 1, one.start + 1)
        entity_at[len(starts)] = index
        pieces.append(MASK)
        starts.append(one.start)
        ends.append(one.end)
        done = one.end
    pieces.append(text[done:].replace(MASK, " "))
    starts += range(done, len(text))
    ends += range(done + 1, len(text) + 1)
    return Masked("".join(pieces), tuple(starts), tuple(ends), entity_at)


def read_clauses(masked: Masked, lexicons: Sequence[Lexicon], kinds: list[frozenset[str]]) -> list[Clause]:
    """The clauses of a message, each with its rule; what no rule reads is attached to its neighbour."""
    words = joined_verbs(cut(masked.text, lexicons, masked.entity_at, kinds), lexicons)
    grouped: list[Clause] = []
    for piece in _pieces(masked.text, words)[:_MOST_PIECES]:
        for part in _by_connective(piece):
            for clause in _by_reference(_with_reason(judged(part), masked.text)):
                join(grouped, clause)
    return grouped


def joined_verbs(words: Sequence[Word], lexicons: Sequence[Lexicon]) -> list[Word]:
    """Verbs that stand around what they are about: in "send 12 back" the first word means what "send back" means."""
    found = list(words)
    for at, word in enumerate(found):
        if word.entity >= 0 or not word.text.isascii() or not word.text.isalpha() or len(word.text) < 2:
            continue
        for later in range(at + 2, min(at + 2 + _MOST_BETWEEN, len(found))):
            between = found[at + 1 : later]
            if not all(one.concepts & _OBJECT for one in between):
                break
            if found[later].text not in _PARTICLES or not any(one.concepts & REFERENCE for one in between):
                continue
            said = f"{word.text} {found[later].text}"
            meant = next(
                (held for one in (said, said.removesuffix(" to")) for lexicon in lexicons
                 if (held := lexicon.words.get(one))), None,
            )  # fmt: skip
            if meant is not None:
                found[at] = replace(word, concepts=meant)
                found[later] = replace(found[later], concepts=frozenset({"filler"}))
                break
    return found


def _by_connective(clause: Clause) -> list[Clause]:
    """Cut at a word that begins something else (另外, by the way) or at "and" between two requests that stand alone."""
    for at, word in enumerate(clause.words):
        if not at or word.entity >= 0 or word.text not in _CONNECTIVES:
            continue
        left = replace(clause, words=clause.words[:at], end=word.start, ask=False)
        right = replace(clause, words=clause.words[at + 1 :], start=word.end)
        if not right.words:
            continue
        one, other = judged(left), judged(right)
        if one.best and other.best and one.best.score >= _STANDS and other.best.score >= _STANDS:
            apart = one.intent != other.intent or bool(one.concepts & other.concepts & REFERENCE)
            placed = other.intent == "order.place" and "place" in other.concepts and one.intent not in UNSPLIT
            if placed and _CONNECTIVES[word.text]:
                return [left, *_by_connective(right)]
            if apart and not {one.intent, other.intent} & UNSPLIT and (_CONNECTIVES[word.text] or _sound(other)):
                return [left, *_by_connective(right)]
    return [clause]


def _with_reason(clause: Clause, text: str) -> Clause:
    """Han behind a space may be the reason for what stands before it: 0012取消 不想做了."""
    gaps = [at for at, (before, word) in enumerate(pairwise(clause.words), 1)
            if word.start > before.end and word.entity < 0 and is_han(word.text[0])
            and " " in text[before.end : word.start]]  # fmt: skip
    for at in gaps[:_MOST_GAPS]:
        left = judged(replace(clause, words=clause.words[:at], end=clause.words[at - 1].end, ask=False))
        if left.best is None or left.intent in {clause.intent, ""} or left.intent not in _BEFORE_REASON:
            continue
        if clause.intent == "order.change" and left.intent == "problem.report":
            continue
        if (left.intent, clause.intent) in _LATER_COUNTS:
            continue
        if clause.intent == "order.urge" and left.intent == "step.complete" and "neg" in left.concepts:
            continue  # 华东那单再不发客户要退货了 赶紧
        if left.best.score >= _STANDS and left.concepts & (REFERENCE | {"customer", "order_word"}):
            right = judged(replace(clause, words=clause.words[at:], start=clause.words[at].start))
            if right.best is not None and right.concepts & REFERENCE:
                continue
            if left.intent == "problem.report" and right.intent == clause.intent == "step.postpone":
                continue  # 0016机器坏了 要拖到周五
            weak = left.intent in {"step.postpone", "problem.report"}
            if weak and right.best is not None and right.intent == clause.intent and right.best.score > left.best.score:
                continue  # 22不行 退回去: the first word only says that something is wrong
            return replace(left, words=clause.words, end=clause.end, tail=clause.words[at].start)
    return clause


def _pieces(text: str, words: Sequence[Word]) -> list[Clause]:
    found: list[Clause] = []
    start, at = 0, 0
    for hit in [*_BREAKS.finditer(text), None]:
        stop = hit.start() if hit else len(text)
        end = hit.end() if hit else len(text)
        held: list[Word] = []
        while at < len(words) and words[at].start < end:
            if words[at].end <= stop or words[at].start < stop:
                held.append(words[at])
            at += 1
        if held:
            ask = hit is not None and hit[0] == "?"
            found.append(Clause(_questions(held), start, stop, ask))
        start = end
    return found


def _questions(words: Sequence[Word]) -> tuple[Word, ...]:
    """Words that ask only where they stand: 没 at the end (发了没), "has" at the beginning (has it shipped)."""
    held: list[Word] = []
    for at, word in enumerate(words):
        asks = True
        if 0 < at < len(words) - 1 and word.text in {"没", "不"} and words[at - 1].text == words[at + 1].text:
            held.append(replace(word, concepts=frozenset({"q"})))
            continue
        if word.text in _ASK_LAST:
            apart = at + 1 < len(words) and words[at + 1].start > word.end  # 好了没 急用
            asks = at > 0 and (apart or all(later.concepts & {"filler"} for later in words[at + 1 :]))
        elif word.text in _INVERTED and at and words[at - 1].text in _PRONOUNS:
            asks = False  # we are 20 short
        elif word.text in _INVERTED and at + 1 < len(words) and words[at + 1].concepts & _SUBJECT:
            word = replace(word, concepts=word.concepts | {"q", "q_is"})  # noqa: PLW2901  # is 12 going to make it
            asks = all(earlier.concepts & {"filler", "greeting"} for earlier in words[:at])
        elif "q" in word.concepts and word.text.isascii():
            asks = all(earlier.concepts & {"filler", "greeting", "number", "order"} for earlier in words[:at])
        added = word.text == "to order" and any("mode.add" in earlier.concepts for earlier in words[:at])
        if (added or word.text in {"order", "orders"}) and at + 1 < len(words) and _numbered(words[at + 1]):
            word = replace(word, concepts=frozenset({"order_word"}))  # noqa: PLW2901
        held.append(word if asks else replace(word, concepts=word.concepts - {"q"} or frozenset({"filler"})))
    return tuple(held)


def _numbered(word: Word) -> bool:
    """Whether a number may be an order's: order 14, not order 200 valves."""
    return bool(word.concepts & {"order", "number"}) and "quantity" not in word.concepts


def _by_reference(clause: Clause, most: int = _MOST_PIECES) -> list[Clause]:
    """Split where a further order begins a statement of its own, 12发了15还要两天, into at most so many."""
    if not most:
        return []
    if clause.intent in {"order.place", "order.note", "suggest"}:
        return [clause]
    references = [at for at, word in enumerate(clause.words) if _numbered(word)]
    if references and (parts := _after_money(clause, references[0])):
        return [parts[0], *_by_reference(parts[1], most - 1)]
    starts = {at: at for at in references[1:_MOST_REFERENCES]}
    for at in list(starts):
        began = next((back for back in range(at - 1, 0, -1) if clause.words[back].text in {"and", "but", "then"}), 0)
        if began and not any(one.concepts & REFERENCE for one in clause.words[began:at]):
            starts[at] = began + 1
    for at in starts.values():
        left = judged(replace(clause, words=clause.words[:at], end=clause.words[at].start, ask=False))
        right = judged(replace(clause, words=clause.words[at:], start=clause.words[at].start))
        if left.best and right.best and _sound(left) and (_sound(right) or _changes_another(right)):
            return [left, *_by_reference(right, most - 1)]
    return [clause]


def _changes_another(clause: Clause) -> bool:
    """Whether a change begins with an order named by its whole number: 0015取消 0016改成80件."""
    plain = clause.intent == "order.change" and clause.best is not None and clause.best.score > _STANDS
    return plain and "order" in clause.words[0].concepts


def _after_money(clause: Clause, at: int) -> list[Clause]:
    """What follows a payment or a mere 收到 and has an order of its own: 华东到账2万 0012可以发了吗."""
    if not at or clause.words[at].start == clause.words[at - 1].end:
        return []
    left = judged(replace(clause, words=clause.words[:at], end=clause.words[at].start, ask=False))
    right = judged(replace(clause, words=clause.words[at:], start=clause.words[at].start))
    paid = (left.intent == "money.receive" and "money" in left.concepts) or (
        left.intent == "step.acknowledge" and all(word.concepts & {"ack", "filler", "yes"} for word in left.words)
    )
    return [left, right] if paid and right.intent.startswith(("order.", "step.", "problem.", "review.")) else []


def _sound(clause: Clause) -> bool:
    if not clause.intent.startswith(("step.", "order.", "review.", "problem.")) or clause.intent in UNSPLIT:
        return False
    return bool(clause.concepts & {"order", "number"}) and clause.best is not None and clause.best.score > 0.75
