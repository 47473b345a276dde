"""The dialog of a draft: asking for what is missing, taking answers and corrections, placing on confirmation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from conversations.dialogs import drafts
from conversations.dialogs.besides import VALUES, answer_in_parts
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.draft_cards import draft_says, placed_reply
from conversations.dialogs.draft_changes import apply, put
from conversations.dialogs.drafts import Draft, Missing, from_facts, to_facts
from conversations.dialogs.formwords import option_named, said_in, unreadable, without
from conversations.dialogs.memory import Frame
from conversations.dialogs.reading import amount_of, args_of, plain
from conversations.dialogs.redrafting import changes_of
from conversations.dialogs.reply import Reply, button, join, say
from conversations.learning import learn
from conversations.understanding.intents import Intent, Understood
from store.messages import Choice, FileRef, Phrase, pack, unpack
from store.operations.notes import add_note
from store.operations.orders import place_orders
from store.operations.permits import require_customer

_PLAIN = frozenset({"order.change", "answer", "number", "score", "money.receive"})
_SHORT = 24
"""Characters of a line that is about one field."""
_AROUND = 6
"""So many characters around a field and its value say nothing else."""

_MANY = 6
"""Beyond so many orders a draft is shown in sum."""


def open_draft(conv: Conversation, orders: Sequence[Draft], **extra: Any) -> Reply:
    """Show a new draft, on top of what is open."""
    frame = conv.memory.open("draft", orders=[pack(to_facts(one)) for one in orders], **extra)
    return show_draft(conv, frame)


def orders_in(frame: Frame) -> list[Draft]:
    """The orders of a draft."""
    return [from_facts(unpack(one)) for one in frame.data["orders"]]


def show_draft(conv: Conversation, frame: Frame, *before: Phrase, orders: list[Draft] | None = None) -> Reply:
    """The draft as it stands, with the next question or the confirmation; what it showed before loses its buttons."""
    found = orders if orders is not None else orders_in(frame)
    place, missing = _next_missing(conv, found)
    frame.data["orders"] = [pack(to_facts(one)) for one in found]
    says = (*before, *draft_says(conv, found, frame.data))
    files = tuple(FileRef(*one) for one in frame.data.get("files", ()))
    if missing is None:
        frame.expects, frame.data["asked"] = "yes_no", None
        choices = (
            button("button.confirm", f"dialog.confirm:{frame.nonce}"),
            button("button.never_mind", f"dialog.leave:{frame.nonce}"),
        )
        return Reply((*says, Phrase("draft.confirm", {"count": len(found) if len(found) > 1 else None})), choices,
                     files, card=frame.card)  # fmt: skip
    frame.expects = missing.expects
    frame.data["asked"] = {
        "order": place,
        "field": missing.field,
        "line": missing.line,
        "values": [pack(value) for _, value in missing.options],
        "labels": [conv.words.say(label) for label, _ in missing.options],
    }
    picks = tuple(Choice(label, f"dialog.pick:{frame.nonce}.{n}") for n, (label, _) in enumerate(missing.options, 1))
    leave = (button("button.never_mind", f"dialog.leave:{frame.nonce}"),) if picks else ()
    nth = Phrase("draft.nth", {"n": place + 1}) if len(found) > 1 else None
    question = (nth, missing.question) if nth else (missing.question,)
    return Reply((*says, *question), (*picks, *leave), files, card=frame.card)


def _next_missing(conv: Conversation, orders: list[Draft]) -> tuple[int, Missing | None]:
    """The first order that lacks something, and what."""
    for place, draft in enumerate(orders):
        missing = drafts.next_missing(conv, draft)
        if missing is not None:
            return place, missing
    return 0, None


def renewed(conv: Conversation, frame: Frame, orders: list[Draft], *before: Phrase) -> Reply:
    """The draft after a change: shown anew, the old card's buttons are stale."""
    conv.memory.renew(frame)
    for draft in orders:
        drafts.fill_form(conv, draft)
    return show_draft(conv, frame, *before, orders=orders)


