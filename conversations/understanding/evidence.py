"""How much of a clause is understood, and whether that is enough to change something by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from .context import Context
from .dates import DateReading
from .judging import Clause
from .lexicon import Word, is_han

_UNKNOWN, _HINTED, _NUMBERED, _NAMED, _LED, _ANCHORED = 0.08, 0.15, 0.34, 0.4, 0.5, 0.75
"""Shares of letters that no reader knows, for changes: nothing of ours named, a step or a kind of thing that others
have as well, a bare number, somebody of ours, a number in front, an order."""
_EXPLICIT = frozenset({"order", "tracking", "code", "product", "po", "it"})
_OF_AN_ORDER = frozenset({"order", "number", "it", "customer", "tracking", "po"})
_ANCHORS = frozenset({"order_word", "customer", "step", "kind", "thing", "person", "department"})
_OWN = frozenset({"step", "kind", "department"})
"""What the company itself has named so is no talk of other things, whatever the word means elsewhere: Bill, Oven."""
_TALK = frozenset({"talk"})  # words of any conversation: known so that they are not cut apart, and no more
_NAMING = frozenset({"it", "customer", "person", "department"})
_REFERENCES = frozenset({"order", "it", "order_word", "product", "customer"})
_FIELD_WORDS = frozenset({"quantity_word", "price_word", "promise_word", "field"})
_ABOUT_ONESELF = frozenset(
    {"step.complete", "person.away", "person.back", "step.acknowledge", "handover.accept", "handover.decline"}
)
REASONED = frozenset(
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
_FOREIGN_LETTERS = 24
_FOREIGN = 0.34  # share of letters of a whole message that no reader knows
_SPECIAL = 0.93  # rules for changes of more weight need no word for changing
_LONG = 7  # words of a clause in which "it" need not mean an order
_SHORT = 5  # words of a clause that says hardly more than a field and its value
_TEXTUAL = frozenset({"order.note", "suggest", "order.place", "account.invite", "contact.tell"})
_VALUES = frozenset({"number", "quantity", "money", "date"})


def over(clause: Clause, context: Context) -> bool:
    """Whether it speaks of days that are past."""
    dates = [context.read(word).value for word in clause.words if word.entity >= 0]
    today = context.now.replace(hour=0, minute=0, second=0, microsecond=0)
    days = [one for one in dates if isinstance(one, DateReading)]
    return any((one.end <= today if one.end else one.due < today) for one in days) and all(
        one.start < context.now for one in days
    )


def to_come(clause: Clause, context: Context) -> bool:
    """Whether it speaks of a day that has not come: 下个月完工 has not been done."""
    if clause.concepts & {"rest", "rest_word", "part_ship", "supplier"}:
        return False
    dates = [context.read(word).value for word in clause.words if word.entity >= 0]
    tomorrow = context.now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return any(isinstance(one, DateReading) and one.kind in {"day", "range"} and one.start >= tomorrow for one in dates)


def is_foreign(clauses: Sequence[Clause]) -> bool:
    """Whether most of a message is of words that nobody here uses: a newspaper, not an order."""
    words = [word for clause in clauses for word in clause.words]
    unknown = sum(word.end - word.start for word in words if not word.concepts)
    return unknown > _FOREIGN_LETTERS and unknown > _FOREIGN * (sum(word.end - word.start for word in words) or 1)


def understood(clause: Clause, *, drafting: bool, foreign: bool) -> bool:
    """Whether enough is accounted for to change something by it: less may be unknown where more of ours is named."""
    concepts = _concepts_of(clause)
    placing = clause.intent == "order.place" and (
        concepts & {"product", "customer"} or {"place"} <= concepts - ({"place"} if "weak" in concepts else set())
    )
    proposing = (clause.intent == "suggest" and "suggest" in concepts) or (
        clause.intent == "order.change" and {"change", "ship_to"} <= concepts
    )
    covered = clause.intent == "person.away" and "cover" in concepts
    reminded = "event" in concepts and bool(concepts & {"snooze", "notify"})
    covered = covered or (clause.intent == "step.snooze" and (reminded or _busy(clause)))
    covered = covered or (clause.intent == "person.away" and "away.sure" in concepts)  # 我爸住院,请假三天
    covered = covered or (clause.intent == "person.quiet" and bool(concepts & {"range", "time", "date", "date_word"}))
    noting = (clause.intent == "order.note" and "note" in concepts) or (
        clause.intent == "problem.report" and "special" in concepts
    )
    covered = covered or (noting and "number" in concepts)
    aside = any(
        "elsewhere" in word.concepts and not word.concepts & _OWN
        for word in clause.words
        if clause.tail < 0 or word.start < clause.tail
    )
    if aside and clause.intent == "problem.report" and not concepts & _OF_AN_ORDER and not covered:
        return False  # 密封圈坏了,我家水龙头漏水
    ours = _EXPLICIT - {"product"} if clause.intent == "step.complete" else _EXPLICIT  # I bought a heater for my shed
    if aside and not concepts & ours and not (placing or drafting or proposing or covered):
        return False
    if clause.intent in _ABOUT_ONESELF and "third" in concepts and not concepts & {"cover", "supplier", *_EXPLICIT}:
        spoken_of = any("third" in word.concepts and word.text.isascii() for word in clause.words)
        if spoken_of or "number" not in concepts:
            return False
    if clause.intent in _TEXTUAL or (clause.intent.startswith("problem.") and concepts & {"special", "tick"}):
        return not foreign or bool(concepts & (_EXPLICIT | {"number", "place", "suggest", "invite"}))
    if foreign and not drafting and not concepts & _EXPLICIT:
        return False
    share = _share(clause)
    if clause.intent == "order.change":
        return _changes(clause, share, drafting=drafting)
    if concepts & (_EXPLICIT - {"it"}):
        return share <= _ANCHORED
    anchors = _ANCHORS - {"customer"} if clause.intent in _ABOUT_ONESELF else _ANCHORS
    if concepts & (anchors | {"it"}):
        return share <= (_NAMED if concepts & _NAMING or "number" in concepts else _HINTED)
    if clause.intent == "undo":
        return share <= _NUMBERED  # it takes back what its author did a moment ago, and nothing else
    led = "number" in clause.words[0].concepts and clause.words[0].entity >= 0  # 14 picked and strapped
    return share <= (_LED if led else _NUMBERED if "number" in concepts else _UNKNOWN)


def _busy(clause: Clause) -> bool:
    """Whether other things are only why it is to wait: in a meeting, ping me after 2."""
    cue = next((word.start for word in clause.words if "snooze" in word.concepts), -1)
    asides = [word.start for word in clause.words if "elsewhere" in word.concepts]
    return bool(clause.concepts & {"date", "time", "duration", "range", "number"}) and all(at < cue for at in asides)


def _changes(clause: Clause, share: float, *, drafting: bool) -> bool:
    """Whether a change of an order is meant: without an order in sight only by a word that says nothing else."""
    concepts = _concepts_of(clause)
    cue = "change" if drafting or concepts & (_REFERENCES | {"number"}) else "alter"  # 送错了 alone tells of anything
    typed = cue in concepts and concepts & {"ship_to", "field", "po_word"}
    if drafting:
        return bool(typed) or share <= _ANCHORED
    if concepts & _REFERENCES:
        return bool(typed) or share <= _NAMED + 0.2
    values = sum(bool(word.concepts & _VALUES) for word in clause.words if word.entity >= 0)
    denies = "not_but" in clause.words[0].concepts  # 不是200,是250件
    fielded = any(word.concepts & _FIELD_WORDS and "date_word" not in word.concepts for word in clause.words)
    first_said = next((word for word in clause.words if not word.concepts & {"number", "polite"}), clause.words[0])
    begins = bool(first_said.concepts & _FIELD_WORDS)
    fielded = fielded and ("change" in concepts or (begins and len(clause.words) <= _SHORT))
    special = clause.best is not None and clause.best.rule.weight > _SPECIAL
    counted = concepts & {"number", "quantity", "money", "discount"}
    if "mode.add" in concepts and not counted:
        return bool(typed)
    plain = concepts & {"alter", "move", "wrong"} or fielded or (denies and counted) or special
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
    return sum(word.end - word.start for word in _piece(clause) if word.concepts <= _TALK and not _code(word))


def _code(word: Word) -> bool:
    """Whether it is some number of somebody's, of letters and digits, rather than talk."""
    return len(word.text) > 5 and any(map(str.isdigit, word.text)) and word.text.isascii()


def _piece(clause: Clause) -> list[Word]:
    """The words around the cue: up to a comma, or a space between Han, on either side."""
    words = [word for word in clause.words if clause.tail < 0 or word.start < clause.tail]
    because = next(
        (at for at, word in enumerate(words) if at and "because" in word.concepts and len(word.text) > 1), None
    )
    words = words[:because]
    used = clause.best.words if clause.best else ()
    if (
        clause.intent in REASONED
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
