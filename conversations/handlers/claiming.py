"""A colleague's step that somebody takes himself: «我来», "I'll take it". It happens at once and can be taken back."""

from __future__ import annotations

from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.guarding import each
from conversations.dialogs.reading import by_then
from conversations.dialogs.reply import Reply, button, say
from conversations.dialogs.work import Work, by_ref, work_of
from store.messages import Phrase
from store.operations import frame as facts_of
from store.operations.cards import step_card
from store.operations.claiming import Claimed, claim_step, may_claim, told_of
from store.tables import Step

_UNDO = button("button.undo", "undo")


def claim(conv: Conversation, args: Args) -> Reply:
    """The button of a card: its step is taken, or it is said who has it."""
    return each(conv, [by_ref(conv, args["subject"])], lambda work: take(conv, args, work))


def take(conv: Conversation, args: Args, work: Work) -> Reply:
    """Take a step that is a colleague's; the answer is its card."""
    done = claim_step(conv.book, work.subject.id or 0, by_then(conv, args.get("until")))
    return _card(conv, done)


def of_anothers(conv: Conversation, args: Args, work: Work) -> Reply | None:
    """What «我来» or «收到» in words makes of a colleague's step: it is taken, or offered; None: neither."""
    if args.get("subject") or not is_anothers(conv, work):
        return None
    return take(conv, args, work) if args.get("claims") else offered(conv, work)


def is_anothers(conv: Conversation, work: Work) -> bool:
    """Whether a piece of work is a step of somebody else's."""
    return isinstance(work.subject, Step) and conv.me.key not in {work.subject.owner, work.subject.assigned}


def offered(conv: Conversation, work: Work) -> Reply | None:
    """The question whether a colleague's step is to be taken; None where it cannot be."""
    step = work.subject
    if not isinstance(step, Step) or not may_claim(conv.book, conv.me.key, work.order, step):
        return None
    facts = {"number": work.order.number, "step": step.name, "owner": facts_of.owner_name(conv.book, step)}
    reply = say("desk.claim_offer", **facts).offering(button("button.claim", f"step.claim:{step.id}"))
    return reply.as_card(f"step:{step.id}").about(work.order.number)


def heard_of(conv: Conversation, args: Args) -> list[Work]:
    """The step that somebody who says «我来» was told of: of the message quoted, of the order named, else the last.

    None when he says anything else, or has work of his own that he may mean.
    """
    if not args.get("claims") or args.get("subject"):
        return []
    told = [Work(step, order) for order, step in told_of(conv.book, conv.me.key)]
    card = conv.quoted.card if conv.quoted is not None else None
    if card is not None:
        return [work for work in told if f"step:{work.subject.id}" == card]
    named = tuple(str(one) for one in args.get("orders") or ())
    if named:
        return [work for work in told if work.order.number.endswith(named) and is_anothers(conv, work)]
    return [] if work_of(conv) else told[:1]


def _card(conv: Conversation, done: Claimed) -> Reply:
    facts = {"step": done.step.name, "until": done.until, "from": None}
    if done.before != conv.me.key:
        facts["from"] = facts_of.name(conv.book, done.before)
    letter = step_card(conv.book, done.order, done.step, Phrase("step.card_claimed", facts))
    reply = Reply(letter.says, letter.choices).as_card(f"step:{done.step.id}").about(done.order.number)
    return reply.offering(_UNDO)
