"""Notes, following, urging: at once, and they can be taken back."""

from __future__ import annotations

import re

from conversations.dialogs.asking import ask
from conversations.dialogs.context import open_orders, orders_meant
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.guarding import each
from conversations.dialogs.reply import Reply, button
from store.messages import Phrase
from store.operations.following import follow, unfollow
from store.operations.notes import add_note
from store.operations.urging import urge
from store.reads.public import public_status_of
from store.tables import Order

_UNDO = button("button.undo", "undo")
_REASON, _LONGEST = 7, 200  # characters: shorter is only the urging itself


def note(conv: Conversation, args: Args) -> Reply:
    """Keep a remark on an order. Numbers inside the remark («gate code 4412») are no orders."""
    said = str(args.get("text") or "")
    refs = [one for one in args.get("orders") or () if not re.search(rf"(?<!\d){re.escape(one)}(?!\d)", said)]
    args = {**args, "orders": refs or args.get("orders")}
    orders = orders_meant(conv, "order.note", args)
    if not args.get("text"):
        numbers = [order.number for order in orders]
        question = Phrase("desk.ask.note", {"numbers": numbers})
        return ask(conv, "order.note", {**args, "orders": numbers}, "text", question).about(*numbers)

    def _one(order: Order) -> Reply:
        kept = add_note(conv.book, order.number, str(args["text"]))
        return Reply((Phrase("desk.noted_on", {"number": order.number, "text": kept.text}),), (_UNDO,)).about(
            order.number
        )

    return each(conv, orders, _one)


def start_following(conv: Conversation, args: Args) -> Reply:
    """Hear of every step change of an order."""

    def _one(order: Order) -> Reply:
        key = "desk.followed" if follow(conv.book, order.number) else "desk.followed_already"
        stop = button("button.unfollow", f"order.unfollow:{order.number}")
        return Reply((Phrase(key, {"number": order.number}),), (stop,)).about(order.number)

    return each(conv, orders_meant(conv, "order.follow", args), _one)


def stop_following(conv: Conversation, args: Args) -> Reply:
    """No longer."""

    def _one(order: Order) -> Reply:
        key = "desk.unfollowed" if unfollow(conv.book, order.number) else "desk.unfollowed_already"
        return Reply((Phrase(key, {"number": order.number}),)).about(order.number)

    return each(conv, orders_meant(conv, "order.unfollow", args), _one)


def hurry(conv: Conversation, args: Args) -> Reply:
    """Ask for more speed: the owners get one push; within the cool-down it is counted only."""

    def _one(order: Order) -> Reply:
        done = urge(conv.book, order.number, args.get("reason") or _own_words(conv))
        facts = {
            "number": order.number,
            "count": done.count,
            "again_at": done.again_at,
            "owners": None if conv.public else list(done.owners) or None,
        }
        key = "desk.urged" if done.pushed else "desk.urged_counted"
        if conv.public:
            key += "_customer"
        says = [Phrase(key, facts), *(_how_it_stands(conv, order) if conv.is_contact else ())]
        return Reply(tuple(says), (button("button.details", f"order.show:{order.number}"),)).about(order.number)

    if conv.is_contact and not args.get("orders") and not _has(conv, args):
        args = {**args, "product": None, "customer": None}  # «现场等着装» names no goods of his
    return each(conv, orders_meant(conv, "order.urge", args), _one)


def _has(conv: Conversation, args: Args) -> bool:
    """Whether a contact has an order in work with the goods that his words seem to name."""
    products = tuple(args.get("product") or ())
    return bool(products) and bool(open_orders(conv, products=products, limit=1))


def _own_words(conv: Conversation) -> str | None:
    """A customer's words are the reason, as he typed them."""
    text = conv.message.text.strip()
    return text if conv.is_contact and conv.message.press is None and _REASON <= len(text) <= _LONGEST else None


def _how_it_stands(conv: Conversation, order: Order) -> tuple[Phrase, ...]:
    """Whoever urges hears honestly where it is and when it is expected: urging alone moves no date."""
    public = public_status_of(conv.book, order)
    stage = public.stage or Phrase("public.received")
    facts = {"stage": stage, "promise": public.promise_date, "confirmed": public.confirmed_at}
    return (Phrase("customer.as_it_stands", facts),)
