"""A text to intents: plain spelling, entities, clauses, rules, slots; pure, and made once per company."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Self

from store.company.views import Company, Human

from .altering import change_slots
from .clauses import Clause, Masked, mask, read_clauses
from .dates import DateReading, WorkingDays
from .entities import EntityReader
from .intents import CHANGING, Change, Entities, Entity, Intent, Named, Slot, Span, Understood
from .lexicon import Word, is_han, lexicon
from .listing import without_marks
from .naming import names_of
from .normalise import normalise, shortened
from .ordering import place_slots
from .pasting import ReadCell, table_orders
from .patterns import Read
from .ranker import ranker
from .recall import Recall
from .redrafting import Redraft, redraft
from .replies import NEAR_NAME, read_reply
from .slots import Context, fill
from .spelling import Speller
from .tables import read_pasted
from .vocabulary import Vocabulary, vocabulary_of

MOST = 2000
"""Characters looked at; what is longer is cut, and `Understood.cut` says so."""
_SURE = 0.70  # below it a rule only suggests
_UNKNOWN, _NUMBERED, _NAMED, _ANCHORED = 0.08, 0.34, 0.4, 0.75
"""Shares of letters that no reader knows, for changes: nothing of ours named, a bare number, something, an order."""
_EXPLICIT = frozenset({"order", "tracking", "code", "product", "po", "it"})
_ANCHORS = frozenset({"order_word", "customer", "step", "kind", "thing", "person", "department"})
_REFERENCES = frozenset({"order", "it", "order_word", "product", "customer"})
_FIELD_WORDS = frozenset({"quantity_word", "price_word", "promise_word", "field"})
_ABOUT_ONESELF = frozenset(
    {"step.complete", "person.away", "person.back", "step.acknowledge", "handover.accept", "handover.decline"}
)
_REASONED = frozenset(
    {
        "order.cancel",
        "order.hold",
        "order.resume",
        "order.urge",
        "review.return",
        "review.approve",
        "step.postpone",
        "step.hand_over",
    }
)
_SHAPES, _SHAPE = 500, 80  # how many shapes of messages are remembered, and of how many characters at most
_FOREIGN_LETTERS = 24
_FOREIGN = 0.34  # share of letters of a whole message that no reader knows
_SENT_TO = re.compile(
    r"(?:请?(?:帮我)?(?:发|送|寄|运)(?:到|往|去|至)?|(?:ship|send|deliver)(?: it| them)? to )"
    r"\s*([^,，。;；?？\n\d][^,，。;；?？\n]{1,60})",
    re.IGNORECASE,
)
_SPECIAL = 0.93  # rules for changes of more weight need no word for changing
_LONG = 7  # words of a clause in which "it" need not mean an order
_SHORT = 5  # words of a clause that says hardly more than a field and its value
_TEXTUAL = frozenset({"order.note", "suggest", "order.place", "account.invite", "contact.tell"})
_VALUES = frozenset({"number", "quantity", "money", "date"})
_MOST_SUGGESTED = 4
_LATER = re.compile(r"后|过|\b(?:in|later|from now|after)\b")
_TIMES = frozenset({"", "x", "*", "×", "of", ":", "个"})


class Understander:
    """Understands what people of one company type."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.names = names_of(vocabulary.names)
        self._lexicons = (lexicon(), vocabulary.lexicon)
        self._entities = EntityReader(self.names, vocabulary.units, vocabulary.order_pattern)
        self._clauses: dict[tuple[str, tuple[frozenset[str], ...]], list[Clause]] = {}
        self._speller = Speller(_spellings(vocabulary))
        self._recall = Recall(vocabulary.order_pattern)

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
        contact = person is not None and person.is_contact
        asked = None if open_dialog else self._recall.asked(text, now, contact=contact)
        if asked is not None:
            known = self._recall.find(text, asked, lambda said: self._entities.dates(said, now, days))
            if known is not None:
                return known
        context, clauses, sought, dates = self._read(text, now, days)
        plain, reads = context.plain, context.reads
        pasted = read_pasted(plain.text) if "\n" in plain.text and not open_dialog else None
        intents = self._intents(clauses, context, open_dialog, person)
        if pasted is not None:
            intents = table_orders(pasted, self.cell_reader(now, days), self.names, (0, len(plain.raw)))
        understood = Understood(
            raw=text,
            normalised=plain.text,
            intents=intents,
            entities=Entities(tuple(_entity(read, context) for read in reads), pasted),
            suggestions=() if intents else _suggestions(clauses, context),
            unread=_unread(clauses, context, intents),
            cut=len(text) - len(plain.raw),
        )
        if asked is not None:
            self._recall.keep(asked, understood, sought, dates)
        return understood

    def redraft(self, text: str, *, now: datetime, days: WorkingDays | None = None) -> Redraft:
        """What a message would do to an order that is being put together (arguments as in `understand`)."""
        context, clauses, _, _ = self._read(text, now, days)
        return redraft(clauses, context)

    def _read(
        self, text: str, now: datetime, days: WorkingDays | None
    ) -> tuple[Context, list[Clause], str, list[Read]]:
        """A text with what was read in it, its clauses, and where dates were sought and found (see `read_dated`)."""
        plain = self._speller.right(shortened(normalise(text[:MOST]), MOST))
        lowered = plain.text.lower()
        if len(lowered) != len(plain.text):
            lowered = "".join(low if len(low := char.lower()) == 1 else char for char in plain.text)
        lowered = without_marks(lowered)
        reads, sought, dates = self._entities.read_dated(lowered, now=now, days=days)
        reads = [_as_typed(read, plain.text) for read in reads]
        masked = mask(lowered, reads)
        context = Context(plain, lowered, masked, reads, self.vocabulary, self.names, now)
        return context, self._read_clauses(masked, _concepts(reads, lowered)), sought, dates

    def _read_clauses(self, masked: Masked, kinds: list[frozenset[str]]) -> list[Clause]:
        """The clauses of a message; those of a message of the same shape are remembered."""
        shape = masked.text, tuple(kinds)
        known = self._clauses.get(shape)
        if known is None:
            known = read_clauses(masked, self._lexicons, kinds)
            if len(masked.text) <= _SHAPE:
                if len(self._clauses) >= _SHAPES:
                    self._clauses.clear()
                self._clauses[shape] = known
        return known

    def cell_reader(self, now: datetime, days: WorkingDays | None) -> ReadCell:
        """A reader of the cells of a table."""

        def _read(said: str) -> list[Read]:
            return self._entities.read(said.lower(), now=now, days=days)

        return _read

    def _intents(
        self, clauses: list[Clause], context: Context, open_dialog: str | None, person: Human | None
    ) -> tuple[Intent, ...]:
        if open_dialog and (reply := read_reply(open_dialog, clauses, context)) is not None:
            place = _sent_to(context) if reply.rule == NEAR_NAME else None
            return (place or reply,)
        if not open_dialog and len(clauses) == 1 and (number := _bare_number(clauses[0], context)) is not None:
            return (number,)
        said: list[Intent] = []
        foreign = _foreign(clauses)
        for clause in clauses:
            if said and (reason := _reason(said[-1], clause, context)) is not None:
                said[-1] = replace(said[-1], slots={**said[-1].slots, "reason": reason})
                continue
            intent = self._intent(clause, context, drafting=open_dialog is not None, person=person, foreign=foreign)
            if intent is not None:
                said.append(intent)
        talk = {"thanks", "greeting", "small_talk", "no"}
        if open_dialog and not said and (place := _sent_to(context)) is not None:
            return (place,)
        useful = tuple(intent for intent in said if intent.name not in talk)
        return useful or tuple(said[:1])

    def _intent(
        self, clause: Clause, context: Context, *, drafting: bool, person: Human | None, foreign: bool
    ) -> Intent | None:
        if clause.best is None:
            return None
        name = clause.intent
        contact = person is not None and person.is_contact
        if (
            name in CHANGING
            and not (contact and name.startswith("order."))
            and not _understood(clause, drafting=drafting, foreign=foreign)
        ):
            return None
        confidence = min(1.0, clause.best.score)
        if (name == "person.away" and _over(clause, context)) or (
            name == "step.complete" and _to_come(clause, context)
        ):
            return None
        if confidence < _SURE and name not in {"order.show", "small_talk"}:
            return None
        if name == "order.list" and contact and "where" in clause.concepts:
            name = "order.show"
        if name == "order.place":
            slots = place_slots(clause, context)
        elif name == "order.change":
            slots = change_slots(clause, context, drafting=drafting)
        else:
            slots = fill(name, clause, context)
        question = clause.ask or bool(clause.concepts & {"q", "q_when", "q_why"} and not clause.concepts & {"request"})
        return Intent(name, slots, context.raw(clause.start, clause.end), confidence, clause.best.rule.name,
                      _negated(clause), question)  # fmt: skip


