"""Which button was pressed, and whether its message still shows it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, true
from sqlmodel import col, or_, select

from conversations.dialogs.conversation import Conversation
from conversations.phrasebook import LANGUAGES, Phrasebook
from conversations.rendering import labelled, numbered
from store.columns import UtcDateTime
from store.messages import Choice, Letter, Phrase, unpack_letter
from store.prepared import Prepared
from store.tables import Outbox

_LOOK_BACK = 60
_LATELY = timedelta(days=7)
_GONE = ("dropped", "undeliverable", "merged")


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button: what it does, and the message that carries it. `stale`: the message shows it no longer."""

    action: str | None
    row: Outbox | None
    stale: bool = False


def find_press(conv: Conversation) -> Press:
    """The button that `message.press` names, by action or label.

    With `press_on` it is a button of that message; else of the newest message to this person (or group) that has it.
    """
    wanted = conv.message.press or ""
    rows = _to_here(conv)
    if conv.message.press_on is None:
        for row in rows:
            choice = _choice(conv, unpack_letter(row.body), wanted)
            if choice is not None and _latest(rows, row) is row:
                return Press(choice.action, row, not _live(row))
        return Press(None, None, stale=True)
    target = next((one for one in rows if one.platform_id == conv.message.press_on), None)
    if target is None:
        return Press(None, None, stale=True)
    shown = _latest(rows, target)
    choice = _choice(conv, unpack_letter(shown.body), wanted)
    if choice is not None:
        return Press(choice.action, _first(rows, target), stale=False)
    former = next(
        (found for one in _versions(rows, target) if (found := _choice(conv, unpack_letter(one.body), wanted))), None
    )
    return Press(former.action if former else None, _first(rows, target), stale=True)


def typed_number(conv: Conversation, number: int) -> Press | None:
    """The choice that a typed number means: of the quoted message if it ever had any, else of the newest one."""
    rows = _to_here(conv)
    if conv.quoted is not None:
        versions = [(one, numbered(unpack_letter(one.body), number)) for one in _versions(rows, conv.quoted)]
        former = next((choice for _, choice in versions if choice is not None), None)
        if former is not None:
            now = numbered(unpack_letter(_latest(rows, conv.quoted).body), number)
            return Press((now or former).action, conv.quoted, stale=now is None)
    for row in rows:
        letter = unpack_letter(row.body)
        if letter.choices and _latest(rows, row) is row:
            choice = numbered(letter, number)
            return Press(choice.action, _first(rows, row)) if choice is not None else None
    return None


def newest_choices(conv: Conversation) -> tuple[Choice, ...]:
    """The buttons of the quoted message as it now stands, else of the newest message that has any."""
    rows = _to_here(conv)
    if conv.quoted is not None:
        return tuple(unpack_letter(_latest(rows, conv.quoted).body).choices)
    letters = (unpack_letter(row.body) for row in rows if _latest(rows, row) is row)
    return next((tuple(letter.choices) for letter in letters if letter.choices), ())


def typed_label(conv: Conversation, text: str) -> Press | None:
    """The button, drawn lately and still there, whose whole label was typed: one that names something."""
    wanted = _typed(text)
    words = [
        Phrasebook(language, conv.me.zone, conv.today) for language in dict.fromkeys((conv.me.language, *LANGUAGES))
    ]
    named = (choice.label for letter in _named(conv) for choice in letter.choices) if conv.group is None else ()
    if conv.group is None and not any(_says(words, label, wanted) for label in named):
        return None
    rows = _to_here(conv)
    for row in rows:
        if _latest(rows, row) is row and _live(row):
            for choice in unpack_letter(row.body).choices:
                if _says(words, choice.label, wanted):
                    return Press(choice.action, _first(rows, row))
    return None


_NAMED = Prepared(
    select(Outbox.body)
    .where(
        Outbox.person == bindparam("person"),
        Outbox.named == true(),
        *(col(Outbox.status) != one for one in _GONE),  # «in» would be put together anew each time
        col(Outbox.created_at) > bindparam("since", type_=UtcDateTime()),
    )
    .order_by(col(Outbox.id).desc())
    .limit(_LOOK_BACK)
)


def _named(conv: Conversation) -> list[Letter]:
    """What this person was sent lately with buttons that name something; most people have little of it."""
    since = {"person": conv.me.key, "since": conv.now - _LATELY}
    return [unpack_letter(body) for (body,) in _NAMED.rows(conv.book.session.connection(), **since)]


def _says(words: Sequence[Phrasebook], label: Phrase, wanted: str) -> bool:
    """Whether a label, as one of the languages says it, is what was typed; what names another thing is not drawn."""
    names = (fact for fact in label.facts.values() if isinstance(fact, str) and any(map(str.isdecimal, fact)))
    return all(_typed(name) in wanted for name in names) and any(_typed(book.say(label)) == wanted for book in words)


def _typed(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def message_called(conv: Conversation, platform_id: str) -> Outbox | None:
    """The message of ours with this platform id; its orders and card are those of the original."""
    rows = _to_here(conv)
    row = next((one for one in rows if one.platform_id == platform_id), None)
    return _first(rows, row) if row is not None else None


def _to_here(conv: Conversation) -> list[Outbox]:
    """Messages to this person (on any platform), or into this group, newest first."""
    query = select(Outbox).where(col(Outbox.status).not_in(_GONE))
    mine = Outbox.person == conv.me.key
    query = query.where(or_(Outbox.group == conv.group.key, mine) if conv.group is not None else mine)
    found = list(conv.book.session.exec(query.order_by(col(Outbox.id).desc()).limit(_LOOK_BACK)))
    called = {conv.message.press_on, conv.message.reply_to} - {None}
    if called and not any(row.platform_id in called for row in found):
        found += conv.book.session.exec(query.where(col(Outbox.platform_id).in_(called)))
    ids = {row.id for row in found}
    originals = {row.edits for row in found if row.edits} - ids
    found += conv.book.session.exec(query.where(or_(col(Outbox.id).in_(originals), col(Outbox.edits).in_(ids - {None}))
                                                ).where(col(Outbox.id).not_in(ids))) if called else []  # fmt: skip
    return sorted({row.id: row for row in found}.values(), key=lambda row: row.id or 0, reverse=True)


def _first(rows: list[Outbox], row: Outbox) -> Outbox:
    return next((one for one in rows if one.id == row.edits), row) if row.edits else row


def _versions(rows: list[Outbox], row: Outbox) -> list[Outbox]:
    original = row.edits or row.id
    return [one for one in rows if original in {one.id, one.edits}]


def _latest(rows: list[Outbox], row: Outbox) -> Outbox:
    return max(_versions(rows, row), key=lambda one: one.id or 0, default=row)


def _live(row: Outbox) -> bool:
    return row.buttons_live or row.kind == "edit" or row.status != "sent"


def _choice(conv: Conversation, letter: Letter, wanted: str) -> Choice | None:
    exact = next((choice for choice in letter.choices if choice.action == wanted), None)
    if exact is not None:
        return exact
    for language in dict.fromkeys((conv.me.language, *LANGUAGES)):
        found = labelled(letter, wanted, Phrasebook(language, conv.me.zone, conv.today))
        if found is not None:
            return found
    return None
