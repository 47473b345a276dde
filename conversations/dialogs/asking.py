"""Questions that wait: one missing word, one of several, or the consent to what was shown; then on with the act.

Each is a frame that names the act to go on with and its arguments; the answer is put in under `want`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.memory import Frame
from conversations.dialogs.reply import Reply, button
from conversations.rendering import LISTED
from store.messages import Choice, Fact, Phrase, pack, unpack

NUMERIC = frozenset({"quantity", "price", "number", "figures", "score", "field", "date"})
"""Where the answer may be a number, a typed number is no numbered choice; such questions have no other buttons."""

Option = tuple[Phrase, Fact]
"""A choice: what it says, and what it means."""


def ask(
    conv: Conversation,
    act: str,
    args: Args,
    want: str,
    question: Phrase,
    *,
    expects: str = "text",
    options: Sequence[Option] = (),
    extra: Sequence[Choice] = (),
) -> Reply:
    """Ask for one thing.

    Args:
        conv: the conversation.
        act: what to go on with.
        args: what is known already.
        want: the name under which the answer goes into the arguments.
        question: what to ask.
        expects: the kind of answer (see understanding.intents.Expected).
        options: answers as buttons.
        extra: further buttons, which lead elsewhere.
    """
    data: dict[str, Any] = {
        "act": act,
        "args": pack(args),
        "want": want,
        "values": [pack(value) for _, value in options],
        "labels": [conv.words.say(label) for label, _ in options],
        "at": conv.now.isoformat(),
    }
    frame = conv.memory.open("ask", expects=expects, **data)
    picks = tuple(Choice(label, f"dialog.pick:{frame.nonce}.{place}") for place, (label, _) in enumerate(options, 1))
    may_leave = act != "order.show" and (picks or expects not in NUMERIC)
    leave = (button("button.never_mind", f"dialog.leave:{frame.nonce}"),) if may_leave else ()
    return Reply((question,), (*picks, *extra, *leave), card=frame.card)


def choose(
    conv: Conversation,
    act: str,
    args: Args,
    want: str,
    question: Phrase,
    options: Sequence[Option],
    *,
    listed: bool = False,
) -> Reply:
    """Ask which one is meant, with a button each; `listed`: the text numbers them too, where labels may be cut."""
    reply = ask(conv, act, args, want, question, expects="pick", options=options)
    if not listed:
        return reply
    lines = tuple(Phrase(LISTED, {"n": place, "what": label}) for place, (label, _) in enumerate(options, 1))
    return replace(reply, says=(*reply.says, *lines))


def confirm(conv: Conversation, act: str, args: Args, *says: Phrase) -> Reply:
    """Show what would happen; it happens on confirmation. Several of one message are confirmed at once."""
    entry = [act, pack(args)]
    frame = conv.confirming
    if frame is not None and conv.memory.find(frame.nonce):
        frame.data["acts"] = [*frame.data["acts"], entry]
    else:
        frame = conv.confirming = conv.memory.open("confirm", expects="yes_no", acts=[entry])
    return Reply(
        says,
        (
            button("button.confirm", f"dialog.confirm:{frame.nonce}"),
            button("button.never_mind", f"dialog.leave:{frame.nonce}"),
        ),
        card=frame.card,
    )


def answered(conv: Conversation, frame: Frame, value: Fact) -> Reply:
    """Go on with what a question was asked for."""
    conv.memory.close(frame)
    args = dict(unpack(frame.data["args"]))
    args[frame.data["want"]] = value
    return conv.go_on(frame.data["act"], args)


def replace_args(frame: Frame, args: Args) -> Frame:
    """The question with other arguments for its act."""
    frame.data["args"] = pack(args)
    return frame


def asked_again(conv: Conversation, frame: Frame) -> Reply:
    """The same question once more: what was typed is no answer to it."""
    act, args = frame.data["act"], dict(unpack(frame.data["args"]))
    conv.memory.close(frame)
    return conv.go_on(act, args)


def picked(conv: Conversation, frame: Frame, number: int) -> Reply | None:
    """Take the numbered choice of a question; None if there is none of that number."""
    values = frame.data.get("values", ())
    return answered(conv, frame, unpack(values[number - 1])) if 1 <= number <= len(values) else None


def confirmed(conv: Conversation, frame: Frame) -> list[tuple[str, Args]]:
    """The acts that were waiting for this consent, with `confirmed` among their arguments."""
    conv.memory.close(frame)
    return [(act, {**unpack(args), "confirmed": True}) for act, args in frame.data["acts"]]
