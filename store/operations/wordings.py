"""Aliases learnt by confirmation: a name that several confirmed orders used for a customer or product is proposed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from sqlmodel import select

from store.book import Book
from store.messages import Phrase
from store.operations.identities import require_inviting_for
from store.refusals import Invalid, NotAllowed, NotFound
from store.tables import Customer, Product, Wording

USES = 3
"""So many confirmed orders in which a name was used make it worth proposing."""
SHORTEST, LONGEST = 2, 30


def folded(said: str) -> str:
    """A name as it is compared: compatible characters, no case, no blanks."""
    return "".join(unicodedata.normalize("NFKC", said).casefold().split())


def used(book: Book, kind: str, key: str, said: str) -> Wording | None:
    """Count a confirmed use of a name; the row when it is to be proposed now.

    Args:
        book: the unit of work.
        kind: customer or product.
        key: whom or what it meant.
        said: the name as typed.
    """
    plain = folded(said)
    if not SHORTEST <= len(plain) <= LONGEST or plain.isdigit() or owners(book, plain):
        return None
    query = select(Wording).where(Wording.kind == kind, Wording.key == key, Wording.folded == plain)
    row = book.session.exec(query).first()
    row = row or Wording(kind=kind, key=key, folded=plain, said=said, at=book.now)
    row.said, row.uses, row.by, row.at = said.strip(), row.uses + 1, book.by.key, book.now
    proposing = row.status == "counted" and row.uses >= USES
    if proposing:
        row.status = "proposed"
    book.session.add(row)
    book.session.flush()
    return row if proposing else None


def owners(book: Book, plain: str) -> list[str]:
    """What the company calls by that name already (customers, products, people, departments, flows, steps)."""
    return [key for key, name in _names(book) if folded(name) == plain]


def _names(book: Book) -> Iterator[tuple[str, str]]:
    company = book.company
    things = (company.customers, company.products, company.people)
    for named in things:
        for key, one in named.items():
            yield from ((key, name) for name in (key, *one.name.all, *one.aliases))
    for key, division in company.departments.items():
        yield from ((key, name) for name in division.name.all)
    for flow in company.flows.values():
        yield from ((flow.key, name) for name in (*flow.name.all, *flow.part.aliases))
        yield from ((step.key, name) for step in flow.steps for name in step.name.all)


def take(book: Book, wording_id: int) -> Wording:
    """Make a proposed name an alias.

    Raises:
        NotFound: no such proposal.
        NotAllowed: neither the customer's salesperson nor a coordinator.
        Invalid: refused.alias_taken, something else is called so by now.
    """
    row = _open(book, wording_id)
    clash = [key for key in owners(book, row.folded) if key != row.key]
    if clash:
        raise Invalid("refused.alias_taken", said=row.said, what=", ".join(sorted(set(clash))[:3]))
    thing: Customer | Product | None = book.session.get(Product, row.key)
    if row.kind == "customer":
        thing = book.session.get(Customer, row.key)
    if thing is None:
        raise NotFound(what=row.said)
    before = list(thing.aliases)
    if row.folded not in {folded(one) for one in before}:
        thing.aliases = [*before, row.said]
        book.session.add(thing)
    _settle(book, row, "taken")
    book.record("alias.learnt", subject=f"{row.kind}:{row.key}", before=before, after=list(thing.aliases))
    return row


def decline(book: Book, wording_id: int) -> Wording:
    """Never propose that name again. Raises as `take` does."""
    row = _open(book, wording_id)
    _settle(book, row, "declined")
    book.record("alias.declined", subject=f"{row.kind}:{row.key}", after=row.said)
    return row


def _open(book: Book, wording_id: int) -> Wording:
    row = book.session.get(Wording, wording_id)
    if row is None or row.status == "counted":
        raise NotFound(what=str(wording_id))
    me = book.company.people.get(book.by.key)
    if row.kind == "customer":
        require_inviting_for(book, row.key)
    elif me is None or me.is_contact or me.roles.isdisjoint({"sales", "coordinator", "admin"}):
        raise NotAllowed(right=Phrase("right.order.place"), who=[Phrase("role.coordinator")])
    return row


def _settle(book: Book, row: Wording, status: str) -> None:
    row.status, row.by, row.at = status, book.by.key, book.now
    book.session.add(row)
