"""What was held for one person, as one message."""

from __future__ import annotations

from collections.abc import Sequence

from reminders import world
from reminders.rules import DIGEST, DUE, LAPSED, NUDGE, REPEAT
from store.book import Book
from store.messages import Choice, Letter, Phrase, unpack_letter
from store.plain import AnyLetter

FULL = 3
"""Up to so many letters are told in full; of more, each one's first lines."""
FIRST_LINES = 2
BUTTONS = 20
_SUPERSEDED = frozenset({"step.started", NUDGE, DUE, REPEAT, LAPSED})
"""Rules whose pushes say what the state of a card is: the newest says it all."""


def merge(book: Book, rows: Sequence[AnyLetter]) -> Letter:
    """The letters of several rows of one person as one, none left out.

    Several pushes of one condition are one item, in the words of the last. Each item keeps its own buttons, named
    with its order's number; the files of all go along.
    """
    digest = next((row for row in rows if row.rule == DIGEST), None)
    if digest is not None:
        return _inside(book, digest, [row for row in rows if row.rule != DIGEST])
    newest = _costliest_first(book, _one_per_card(rows))
    if len(newest) == 1:
        return unpack_letter(newest[0].body)
    return _listed(Letter((Phrase("reminder.merged", {"n": len(newest)}),)), newest)


def _inside(book: Book, digest: AnyLetter, others: Sequence[AnyLetter]) -> Letter:
    """The digest with what waited for it; of a late thing that the digest names nothing is said twice."""
    first = unpack_letter(digest.body)
    named = {world.card_of(one.what) for one in world.late_things(book, digest.person or "")}
    left = [row for row in _one_per_card(others) if not (row.card in named and row.rule in _SUPERSEDED)]
    if not left:
        return first
    more = Phrase("reminder.digest_beside", {"n": len(left)})
    return _listed(Letter((*first.says, more), first.choices, first.files), _costliest_first(book, left))


def _listed(first: Letter, rows: Sequence[AnyLetter]) -> Letter:
    """A letter with the letters of rows as numbered items below it."""
    says, choices, files = list(first.says), list(first.choices), list(first.files)
    for place, row in enumerate(rows, 1):
        letter = unpack_letter(row.body)
        shown = letter.says if len(rows) <= FULL else letter.says[:FIRST_LINES]
        says.append(Phrase("reminder.merged_item", {"place": place, "says": list(shown)}))
        choices.extend(_numbered(row, choice) for choice in letter.choices)
        files.extend(file for file in letter.files if file not in files)
    return Letter(tuple(says), tuple(_distinct(choices)[:BUTTONS]), tuple(files))


def _one_per_card(rows: Sequence[AnyLetter]) -> list[AnyLetter]:
    """In the order of their making; of several on one card the newest, in the place of the first."""
    table: dict[str, AnyLetter] = {}
    for row in sorted(rows, key=lambda one: (one.created_at, one.id or 0)):
        repeats = row.card is not None and row.rule in _SUPERSEDED
        table[row.card if repeats and row.card else f"row:{row.id}"] = row
    return list(table.values())


def _costliest_first(book: Book, rows: Sequence[AnyLetter]) -> list[AnyLetter]:
    """Urgent ones lead, then what is late of the receiver's own by what it costs, then the rest as it was made."""
    person = rows[0].person or ""
    costs = {world.card_of(one.what): place for place, one in enumerate(world.late_things(book, person))}
    return sorted(rows, key=lambda one: (not one.urgent, costs.get(one.card or "", len(costs))))


def _numbered(row: AnyLetter, choice: Choice) -> Choice:
    if len(row.orders) != 1 or choice.label.key == "reminder.button_on":
        return choice
    return Choice(Phrase("reminder.button_on", {"label": choice.label, "number": row.orders[0]}), choice.action)


def _distinct(choices: Sequence[Choice]) -> list[Choice]:
    return list({choice.action: choice for choice in choices}.values())