def take_draft(conv: Conversation, frame: Frame, understood: Understood) -> Reply | None:
    """What a draft makes of a text: an answer, a correction, the confirmation; None if it is about something else."""
    first = understood.intent
    if first is not None and first.name == "leave":
        return leave_draft(conv, frame)
    chosen = _chosen(frame, understood)
    if chosen is not None:
        return set_asked(conv, frame, chosen)
    parts = _in_parts(conv, frame, understood)
    if parts is not None:
        return set_asked(conv, frame, *parts)
    named = _named_fields(conv, frame, understood)
    if named is not None:
        return named
    redrafted = changes_of(conv, frame, understood, orders_in(frame))
    if redrafted is not None:
        return correct(conv, frame, redrafted)
    if first is None:
        return _unread(conv, frame, understood)
    if first.name in {"yes", "no"} and not frame.data.get("asked"):
        return place_draft(conv, frame) if first.name == "yes" else leave_draft(conv, frame)
    if all(one.name == "order.change" and not one.slots.get("orders") for one in understood.intents):
        return correct(
            conv, frame, [plain(change) for one in understood.intents for change in one.value("changes") or ()]
        )
    if first.name in {"yes", "no"} and frame.data["asked"]["field"] == "repeat":
        return leave_draft(conv, frame) if first.name == "yes" else set_asked(conv, frame, "not_repeat")
    if first.name == "order.place" and _completes(frame, first):
        orders = orders_in(frame)
        target = orders[(frame.data.get("asked") or {}).get("order", 0)]
        _merge(conv, target, args_of(first))
        return renewed(conv, frame, orders)
    if first.name in {"answer", "number", "score", "yes", "no", "skip"} and frame.data.get("asked"):
        return _answer(conv, frame, first, understood)
    return None


def _chosen(frame: Frame, understood: Understood) -> Any:
    """The choice that a text names, by its value or label, alone or with a word or two around it; None if none."""
    asked = frame.data.get("asked") or {}
    values = [unpack(one) for one in asked.get("values") or ()]
    if not values or any("orders" in one.slots for one in understood.intents):
        return None
    names = [(value, *asked.get("labels", ())[at : at + 1]) for at, value in enumerate(values)]
    place = option_named(understood.raw, names, whole=frame.expects != "choice")
    return values[place] if place is not None else None


def _named_fields(conv: Conversation, frame: Frame, understood: Understood) -> Reply | None:
    """Fields of the order form that are given by name while the draft is open: «楼层 6», «楼层改成6 数量改成40»."""
    intents = understood.intents
    if any(one.name not in _PLAIN or one.slots.get("orders") for one in intents):
        return None
    orders = orders_in(frame)
    place = (frame.data.get("asked") or {}).get("order") or 0
    form = drafts.form_of(conv, orders[place])
    said = said_in(understood.raw, form, named_only=True)
    odd = unreadable(understood.raw, form)
    if odd is not None and len(understood.raw) <= _SHORT:
        drafts.set_field(conv, orders[place], odd[0].field, odd[1])
    if not said or (not intents and len(without(understood.raw, said)) > _AROUND):
        return None
    changes = [
        plain(one) for intent in intents if intent.name == "order.change" for one in intent.value("changes") or ()
    ]
    numbers = {str(amount_of(one.value)) for one in said}
    others = [one for one in changes if str(amount_of(one.get("value"))) not in numbers]
    read = {one["field"] for one in others}
    mine = [{"field": one.part.field, "value": one.value, "mode": "set"} for one in said if one.part.field not in read]
    for one in mine:  # an address goes on behind a comma: 5 Main St, Newark
        whole = next((each.value for each in conv.redraft(understood.raw).changes if each.field == one["field"]), None)
        if isinstance(whole, str) and whole.startswith(str(one["value"])):
            one["value"] = whole
    return correct(conv, frame, [*others, *mine])


def _in_parts(conv: Conversation, frame: Frame, understood: Understood) -> tuple[Any, list[dict[str, Any]]] | None:
    """The answer to what was asked with further fields beside it."""
    asked = frame.data.get("asked")
    if (
        not asked
        or frame.expects not in VALUES
        or any(one.name not in {"answer", "order.change"} or one.slots.get("orders") for one in understood.intents)
    ):
        return None
    return answer_in_parts(
        conv, frame.expects, understood.raw, drafts.form_of(conv, orders_in(frame)[asked["order"] or 0])
    )


def _unread(conv: Conversation, frame: Frame, understood: Understood) -> Reply | None:
    asked = frame.data.get("asked")
    if not asked:
        return None
    if frame.expects in {"field", "text"}:
        return set_asked(conv, frame, understood.raw.strip())
    if frame.expects in {"customer", "product"}:
        return set_asked(conv, frame, {"keys": [], "said": understood.raw.strip()[:60], "sure": False})
    return None


def _answer(conv: Conversation, frame: Frame, intent: Intent, understood: Understood) -> Reply | None:
    asked = frame.data["asked"]
    number = intent.value("n") if intent.name in {"number", "score"} else None
    values = asked.get("values") or ()
    if number is not None and values and str(number).isdigit() and 1 <= int(number) <= len(values):
        return set_asked(conv, frame, unpack(values[int(number) - 1]))
    if intent.name == "answer":
        return set_asked(conv, frame, plain(intent.value("value")))
    if number is not None and frame.expects in {"quantity", "price", "number", "field"}:
        return set_asked(conv, frame, amount_of(str(number)) if frame.expects != "field" else str(number))
    if intent.name in {"yes", "no", "skip"} and not _yes_or_no(conv, frame):
        return show_draft(conv, frame)
    if frame.expects in {"field", "text"}:
        return set_asked(conv, frame, understood.raw.strip())
    return None


