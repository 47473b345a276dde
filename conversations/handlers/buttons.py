"""What a button does: its verb, and its arguments as those of an act. Rights and state are judged anew by the act."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conversations.dialogs.asking import picked
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.drafting import leave_draft, pick_in_draft, place_draft
from conversations.dialogs.frames import consented, left
from conversations.dialogs.reply import Reply, say
from conversations.handlers.listing import more, show_question

Action = Callable[[Conversation, str], Reply]


def _ids(rest: str) -> tuple[int, int | None]:
    """«ID.V» as numbers."""
    first, _, second = rest.partition(".")
    return int(first), int(second) if second.isdigit() else None


def _on_subject(act: str, kind: str, **fixed: object) -> Action:
    """A button of a card: the act on that very row, as it was when the card was drawn."""

    def _press(conv: Conversation, rest: str) -> Reply:
        row, version = _ids(rest)
        return conv.go_on(act, {"subject": [kind, row], "version": version, **fixed})

    return _press


def _on_request(act: str, **fixed: object) -> Action:
    def _press(conv: Conversation, rest: str) -> Reply:
        row, version = _ids(rest)
        return conv.go_on(act, {"request": row, "version": version, **fixed})

    return _press


def _on_order(act: str) -> Action:
    def _press(conv: Conversation, rest: str) -> Reply:
        return conv.go_on(act, {"orders": [rest.partition(" ")[0]]})

    return _press


def _on_contact(act: str) -> Action:
    def _press(conv: Conversation, rest: str) -> Reply:
        return conv.go_on(act, {"contact": [rest]})

    return _press


def _accept(what: str) -> Action:
    def _press(conv: Conversation, rest: str) -> Reply:
        return conv.go_on("customer.accept", {"what": what, "orders": [rest]})

    return _press


def _tick(conv: Conversation, rest: str) -> Reply:
    row, _, step = rest.partition(".")
    return conv.go_on("problem.tick", {"exception": int(row), "step_key": step})


def _score(conv: Conversation, rest: str) -> Reply:
    order, number = _ids(rest)
    return conv.go_on("score", {"order": order, "n": number})


def _undo(conv: Conversation, rest: str) -> Reply:
    args: Args = {"undo": int(rest)} if rest.isdigit() else {}
    return conv.go_on("undo", args)


def _alias(act: str) -> Action:
    def _press(conv: Conversation, rest: str) -> Reply:
        return conv.go_on(act, {"wording": int(rest)})

    return _press


def _help(conv: Conversation, _rest: str) -> Reply:
    return conv.go_on("help", {})


def _second(conv: Conversation, rest: str) -> Reply:
    return conv.go_on("suggestion.second", {"suggestion": int(rest)})


def _confirm(conv: Conversation, rest: str) -> Reply:
    frame = conv.memory.find(rest)
    if frame is None:
        return say("desk.button_gone")
    return place_draft(conv, frame) if frame.kind == "draft" else consented(conv, frame)


def _leave(conv: Conversation, rest: str) -> Reply:
    frame = conv.memory.find(rest)
    if frame is None:
        return say("desk.button_gone")
    return leave_draft(conv, frame) if frame.kind == "draft" else left(conv, frame)


def _pick(conv: Conversation, rest: str) -> Reply:
    nonce, _, number = rest.partition(".")
    frame = conv.memory.find(nonce)
    if frame is None or not number.isdigit():
        return say("desk.button_gone")
    chosen = (pick_in_draft if frame.kind == "draft" else picked)(conv, frame, int(number))
    return chosen if chosen is not None else say("desk.button_gone")


ACTIONS: Mapping[str, Action] = {
    "alias.take": _alias("alias.take"),
    "alias.drop": _alias("alias.drop"),
    "step.ack": _on_subject("step.acknowledge", "step"),
    "step.done": _on_subject("step.complete", "step"),
    "step.postpone": _on_subject("step.postpone", "step"),
    "step.problem": _on_subject("problem.report", "step"),
    "step.snooze": _on_subject("step.snooze", "step"),
    "step.claim": _on_subject("step.claim", "step"),
    "step.hand_over": _on_subject("step.hand_over", "step"),
    "review.approve": _on_subject("review.approve", "step"),
    "review.return": _on_subject("review.return", "step"),
    "change.approve": _on_subject("review.approve", "change"),
    "change.return": _on_subject("review.return", "change"),
    "exception.ack": _on_subject("step.acknowledge", "exception"),
    "exception.close": _on_subject("problem.solve", "exception"),
    "exception.snooze": _on_subject("step.snooze", "exception"),
    "exception.postpone": _on_subject("step.postpone", "exception"),
    "exception.tick": _tick,
    "request.accept": _on_subject("handover.accept", "request"),
    "request.show": show_question,
    "request.decline": _on_subject("handover.decline", "request"),
    "notice.send": _on_request("notice.send"),
    "notice.edit": _on_request("notice.send", edit=True),
    "notice.drop": _on_request("notice.drop"),
    "question.reply": _on_request("question.answer"),
    "question.draft": _on_request("question.draft"),
    "accept.delivery": _accept("delivery"),
    "accept.date": _accept("date"),
    "talk.begin": _on_contact("contact.talk"),
    "talk.end": _on_contact("contact.release"),
    "tracking.share": _on_order("tracking.share"),
    "flow.publish": _on_request("flow.publish", accept=True),
    "flow.drop": _on_request("flow.publish", accept=False),
    "order.show": _on_order("order.show"),
    "order.urge": _on_order("order.urge"),
    "order.follow": _on_order("order.follow"),
    "order.unfollow": _on_order("order.unfollow"),
    "order.resume": _on_order("order.resume"),
    "order.timeline": _on_order("order.timeline"),
    "score": _score,
    "undo": _undo,
    "list.more": more,
    "help": _help,
    "suggestion.second": _second,
    "dialog.confirm": _confirm,
    "dialog.leave": _leave,
    "dialog.pick": _pick,
}