def _spellings(vocabulary: Vocabulary) -> Iterable[str]:
    """Everything that the company calls by a name."""
    yield from (name.spelling for name in vocabulary.names)
    yield from vocabulary.words
    yield from (name for one in vocabulary.fields for name in (*one.names, *one.choices))
    yield from vocabulary.units


def _over(clause: Clause, context: Context) -> bool:
    """Whether it speaks of days that are past."""
    dates = [context.read(word).value for word in clause.words if word.entity >= 0]
    today = context.now.replace(hour=0, minute=0, second=0, microsecond=0)
    return any(isinstance(one, DateReading) and (one.end or one.due) < today for one in dates)


def _sent_to(context: Context) -> Intent | None:
    """Where the goods of a draft are to go, said without more: 发南港码头."""
    hit = _SENT_TO.fullmatch(context.plain.text.strip())
    if hit is None:
        return None
    whole = (0, len(context.plain.raw))
    changes = (Change("ship_to", hit[1].strip(), None, "set", whole),)
    return Intent("order.change", {"changes": Slot(changes, whole, True, "sent to")}, whole, 0.8, "sent to")


def _reason(said: Intent, clause: Clause, context: Context) -> Slot | None:
    """A clause that says why what was just said is wanted: …，因为客户仓库没空."""
    first = clause.words[0] if clause.words else None
    if first is None or "because" not in first.concepts or len(first.text) < 2 or first.end >= clause.end:
        return None
    if said.name not in _REASONED | {"order.change"} or "reason" in said.slots:
        return None
    return Slot(context.said(first.end, clause.end), context.raw(first.end, clause.end), True, "because")