def _yes_or_no(conv: Conversation, frame: Frame) -> bool:
    """Whether the field asked for is one to be ticked."""
    asked = frame.data["asked"]
    draft = orders_in(frame)[asked["order"]]
    return any(one.field == asked["field"] and one.type == "check" for one in drafts.form_of(conv, draft))


def set_asked(conv: Conversation, frame: Frame, value: Any, more: Sequence[Mapping[str, Any]] = ()) -> Reply:
    """Take the answer to what was asked, and what was said `more` of the draft."""
    asked = frame.data["asked"]
    orders = orders_in(frame)
    change = {"field": asked["field"], "value": value, "mode": "set"}
    put(conv, orders[asked["order"]], change, asked.get("line"))
    apply(conv, orders, more, asked["order"])
    return renewed(conv, frame, orders)


def pick_in_draft(conv: Conversation, frame: Frame, number: int) -> Reply | None:
    """Take the numbered choice of the question asked."""
    values = (frame.data.get("asked") or {}).get("values") or ()
    return set_asked(conv, frame, unpack(values[number - 1])) if 1 <= number <= len(values) else None


def correct(conv: Conversation, frame: Frame, changes: Sequence[Mapping[str, Any]]) -> Reply:
    """Change fields of the draft; with several orders the one asked about, or the one whose line is named."""
    orders = orders_in(frame)
    apply(conv, orders, changes, (frame.data.get("asked") or {}).get("order"))
    return renewed(conv, frame, orders)


def _completes(frame: Frame, intent: Intent) -> bool:
    """Whether words that could begin an order rather go on with the open draft: it lacks what they say."""
    asked = frame.data.get("asked")
    if not asked:
        return False
    draft = orders_in(frame)[asked["order"]]
    customer = intent.value("customer")
    if customer is not None and draft.customer is not None and customer.key != draft.customer:
        return False
    lines = intent.value("lines") or ()
    return not lines or asked["field"] in {"product", "quantity", "price"} or not any(one.sku for one in draft.lines)


def _merge(conv: Conversation, draft: Draft, args: Args) -> None:
    lines = [drafts.line_of(conv, entry) for entry in args.pop("lines", None) or ()]
    drafts.fill(conv, draft, args)
    for line in lines:
        open_line = next(
            (one for one in draft.lines if one.sku is None or one.sku == line.sku or line.sku is None), None
        )
        if open_line is None:
            draft.lines.append(line)
            continue
        for name in ("said", "sku", "quantity", "unit", "price", "total", "discount"):
            if getattr(line, name) is not None and not (
                name == "price" and line.listed and open_line.price is not None
            ):
                setattr(open_line, name, getattr(line, name))
        open_line.hits, open_line.guess = line.hits or open_line.hits, line.guess or open_line.guess
        if line.price is not None and open_line.price == line.price:
            open_line.listed = line.listed
        drafts.settle_price(conv, open_line)


def leave_draft(conv: Conversation, frame: Frame) -> Reply:
    """Drop the draft; nothing was stored."""
    conv.memory.close(frame)
    return _with_draft_below(conv, say("desk.left_draft"))


def _with_draft_below(conv: Conversation, reply: Reply) -> Reply:
    """The answer together with the draft that lay below the one that was settled."""
    below = conv.memory.of_kind("draft")
    if below is None:
        return reply
    return join([reply, renewed(conv, below, orders_in(below), Phrase("desk.draft_next"))])


def place_draft(conv: Conversation, frame: Frame) -> Reply:
    """Store the orders of a complete draft; an incomplete one asks on."""
    orders = orders_in(frame)
    few = len(orders) <= _MANY  # many were looked through when they were shown, and are again when they are placed
    if any(drafts.next_missing(conv, one, repeats=few) is not None for one in orders):
        return show_draft(conv, frame, orders=orders)
    for one in orders:
        require_customer(conv.book, "order.place", conv.company.customers[one.customer or ""])
    placed = place_orders(conv.book, [one.as_new() for one in orders])
    for draft, order in zip(orders, placed, strict=True):
        if draft.remark:
            add_note(conv.book, order.number, draft.remark)
    conv.memory.close(frame)
    return _with_draft_below(conv, join([placed_reply(conv, placed), *learn(conv, orders)]))
