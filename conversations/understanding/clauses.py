"""A message as clauses: where it is cut, what belongs together, and which rule reads each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from .lexicon import Lexicon, Word, cut, is_han
from .patterns import Read
from .rules import Match, match

MASK = "\ue000"
_BREAKS = re.compile(
    r"[。！!；;\n，]|,(?!\d{3}\b)|\?|(?<=[a-z]{3})\.(?=\s|$)|(?<=\s)-+(?=\s)|(?<=\s)(?:and|but|also)(?=\s+(?:the\s+|order\s+)?"
    + MASK
    + ")"
)
_ABSORBING = frozenset({"order.note", "suggest", "complaint", "review.return", "problem.report", "order.cancel",
                        "order.hold", "order.urge", "problem.solve"})  # fmt: skip
_WITH_REASON = frozenset({"step.postpone", "order.hold", "order.cancel", "order.urge", "review.return", "order.change"})
_LINE_LIKE = frozenset({"order.place", "order.change", "step.acknowledge", "step.postpone", "order.note", "order.list",
                        "step.hand_over", "problem.report", "stock.show", "step.complete", "order.show", "figures",
                        "flow.change", "how", "step.snooze", "order.urge"})  # fmt: skip
_ASK_LAST = frozenset({"没", "没有", "不", "否", "吗", "么", "咋"})
_INVERTED = frozenset(
    ["is", "are", "was", "were", "will", "would", "can", "could", "should", "does", "did", "has", "have"]
)
_SUBJECT = frozenset({"order", "number", "it", "order_word", "product"})
_BECOMES = {"order.note": "order.place", "yes": "handover.accept", "no": "order.change"}
"""What two clauses are together where the whole reads so: write down: Nordflow, 25 impellers; sure, hand it over;
不对,是200套."""
_WHEN = frozenset({"date", "time", "duration", "range"})
_FIELD_WORDS = frozenset({"ship_to", "quantity_word", "price_word", "promise_word", "po_word", "field", "date_word"})
_UNSPLIT = frozenset({"order.change", "order.place"})
_ABOUT_ORDERS = frozenset({"step.complete", "order.cancel", "order.hold", "order.resume", "order.urge", "order.show",
                           "review.approve", "step.acknowledge", "problem.solve", "order.why_late"})  # fmt: skip
_MOST_REFERENCES = 12
_MOST_PIECES = 40  # clauses of one message that are read; nobody types more
_REFERENCE = frozenset({"order", "number", "it"})
_OBJECT = _REFERENCE | {"order_word", "filler", "customer", "many", "promise_word"}
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


@dataclass(frozen=True, slots=True)
class Clause:
    """Some words of a message that say one thing (positions are the masked text's), and what reads them."""

    words: tuple[Word, ...]
    start: int
    end: int
    ask: bool = False
    best: Match | None = None
    others: tuple[Match, ...] = ()
    tail: int = -1  # where what was attached from further clauses begins; -1: nothing

    @property
    def intent(self) -> str:
        """The intent's name, empty when no rule holds."""
        return self.best.rule.intent if self.best else ""

    @property
    def concepts(self) -> frozenset[str]:
        """Every concept in it."""
        return frozenset().union(*(word.concepts for word in self.words)) if self.words else frozenset()


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
            for clause in _by_reference(_with_reason(_judged(part), masked.text)):
                _join(grouped, clause)
    return grouped


def joined_verbs(words: Sequence[Word], lexicons: Sequence[Lexicon]) -> list[Word]:
    """Verbs that stand around what they are about: in "send 12 back" the first word means what "send back" means."""
    found = list(words)
    for at, word in enumerate(found):
        if word.entity >= 0 or not word.text.isascii() or not word.text.isalpha() or len(word.text) < 3:
            continue
        for later in range(at + 2, min(at + 2 + _MOST_BETWEEN, len(found))):
            between = found[at + 1 : later]
            if not all(one.concepts & _OBJECT for one in between):
                break
            if found[later].text not in _PARTICLES or not any(one.concepts & _REFERENCE for one in between):
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
        one, other = _judged(left), _judged(right)
        if one.best and other.best and one.best.score >= _STANDS and other.best.score >= _STANDS:
            apart = one.intent != other.intent or bool(one.concepts & other.concepts & _REFERENCE)
            placed = other.intent == "order.place" and "place" in other.concepts and one.intent not in _UNSPLIT
            if placed and _CONNECTIVES[word.text]:
                return [left, *_by_connective(right)]
            if apart and not {one.intent, other.intent} & _UNSPLIT and (_CONNECTIVES[word.text] or _sound(other)):
                return [left, *_by_connective(right)]
    return [clause]


def _with_reason(clause: Clause, text: str) -> Clause:
    """Han behind a space may be the reason for what stands before it: 0012取消 不想做了."""
    gaps = [at for at, (before, word) in enumerate(pairwise(clause.words), 1)
            if word.start > before.end and word.entity < 0 and is_han(word.text[0])
            and " " in text[before.end : word.start]]  # fmt: skip
    for at in gaps[:_MOST_GAPS]:
        left = _judged(replace(clause, words=clause.words[:at], end=clause.words[at - 1].end, ask=False))
        if left.best is None or left.intent in {clause.intent, ""} or left.intent not in _BEFORE_REASON:
            continue
        if clause.intent == "order.change" and left.intent == "problem.report":
            continue
        if (left.intent, clause.intent) in _LATER_COUNTS:
            continue
        if clause.intent == "order.urge" and left.intent == "step.complete" and "neg" in left.concepts:
            continue  # 华东那单再不发客户要退货了 赶紧
        if left.best.score >= _STANDS and left.concepts & (_REFERENCE | {"customer", "order_word"}):
            right = _judged(replace(clause, words=clause.words[at:], start=clause.words[at].start))
            if right.best is not None and right.concepts & _REFERENCE:
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


def _judged(clause: Clause) -> Clause:
    extra = frozenset({"ask"}) if clause.ask else frozenset[str]()
    found = match(clause.words, extra)
    return replace(clause, best=found[0] if found else None, others=tuple(found[1:6]))


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
        if began and not any(one.concepts & _REFERENCE for one in clause.words[began:at]):
            starts[at] = began + 1
    for at in starts.values():
        left = _judged(replace(clause, words=clause.words[:at], end=clause.words[at].start, ask=False))
        right = _judged(replace(clause, words=clause.words[at:], start=clause.words[at].start))
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
    left = _judged(replace(clause, words=clause.words[:at], end=clause.words[at].start, ask=False))
    right = _judged(replace(clause, words=clause.words[at:], start=clause.words[at].start))
    paid = (left.intent == "money.receive" and "money" in left.concepts) or (
        left.intent == "step.acknowledge" and all(word.concepts & {"ack", "filler", "yes"} for word in left.words)
    )
    return [left, right] if paid and right.intent.startswith(("order.", "step.", "problem.", "review.")) else []


def _sound(clause: Clause) -> bool:
    if not clause.intent.startswith(("step.", "order.", "review.", "problem.")) or clause.intent in _UNSPLIT:
        return False
    return bool(clause.concepts & {"order", "number"}) and clause.best is not None and clause.best.score > 0.75


def _join(grouped: list[Clause], clause: Clause) -> None:
    """Take a further clause of a message: as part of the last one, or as something else that is said."""
    last = grouped[-1] if grouped else None
    if last is None:
        grouped.append(clause)
    elif last.best is None:
        whole = _after_nothing(last, clause)
        grouped[-1:] = [whole] if whole is not None else [last, clause]
    elif (whole := _one_with(last, clause)) is not None:
        grouped[-1] = whole
    else:
        grouped.append(clause)


def _after_nothing(last: Clause, clause: Clause) -> Clause | None:
    """Both as one where no rule read the first: 12, 发了吗; None where the second stands for itself."""
    whole = _judged(replace(last, words=last.words + clause.words, end=clause.end, ask=clause.ask))
    if whole.best is None:
        return whole if _light(last) and _light(clause) else None
    about_it = _referring(last) and not _referring(clause) and clause.intent not in _UNSPLIT
    same = clause.best is None or _light(last) or clause.intent in {whole.intent, "leave"}
    return whole if about_it or same else None


def _one_with(last: Clause, clause: Clause) -> Clause | None:
    """Both as one where the second belongs to the first, or the first to the second; None where they are two."""
    words, end = last.words + clause.words, clause.end
    meant = _BECOMES.get(last.intent) if not _referring(last) else None
    if meant and (whole := _judged(replace(last, words=words, end=end, ask=last.ask))).intent == meant:
        return whole
    if last.intent == "problem.report" and last.concepts & _FIELD_WORDS:
        whole = _judged(replace(last, words=words, end=end, ask=last.ask))
        if whole.intent == "order.change":
            return whole  # 0012 delivery address wrong, should be 5 Harbour St
    if last.intent == clause.intent == "person.away" or (last.intent, clause.intent) == ("person.away", "person.back"):
        return replace(last, words=words, end=end)  # off tomorrow, back on Wednesday
    if _completes(last, clause):
        return _judged(replace(last, words=words, end=end, ask=last.ask))
    if last.intent == "step.complete" and clause.intent == "review.approve" and not last.concepts & {"act", "step"}:
        return replace(clause, words=words, start=last.start)  # all good from my end, approved
    if last.intent == "step.complete" and "solved" in clause.concepts and not _referring(clause):
        solved = next(
            (hit for hit in (clause.best, *clause.others) if hit and hit.rule.intent == "problem.solve"), None
        )
        return replace(last, words=words, end=end, best=solved) if solved else None  # 漆重新喷好了,没事了
    if _leads_to(last, clause):
        return replace(clause, words=words, start=last.start)
    if last.intent == "problem.report" and clause.intent in _WITH_REASON and _referring(clause) > _referring(last):
        return replace(clause, words=clause.words + last.words, tail=last.start, start=last.start)
    if not _attaches(last, clause):
        return None
    tail = last.tail if last.tail >= 0 else clause.start
    whole = replace(last, words=words, end=end, ask=last.ask, tail=tail)
    if last.intent == "order.place":
        return replace(whole, tail=-1)
    return _judged(replace(whole, tail=-1)) if last.intent == "yes" else whole


def _leads_to(last: Clause, clause: Clause) -> bool:
    """Whether the second says what is wanted: yes, 12 is done; I can't do 12, give it to Zhao; 发错货了,太离谱了."""
    match last.intent, clause.intent:
        case "yes", name:
            return bool(name) and name not in {"order.place", "yes", "leave"}
        case "step.postpone" | "handover.decline", "step.hand_over":
            return not last.concepts & _WHEN
        case "problem.report", "review.return":
            return not clause.concepts & {"order", "number"}  # 0004 looks wrong, send it back
        case "review.approve", "problem.solve":
            return not clause.concepts & {"order", "number"}  # 14 cleared customs, all good now
        case "problem.report" | "order.change", "complaint":
            return not _referring(last)
    return False


def _referring(clause: Clause) -> bool:
    return bool(clause.concepts & _REFERENCE)


def _completes(last: Clause, clause: Clause) -> bool:
    """Whether a clause only says which order the one before it spoke of: packed and gone, 0021."""
    if last.intent not in _ABOUT_ORDERS or _referring(last) or not clause.concepts & {"order", "number"}:
        return False
    whole = _judged(replace(last, words=last.words + clause.words, end=clause.end))
    return _light(clause) and whole.intent == last.intent


def _light(clause: Clause) -> bool:
    """Only references, names and fillers: it belongs to what follows."""
    carrying = {
        "order",
        "number",
        "customer",
        "product",
        "person",
        "filler",
        "polite",
        "greeting",
        "it",
        "date",
        "step",
        "customer_word",
        "product_word",
        "quantity_word",
        "price_word",
        "promise_word",
    }
    return all(word.concepts & carrying for word in clause.words)


def _attaches(last: Clause, clause: Clause) -> bool:
    here = clause.concepts
    if last.intent == "order.place":
        fresh = (
            "quantity" in here
            and "quantity" in last.concepts
            and ("place" in here or ("customer" in here and "customer" in last.concepts))
        )
        return not fresh and (clause.best is None or clause.intent in _LINE_LIKE) and "order" not in here
    if clause.best is None:
        return True
    if last.intent == clause.intent == "order.change":
        return not clause.words[0].concepts & {"order", "number"}
    referring = bool(here & _REFERENCE)
    if last.intent == "step.hand_over" and clause.intent in {"handover.decline", "step.postpone"} and not referring:
        return True  # give 16 to Zhao Lei, I'm swamped
    if (
        last.intent in {"step.acknowledge", "step.postpone", "order.hold"}
        and clause.intent == "order.urge"
        and not referring
    ):
        return True
    if last.intent == "undo" and clause.intent == "review.return":
        return True
    if (
        last.intent == "step.complete"
        and clause.intent in {"review.approve", "yes", "money.receive"}
        and not (referring or "customer" in here)
    ):
        return True  # 30对账完成,收款12000
    if clause.intent == "problem.report" and not referring and last.intent in _WITH_REASON:
        return True
    if last.intent in {"step.acknowledge", "yes"} and here & _WHEN and not referring:
        return clause.intent not in {"person.away", "step.snooze", "order.place"}
    if last.intent in _ABSORBING and not referring and clause.best.rule.weight < 0.95:
        return True
    if last.intent == "step.complete" and clause.intent == "step.complete":
        return "tracking" in here or not referring or not last.concepts & _REFERENCE
    apart = bool(here & {"order", "number"}) and bool(last.concepts & _REFERENCE)
    return last.intent == clause.intent and not apart and clause.intent != "order.list"
