"""Whose account is whose: one-time codes that prove it, and personal tokens. Only hashes of either are kept.

A code is typed by whoever holds it: two groups of four, without characters that look alike. It works once, for a
while, for one person; an account that types wrong ones too often has to wait.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import col, select

from store.book import GENDAN, Book
from store.messages import Fact, Phrase
from store.operations import frame
from store.operations.hiding import hide_used
from store.refusals import NotAllowed, NotFound
from store.rules.codes import plain_code
from store.rules.rights import may
from store.tables import BindingCode, Follow, Identity, LinkAttempt, Person, Token

ALPHABET = "23456789ACDEFGHJKMNPQRTUVWXY"  # no 0 O, 1 I L, B, S, Z
GROUP = 4
_SALT = b"gendan binding code"
_ROUNDS = 20_000  # a stolen table of hashes cannot be searched within a code's lifetime
PAGE_LINK = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What came of a code. `person` is whose account it is now; else `refused` says why not, and nothing changed.

    A refusal is returned, not raised: the wrong try has to be counted in the same unit.
    """

    person: Person | None = None
    refused: Phrase | None = None
    already: bool = False


def make_code(book: Book, person: str) -> str:
    """A new one-time code for a person, as it is typed ("K7QF-2M9D"); shown once, only its hash is kept.

    Raises:
        NotFound: nobody of that key.
        NotAllowed: for a contact, who is neither his salesperson nor a coordinator; for staff, no administrator.
    """
    row = frame.person(book, person)
    _require_inviting(book, row)
    code = _group() + _group()
    book.session.add(
        BindingCode(
            code_hash=code_hash(code),
            person=row.key,
            made_by=book.by.key,
            made_at=book.now,
            lapses_at=book.now + book.company.codes.valid,
        )
    )
    book.record("code.made", subject=f"person:{row.key}")
    return f"{code[:GROUP]}-{code[GROUP:]}"


def _group() -> str:
    """Half a code. Letters and digits are mixed in it, so that in whatever way it is typed it looks like no word."""
    while True:
        group = "".join(secrets.choice(ALPHABET) for _ in range(GROUP))
        if not group.isalpha() and not group.isdigit():
            return group


def looks_like_code(text: str) -> bool:
    """Whether a text could be a code."""
    said = plain_code(text)
    return len(said) == 2 * GROUP and set(said) <= set(ALPHABET)


def code_hash(code: str) -> str:
    """The hash (hex) under which a code is kept."""
    return hashlib.pbkdf2_hmac("sha256", plain_code(code).encode(), _SALT, _ROUNDS).hex()


def redeem(book: Book, channel: str, account: str, code: str, *, by_key: bool = False) -> Redeemed:
    """Make an account that of the person whose code was typed. Never raises for a wrong code: see Redeemed.

    Args:
        book: the unit of work; `book.by` may be nobody, rights come from the code alone.
        channel: the platform.
        account: the verified id on it.
        code: as typed.
        by_key: on this channel everybody is known by his key; `account` is only whose wrong tries are counted.
    """
    who = f"{channel}:{account}"
    tries = _tries(book, who)
    if tries.locked_until is not None and tries.locked_until > book.now:
        return Redeemed(refused=Phrase("refused.code_locked", {"until": tries.locked_until}))
    found = _find(book, code)
    if found is None:
        return _wrong(book, tries)
    row = book.session.get(Person, found.person)
    if row is None or not row.active:
        return _wrong(book, tries)
    account = row.key if by_key else account
    linked = _identity(book, channel, account)
    if linked is not None and linked.person != row.key:
        return Redeemed(refused=Phrase("refused.account_taken"))
    if linked is not None and not by_key:
        return Redeemed(person=row, already=True)
    if not _use(book, found, who):
        return _wrong(book, tries)
    hide_used(book, found)
    tries.wrong, tries.locked_until = 0, None
    book.session.add(tries)
    if linked is not None:
        return Redeemed(person=row, already=True)
    book.session.add(Identity(channel=channel, account=account, person=row.key, linked_at=book.now))
    book.record("identity.linked", subject=f"person:{row.key}", after={"channel": channel, "account": account},
                who=row.key)  # fmt: skip
    book.forget_company()
    return Redeemed(person=row)


