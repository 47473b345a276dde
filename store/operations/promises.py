"""The promise to the customer: it moves only with the consent of the salesperson's manager, and the customer hears of
it when the salesperson sends the notice; until then he sees the old date.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import col, select

from store.book import Book
from store.messages import Letter, Phrase, pack
from store.operations import frame
from store.operations.cards import button, order_card, request_card, retire_card
from store.operations.flow import refresh
from store.operations.notices import linked_contacts, tell_customer
from store.refusals import Conflict, Invalid, NotFound
from store.rules.owners import NOBODY, answering
from store.tables import Order, Request, Step

MAX_NOTICE = 2000


def ask_consent(book: Book, order: Order, step: Step, possible: date, until: datetime, reason: str | None) -> Request:
    """The promise breaks: tell the salesperson and ask the salesperson's manager for consent to another day."""
    for earlier in _pending(book, order, "promise"):
        _withdraw(book, order, earlier)
    asked = _manager(book, order)
    facts = {
        "promise": order.promise_date,
        "possible": possible,
        "until": until,
        "reason": reason,
        "step": step.name,
        "by": frame.owner_name(book, step),
        "customer": frame.customer_name(book, order.customer),
    }
    request = Request(
        kind="promise",
        order_id=order.id,
        step_id=step.id,
        asked_by=book.by.key,
        asked_of=asked,
        asked_at=book.now,
        facts=pack(facts),
    )
    book.session.add(request)
    book.session.flush()
    after = {"promise_date": possible.isoformat(), "asked_of": asked}
    book.record("promise.asked", order=order, subject="promise", before=order.promise_date.isoformat(), after=after)
    said = {**facts, "number": order.number, "manager": frame.name(book, asked)}
    letter = request_card(book, request, Phrase("promise.asked_of_you", said))
    book.tell(asked, letter, rule="promise.asked", card=f"request:{request.id}", order=order)
    if order.salesperson not in {book.by.key, asked}:
        letter = order_card(book, order, Phrase("promise.in_danger", said))
        book.tell(order.salesperson, letter, rule="promise.asked", order=order)
    return request


def decide_promise(
    book: Book, order: Order, request: Request, *, accept: bool, reason: str | None = None, on: date | None = None
) -> Request | None:
    """The manager's answer. With his consent the promise moves, and the salesperson is offered a notice to send.

    Args:
        book: the unit of work.
        order: locked.
        request: pending, of kind "promise".
        accept: whether the promise may move.
        reason: why not.
        on: the day that the manager states; None: the possible one.

    Raises:
        Invalid: refused.promise_past.
    """
    about = frame.facts_of(request)
    step = book.session.get(Step, request.step_id) if request.step_id is not None else None
    _settle(book, request, "accepted" if accept else "declined")
    facts = {**about, "number": order.number, "manager": frame.name(book, book.by.key), "why": reason}
    hear = dict.fromkeys([order.salesperson, *([step.owner] if step is not None else []), request.asked_by])
    if not accept:
        book.record("promise.kept", order=order, subject="promise", after={"reason": reason})
        retire_card(book, f"request:{request.id}", Letter((Phrase("promise.is_kept", facts),)))
        for person in hear:
            if person != book.by.key and person in book.company.people:
                book.tell(
                    person, order_card(book, order, Phrase("promise.kept", facts)), rule="promise.kept", order=order
                )
        return None
    day = on or about["possible"]
    today = book.now.astimezone(book.company.zone).date()
    if day < today:
        raise Invalid("refused.promise_past", promise=day)
    seen, before = public_promise(book, order), order.promise_date
    order.promise_date = day
    order.version += 1
    book.session.add(order)
    book.session.flush()
    after = {"promise_date": day.isoformat(), "version": order.version}
    book.record("promise.moved", order=order, subject="promise", before={"promise_date": before.isoformat()},
                after=after, undoable=True)  # fmt: skip
    refresh(book, order)
    facts["new"] = day
    retire_card(book, f"request:{request.id}", Letter((Phrase("promise.is_moved", facts),)))
    for person in hear:
        if person not in {book.by.key, order.salesperson} and person in book.company.people:
            book.tell(
                person, order_card(book, order, Phrase("promise.moved", facts)), rule="promise.moved", order=order
            )
    return _offer_notice(book, order, seen, day)


# --- the notice to the customer -------------------------------------------------------------------------------------


