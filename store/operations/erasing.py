"""Erasing a person: his name, accounts and words leave the book; what was done, and the audit chain, stay.

Everywhere he is from now on a pseudonym («erased-1»). Audit entries that named him or held his words are redacted in
place; an entry `person.erased` at the end of the chain lists each with the hash of what it says now, so that the
chain can still be walked and a later edit of a redacted entry is still found (store.audit.verify).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlmodel import SQLModel, col, func, select

from store.audit import entry_hash
from store.book import Book
from store.messages import Letter, Phrase, pack_letter
from store.refusals import NotFound
from store.tables import (
    AskedInVain,
    AuditEntry,
    Away,
    BindingCode,
    Blob,
    Dialog,
    Follow,
    Identity,
    Inbox,
    LinkAttempt,
    Note,
    NoteFile,
    Outbox,
    Person,
    Request,
    Token,
    UndoRecord,
    Urge,
)
from store.tables.row import Row

GONE = "▇"
_SAYS = frozenset({"text", "words", "reason", "line", "score_line", "note", "solution", "about", "message", "account"})
"""Under these names the audit and requests keep what somebody said, or his account."""

_COMPANY = frozenset({"person", "company_setting", "department", "customer", "product", "flow_version", "secret"})
_OUGHT = 2  # characters a name needs to be looked for as a whole


def erase_person(book: Book, key: str) -> str:
    """Take a person out of the book; the pseudonym that stands for him from now on.

    Raises:
        NotFound: nobody of that key.
    """
    row = book.session.get(Person, key)
    if row is None:
        raise NotFound(what=key)
    alias = _pseudonym(book)
    cut = _cutter(book, row)
    files = _letters(book, row, cut)
    _own_rows(book, key, cut)
    _everywhere(book, key, alias, cut)
    redacted = _audit(book, key, alias, cut)
    _files(book, files)
    book.session.delete(row)
    book.session.flush()
    book.session.add(
        Person(
            key=alias,
            kind=row.kind,
            position=row.position,
            active=False,
            name={"zh": "（已删除）", "en": "(erased)"},
            customer=row.customer,
            department=row.department,
        )
    )
    book.record("person.erased", subject=f"person:{alias}", after={"entries": redacted})
    book.forget_company()
    return alias


# --- what is looked for ---------------------------------------------------------------------------------------------


def _pseudonym(book: Book) -> str:
    count = book.session.exec(select(func.count()).where(col(Person.key).startswith("erased-"))).one()
    return f"erased-{count + 1}"


def _cutter(book: Book, row: Person) -> Callable[[str], str]:
    """Takes a person's names and accounts out of a text."""
    names = [*(row.name.values() if isinstance(row.name, dict) else [row.name]), *row.aliases]
    accounts = book.session.exec(select(Identity.account).where(Identity.person == row.key)).all()
    before = book.session.exec(
        select(AuditEntry.before, AuditEntry.after).where(
            AuditEntry.subject == f"person:{row.key}", col(AuditEntry.what).startswith("identity.")
        )
    ).all()
    accounts = [*accounts, *(str(one["account"]) for pair in before for one in pair if one and "account" in one)]
    marks = {str(one).strip() for one in (*names, *accounts)}
    parts = sorted((one for one in marks if len(one) >= _OUGHT), key=len, reverse=True)
    if not parts:
        return lambda text: text
    pattern = re.compile("|".join(_mark(one) for one in parts))
    return lambda text: pattern.sub(GONE, text)


def _mark(text: str) -> str:
    """A name as it stands in a text: Latin letters and digits only as a word of their own."""
    word = re.escape(text)
    head = r"(?<![A-Za-z0-9])" if text[0].isascii() and text[0].isalnum() else ""
    return head + word + (r"(?![A-Za-z0-9])" if text[-1].isascii() and text[-1].isalnum() else "")


# --- what goes, and what is cut -------------------------------------------------------------------------------------


def _own_rows(book: Book, key: str, cut: Callable[[str], str]) -> None:
    """What is only about him goes altogether, and what could be taken back that names him."""
    session = book.session
    for table, column in ((Identity, Identity.person), (BindingCode, BindingCode.person), (Token, Token.person),
                          (Follow, Follow.person), (Away, Away.person), (UndoRecord, UndoRecord.who),
                          (AskedInVain, AskedInVain.who)):  # fmt: skip
        for row in session.exec(select(table).where(col(column) == key)).all():
            session.delete(row)
    for dialog in session.exec(select(Dialog)).all():
        if key in dialog.scope.split(":"):
            session.delete(dialog)
    for undo in session.exec(select(UndoRecord).where(UndoRecord.who != key)).all():
        said = _strings(undo.rows)
        if key in said or any(cut(one) != one for one in said):
            session.delete(undo)
    session.flush()


