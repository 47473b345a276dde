"""Lists: one's work, what is due, late or stuck, orders by customer, product and time; paged for a phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.reply import Reply, button, say
from conversations.handlers.showing import note_read
from store.messages import Choice, Phrase
from store.reads.asked import Asked, asked_apart, question_shown
from store.reads.search import Criteria, Found, Hit, search
from store.refusals import NotFound

_PAGE = 6
_STEPS = frozenset({"mine", "due_today", "overdue", "stuck"})


def listed(conv: Conversation, args: Args) -> Reply:
    """A page of what was asked for, saying what was understood."""
    which = str(args.get("which") or "all")
    if conv.is_contact:  # steps and colleagues are inner matters, even as the words of an empty list
        which, args = "all", {slot: args.get(slot) for slot in ("period", "status")}
    elif which == "own":
        which = "orders" if conv.has("sales") else "mine"
        args = {**args, "salesperson": [conv.me.key] if conv.has("sales") else None}
    if which == "mine" and args.get("owner") and _first(args, "owner") != conv.me.key:
        which = "stuck"  # what a colleague has in hand
    for slot in ("customer", "step", "product", "salesperson", "owner"):
        if args.get(f"{slot}_said") and not args.get(slot):
            raise NotFound(what=args[f"{slot}_said"])
    wanted = Criteria(
        which=which if which in _STEPS else "orders",
        owner=_first(args, "owner"),
        step=_first(args, "step"),
        customer=None if conv.is_contact else _first(args, "customer"),
        salesperson=_first(args, "salesperson"),
        product=_first(args, "product"),
        period=_days(args.get("period")),
        status=args.get("status"),
        words="" if conv.is_contact else str(args.get("words") or ""),
    )
    return _page(conv, wanted, 0)


def _first(args: Args, slot: str) -> str | None:
    found = args.get(slot) or ()
    return str(found[0]) if found else None


def _days(reading: Any) -> tuple[date, date] | None:
    if not isinstance(reading, dict) or not reading.get("start"):
        return None
    start = reading["start"].date()
    end = (reading["end"] - timedelta(minutes=1)).date() if reading.get("end") else start
    return start, max(start, end)


def more(conv: Conversation, rest: str) -> Reply:
    """The next page: list.more:OFFSET of the list last shown."""
    kept = conv.memory.notes.get("list")
    if not kept or not rest.isdigit():
        return listed(conv, {"which": "mine"})
    period = tuple(date.fromisoformat(day) for day in kept["period"]) if kept.get("period") else None
    return _page(conv, Criteria(**{**kept, "period": period}), int(rest))


def _page(conv: Conversation, wanted: Criteria, offset: int) -> Reply:
    kept = {name: getattr(wanted, name) for name in Criteria.__dataclass_fields__}
    kept["period"] = [day.isoformat() for day in wanted.period] if wanted.period else None
    conv.memory.notes["list"] = kept
    found = search(conv.book, conv.me.key, wanted, limit=_PAGE, offset=offset)
    apart = asked_apart(conv.book, conv.me.key) if wanted == Criteria(which="mine") else []
    title = Phrase("list.title", {"what": _what(conv, wanted), "total": found.total + len(apart)})
    if not found.hits and not apart:
        none = Reply((Phrase("list.none", {"what": _what(conv, wanted)}),))
        return none.in_private() if wanted.which == "mine" else none
    says = [title, *(_line(conv, hit, place) for place, hit in enumerate(found.hits, 1))]
    choices = _choices(found.hits)
    if found.total > offset + len(found.hits):
        choices.append(button("button.more", f"list.more:{offset + len(found.hits)}"))
    else:
        for place, one in enumerate(apart, found.total + 1):
            says.append(_asked(one, place))
            choices.append(button("list.button_asked", f"request.show:{one.id}", n=place, kind=_kind(one)))
    numbers = dict.fromkeys(hit.number for hit in found.hits)
    note_read(conv, list(numbers))
    reply = Reply(tuple(says), tuple(choices)).about(*numbers)
    return reply.in_private() if wanted.which == "mine" else reply


def _kind(asked: Asked) -> Phrase:
    return Phrase(f"request.kind.{asked.kind}")


def _asked(asked: Asked, place: int) -> Phrase:
    facts = {"n": place, "kind": _kind(asked), "text": asked.text, "by": asked.by, "due": asked.until}
    return Phrase("list.asked", facts)


def show_question(conv: Conversation, rest: str) -> Reply:
    """A question that waits for an answer, put again: request.show:ID."""
    letter = question_shown(conv.book, conv.me.key, int(rest)) if rest.isdigit() else None
    if letter is None:
        return say("desk.button_gone")
    return Reply(letter.says, letter.choices, letter.files, card=f"request:{rest}").in_private()


def _what(conv: Conversation, wanted: Criteria) -> Phrase:
    """What was understood, in words."""
    company = conv.company
    steps = {one.key: one.name.raw for flow in company.flows.values() for one in flow.steps}
    facts = {
        "customer": company.customers[wanted.customer].name.raw
        if wanted.customer and wanted.customer in company.customers
        else None,
        "product": company.products[wanted.product].name.raw
        if wanted.product and wanted.product in company.products
        else None,
        "step": steps.get(wanted.step or ""),
        "owner": conv.name(wanted.owner),
        "salesperson": conv.name(wanted.salesperson),
        "from_on": wanted.period[0] if wanted.period else None,
        "to_on": wanted.period[1] if wanted.period else None,
        "status": Phrase(f"order.state.{wanted.status}") if wanted.status else None,
        "words": wanted.words or None,
    }
    in_hand = wanted.which == "stuck" and wanted.owner is not None and wanted.step is None
    return Phrase("list.in_hand" if in_hand else f"list.{wanted.which}", facts)


def _line(conv: Conversation, hit: Hit, place: int) -> Phrase:
    facts = {
        "n": place,
        "number": hit.number,
        "customer": None if conv.is_contact else hit.customer,
        "name": None if hit.kind == "order" and conv.is_contact else hit.name,
        "owner": hit.owner if not conv.is_contact else None,
        "due": hit.due,
        "late": hit.late if hit.late and hit.late.minutes else None,  # due at closing: no working time since
        "promise": hit.promise_date,
    }
    return Phrase("list.order" if hit.kind == "order" else "list.step", facts)


def _choices(hits: Sequence[Hit]) -> list[Choice]:
    """A button for each line, in their order; the place behind the number makes an order's second line its own."""
    choices: list[Choice] = []
    shown: set[str] = set()
    for place, hit in enumerate(hits, 1):
        more = f" {place}" if hit.number in shown else ""
        shown.add(hit.number)
        name = hit.name if hit.kind != "order" else None
        choices.append(button("list.button", f"order.show:{hit.number}{more}", number=hit.number, name=name))
    return choices


__all__ = ["Found", "listed", "more", "show_question"]
