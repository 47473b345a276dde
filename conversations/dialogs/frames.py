"""How each kind of open matter takes what is typed; None leaves the text to the matters below and to the intents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from conversations.dialogs.asking import answered, asked_again, confirmed, picked
from conversations.dialogs.conversation import Conversation
from conversations.dialogs.drafting import take_draft
from conversations.dialogs.figures import FIGURE, as_args, figures_in
from conversations.dialogs.formwords import option_named
from conversations.dialogs.memory import Frame
from conversations.dialogs.reading import args_of, plain
from conversations.dialogs.reply import Reply, join, say
from conversations.understanding.intents import CHANGING, Intent, Understood
from store.messages import unpack

WORDS = frozenset({"text", "reason", "field"})
_NO_REASON = frozenset({"yes", "no", "skip", "thanks", "greeting", "small_talk"})
_ANSWERS = frozenset({"answer", "number", "yes", "no", "skip", "score", "small_talk", "thanks", "greeting"})


def take(conv: Conversation, frame: Frame, understood: Understood) -> Reply | None:
    """What an open matter makes of a text; None if the text is not for it."""
    return _TAKERS[frame.kind](conv, frame, understood)


def ended(conv: Conversation) -> None:
    """Forget questions that nobody answered for a working day; drafts are kept."""
    for frame in list(conv.memory.frames):
        asked = frame.data.get("at")
        if frame.kind == "draft" or not asked:
            continue
        calendar = conv.company.calendar_of(conv.me.key)
        if calendar.add(datetime.fromisoformat(asked), calendar.day_minutes) < conv.now:
            conv.memory.close(frame)


def drop_guesses(conv: Conversation, text: str) -> None:
    """Something else was typed: «did you mean» was about the last words and is over."""
    for frame in [one for one in conv.memory.frames if one.data.get("act") == "suggested"]:
        if option_named(text, frame.data.get("labels", ()), whole=True) is None:
            conv.memory.close(frame)


def left(conv: Conversation, frame: Frame) -> Reply:
    """The matter is dropped."""
    conv.memory.close(frame)
    draft = conv.memory.of_kind("draft")
    reply = say("desk.left_draft" if frame.kind == "draft" else "desk.left")
    return reply.also(*say("desk.draft_kept").says) if draft is not None and frame.kind != "draft" else reply


def _take_question(conv: Conversation, frame: Frame, understood: Understood) -> Reply | None:
    first = understood.intent
    name = first.name if first else None
    if name == "leave":
        return left(conv, frame)
    if str(frame.data["want"]).startswith(FIGURE) and (figures := _figures(conv, frame, understood)):
        conv.memory.close(frame)
        return conv.go_on(frame.data["act"], {**unpack(frame.data["args"]), **as_args(figures)})
    if first is not None and name == "number" and frame.data.get("values"):
        number = first.value("n")
        chosen = picked(conv, frame, int(number)) if str(number).isdigit() else None
        if chosen is not None:
            return chosen
    same = _labelled(frame, understood)
    if same is not None:
        return answered(conv, frame, same)
    if frame.data["want"] == "orders" and first is not None and _only_orders(first):
        args = args_of(first)
        return answered(conv, frame, args.get("orders") or [str(args.get("n"))])
    if frame.expects == "pick":
        return None
    if first is not None and name not in _ANSWERS and not _swallowed(frame, first):
        return None
    if frame.expects == "reason" and name in _NO_REASON:
        return asked_again(conv, frame)
    value = _value(frame, first, understood)
    if value is not None and frame.data["act"] == "step.complete":
        return conv.go_on("step.filled", {"asked": frame.nonce, "value": value, "words": understood.raw})
    return None if value is None else answered(conv, frame, value)


def _figures(conv: Conversation, frame: Frame, understood: Understood) -> dict[str, Any]:
    """Several figures of a blind review typed in one line, or one that is not the one asked for; else nothing."""
    if any("orders" in one.slots and one.name != "order.change" for one in understood.intents):
        return {}
    args = unpack(frame.data["args"])
    given = [key.removeprefix(FIGURE) for key in args if key.startswith(FIGURE)]  # typed before: it may be corrected
    wanted = [*(args.get("wanted") or ()), *given]
    found = figures_in(conv, understood.raw, wanted)
    asked = str(frame.data["want"]).removeprefix(FIGURE)
    unread = understood.intent is None
    return found if len(found) > 1 or (found and (unread or asked not in found)) else {}


def _swallowed(frame: Frame, intent: Intent) -> bool:
    """Whether words that look like something wanted are the reason asked for: they name neither order nor act."""
    if intent.name == frame.data["act"]:
        return False
    return frame.expects in WORDS and intent.name in CHANGING and "orders" not in intent.slots and intent.confidence < 1


def _value(frame: Frame, first: Intent | None, understood: Understood) -> Any:
    if first is not None and first.name == "answer":
        return plain(first.value("value"))
    if frame.expects in WORDS:
        return understood.raw.strip() or None
    if first is not None and first.name in {"number", "score"}:
        return first.value("n")
    return None


def _only_orders(intent: Intent) -> bool:
    return intent.name in {"order.show", "number"} and bool(intent.slots) and set(intent.slots) <= {"orders", "n"}


def _labelled(frame: Frame, understood: Understood) -> Any:
    """The option whose value or label the text is; a choice of a form may have a word around it."""
    values = [unpack(value) for value in frame.data.get("values", ())]
    labels = frame.data.get("labels", ())
    if any("orders" in one.slots for one in understood.intents) and frame.expects != "pick":
        return None
    names = [(value, *labels[at : at + 1]) for at, value in enumerate(values)]
    place = option_named(understood.raw, names, whole=frame.expects != "choice")
    return values[place] if place is not None else None


def _take_consent(conv: Conversation, frame: Frame, understood: Understood) -> Reply | None:
    first = understood.intent
    if first is None or len(understood.intents) > 1:
        return None
    if first.name == "yes":
        return consented(conv, frame)
    if first.name in {"no", "leave"}:
        return left(conv, frame)
    if first.name == "answer":
        value = first.value("value")
        return consented(conv, frame) if value is True else left(conv, frame) if value is False else None
    return None


def consented(conv: Conversation, frame: Frame) -> Reply:
    """Everything that waited for this consent, done."""
    return join(conv.go_on(act, args) for act, args in confirmed(conv, frame))


_TAKERS: Mapping[str, Callable[[Conversation, Frame, Understood], Reply | None]] = {
    "ask": _take_question,
    "confirm": _take_consent,
    "draft": take_draft,
}
