"""What was told once is not kept: codes and sign-in links leave the book when their letter has gone out.

A letter that holds one is marked by its rule. It is drawn as it is until it has been sent; what is kept of it
afterwards has a blank in the code's place, and its picture is gone. On pages that show what stands in the book (the
web chat) it stays until the code is used or has lapsed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from store.book import Book
from store.messages import Letter, Phrase, Secret, pack_letter, unpack_letter
from store.rules.codes import plain_code
from store.tables import BindingCode, Blob, Inbox, NoteFile, Outbox

SECRET = "secret"  # noqa: S105  # the name of a rule
_ON_PAGES = "web"
_LIVE = ("sent", "pending", "claimed", "undeliverable", "dropped", "merged")
_LOOK_BACK = timedelta(days=7)
BLANK = "••••"


def is_secret(letter: Letter) -> bool:
    """Whether a letter tells something that is not kept."""
    return any(type(fact) is Secret for phrase in letter.says for fact in phrase.facts.values())


def without_secrets(letter: Letter) -> Letter:
    """The letter with blanks, and without the pictures that come with codes."""
    says = tuple(
        Phrase(one.key, {name: Secret() if type(fact) is Secret else fact for name, fact in one.facts.items()})
        for one in letter.says
    )
    return Letter(says, letter.choices)


def hide(book: Book, row: Outbox) -> None:
    """Blank what a letter tells once; its files go, too."""
    letter = unpack_letter(row.body)
    row.body = pack_letter(without_secrets(letter))
    book.session.add(row)
    for file in letter.files:
        kept = book.session.exec(select(NoteFile.id).where(NoteFile.sha256 == file.sha256).limit(1)).first()
        blob = book.session.get(Blob, file.sha256)
        if blob is not None and kept is None:
            book.session.delete(blob)


def hide_sent(book: Book, rows: Collection[int]) -> None:
    """Blank letters that have gone out, by their rows; what pages still show is left until its code has lapsed."""
    for row in book.session.exec(select(Outbox).where(col(Outbox.id).in_(rows), Outbox.rule == SECRET)):
        book.session.refresh(row)
        if row.status == "sent" and row.sent_via != _ON_PAGES:
            hide(book, row)


def hide_used(book: Book, code: BindingCode) -> None:
    """A code has been used: the letter that told it, wherever it is, tells it no more."""
    query = select(Outbox).where(
        Outbox.person == code.made_by, Outbox.rule == SECRET, Outbox.created_at == code.made_at,
        col(Outbox.send_at) >= code.made_at,
    )  # fmt: skip
    for row in book.session.exec(query):
        hide(book, row)


def hide_lapsed(book: Book) -> int:
    """Blank every letter whose code can no longer be used; how many there were. Done once a day."""
    last = book.now - book.company.codes.valid
    count = 0
    for status in _LIVE:
        query = select(Outbox).where(
            Outbox.status == status, col(Outbox.send_at) <= last, col(Outbox.send_at) > last - _LOOK_BACK,
            Outbox.rule == SECRET,
        )  # fmt: skip
        for row in book.session.exec(query):
            if not _is_blank(unpack_letter(row.body)):
                hide(book, row)
                count += 1
    return count


def _is_blank(letter: Letter) -> bool:
    return not any(type(fact) is Secret and fact.text for phrase in letter.says for fact in phrase.facts.values())


def hide_typed(inbox: Inbox, codes: Iterable[str]) -> None:
    """A code that was used is not kept in what came in, either: whatever text held it is blank."""
    wanted = [plain for code in codes if (plain := plain_code(code))]
    inbox.payload = _blanked(inbox.payload, wanted)


def _blanked(value: Any, codes: Collection[str]) -> Any:
    if isinstance(value, str):
        return BLANK if any(code in plain_code(value) for code in codes) else value
    if isinstance(value, dict):
        return {name: _blanked(one, codes) for name, one in value.items()}
    return [_blanked(one, codes) for one in value] if isinstance(value, list) else value
