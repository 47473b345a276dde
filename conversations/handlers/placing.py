"""Placing orders by words: every order.place of a message becomes one order of one draft."""

from __future__ import annotations

from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.drafting import open_draft, orders_in, show_draft
from conversations.dialogs.drafts import draft_of, to_facts
from conversations.dialogs.reply import Reply
from store.messages import Phrase, pack
from store.operations.permits import require_customer  # noqa: F401  # judged inside set_customer and when placing
from store.refusals import NotAllowed


def place(conv: Conversation, args: Args) -> Reply:
    """A draft of what was said; several orders of one message share it and are confirmed once."""
    if not conv.has("sales", "coordinator"):
        raise NotAllowed(right=Phrase("right.order.place"), who=[Phrase("role.sales"), Phrase("role.coordinator")])
    draft = draft_of(conv, args)
    frame = conv.drafting
    if frame is not None and conv.memory.find(frame.nonce):
        frame.data["orders"] = [*frame.data["orders"], pack(to_facts(draft))]
        return show_draft(conv, frame, orders=orders_in(frame))
    reply = open_draft(conv, [draft])
    conv.drafting = conv.memory.of_kind("draft")
    return reply
