"""A message as clauses: where it is cut, what belongs together, and which rule reads each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .lexicon import Lexicon, Word, cut
from .patterns import Read
from .rules import Match, match

MASK = "\ue000"
_BREAKS = re.compile(
    r"[。！!；;\n，]|,(?!\d{3}\b)|\?|(?<=[a-z]{3})\.(?=\s|$)|(?<=\s)(?:and|but|also)(?=\s+(?:the\s+|order\s+)?"
    + MASK
    + ")"
)
_ABSORBING = frozenset({"order.note", "suggest", "complaint", "review.return", "problem.report", "order.cancel",
                        "order.hold", "order.urge", "problem.solve"})  # fmt: skip
_WITH_REASON = frozenset({"step.postpone", "order.hold", "order.cancel", "order.urge", "review.return", "order.change"})
_LINE_LIKE = frozenset({"order.place", "order.change", "step.acknowledge", "step.postpone", "order.note", "order.list",
                        "step.hand_over", "problem.report", "stock.show", "step.complete", "order.show", "figures",
                        "flow.change", "how", "step.snooze"})  # fmt: skip
_ASK_LAST = frozenset({"没", "没有", "不", "否", "吗", "么", "咋"})
_WHEN = frozenset({"date", "time", "duration", "range"})
_UNSPLIT = frozenset({"order.change", "order.place"})
_MOST_REFERENCES = 12
_MOST_PIECES = 40  # clauses of one message that are read; nobody types more
_REFERENCE = frozenset({"order", "number", "it"})


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
    words = cut(masked.text, lexicons, masked.entity_at, kinds)
    grouped: list[Clause] = []
    for piece in _pieces(masked.text, words)[:_MOST_PIECES]:
        for clause in _by_reference(_judged(piece)):
            _join(grouped, clause)
    return grouped


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
            asks = at > 0 and all(later.concepts & {"filler"} for later in words[at + 1 :])
        elif "q" in word.concepts and word.text.isascii():
            asks = all(earlier.concepts & {"filler", "greeting", "number", "order"} for earlier in words[:at])
        held.append(word if asks else replace(word, concepts=word.concepts - {"q"}))
    return tuple(held)


def _judged(clause: Clause) -> Clause:
    extra = frozenset({"ask"}) if clause.ask else frozenset[str]()
    found = match(clause.words, extra)
    return replace(clause, best=found[0] if found else None, others=tuple(found[1:6]))


def _by_reference(clause: Clause) -> list[Clause]:
    """Split where a further order begins a statement of its own: 12发了15还要两天."""
    if clause.best is None or clause.intent in {"order.place", "order.note", "suggest"}:
        return [clause]
    references = [at for at, word in enumerate(clause.words) if word.concepts & {"order", "number"}]
    for at in references[1:_MOST_REFERENCES]:
        left = _judged(replace(clause, words=clause.words[:at], end=clause.words[at].start, ask=False))
        right = _judged(replace(clause, words=clause.words[at:], start=clause.words[at].start))
        if left.best and right.best and _sound(left) and _sound(right):
            return [left, *_by_reference(right)]
    return [clause]


def _sound(clause: Clause) -> bool:
    if not clause.intent.startswith(("step.", "order.", "review.", "problem.")) or clause.intent in _UNSPLIT:
        return False
    return bool(clause.concepts & {"order", "number"}) and clause.best is not None and clause.best.score > 0.75


def _join(grouped: list[Clause], clause: Clause) -> None:
    last = grouped[-1] if grouped else None
    if last is None:
        grouped.append(clause)
    elif last.best is None:
        whole = _judged(replace(last, words=last.words + clause.words, end=clause.end, ask=clause.ask))
        if (whole.best is None and _light(last) and _light(clause)) or (
            whole.best and (clause.best is None or _light(last) or clause.intent in {whole.intent, "leave"})
        ):
            grouped[-1] = whole
        else:
            grouped.append(clause)
    elif last.intent == "yes" and clause.best is not None and clause.intent not in {"order.place", "yes", "leave"}:
        grouped[-1] = replace(clause, words=last.words + clause.words, start=last.start)
    elif _attaches(last, clause):
        grouped[-1] = replace(last, words=last.words + clause.words, end=clause.end, ask=last.ask,
                              tail=last.tail if last.tail >= 0 else clause.start)  # fmt: skip
        if last.intent == "order.place":
            grouped[-1] = replace(grouped[-1], tail=-1)
        elif last.intent == "yes":
            grouped[-1] = _judged(replace(grouped[-1], tail=-1))
    else:
        grouped.append(clause)


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
    }
    return all(word.concepts & carrying for word in clause.words)


def _attaches(last: Clause, clause: Clause) -> bool:
    here = clause.concepts
    if last.intent == "order.place":
        fresh = "place" in here and "quantity" in here and "quantity" in last.concepts
        return not fresh and (clause.best is None or clause.intent in _LINE_LIKE) and "order" not in here
    if clause.best is None:
        return True
    if last.intent == clause.intent == "order.change":
        return not clause.words[0].concepts & {"order", "number"}
    referring = bool(here & _REFERENCE)
    if last.intent == "step.acknowledge" and clause.intent == "order.urge" and not referring:
        return True
    if last.intent == "undo" and clause.intent == "review.return":
        return True
    if clause.intent == "problem.report" and not referring and last.intent in _WITH_REASON:
        return True
    if last.intent in {"step.acknowledge", "yes"} and here & _WHEN and not referring:
        return clause.intent not in {"person.away", "step.snooze", "order.place"}
    if last.intent in _ABSORBING and not referring and clause.best.rule.weight < 0.95:
        return True
    if last.intent == "step.complete" and clause.intent == "step.complete":
        return "tracking" in here or not referring or not last.concepts & _REFERENCE
    apart = referring and bool(last.concepts & _REFERENCE)
    return last.intent == clause.intent and not apart and clause.intent != "order.list"
