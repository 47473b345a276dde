"""A customer accepts, or does not: his words are kept as evidence, his salesperson hears of it."""

from __future__ import annotations

from sqlmodel import func, select

from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.reply import Reply, say
from conversations.phrasebook import Phrasebook
from store.messages import Phrase
from store.operations.accepting import DATE, DELIVERY, OFFER, QUOTATION, Proposal, accept, proposals
from store.reads.seeing import find_order
from store.refusals import NotFound
from store.tables import Order, Outbox

_WHAT = {"received": DELIVERY, "quotation": QUOTATION, "date": DATE}


def open_proposals(conv: Conversation) -> list[Proposal]:
    """What this contact was told and has not answered, the quoted message first."""
    found = proposals(conv.book, conv.me.key)
    quoted = conv.quoted.id if conv.quoted is not None else None
    return sorted(found, key=lambda one: one.row.id != quoted)


def take_acceptance(conv: Conversation, kind: str, text: str, order: Order | None) -> Reply:
    """Words that accept or refuse: of what was told last, or what they name.

    Args:
        conv: the contact's message.
        kind: received, quotation, date, accept or refuse (see customers/words.yaml).
        text: his exact words.
        order: the order they name, if any.
    """
    waiting = open_proposals(conv)
    wanted = _WHAT.get(kind)
    fits = [one for one in waiting if _may_mean(conv, kind, one)]
    if order is not None:
        fits = [one for one in fits if one.order is not None and one.order.id == order.id]
    about = fits[0] if fits else None
    what = wanted or (about.what if about else OFFER)
    of = order or (about.order if about else None)
    done = accept(conv.book, text, what, order=of, about=about.row if about else None, agreed=kind != "refuse")
    facts = {"what": Phrase(f"accept.what.{done.what}"), "number": of.number if of else None, "at": conv.now}
    if done.again:
        return say("accept.already", **facts)
    if kind == "refuse":
        client = conv.client
        who = of.salesperson if of else client.salesperson if client else None
        reply = say("accept.refused_noted", who=conv.name(who), number=facts["number"])
    elif done.what == OFFER:
        client = conv.client
        reply = say("accept.passed", who=conv.name(client.salesperson if client else None))
    else:
        reply = say("accept.noted", **facts)
    return reply.about(of.number) if of else reply


def may_be_accepting(conv: Conversation) -> bool:
    """Whether a bare «agreed» would mean something that this contact was told."""
    return any(_may_mean(conv, "accept", one) for one in open_proposals(conv))


def _may_mean(conv: Conversation, kind: str, one: Proposal) -> bool:
    """Whether words of a kind may answer this message: that goods left is no question, an offer is one for a while."""
    if conv.quoted is not None and conv.quoted.id == one.row.id:
        return True
    wanted = _WHAT.get(kind)
    if wanted is not None and not (wanted == QUOTATION and one.what == OFFER):
        return one.what == wanted
    if one.what == OFFER:
        return _is_last(conv, one)
    return one.what == DATE


def _is_last(conv: Conversation, one: Proposal) -> bool:
    """Whether nothing else was said to this contact since."""
    query = select(func.max(Outbox.id)).where(Outbox.person == conv.me.key, Outbox.status == "sent")
    return conv.book.session.exec(query).first() == one.row.id


def press(conv: Conversation, what: str, number: str) -> Reply:
    """The button under a notice: the exact words are its label."""
    if not conv.is_contact:
        raise NotFound(what=number)
    orders = find_order(conv.book, conv.me.key, number)
    if len(orders) != 1:
        raise NotFound(what=number)
    label = "button.received" if what == DELIVERY else "button.accept_date"
    words = Phrasebook(conv.me.language, conv.me.zone, conv.today).say(Phrase(label))
    kind = {"delivery": "received", "date": "date"}[what]
    return take_acceptance(conv, kind, words, orders[0])


def accepted(conv: Conversation, args: Args) -> Reply:
    """The act behind the buttons: accept.date:NUMBER, accept.delivery:NUMBER."""
    return press(conv, str(args["what"]), str(args["orders"][0]))
