"""Which channel reaches a person, and who is told when none does."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from store.company import Company
from store.company.views import Human
from store.plain import AnyLetter


@dataclass(frozen=True, slots=True)
class Address:
    """A person's account on a channel."""

    channel: str
    account: str


def addresses(person: Human, always: Sequence[str]) -> tuple[Address, ...]:
    """Where a person can be reached, best first: as he `prefers`, then any other account, then the house's own pages.

    Accounts that have blocked the bot are left out.

    Args:
        person: whom to reach.
        always: channels on which everybody of the company is known by key (the web page, the console).
    """
    known = [Address(*one) for one in person.accounts if one not in person.shut]
    known += [Address(name, person.key) for name in always if name not in {entry.channel for entry in known}]
    rank = {name: place for place, name in enumerate(person.prefers)}
    return tuple(sorted(known, key=lambda entry: rank.get(entry.channel, len(rank))))


def address_of(company: Company, row: AnyLetter, channels: Collection[str], always: Sequence[str]) -> Address | None:
    """Where a row of the outbox goes now; None when no channel is left.

    Args:
        company: who is reached where.
        row: its `tried` channels are passed over.
        channels: the platforms that are on.
        always: channels on which everybody of the company is known by key.
    """
    if row.group:
        return _of_group(company, row, row.group, tuple(channels), always)
    if row.channel and row.account and row.channel not in row.tried:
        return Address(row.channel, row.account) if row.channel in channels else None
    person = company.people.get(row.person) if row.person else None
    if person is None or row.kind == "edit":
        return None
    for address in addresses(person, always):
        if address.channel in channels and address.channel not in row.tried:
            return address
    return None


def _of_group(
    company: Company, row: AnyLetter, key: str, channels: Sequence[str], always: Sequence[str]
) -> Address | None:
    group = company.groups.get(key)
    accounts = dict(group.accounts) if group else {}
    for channel in [row.channel] if row.channel else channels:
        if channel not in row.tried and (channel in accounts or (group and channel in {*always, row.channel})):
            return Address(channel, accounts.get(channel, key))
    return None


def who_else(company: Company, person: Human, told: Sequence[str]) -> str | None:
    """Who hears that somebody cannot be reached: the backup, the department's head, the manager, an administrator.

    A contact's salesperson stands before all of these. None: nobody is left.
    """
    customer = company.customers.get(person.customer) if person.customer else None
    department = company.departments.get(person.department) if person.department else None
    chain = [
        customer.salesperson if customer else None,
        person.backup,
        department.head if department else None,
        person.manager,
        *(one.key for one in company.with_role("admin")),
    ]
    return next((key for key in chain if key in company.people and key != person.key and key not in told), None)
