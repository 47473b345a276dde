"""A colleague says that goods which had left have arrived: noted once, and the customer's people hear it."""

from __future__ import annotations

import re

from conversations.dialogs.context import from_context, in_sight
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.reply import Reply, button
from store.messages import Phrase
from store.operations import frame as facts_of
from store.operations.delivering import confirm_delivery
from store.reads.seeing import find_order
from store.tables import Order

_ARRIVED = re.compile(
    r"签收|送达|送到了|已送到|客户.{0,6}收到|\b(?:delivered|arrived|signed for|received by)\b", re.IGNORECASE
)


def delivered(conv: Conversation, args: Args) -> Reply | None:
    """The answer to words that say so; None when they are about a step that is still to be done, or a button's."""
    words = str(args.get("words") or conv.message.text)
    if args.get("subject") or conv.message.press is not None or not _ARRIVED.search(words):
        return None
    order = _that_has_left(conv, args)
    if order is None:
        return None
    done = confirm_delivery(conv.book, order.number, words)
    says = [Phrase("desk.delivered_known" if done.again else "desk.delivered", {"number": order.number, "at": done.at})]
    if done.told:
        says.append(Phrase("desk.customer_told", {"count": len(done.told)}))
    return Reply(tuple(says), (button("button.details", f"order.show:{order.number}"),)).about(order.number)


def _that_has_left(conv: Conversation, args: Args) -> Order | None:
    """The one order meant, if its goods have been sent by a step that ships."""
    numbers = args.get("orders") or from_context(conv)
    found = in_sight(conv, find_order(conv.book, conv.me.key, numbers[0])) if len(numbers) == 1 else []
    if len(found) != 1:
        return None
    steps = [one for one in facts_of.steps(conv.book, found[0]) if facts_of.spec(conv.book, found[0], one.key).ships]
    sent = any(one.status == "done" for one in steps) and all(one.status in {"done", "skipped"} for one in steps)
    return found[0] if sent else None
