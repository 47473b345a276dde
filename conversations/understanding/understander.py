"""A text to intents: plain spelling, entities, clauses, rules, slots; pure, and made once per company."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Self

from store.company.views import Company, Human

from .clauses import Clause, mask, read_clauses
from .dates import WorkingDays
from .entities import read_entities
from .intents import CHANGING, Entities, Entity, Intent, Named, Slot, Span, Understood
from .lexicon import Word, is_han, lexicon
from .naming import Names
from .normalise import normalise
from .ordering import change_slots, place_slots
from .pasting import ReadCell, table_orders
from .patterns import Read
from .ranker import ranker
from .replies import read_reply
from .slots import Context, fill
from .tables import read_pasted
from .vocabulary import Vocabulary, vocabulary_of

MOST = 2000
"""Characters looked at; what is longer is cut, and `Understood.cut` says so."""
_SURE = 0.70  # below it a rule only suggests
_UNKNOWN, _STEP, _NUMBERED, _ANCHORED = (
    0.3,
    0.15,
    0.45,
    0.75,
)  # shares of letters that no reader knows, for changes; see _understood
_ANCHORS = frozenset(
    {"order", "it", "order_word", "tracking", "code", "product", "customer", "step", "kind", "po", "thing"}
)
_REFERENCES = frozenset({"order", "it", "order_word", "product", "customer"})
_FIELD_WORDS = frozenset({"quantity_word", "price_word", "promise_word", "field"})
_TEXTUAL = frozenset({"order.note", "suggest", "order.place", "account.invite"})
_VALUES = frozenset({"number", "quantity", "money", "date"})
_MOST_SUGGESTED = 4
_LATER = re.compile(r"后|过|\b(?:in|later|from now|after)\b")
_TIMES = frozenset({"", "x", "*", "×", "of", ":", "个"})


class Understander:
    """Understands what people of one company type."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.names = Names(vocabulary.names)
        self._lexicons = (lexicon(), vocabulary.lexicon)

    @classmethod
    def for_company(cls, company: Company) -> Self:
        """The understander of a company as it stands."""
        return cls(vocabulary_of(company))

    def understand(
        self,
        text: str,
        *,
        now: datetime,
        person: Human | None = None,
        open_dialog: str | None = None,
        days: WorkingDays | None = None,
    ) -> Understood:
        """What a message says.

        Args:
            text: as typed.
            now: aware; dates are read in its zone.
            person: who says it; a customer's contact places nothing by a bare quantity.
            open_dialog: the kind of answer an open question waits for (see intents.Expected).
            days: the working calendar that counts; Monday to Friday if None.
        """
        plain = normalise(text[:MOST])
        lowered = "".join(low if len(low := char.lower()) == 1 else char for char in plain.text)
        reads = read_entities(
            lowered, self.names, now=now, days=days, units=self.vocabulary.units, pattern=self.vocabulary.order_pattern
        )
        reads = [_as_typed(read, plain.text) for read in reads]
        pasted = read_pasted(plain.text) if "\n" in plain.text and not open_dialog else None
        masked = mask(lowered, reads)
        context = Context(plain, lowered, masked, reads, self.vocabulary, self.names)
        clauses = read_clauses(masked, self._lexicons, _concepts(reads, lowered))
        intents = self._intents(clauses, context, open_dialog, person)
        if pasted is not None:
            intents = table_orders(pasted, self._cell(now, days), self.names, (0, len(plain.raw)))
        return Understood(
            raw=text,
            normalised=plain.text,
            intents=intents,
            entities=Entities(tuple(_entity(read, context) for read in reads), pasted),
            suggestions=() if intents else _suggestions(clauses, context),
            unread=_unread(clauses, context, intents),
            cut=max(0, len(text) - MOST),
        )

    def _cell(self, now: datetime, days: WorkingDays | None) -> ReadCell:
        """A reader of the cells of a table."""

        def _read(said: str) -> list[Read]:
            return read_entities(said.lower(), self.names, now=now, days=days, units=self.vocabulary.units)

        return _read

    def _intents(
        self, clauses: list[Clause], context: Context, open_dialog: str | None, person: Human | None
    ) -> tuple[Intent, ...]:
        if open_dialog and (reply := read_reply(open_dialog, clauses, context)) is not None:
            return (reply,)
        if not open_dialog and len(clauses) == 1 and (number := _bare_number(clauses[0], context)) is not None:
            return (number,)
        said: list[Intent] = []
        for clause in clauses:
            intent = self._intent(clause, context, drafting=open_dialog is not None, person=person)
            if intent is not None:
                said.append(intent)
        talk = {"thanks", "greeting", "small_talk"}
        useful = tuple(intent for intent in said if intent.name not in talk)
        return useful or tuple(said[:1])

    def _intent(self, clause: Clause, context: Context, *, drafting: bool, person: Human | None) -> Intent | None:
        if clause.best is None:
            return None
        name = clause.intent
        contact = person is not None and person.is_contact
        if (
            name in CHANGING
            and not (contact and name.startswith("order."))
            and not _understood(clause, drafting=drafting)
        ):
            return None
        confidence = min(1.0, clause.best.score)
        if confidence < _SURE and name not in {"order.show", "small_talk"}:
            return None
        if name == "order.place":
            slots = place_slots(clause, context)
        elif name == "order.change":
            slots = change_slots(clause, context, drafting=drafting)
        else:
            slots = fill(name, clause, context)
        question = clause.ask or bool(clause.concepts & {"q", "q_when", "q_why"} and not clause.concepts & {"request"})
        return Intent(name, slots, context.raw(clause.start, clause.end), confidence, clause.best.rule.name,
                      _negated(clause), question)  # fmt: skip


