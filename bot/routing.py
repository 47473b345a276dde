"""Which channel reaches a person, and who is told when none does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from store.book import Book
from store.tables import Identity, Person


@dataclass(frozen=True, slots=True)
class Address:
    """A person's account on a channel."""

    channel: str
    account: str


def addresses(book: Book, person: Person, always: Sequence[str]) -> tuple[Address, ...]:
    """Where a person can be reached, best first: as he `prefers`, then any other account, then the house's own pages.

    Args:
        book: the unit of work.
        person: whom to reach.
        always: channels on which everybody of the company is known by key (the web page, the console).
    """
    linked = book.session.exec(select(Identity).where(Identity.person == person.key).order_by(col(Identity.id))).all()
    prefers = list(person.prefers or ())
    known = [Address(entry.channel, entry.account) for entry in linked]
    known += [Address(name, person.key) for name in always if name not in {entry.channel for entry in known}]
    rank = {name: place for place, name in enumerate(prefers)}
    return tuple(sorted(known, key=lambda entry: rank.get(entry.channel, len(rank))))


def who_else(book: Book, person: Person, told: Sequence[str]) -> str | None:
    """Who hears that somebody cannot be reached: the backup, the department's head, the manager, an administrator.

    A contact's salesperson stands for all of these. None: nobody is left.
    """
    company = book.company
    chain: list[str | None] = []
    if person.customer:
        customer = company.customers.get(person.customer)
        chain.append(customer.salesperson if customer else None)
    department = company.departments.get(person.department) if person.department else None
    chain += [person.backup, department.head if department else None, person.manager]
    chain += [someone.key for someone in company.people.values() if "admin" in someone.roles]
    for key in chain:
        if key and key != person.key and key not in told and key in company.people:
            return key
    return None
