"""What was held for one person, as one message."""

from __future__ import annotations

from collections.abc import Sequence

from reminders import world
from reminders.rules import DUE, LAPSED, NUDGE, REPEAT
from store.book import Book
from store.messages import Choice, FileRef, Letter, Phrase, unpack_letter
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
    newest = _costliest_first(book, _one_per_card(rows))
    if len(newest) == 1:
        return unpack_letter(newest[0].body)
    says: list[Phrase] = [Phrase("reminder.merged", {"n": len(newest)})]
    choices: list[Choice] = []
    files: list[FileRef] = []
    for place, row in enumerate(newest, 1):
        letter = unpack_letter(row.body)
        shown = letter.says if len(newest) <= FULL else letter.says[:FIRST_LINES]
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