def unlink(book: Book, person: str | None = None, channel: str | None = None, account: str | None = None) -> int:
    """Take accounts away from a person (default: whoever acts); how many. Raises NotFound, NotAllowed."""
    row = frame.person(book, person or book.by.key)
    human = book.company.people.get(book.by.key)
    has = {*(human.roles if human else ()), *(("self",) if row.key == book.by.key else ())}
    if row.kind == "contact" and "self" not in has:
        require_inviting_for(book, row.customer or "", "contact.unlink")
    elif book.by.key != GENDAN and not may("account.unlink", has):
        raise NotAllowed(right=Phrase("right.account.unlink"), who=_with_role(book, "admin"))
    query = select(Identity).where(Identity.person == row.key)
    gone = [
        one
        for one in book.session.exec(query)
        if (channel is None or one.channel == channel) and (account is None or one.account == account)
    ]
    if not gone:
        raise NotFound(what=channel or row.key)
    for one in gone:
        book.session.delete(one)
        before = {"channel": one.channel, "account": one.account}
        book.record("identity.unlinked", subject=f"person:{row.key}", before=before)
    book.forget_company()
    return len(gone)


def contact_left(book: Book, contact: str) -> int:
    """A customer's contact has left: his accounts are nobody's from now on, he hears nothing more; how many they were.

    Raises:
        NotFound: no contact of that key.
        NotAllowed: neither his salesperson nor a coordinator.
    """
    row = frame.person(book, contact)
    if row.kind != "contact":
        raise NotFound(what=contact)
    require_inviting_for(book, row.customer or "", "contact.unlink")
    linked = list(book.session.exec(select(Identity).where(Identity.person == row.key)))
    for one in linked:
        book.session.delete(one)
        before = {"channel": one.channel, "account": one.account}
        book.record("identity.unlinked", subject=f"person:{row.key}", before=before)
    for kept in (
        *book.session.exec(select(Token).where(Token.person == row.key)),
        *book.session.exec(
            select(BindingCode).where(BindingCode.person == row.key, col(BindingCode.used_at).is_(None))
        ),
        *book.session.exec(select(Follow).where(Follow.person == row.key)),
    ):
        book.session.delete(kept)
    row.active = False
    book.session.add(row)
    book.record("contact.left", subject=f"person:{row.key}", before={"active": True}, after={"active": False})
    book.forget_company()
    return len(linked)


def note_door(book: Book, channel: str, account: str, *, shut: bool) -> bool:
    """An account has blocked the bot, or lets it in again; whether that is news (of nobody's account it is none)."""
    row = _identity(book, channel, account)
    if row is None or (row.shut_at is not None) == shut:
        return False
    row.shut_at = book.now if shut else None
    book.session.add(row)
    what = {"channel": channel, "account": account}
    book.record("identity.shut" if shut else "identity.opened", subject=f"person:{row.person}", after=what,
                who=row.person)  # fmt: skip
    book.forget_company()
    return True


def person_of(book: Book, channel: str, account: str) -> str | None:
    """Whose verified account that is; None for nobody's, and for that of somebody who has left."""
    linked = _identity(book, channel, account)
    row = book.session.get(Person, linked.person) if linked is not None else None
    return row.key if row is not None and row.active else None


# --- tokens ---------------------------------------------------------------------------------------------------------


def make_token(book: Book, person: str, purpose: str = "api", lasts: timedelta | None = None) -> str:
    """A personal token, shown once. `purpose`: api (for ever), page (a sign-in link, half an hour), track.

    Raises:
        NotFound: nobody of that key, or an API token for a contact.
    """
    row = frame.person(book, person)
    if purpose == "api" and row.kind != "staff":
        raise NotFound(what=person)
    plain = f"gdn_{secrets.token_urlsafe(32)}"
    lasts = lasts or (PAGE_LINK if purpose == "page" else None)
    lapses_at: datetime | None = book.now + lasts if lasts is not None else None
    book.session.add(
        Token(token_hash=_token_hash(plain), person=row.key, purpose=purpose, made_at=book.now, lapses_at=lapses_at)
    )
    book.record("code.made", subject=f"person:{row.key}", after={"token": purpose})
    return plain