def _letters(book: Book, row: Person, cut: Callable[[str], str]) -> set[str]:
    """Messages from him, to him and about him lose their content; the files that went with them."""
    accounts = set(book.session.exec(select(Identity.account).where(Identity.person == row.key)).all())
    gone = pack_letter(Letter((Phrase("person.erased"),)))
    files: set[str] = set()
    for inbox in book.session.exec(select(Inbox)).all():
        if accounts & _strings(inbox.payload) or row.key in _strings(inbox.payload) | {inbox.account}:
            files |= {one for one in _strings(inbox.payload) if len(one) == 64}
            inbox.payload, inbox.error = {"erased": True}, None
            for account in (*accounts, row.key):
                inbox.conversation = inbox.conversation.replace(account, GONE)
                inbox.account = GONE if inbox.account == account else inbox.account
            book.session.add(inbox)
    for out in book.session.exec(select(Outbox)).all():
        if out.person == row.key or any(cut(one) != one for one in _strings(out.body)):
            files |= {str(one[2]) for one in out.body.get("files", ())}
            out.body = gone
            if out.person == row.key:
                out.account = out.conversation = None
            book.session.add(out)
    for attempt in book.session.exec(select(LinkAttempt)).all():
        if attempt.who.partition(":")[2] in accounts:
            book.session.delete(attempt)
    book.session.flush()
    return files


def _everywhere(book: Book, key: str, alias: str, cut: Callable[[str], str]) -> None:
    """His key becomes the pseudonym, his names are cut, in every table but the company's and the audit."""
    wrote: dict[type[SQLModel], tuple[str, str]] = {Note: ("by", "text"), Urge: ("by", "reason")}
    for table in _tables():
        for row in book.session.exec(select(table)).all():
            author = wrote.get(table)
            if author is not None and getattr(row, author[0]) == key and getattr(row, author[1]):
                setattr(row, author[1], GONE)
            if isinstance(row, Request) and key == row.asked_by:
                row.facts = {name: GONE if name in _SAYS else value for name, value in row.facts.items()}
            for name in row.__class__.__table__.columns.keys():  # type: ignore[attr-defined]  # noqa: SIM118
                value = getattr(row, name)
                changed = _without(value, key, alias, cut)
                if changed != value:
                    setattr(row, name, changed)
                    book.session.add(row)
    book.session.flush()


def _tables() -> list[type[SQLModel]]:
    """All tables of orders and talk."""
    found = [one for one in Row.__subclasses__() if getattr(one, "__tablename__", None)]
    skipped = {*_COMPANY, "audit_entry", "audit_head", "blob", "undo_record", "counter", "heartbeat"}
    return [one for one in found if hasattr(one, "__table__") and one.__tablename__ not in skipped]


def _audit(book: Book, key: str, alias: str, cut: Callable[[str], str]) -> dict[str, str]:
    """Redact the entries that name him or hold his words; the hash of each as it now stands, by its number."""
    redacted: dict[str, str] = {}
    for entry in book.session.exec(select(AuditEntry)).all():
        his = entry.who == key or entry.subject == f"person:{key}"
        before, after = _without(entry.before, key, alias, cut), _without(entry.after, key, alias, cut)
        said, subject = entry.message, entry.subject
        if his:
            before, after, said = _silent(before), _silent(after), GONE if said else said
        said = cut(said) if said else said
        if subject and subject.partition(":")[2] == key:
            subject = f"{subject.partition(':')[0]}:{alias}"
        who = alias if entry.who == key else cut(entry.who)
        now = (who, said, subject, before, after)
        if now != (entry.who, entry.message, entry.subject, entry.before, entry.after):
            entry.who, entry.message, entry.subject, entry.before, entry.after = now
            book.session.add(entry)
            redacted[str(entry.id)] = entry_hash(entry)
    book.session.flush()
    return redacted


def _silent(value: Any) -> Any:
    """The same without what was said."""
    if isinstance(value, dict):
        return {name: GONE if name in _SAYS and one else _silent(one) for name, one in value.items()}
    return [_silent(one) for one in value] if isinstance(value, list) else value


def _without(value: Any, key: str, alias: str, cut: Callable[[str], str]) -> Any:
    match value:
        case str():
            return alias if value == key else cut(value)
        case dict():
            return {name: _without(one, key, alias, cut) for name, one in value.items()}
        case list():
            return [_without(one, key, alias, cut) for one in value]
    return value


def _strings(value: Any) -> set[str]:
    match value:
        case str():
            return {value}
        case dict():
            return set().union(*(_strings(one) for one in value.values()))
        case list():
            return set().union(*(_strings(one) for one in value))
    return set()


def _files(book: Book, hashes: set[str]) -> None:
    """The bytes of files that only went with erased messages."""
    kept = set(book.session.exec(select(NoteFile.sha256).where(col(NoteFile.sha256).in_(hashes))).all())
    for sha in hashes - kept:
        blob = book.session.get(Blob, sha)
        if blob is not None:
            book.session.delete(blob)