def _to_come(clause: Clause, context: Context) -> bool:
    """Whether it speaks of a day that has not come: 下个月完工 has not been done."""
    if clause.concepts & {"rest", "rest_word", "part_ship"}:
        return False
    dates = [context.read(word).value for word in clause.words if word.entity >= 0]
    tomorrow = context.now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return any(isinstance(one, DateReading) and one.kind in {"day", "range"} and one.start >= tomorrow for one in dates)


def _foreign(clauses: Sequence[Clause]) -> bool:
    """Whether most of a message is of words that nobody here uses: a newspaper, not an order."""
    words = [word for clause in clauses for word in clause.words]
    unknown = sum(word.end - word.start for word in words if not word.concepts)
    return unknown > _FOREIGN_LETTERS and unknown > _FOREIGN * (sum(word.end - word.start for word in words) or 1)


def _as_typed(read: Read, text: str) -> Read:
    """A name said as it was typed, capitals and all."""
    if isinstance(read.value, Named) and read.value.said != (said := text[read.start : read.end]):
        return replace(read, value=replace(read.value, said=said))
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


def _understood(clause: Clause, *, drafting: bool, foreign: bool) -> bool:
    """Whether enough is accounted for to change something by it: less may be unknown where more of ours is named."""
    concepts = _concepts_of(clause)
    placing = clause.intent == "order.place" and concepts & {"place", "product"}
    proposing = clause.intent == "suggest" and "suggest" in concepts
    if "elsewhere" in concepts and not concepts & _EXPLICIT and not (placing or drafting or proposing):
        return False
    if clause.intent in _ABOUT_ONESELF and "third" in concepts and not concepts & {"cover", *_EXPLICIT}:
        spoken_of = any("third" in word.concepts and word.text.isascii() for word in clause.words)
        if spoken_of or "number" not in concepts:
            return False
    if clause.intent in _TEXTUAL or (clause.intent.startswith("problem.") and concepts & {"special", "tick"}):
        return not foreign or bool(concepts & (_EXPLICIT | {"number", "place", "suggest", "invite"}))
    if foreign and not drafting and not concepts & (_EXPLICIT | {"number"}):
        return False
    share = _share(clause)
    if clause.intent == "order.change":
        return _changes(clause, share, drafting=drafting)
    if concepts & _EXPLICIT:
        return share <= _ANCHORED
    if concepts & _ANCHORS:
        return share <= _NAMED
    return share <= (_NUMBERED if "number" in concepts else _UNKNOWN) or _letters(clause) == 1