def _as_typed(read: Read, text: str) -> Read:
    """A name said as it was typed, capitals and all."""
    if isinstance(read.value, Named):
        return replace(read, value=replace(read.value, said=text[read.start : read.end]))
    return read


def _concepts(reads: Sequence[Read], text: str) -> list[frozenset[str]]:
    """What each entity stands for: its kind, and what its neighbour makes of it ("50 PB-50" is a quantity)."""
    found: list[frozenset[str]] = []
    for at, read in enumerate(reads):
        kinds = {read.kind}
        if read.kind == "money" and getattr(read.value, "role", None) == "unit_price":
            kinds.add("price_word")  # its label was read along with it: price 36.50, 单价36.5
        if getattr(read.value, "duration", None) is not None and _LATER.search(text, read.start, read.end):
            kinds.add("after")
        for other in (*reads[at + 1 : at + 2], *reads[max(0, at - 1) : at]):
            gap = text[min(read.end, other.end) : max(read.start, other.start)].strip()
            if read.kind == "number" and other.kind == "product" and gap in _TIMES:
                kinds.add("quantity")
        found.append(frozenset(kinds))
    return found


def _understood(clause: Clause, *, drafting: bool) -> bool:
    """Whether enough is accounted for to change something by it: less may be unknown where nothing of ours is named."""
    concepts = clause.concepts
    if clause.intent in _TEXTUAL or (clause.intent.startswith("problem.") and concepts & {"special", "tick"}):
        return True
    core = _piece(clause)
    unknown = sum(word.end - word.start for word in core if not word.concepts)
    share = unknown / (sum(word.end - word.start for word in core) or 1)
    if clause.intent == "order.change":
        numbers = sum(bool(word.concepts & _VALUES) for word in clause.words if word.entity >= 0)
        typed = "change" in concepts and concepts & {"ship_to", "field", "po_word"}
        if concepts & _REFERENCES or drafting or numbers > 1:
            return bool(typed) or share <= (_ANCHORED if concepts & _REFERENCES or drafting else _NUMBERED)
        return bool(typed) or (
            share <= _STEP and not (concepts & {"mode.add", "mode.less"} and not concepts & _FIELD_WORDS)
        )
    if concepts & _ANCHORS:
        return share <= _ANCHORED
    usual = _STEP if clause.intent.startswith(("step.", "problem.report")) else _UNKNOWN
    return share <= (_NUMBERED if "number" in concepts else usual)