def token_person(book: Book, token: str, purpose: str = "api") -> Person | None:
    """Whose token that is; None for an unknown, lapsed or other kind of token, and for somebody who has left."""
    hashed = _token_hash(token)
    found = book.session.get(Token, hashed)
    if found is None or not hmac.compare_digest(found.token_hash, hashed) or found.purpose != purpose:
        return None
    if found.lapses_at is not None and found.lapses_at <= book.now:
        return None
    row = book.session.get(Person, found.person)
    return row if row is not None and row.active else None


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


# --- parts ----------------------------------------------------------------------------------------------------------


def _find(book: Book, code: str) -> BindingCode | None:
    """The unused, living code of that text. It is looked up by hash: how near a guess came cannot be timed."""
    if not looks_like_code(code):
        return None
    hashed = code_hash(code)
    found = book.session.exec(select(BindingCode).where(BindingCode.code_hash == hashed)).first()
    if found is None or not hmac.compare_digest(found.code_hash, hashed):
        return None
    return found if found.used_at is None and found.lapses_at > book.now else None


def _use(book: Book, code: BindingCode, who: str) -> bool:
    """Mark a code as used; False when somebody else was faster (the database decides)."""
    statement = (
        update(BindingCode)
        .where(col(BindingCode.id) == code.id, col(BindingCode.used_at).is_(None))
        .values(used_at=book.now, used_by=who)
        .execution_options(synchronize_session="fetch")
    )
    return bool(book.session.execute(statement).rowcount == 1)  # type: ignore[attr-defined]


def _tries(book: Book, who: str) -> LinkAttempt:
    found = book.session.exec(select(LinkAttempt).where(LinkAttempt.who == who).with_for_update()).first()
    return found or LinkAttempt(who=who)


def _wrong(book: Book, tries: LinkAttempt) -> Redeemed:
    """Count a wrong try; at the limit the account waits, whatever it types meanwhile."""
    codes = book.company.codes
    tries.wrong += 1
    book.session.add(tries)
    if tries.wrong >= codes.tries:
        tries.wrong, tries.locked_until = 0, book.now + codes.locked
        return Redeemed(refused=Phrase("refused.code_locked", {"until": tries.locked_until}))
    return Redeemed(refused=Phrase("refused.code_wrong", {"left": codes.tries - tries.wrong}))


def _identity(book: Book, channel: str, account: str) -> Identity | None:
    query = select(Identity).where(Identity.channel == channel, Identity.account == account)
    return book.session.exec(query).first()


def _require_inviting(book: Book, row: Person) -> None:
    if book.by.key == GENDAN:
        return
    human = book.company.people.get(book.by.key)
    if human is None or human.is_contact:
        raise NotFound(what=row.key)
    if row.kind == "contact":
        require_inviting_for(book, row.customer or "")
    elif not may("colleague.invite", human.roles):
        raise NotAllowed(right=Phrase("right.colleague.invite"), who=_with_role(book, "admin"))


def require_inviting_for(book: Book, customer: str, action: str = "contact.invite") -> None:
    """Only the customer's salesperson and coordinators invite his people, or let them go.

    Raises: NotFound, NotAllowed.
    """
    if book.by.key == GENDAN:
        return
    human = book.company.people.get(book.by.key)
    client = book.company.customers.get(customer)
    if human is None or human.is_contact or client is None:
        raise NotFound(what=customer)
    has = {*human.roles, *(("salesperson",) if client.salesperson == human.key else ())}
    if not may(action, has):
        who: list[Fact] = [frame.name(book, client.salesperson)] if client.salesperson else []
        raise NotAllowed(right=Phrase(f"right.{action}"), who=[*who, *_with_role(book, "coordinator")][:3])


def _with_role(book: Book, role: str) -> list[Fact]:
    return [one.name.raw for one in book.company.with_role(role)][:3]