def _changes(clause: Clause, share: float, *, drafting: bool) -> bool:
    """Whether a change of an order is meant: without an order in sight only by a word that says nothing else."""
    concepts = _concepts_of(clause)
    typed = "change" in concepts and concepts & {"ship_to", "field", "po_word"}
    if drafting:
        return bool(typed) or share <= _ANCHORED
    if concepts & _REFERENCES:
        return bool(typed) or share <= _NAMED + 0.2
    values = sum(bool(word.concepts & _VALUES) for word in clause.words if word.entity >= 0)
    first = clause.best.rule.first if clause.best else frozenset[str]()
    fielded = any(word.concepts & _FIELD_WORDS and "date_word" not in word.concepts for word in clause.words)
    begins = bool(clause.words[0].concepts & _FIELD_WORDS)
    fielded = fielded and ("change" in concepts or (begins and len(clause.words) <= _SHORT))
    special = clause.best is not None and clause.best.rule.weight > _SPECIAL
    plain = concepts & {"alter", "move", "wrong"} or fielded or "not_but" in first or special
    mixed = concepts & {"mode.add", "mode.less"} and not concepts & _FIELD_WORDS and values < 2
    return bool(typed) or (
        bool(plain) and not mixed and not clause.ask and share <= (_UNKNOWN if values < 2 else _NAMED)
    )


def _concepts_of(clause: Clause) -> frozenset[str]:
    """The concepts of a clause; "it" in a long sentence is just a word."""
    if len(clause.words) <= _LONG:
        return clause.concepts
    return frozenset().union(*(word.concepts for word in clause.words if word.text not in {"it", "this", "that"}))


def _share(clause: Clause) -> float:
    """The share of letters around the cue that no reader knows."""
    return _letters(clause) / (sum(word.end - word.start for word in _piece(clause)) or 1)


def _letters(clause: Clause) -> int:
    """How many letters around the cue no reader knows."""
    return sum(word.end - word.start for word in _piece(clause) if not word.concepts)


def _piece(clause: Clause) -> list[Word]:
    """The words around the cue: up to a comma, or a space between Han, on either side."""
    words = [word for word in clause.words if clause.tail < 0 or word.start < clause.tail]
    because = next(
        (at for at, word in enumerate(words) if at and "because" in word.concepts and len(word.text) > 1), None
    )
    words = words[:because]
    used = clause.best.words if clause.best else ()
    if (
        clause.intent in _REASONED
        and words[:1]
        and any(word.concepts & _EXPLICIT | word.concepts & {"number"} for word in words)
    ):
        used = clause.best.words if clause.best else ()
        last = max((at for at, word in enumerate(words) if word in used), default=len(words))
        words = words[: last + 1]  # what follows is the reason
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
