"""«收到»: what somebody takes note of, of his work and of what was changed in or wished for an order."""

from __future__ import annotations

from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.guarding import each
from conversations.dialogs.presses import newest_choices
from conversations.dialogs.reading import by_then
from conversations.dialogs.reply import Reply, button, say
from conversations.dialogs.work import NothingToDo, Work, any_work, work_meant, work_of
from conversations.handlers.claiming import heard_of, of_anothers
from conversations.handlers.trouble import note_taken, to_tick
from store.messages import Phrase
from store.operations import frame as facts_of
from store.operations.cards import request_card
from store.operations.claiming import who_was_faster
from store.operations.handovers import decide_request, pending_requests
from store.operations.steps import acknowledge
from store.tables import Step

_UNDO = button("button.undo", "undo")
_TICK = "exception.tick:"


def take_note(conv: Conversation, args: Args) -> Reply:
    """«收到»: a promise; reminders rest until the time said, or for as long as the flow says.

    In words it takes note of a change, and of a special request that was just shown to be ticked or that is all that
    is left to take note of.
    """
    notice = _noticed(conv, args)
    if notice is not None:
        decide_request(conv.book, notice, None, True)
        return say("desk.noted")
    in_words = not args.get("subject") and not args.get("until")
    shown = _tick_shown(conv) if in_words else None
    if shown is not None:
        return note_taken(conv, shown)
    try:
        works = heard_of(conv, args) or work_meant(conv, "step.acknowledge", args, any_work)
    except NothingToDo:
        if args.get("until") or args.get("step"):
            raise
        if to_tick(conv):
            return note_taken(conv, args)
        faster = who_was_faster(conv.book) if args.get("claims") else None
        if faster is not None:
            return Reply((faster,))
        return _offered(conv) or say("desk.nothing_waits")
    until = by_then(conv, args.get("until"))

    def _one(work: Work) -> Reply:
        claimed = of_anothers(conv, args, work)
        if claimed is not None:
            return claimed
        _note_changes(conv, args, work)
        wished = _wished(conv, work) if in_words else None
        if wished is not None:
            return note_taken(conv, wished)
        done = acknowledge(conv.book, work.ref, until, args.get("version"))
        facts = {"number": work.order.number, "step": work.subject.name, "until": done.until, "due": work.subject.due}
        is_step = isinstance(work.subject, Step)
        finish = (button("button.done", f"step.done:{work.subject.id}.{work.subject.version}"),) if is_step else ()
        return Reply((Phrase("desk.acknowledged", facts),), (*finish, _UNDO)).about(work.order.number)

    return each(conv, works, _one)


def _note_changes(conv: Conversation, args: Args, work: Work) -> None:
    """«收到» in words takes note of what was changed in the order, too."""
    for notice in pending_requests(conv.book, kinds=("change_notice",)) if not args.get("subject") else ():
        if notice.order_id == work.order.id:
            decide_request(conv.book, notice.id or 0, None, True)


def _noticed(conv: Conversation, args: Args) -> int | None:
    """The change that is to be noted, when the message quoted or nothing else asks for it."""
    if args.get("subject"):
        return None
    waiting = {request.id: request for request in pending_requests(conv.book, kinds=("change_notice",))}
    card = conv.quoted.card if conv.quoted is not None else None
    if card and card.startswith("request:") and int(card[8:]) in waiting:
        return int(card[8:])
    return next(iter(waiting)) if len(waiting) == 1 and conv.quoted is None and not work_of(conv) else None


def _tick_shown(conv: Conversation) -> Args | None:
    """The special request that the newest message with buttons, or the quoted one, offers to tick and nothing else."""
    actions = [one.action for one in newest_choices(conv)]
    ticks = [one for one in actions if one.startswith(_TICK)]
    if len(ticks) != 1 or any(one.startswith("step.") for one in actions):
        return None
    row, step = ticks[0].removeprefix(_TICK).split(".", 1)
    waiting = {(case.id, key) for case, key in to_tick(conv)}
    return {"exception": int(row), "step_key": step} if (int(row), step) in waiting else None


def _wished(conv: Conversation, work: Work) -> Args | None:
    """The request to be ticked at a step that its owner has acknowledged already: there is nothing else to note."""
    until = work.subject.acknowledged_until
    if not isinstance(work.subject, Step) or until is None or until <= conv.now:
        return None
    found = [case for case, key in to_tick(conv) if case.order_id == work.order.id and key == work.subject.key]
    return {"exception": found[0].id, "step_key": work.subject.key} if found else None


def _offered(conv: Conversation) -> Reply | None:
    """What a colleague wants to pass on: «收到» does not say whether it is taken over."""
    for request in pending_requests(conv.book, kinds=("handover",))[:1]:
        letter = request_card(conv.book, request, Phrase("desk.ask.handover"))
        reply = Reply(letter.says, letter.choices, card=f"request:{request.id}")
        return reply.about(facts_of.order_of(conv.book, request.order_id or 0).number)
    return None
