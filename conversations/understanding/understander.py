"""A text to intents: plain spelling, entities, clauses, rules, slots; pure, and made once per company."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Self

from .altering import change_slots
from .clauses import Masked, mask, read_clauses
from .context import Context
from .dates import WorkingDays
from .entities import EntityReader
from .evidence import REASONED, is_foreign, over, to_come, understood
from .intents import CHANGING, Change, Entities, Entity, Intent, Named, Slot, Span, Understood
from .judging import Clause
from .kinds import kinds_of
from .lexicon import lexicon
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
from .slots import fill
from .spelling import Speller
from .tables import read_pasted
from .vocabulary import Vocabulary, vocabulary_of

if TYPE_CHECKING:
    from store.company.views import Company, Human

MOST = 2000
"""Characters looked at; what is longer is cut, and `Understood.cut` says so."""
_SURE = 0.70  # below it a rule only suggests
_SHAPES, _SHAPE = 500, 80  # how many shapes of messages are remembered, and of how many characters at most
_AHEAD = frozenset({"person.away", "person.back", "step.acknowledge", "step.postpone", "step.snooze"})
"""What is said of days to come; said of days that are past it is but a tale."""
_SENT_TO = re.compile(
    r"(?:请?(?:帮我)?(?:发|送|寄|运)(?:到|往|去|至)?|(?:ship|send|deliver)(?: it| them)? to )"
    r"\s*([^,，。;；?？\n\d][^,，。;；?？\n]{1,60})",
    re.IGNORECASE,
)
_STREET = re.compile(r"([\u4e00-\u9fff]{3,30}(?:路|街|道|巷)\d{1,5}号[^,，。;；?？\n]{0,20})")
_MOST_SUGGESTED = 4
_OURS = frozenset({"order", "number", "order_word", "it", "product", "customer", "step", "thing", "tracking"})


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
        return context, self._read_clauses(masked, kinds_of(reads, lowered)), sought, dates

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
        foreign = is_foreign(clauses)
        for clause in clauses:
            if said and (reason := _reason(said[-1], clause, context)) is not None:
                said[-1] = replace(said[-1], slots={**said[-1].slots, "reason": reason})
                continue
            intent = self._intent(clause, context, drafting=open_dialog is not None, person=person, foreign=foreign)
            if intent is not None and not (intent.name == "order.urge" and _of_other_things(clauses)):
                said.append(intent)
        talk = {"thanks", "greeting", "small_talk", "no"}
        if open_dialog and not said and (typed := _sent_to(context) or _chosen(context)) is not None:
            return (typed,)
        useful = _signed(tuple(intent for intent in said if intent.name not in talk), context)
        if open_dialog and not useful and said[:1] and said[0].name == "no" and _valued(context):
            return ()  # it says what is right, in words that nobody here knows: no reason to throw a draft away
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
            and not understood(clause, drafting=drafting, foreign=foreign)
        ):
            return None
        confidence = min(1.0, clause.best.score)
        if (name in _AHEAD and over(clause, context)) or (name == "step.complete" and to_come(clause, context)):
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


def _of_other_things(clauses: Sequence[Clause]) -> bool:
    """Whether a message speaks of other things and of nothing of ours: please hurry, the taxi is waiting."""
    said = frozenset[str]().union(*(clause.concepts for clause in clauses))
    return "elsewhere" in said and said.isdisjoint(_OURS)


def _signed(intents: tuple[Intent, ...], context: Context) -> tuple[Intent, ...]:
    """A forwarded order names its customer in the greeting or the signature; the only customer of a message is that."""
    places = [intent for intent in intents if intent.name == "order.place"]
    named = [read for read in context.reads if read.kind == "customer"]
    if len(places) != 1 or "customer" in places[0].slots or len(named) != 1:
        return intents
    read = named[0]
    slot = Slot(read.value, context.plain.raw_span(read.start, read.end), False, "elsewhere in the message")
    signed = replace(places[0], slots={"customer": slot, **places[0].slots})
    return tuple(signed if intent is places[0] else intent for intent in intents)


def _spellings(vocabulary: Vocabulary) -> Iterable[str]:
    """Everything that the company calls by a name."""
    yield from (name.spelling for name in vocabulary.names)
    yield from vocabulary.words
    yield from (name for one in vocabulary.fields for name in (*one.names, *one.choices))
    yield from vocabulary.units


def _sent_to(context: Context) -> Intent | None:
    """Where the goods of a draft are to go, said without more: 发南港码头."""
    text = context.plain.text.strip()
    hit = _SENT_TO.fullmatch(text) or _STREET.fullmatch(text)
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
    if said.name not in REASONED | {"order.change"} or "reason" in said.slots:
        return None
    return Slot(context.said(first.end, clause.end), context.raw(first.end, clause.end), True, "because")


def _valued(context: Context) -> bool:
    """Whether some value was said."""
    return any(read.kind in {"number", "quantity", "money", "date", "product", "customer"} for read in context.reads)


def _chosen(context: Context) -> Intent | None:
    """One of the choices of an order form, said without its field: DAP."""
    said = context.plain.text.strip(" .。!").casefold()
    whole = (0, len(context.plain.raw))
    for form in context.vocabulary.fields:
        choice = next((one for one in form.choices if form.step is None and one.casefold() == said), None)
        if choice is not None:
            changes = (Change(form.key, choice, None, "set", whole),)
            return Intent("order.change", {"changes": Slot(changes, whole, True, "choice")}, whole, 0.8, "choice")
    return None


def _as_typed(read: Read, text: str) -> Read:
    """A name said as it was typed, capitals and all."""
    if isinstance(read.value, Named) and read.value.said != (said := text[read.start : read.end]):
        return replace(read, value=replace(read.value, said=said))
    return read


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
    if clause.intent != "step.complete" and any(group & {"neg", "dont"} for group in clause.best.rule.all_of):
        return False  # the rule itself asks for the denial
    cues = [word for word in clause.best.words if not word.concepts & {"order", "number", "neg", "it"}]
    if clause.intent == "step.complete":
        core = [word for word in clause.words if clause.tail < 0 or word.start < clause.tail]
        return any("neg" in word.concepts for word in core)
    first = cues[-1].start if cues else clause.start
    reach = 4 if clause.intent == "order.urge" else 14  # 再不发客户要退货了,赶紧 urges all the more
    return any(
        "neg" in word.concepts and (first - reach <= word.start < first + 1 or first - 1 <= word.end <= first)
        for word in clause.words
    )


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
    named = next((clause for clause in clauses if clause.concepts & {"order", "number"}), None)
    if named is not None:
        slots = fill("order.show", named, context)
        if "orders" in slots:  # whatever was meant: it is about this order
            found["order.show"] = Intent("order.show", slots, context.raw(named.start, named.end), 0.5, "order named")
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
