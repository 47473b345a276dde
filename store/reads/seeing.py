"""Who may see which order, and finding one by what people call it.

Salespeople see the orders of their own customers and those they placed; the owner of any step (a waiting one too),
the handler of an exception and the heads of their departments see that order; coordinators, managers, finance and
administrators see all; a customer's contacts see their company's. Everything else is answered as if it did not exist.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, bindparam, false, or_, true
from sqlmodel import col, select

from store.book import GENDAN, Book
from store.known import hold, rows_of
from store.refusals import NotFound
from store.session import Rows
from store.tables import Customer, ExceptionCase, Order, Step

SEES_ALL = frozenset({"coordinator", "manager", "finance", "admin"})
_GROUPS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks, with what decides over what he sees."""

    key: str
    customer: str | None  # of a contact; None: staff
    roles: frozenset[str]
    heads: tuple[str, ...]  # departments
    under: tuple[str, ...]  # the people in them, and himself

    @property
    def is_contact(self) -> bool:
        """Whether this is a customer's person."""
        return self.customer is not None

    @property
    def sees_all(self) -> bool:
        """Whether no order is hidden from him."""
        return not self.is_contact and (self.key == GENDAN or not SEES_ALL.isdisjoint(self.roles))


def viewer_of(book: Book, person: str) -> Viewer:
    """What this person may see. Raises NotFound for somebody who is not (or no longer) here."""
    if person == GENDAN:
        return Viewer(GENDAN, None, frozenset(), (), (GENDAN,))
    one = book.company.people.get(person)
    if one is None:
        raise NotFound(what=person)
    if one.is_contact:
        return Viewer(one.key, one.customer or "", frozenset(), (), (one.key,))
    headed = [division for division in book.company.departments.values() if division.head == person]
    under = {person, *(member for division in headed for member in division.members)}
    return Viewer(one.key, None, one.roles, tuple(division.key for division in headed), tuple(sorted(under)))


def visible(viewer: Viewer, *, among_few: bool = False) -> ColumnElement[bool]:
    """The condition on `orders` that leaves what this viewer may see.

    Args:
        viewer: who looks.
        among_few: other conditions leave few orders (one number, those that live): each is then looked at by itself.
            Otherwise the orders of the viewer's steps are gathered first.
    """
    if viewer.sees_all:
        return true()
    if viewer.is_contact:
        return col(Order.customer) == viewer.customer if viewer.customer else false()
    mine = select(Customer.key).where(Customer.salesperson == viewer.key)
    owns = or_(col(Step.owner).in_(viewer.under), col(Step.assigned).in_(viewer.under), _in(Step.department, viewer))
    handles = or_(
        col(ExceptionCase.handler).in_(viewer.under),
        col(ExceptionCase.assigned).in_(viewer.under),
        _in(ExceptionCase.department, viewer),
    )
    steps, cases = select(Step.order_id).where(owns), select(ExceptionCase.order_id).where(handles)
    return or_(
        col(Order.salesperson) == viewer.key,
        col(Order.placed_by) == viewer.key,
        col(Order.customer).in_(mine),
        _has(steps, Step.order_id) if among_few else col(Order.id).in_(steps),
        _has(cases, ExceptionCase.order_id) if among_few else col(Order.id).in_(cases),
    )


def _has(rows: Any, order_id: object) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = rows.where(col(order_id) == col(Order.id)).correlate(Order).exists()
    return condition


def _in(column: object, viewer: Viewer) -> ColumnElement[bool]:
    return col(column).in_(viewer.heads) if viewer.heads else false()


def may_see(book: Book, person: str, order: Order) -> bool:
    """Whether this person may know of this order."""
    try:
        viewer = viewer_of(book, person)
    except NotFound:
        return False
    return sees(book, viewer, order)


def sees(book: Book, viewer: Viewer, order: Order) -> bool:
    """What `visible` says, of an order at hand: most often nothing has to be asked."""
    if viewer.sees_all:
        return True
    if viewer.is_contact:
        return bool(viewer.customer) and order.customer == viewer.customer
    client = book.company.customers.get(order.customer)
    if viewer.key in {order.salesperson, order.placed_by, client.salesperson if client else None}:
        return True
    steps = rows_of(book.session, Step, order.id)
    works = [(step.owner, step.assigned, step.department) for step in steps]
    if not any(_his(viewer, *work) for work in works):
        works = [
            (case.handler, case.assigned, case.department) for case in rows_of(book.session, ExceptionCase, order.id)
        ]
    return any(_his(viewer, *work) for work in works)


def _his(viewer: Viewer, owner: str, assigned: str | None, department: str | None) -> bool:
    """Whether a step or exception is his own, or of a department that he heads."""
    return owner in viewer.under or assigned in viewer.under or department in viewer.heads


def see(book: Book, number: str, *, lock: bool = False) -> Order:
    """The order of that number, if whoever acts may see it. Raises NotFound, for hidden and missing ones alike."""
    order = book.order(number) if lock else next(iter(_called(book, number)), None)
    if order is None or not may_see(book, book.by.key, order):
        raise NotFound(what=number)
    return order


def find_order(book: Book, person: str, ref: str) -> list[Order]:
    """The orders that somebody may mean by a full or short number ("SO-2611-0012", "2611-0012", "0012", "12").

    Open ones first, then the newest; empty when there is none that this person may see.
    """
    wanted = unicodedata.normalize("NFKC", ref).strip().upper().lstrip("#")
    if not wanted:
        return []
    viewer = viewer_of(book, person)
    exact = [order for order in _called(book, wanted, ref.strip()) if sees(book, viewer, order)]
    if exact:
        return _living_first(exact)
    groups = _GROUPS.findall(wanted)
    if not groups:
        return []
    tails = {int(groups[-1][-size:]) for size in (3, 4, 5, 6)} if len(groups) == 1 else set()
    seqs = {one for one in {int(groups[-1]), *tails} if one < 2**31}
    query = select(Order).where(col(Order.seq).in_(seqs), visible(viewer, among_few=True))
    found = book.session.exec(query.order_by(col(Order.placed_at).desc()))
    return _living_first([order for order in found if _meant(order, wanted, groups)])


_CALLED = Rows(Order, col(Order.number) == bindparam("number"))


def _called(book: Book, *numbers: str) -> list[Order]:
    """Orders by their whole numbers: a question each, for it is nearly always one."""
    found = [order for one in dict.fromkeys(numbers) for order in book.session.find(_CALLED, number=one)]
    hold(book.session, *found)
    return sorted(found, key=lambda order: order.placed_at, reverse=True)


def _living_first(orders: list[Order]) -> list[Order]:
    return sorted(orders, key=lambda order: order.status not in {"open", "on_hold"})


def _meant(order: Order, wanted: str, groups: list[str]) -> bool:
    """Whether a short number is this order's: its running part, the last groups of digits, or its end as written."""
    own = _GROUPS.findall(order.number)
    if len(groups) == 1:
        same = int(groups[0]) == order.seq or (len(groups[0]) > 2 and "".join(own).endswith(groups[0]))
    else:
        same = [int(one) for one in own[-len(groups) :]] == [int(one) for one in groups]
    return same and order.number.upper().startswith(re.sub(r"[^A-Z]", "", wanted))
