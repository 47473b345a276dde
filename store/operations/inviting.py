"""Inviting a customer's contact: finding or adding him, and a code that makes only him."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from sqlmodel import col, func, select

from store.book import Book
from store.operations.identities import make_code, require_inviting_for
from store.refusals import Invalid
from store.tables import Identity, Person

MAX_NAME = 60
_TITLES = re.compile(r"^(?:mr|mrs|ms|miss|dr)\.?\s+", re.IGNORECASE)
_KEY = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Invitation:
    """A contact and the code to forward; no code for one who is linked already. `new`: he was not listed before."""

    person: Person
    code: str | None
    new: bool = False
    already_linked: bool = False


def invite_contact(book: Book, customer: str, name: str) -> Invitation:
    """A one-time code for somebody of a customer, who is added to the customer's contacts when not listed yet.

    Raises:
        NotFound: no such customer.
        NotAllowed: neither his salesperson nor a coordinator.
        Invalid: refused.name_needed.
    """
    require_inviting_for(book, customer)
    said = " ".join(unicodedata.normalize("NFKC", name).split())[:MAX_NAME]
    if not said:
        raise Invalid("refused.name_needed")
    row = find_contact(book, customer, said)
    new = row is None
    if row is None:
        row = _add(book, customer, said)
    accounts = select(Identity.id).where(Identity.person == row.key, Identity.channel != "console")
    if book.session.exec(accounts).first() is not None:  # the console of a rehearsal is no platform that one links
        return Invitation(row, None, already_linked=True)
    return Invitation(row, make_code(book, row.key), new=new)


def find_contact(book: Book, customer: str, name: str) -> Person | None:
    """The customer's contact of that name, alias or key; titles, case and spaces do not count."""
    wanted = _loose(name)
    query = select(Person).where(Person.kind == "contact", Person.customer == customer, col(Person.active).is_(True))
    for row in book.session.exec(query.order_by(col(Person.position), col(Person.key))):
        names = row.name.values() if isinstance(row.name, dict) else (row.name,)
        if wanted in {_loose(one) for one in (*names, *row.aliases, row.key)}:
            return row
    return None


def key_of(name: str) -> str:
    """A key made of a name: pinyin for Chinese, letters and digits of anything else."""
    bare = _TITLES.sub("", name)
    from pypinyin import lazy_pinyin  # a second and tens of megabytes of dictionaries

    spelled = "".join(lazy_pinyin(bare))
    folded = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    return _KEY.sub("-", folded.lower()).strip("-")[:40] or "contact"


def _add(book: Book, customer: str, name: str) -> Person:
    base, key, count = key_of(name), key_of(name), 1
    while book.session.get(Person, key) is not None or key in book.company.departments:
        count += 1
        key = f"{base}{count}"
    last = book.session.exec(select(func.max(Person.position))).one()
    row = Person(key=key, kind="contact", customer=customer, name=name, position=(last or 0) + 1)
    book.session.add(row)
    book.record("person.changed", subject=f"person:{key}", after={"customer": customer, "name": name})
    book.forget_company()
    return row


def _loose(name: str) -> str:
    return "".join(_TITLES.sub("", unicodedata.normalize("NFKC", str(name)).strip()).casefold().split())
