"""A photo or scan of a purchase order becomes a draft, every field of it to be confirmed; needs gendan[ocr]."""

from __future__ import annotations

from conversations.dialogs.conversation import Conversation
from conversations.dialogs.drafting import orders_in, show_draft
from conversations.dialogs.drafts import mark
from conversations.dialogs.guarding import each
from conversations.dialogs.reading import args_of
from conversations.dialogs.reply import Reply
from conversations.messages import FileIn, PictureWanted
from conversations.understanding.intents import Intent
from conversations.understanding.photos import available, is_picture, page_orders, read_page
from conversations.understanding.understander import Understander


def drafted(conv: Conversation, files: list[FileIn]) -> Reply | None:
    """A draft of the orders on the pictures; None when there are none, or nothing can read them.

    Raises: PictureWanted when they have not been read yet.
    """
    pictures = [file for file in files if is_picture(file.content)]
    reader = conv.reader
    if not pictures or not isinstance(reader, Understander) or not conv.has("sales", "coordinator"):
        return None
    if all(file.words is None for file in pictures):
        if not available():
            return None
        raise PictureWanted
    now, days = conv.now.astimezone(conv.me.zone), conv.company.calendar_of(conv.me.key)
    orders = [one for file in pictures for one in page_orders(read_page(file.words or ()), reader, now=now, days=days)]
    return each(conv, orders, lambda one: _placed(conv, one)) if orders else None


def _placed(conv: Conversation, order: Intent) -> Reply:
    """A draft in which everything is marked: what looks exact may be a misread character."""
    reply = conv.go_on("order.place", args_of(order))
    frame = conv.drafting
    if frame is None:
        return reply
    orders = orders_in(frame)
    if orders[-1].customer:
        mark(orders[-1], "customer", sure=False)
    for line in orders[-1].lines:
        line.guess = line.sku is not None
    return show_draft(conv, frame, orders=orders)
