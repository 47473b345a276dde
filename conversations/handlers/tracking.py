"""Public tracking pages by conversation: made, given to the customer, taken back."""

from __future__ import annotations

from conversations.dialogs.context import orders_meant
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.guarding import each
from conversations.dialogs.reply import Reply, say
from store.operations.tracking import revoke, share
from store.refusals import Invalid
from store.tables import Order


def give_link(conv: Conversation, args: Args) -> Reply:
    """The address of an order's page: for staff to forward, for the customer himself."""
    if conv.is_contact and conv.links.web is None:
        return conv.go_on("customer.words", {"text": conv.message.text})
    orders = orders_meant(conv, "tracking.share", args)

    def _one(order: Order) -> Reply:
        url = conv.links.track(share(conv.book, order.number))
        if url is None:
            raise Invalid("refused.no_web_address")
        key = "tracking.yours" if conv.is_contact else "tracking.link"
        reply = say(key, number=order.number, url=url).about(order.number)
        return reply.for_customers() if conv.is_contact else reply

    return each(conv, orders, _one)


def take_back(conv: Conversation, args: Args) -> Reply:
    """The page is gone, at once."""
    orders = orders_meant(conv, "tracking.revoke", args)

    def _one(order: Order) -> Reply:
        count = revoke(conv.book, order.number)
        return say("tracking.revoked" if count else "tracking.none", number=order.number).about(order.number)

    return each(conv, orders, _one)
