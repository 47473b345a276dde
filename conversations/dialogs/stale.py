"""A button on an old card never acts: the answer is how things stand now, and the card loses its buttons."""

from __future__ import annotations

from conversations.dialogs.conversation import Conversation
from conversations.dialogs.presses import Press
from conversations.dialogs.reply import Reply, say
from store.messages import Letter, unpack_letter
from store.operations.cards import retire_card
from store.operations.claiming import taken_by, taken_over
from store.tables import Outbox

PAST = frozenset({"refused.conflict", "refused.step_not_active", "refused.request_decided", "refused.waits_for_change",
                  "refused.step_taken"})  # fmt: skip
"""Refusals that say the world has moved on since the card was drawn."""


_OWN = frozenset({"step.claim", "step.ack", "step.done", "step.postpone", "step.snooze"})
"""What one does to one's own step."""
_ASKED = frozenset({"request.accept", "request.decline"})


def present_state(conv: Conversation, press: Press) -> Reply:
    """What became of the thing that an old button was about."""
    row = press.row
    if row is None:
        return say("desk.no_such_button")
    take_buttons(conv, row)
    orders = list(row.orders)
    taken = _who_has_it(conv, press.action or "")
    if taken is not None:
        return taken
    if (row.card or "").startswith("dialog:") or not orders:
        return say("desk.button_gone")
    shown = conv.go_on("order.show", {"orders": orders[:1]})
    return Reply((*say("desk.button_gone").says, *shown.says), shown.choices, orders=shown.orders)


def _who_has_it(conv: Conversation, action: str) -> Reply | None:
    """Of a step that somebody else was faster to take: who he is."""
    verb, _, key = action.partition(":")
    row = key.partition(".")[0]
    has = taken_by(conv.book, int(row)) if verb in _OWN and row.isdigit() else None
    if has is not None:
        return Reply((has.phrase,)).about(str(has.facts["number"]))
    over = taken_over(conv.book, int(row)) if verb in _ASKED and row.isdigit() else None
    return Reply((over,)).about(str(over.facts["number"])) if over is not None else None


def take_buttons(conv: Conversation, row: Outbox) -> None:
    """Take the buttons from a message that was sent."""
    if not row.buttons_live or row.status != "sent":
        return
    book = conv.book
    edit = Outbox(
        person=row.person,
        channel=row.sent_via or row.channel,
        account=row.account,
        conversation=row.conversation,
        group=row.group,
        kind="edit",
        body={**row.body, "choices": [], "files": []},
        edits=row.edits or row.id,
        card=row.card,
        order_id=row.order_id,
        orders=list(row.orders),
        created_at=book.now,
        send_at=book.now,
    )
    row.buttons_live = False
    book.session.add(row)
    book.post(edit)


__all__ = ["PAST", "Letter", "present_state", "retire_card", "take_buttons", "unpack_letter"]