def _offer_notice(book: Book, order: Order, seen: date, new: date) -> Request:
    """A drafted notice for the salesperson to send, change, or leave for now."""
    for earlier in _pending(book, order, "notice_draft"):
        _withdraw(book, order, earlier)
    draft = Phrase("customer.promise_moved", {"number": order.number, "po": order.po_number, "old": seen, "new": new})
    salesperson = answering(frame.roster(book), order.salesperson, NOBODY).owner
    request = Request(
        kind="notice_draft",
        order_id=order.id,
        asked_by=book.by.key,
        asked_of=salesperson,
        asked_at=book.now,
        facts=pack({"old": seen, "new": new, "draft": draft, "customer": frame.customer_name(book, order.customer)}),
    )
    book.session.add(request)
    book.session.flush()
    facts = {"number": order.number, "old": seen, "new": new, "manager": frame.name(book, book.by.key)}
    letter = request_card(book, request, Phrase("promise.moved_tell_customer", facts))
    book.tell(salesperson, letter, rule="promise.moved", card=f"request:{request.id}", order=order)
    return request


def send_notice(book: Book, request_id: int, version: int | None = None, text: str | None = None) -> tuple[str, ...]:
    """Tell the customer's linked contacts of the new date, in the drafted words or in the salesperson's own.

    Returns: who was told.

    Raises:
        NotFound, NotAllowed, Conflict: as for deciding any request.
        Invalid: refused.nobody_linked.
    """
    request, order = _notice(book, request_id, version)
    contacts = linked_contacts(book, order.customer)
    if not contacts:
        raise Invalid("refused.nobody_linked", customer=frame.customer_name(book, order.customer))
    said = (text or "").strip()[:MAX_NOTICE]
    body = Phrase("customer.said", {"text": said}) if said else frame.facts_of(request)["draft"]
    agree = button("accept_date", f"accept.date:{order.number}")
    tell_customer(book, order, Letter((body,), (agree,)), rule="promise.moved", to=contacts)
    _settle(book, request, "accepted")
    book.record(
        "notice.sent", order=order, subject=f"request:{request.id}", after={"to": contacts, "text": said or None}
    )
    facts = {"number": order.number, "customer": frame.customer_name(book, order.customer)}
    retire_card(book, f"request:{request.id}", Letter((Phrase("notice.is_sent", facts), body)))
    return tuple(contacts)


def drop_notice(book: Book, request_id: int, version: int | None = None) -> Request:
    """Not now: the customer goes on seeing the old date; the notice can be sent later from the same draft."""
    request, order = _notice(book, request_id, version)
    facts = {**frame.facts_of(request), "number": order.number}
    letter = Letter(
        (Phrase("notice.is_later", facts),), (button("send", f"notice.send:{request.id}.{request.version}"),)
    )
    retire_card(book, f"request:{request.id}", letter)
    return request


def public_promise(book: Book, order: Order) -> date:
    """The promise date as the customer may know it: the old one while a notice of the new one has not been sent."""
    for request in _pending(book, order, "notice_draft"):
        about = frame.facts_of(request)
        old: date = about["old"]
        if about["new"] == order.promise_date:
            return old
    return order.promise_date


def _notice(book: Book, request_id: int, version: int | None) -> tuple[Request, Order]:
    request = book.session.get(Request, request_id)
    if request is None or request.kind != "notice_draft" or request.order_id is None:
        raise NotFound(what=str(request_id))
    order = frame.order_of(book, request.order_id, lock=True)
    book.session.refresh(request)
    if book.by.key != order.salesperson:
        frame.require(book, "request.decide", order, request)
    if request.status != "pending" or (version is not None and version != request.version):
        who = frame.name(book, request.decided_by) if request.decided_by else None
        raise Conflict(number=order.number, who=who, what=Phrase("did.notice.sent"), at=request.decided_at)
    return request, order


# --- parts ----------------------------------------------------------------------------------------------------------


def _manager(book: Book, order: Order) -> str:
    """The salesperson's manager or who covers for him; without one the head of department, at last whoever manages."""
    people = frame.roster(book)
    person = people.people.get(order.salesperson)
    above = (person.manager if person else None) or people.head_of(order.salesperson)
    if above is None:
        managers = [one.key for role in ("manager", "admin") for one in book.company.with_role(role)]
        above = next((one for one in managers if one != order.salesperson), order.salesperson)
    return answering(people, above).owner


def _pending(book: Book, order: Order, kind: str) -> list[Request]:
    query = select(Request).where(Request.order_id == order.id, Request.kind == kind, Request.status == "pending")
    return list(book.session.exec(query.order_by(col(Request.id))))


def _settle(book: Book, request: Request, status: str) -> None:
    request.status, request.decided_by, request.decided_at = status, book.by.key, book.now
    request.version += 1
    book.session.add(request)


def _withdraw(book: Book, order: Order, request: Request) -> None:
    _settle(book, request, "withdrawn")
    retire_card(book, f"request:{request.id}", Letter((Phrase("request.withdrawn", {"number": order.number}),)))
