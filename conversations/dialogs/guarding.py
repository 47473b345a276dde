"""Each thing done by itself: what is refused is taken back and told, the others stand."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from conversations.dialogs.conversation import Asks, Conversation
from conversations.dialogs.reply import Reply, button, join
from store.messages import Choice, Fact
from store.refusals import NotFound, Refusal

log = logging.getLogger(__name__)
T = TypeVar("T")
U = TypeVar("U")


def guarded(conv: Conversation, work: Callable[[], Reply]) -> Reply:
    """Run one thing: a Refusal rolls it back and is told, a question is the answer."""
    book = conv.book
    marks = len(book.events), len(book.undoable), len(book.told)
    frames = list(conv.memory.frames)
    try:
        with book.attempt():
            return work()
    except Asks as asking:
        reply = asking.reply
    except Refusal as refusal:
        log.info("refused", extra={"action": "refused", "inbox_id": conv.inbox.id, "key": refusal.key})
        conv.refusal = refusal
        conv.missed += isinstance(refusal, NotFound)
        conv.memory.closed = [frame for frame in conv.memory.closed if frame not in frames]
        conv.memory.frames = frames
        reply = refused(refusal)
    del book.events[marks[0] :], book.undoable[marks[1] :], book.told[marks[2] :]
    return reply


def each(conv: Conversation, things: Iterable[T], work: Callable[[T], Reply]) -> Reply:
    """The same for several things, answered in one reply, with what could not be found among them."""
    replies = [guarded(conv, lambda thing=thing: work(thing)) for thing in things]  # type: ignore[misc]
    replies += [refused(one) for one in conv.beside]
    conv.missed += sum(isinstance(one, NotFound) for one in conv.beside)
    conv.beside = []
    return join(replies)


def those_found(conv: Conversation, named: Sequence[T], find: Callable[[T], U]) -> list[U]:
    """What is meant by each of several names; those that lead nowhere are told beside the others.

    Raises Refusal, of the first, when none leads anywhere.
    """
    found: list[U] = []
    refusals: list[Refusal] = []
    for one in named:
        try:
            found.append(find(one))
        except Refusal as refusal:
            refusals.append(refusal)
    if refusals and not found:
        raise refusals[0]
    conv.beside += refusals
    return found


def refused(refusal: Refusal) -> Reply:
    """A refusal as it is said, with what leads on from it."""
    offer = _WAYS_ON.get(refusal.key)
    return Reply((refusal.phrase,), offer(refusal.facts) if offer else ())


def _tick(facts: Mapping[str, Fact]) -> tuple[Choice, ...]:
    return (button("button.tick", f"exception.tick:{facts['exception']}.{facts['step_key']}"),)


def _details(facts: Mapping[str, Fact]) -> tuple[Choice, ...]:
    number = facts.get("number")
    return (button("button.details", f"order.show:{number}"),) if number else ()


_WAYS_ON: Mapping[str, Callable[[Mapping[str, Fact]], tuple[Choice, ...]]] = {
    "refused.tick_first": _tick,
    "refused.conflict": _details,
    "refused.step_not_active": _details,
    "refused.on_hold": _details,
    "refused.request_decided": _details,
    "refused.no_such_work": _details,
    "refused.waits_for_change": _details,
}
