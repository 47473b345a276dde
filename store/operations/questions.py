"""Customers' questions: passed to the salesperson with their words, answered by him, relayed as his."""

from __future__ import annotations

from collections.abc import Sequence

from store.book import Book
from store.messages import Choice, Letter, Phrase
from store.operations import frame
from store.operations.cards import button, retire_card
from store.operations.handovers import settle
from store.operations.notices import tell_customer
from store.refusals import Conflict, Invalid, NotAllowed, NotFound
from store.tables import Order, Request

MAX_TEXT = 2000
_TOLD = {"question": "question.for_you", "wish": "question.wish_for_you", "human": "question.human_for_you"}


def pass_on(
    book: Book, text: str, order: Order | None = None, kind: str = "question", others: Sequence[str] = ()
) -> Request:
    """Give a contact's words to the salesperson of his company, who may answer them.

    `kind`: question; wish, of which a draft can be made; human: he wants to talk with somebody. `others`: numbers
    of the orders in work, named to the salesperson where the words are about none of them in particular.

    Raises:
        NotFound: whoever acts is no customer's contact.
        Invalid: refused.nobody_there, when no salesperson is in charge.
    """
    me = book.company.people.get(book.by.key)
    client = book.company.customers.get(me.customer or "") if me else None
    if me is None or client is None:
        raise NotFound(what=book.by.key)
    to = order.salesperson if order is not None and order.salesperson in book.company.people else client.salesperson
    if to is None or to not in book.company.people:
        raise Invalid("refused.nobody_there")
    said = text.strip()[:MAX_TEXT]
    request = Request(
        kind="question",
        order_id=order.id if order else None,
        asked_by=me.key,
        asked_of=to,
        asked_at=book.now,
        facts={"text": said, "kind": kind},
    )
    book.session.add(request)
    book.session.flush()
    book.record("question.asked", order=order, subject=f"request:{request.id}", after={"text": said})
    facts = {
        "person": me.name.raw,
        "customer": client.name.raw,
        "text": said,
        "number": order.number if order else list(others) or None,
    }
    mark = f"{request.id}.{request.version}"
    choices = [button("reply", f"question.reply:{mark}")]
    if kind == "wish":
        choices.append(button("draft", f"question.draft:{mark}"))
    choices.append(button("talk", f"talk.begin:{me.key}"))
    if order is not None:
        choices.append(button("details", f"order.show:{order.number}"))
    elif len(others) > 1:
        label = Phrase("button.details")
        choices += [
            Choice(Phrase("reminder.button_on", {"label": label, "number": number}), f"order.show:{number}")
            for number in others
        ]
    letter = Letter((Phrase(_TOLD[kind], facts),), tuple(choices))
    book.tell(to, letter, rule="question", card=f"request:{request.id}", order=order)
    return request


def answer_question(book: Book, request_id: int, text: str, version: int | None = None) -> Request:
    """Relay the salesperson's answer to the contact who asked.

    Raises:
        NotFound: no such question.
        NotAllowed: somebody else was asked.
        Conflict: it was answered already.
        Invalid: refused.answer_empty.
    """
    request = book.session.get(Request, request_id)
    if request is None or request.kind != "question":
        raise NotFound(what=str(request_id))
    if book.by.key != request.asked_of:
        raise NotAllowed(right=Phrase("right.request.decide"), who=[frame.name(book, request.asked_of)])
    order = frame.order_of(book, request.order_id) if request.order_id is not None else None
    if request.status != "pending" or (version is not None and version != request.version):
        who = frame.name(book, request.decided_by) if request.decided_by else None
        number = order.number if order else None
        raise Conflict(number=number, who=who, what=Phrase("did.question.answered"), at=request.decided_at)
    said = text.strip()[:MAX_TEXT]
    if not said:
        raise Invalid("refused.answer_empty")
    settle(book, request, "accepted")
    book.record("question.answered", order=order, subject=f"request:{request.id}", after={"text": said})
    name = frame.name(book, book.by.key)
    letter = Letter((Phrase("question.answer", {"by": name, "text": said}),))
    if order is not None:
        tell_customer(book, order, letter, rule="question", to=[request.asked_by])
    else:
        book.tell(request.asked_by, letter, rule="question")
    asked = frame.facts_of(request)["text"]
    facts = {"text": asked, "person": frame.name(book, request.asked_by), "answer": said}
    retire_card(book, f"request:{request.id}", Letter((Phrase("question.is_answered", facts),)))
    return request