def _piece(clause: Clause) -> list[Word]:
    """The words around the cue: up to a comma, or a space between Han, on either side."""
    words = [word for word in clause.words if clause.tail < 0 or word.start < clause.tail]
    because = next(
        (at for at, word in enumerate(words) if at and "because" in word.concepts and len(word.text) > 1), None
    )
    words = words[:because]
    used = clause.best.words if clause.best else ()
    pieces: list[list[Word]] = [[]]
    for before, word in zip([None, *words], words, strict=False):
        if before is not None and word.start > before.end and is_han(word.text[0]) and is_han(before.text[-1]):
            pieces.append([])
        pieces[-1].append(word)
    return next((piece for piece in pieces if any(word in used and word.entity < 0 for word in piece)), words)


def _negated(clause: Clause) -> bool:
    """Whether the cue itself is denied: 没发货, not shipped; a rule that asks for the denial has taken it up."""
    if clause.best is None or clause.intent not in {
        "step.complete",
        "order.urge",
        "order.cancel",
        "review.approve",
        "order.place",
    }:
        return False
    cues = [word for word in clause.best.words if not word.concepts & {"order", "number", "neg", "it"}]
    if clause.intent == "step.complete":
        core = [word for word in clause.words if clause.tail < 0 or word.start < clause.tail]
        return any("neg" in word.concepts for word in core)
    first = cues[-1].start if cues else clause.start
    return any("neg" in word.concepts and first - 14 <= word.start < first + 1 for word in clause.words)


def _bare_number(clause: Clause, context: Context) -> Intent | None:
    if len(clause.words) == 1 and clause.words[0].entity >= 0:
        read = context.read(clause.words[0])
        said = context.text[read.start : read.end]
        if said.isdigit() and len(said) <= 2:
            span = context.raw(clause.start, clause.end)
            return Intent("number", {"n": Slot(int(said), span)}, span, 0.95, "bare number")
    return None


def _entity(read: Read, context: Context) -> Entity:
    return Entity(read.kind, context.plain.raw_span(read.start, read.end), read.value, read.sure, read.rule)


def _suggestions(clauses: Sequence[Clause], context: Context) -> tuple[Intent, ...]:
    """The nearest intents: rules that nearly held, then those whose examples the text resembles."""
    found: dict[str, Intent] = {}
    for clause in clauses[:_MOST_SUGGESTED]:
        for hit in (clause.best, *clause.others) if clause.best else clause.others:
            _suggest(hit.rule.intent, hit.rule.name, hit.score / 2, clause, context, found)
    if clauses and len(found) < _MOST_SUGGESTED:
        for intent, score in ranker().rank(context.text):
            _suggest(intent, "ranker", min(0.5, score), clauses[0], context, found)
    return tuple(found.values())[:_MOST_SUGGESTED]


def _suggest(intent: str, rule: str, score: float, clause: Clause, context: Context, found: dict[str, Intent]) -> None:
    if intent not in found:
        slots = fill(intent, clause, context) if intent not in {"order.place", "order.change"} else {}
        found[intent] = Intent(intent, slots, context.raw(clause.start, clause.end), score, rule)


def _unread(clauses: Sequence[Clause], context: Context, intents: Sequence[Intent]) -> tuple[Span, ...]:
    """Words that nothing knows and that no slot holds as they stand."""
    held = [slot.span for intent in intents for slot in intent.slots.values()]
    spans = (context.raw(word.start, word.end) for clause in clauses for word in clause.words if not word.concepts)
    return tuple(span for span in spans if not any(start <= span[0] and span[1] <= end for start, end in held))
