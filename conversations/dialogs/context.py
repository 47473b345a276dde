"""Which order is meant: the one said, that of the quoted message, the one last spoken of by either side; else ask."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from sqlmodel import col, select

from conversations.dialogs.asking import Option, choose
from conversations.dialogs.conversation import Args, Asks, Conversation
from conversations.dialogs.guarding import those_found
from conversations.dialogs.reply import Reply
from store.messages import Phrase
from store.operations import frame as facts_of
from store.reads.seeing import find_order, viewer_of, visible
from store.refusals import Invalid, NotFound
from store.tables import Order, OrderLine, Outbox

MOST = 8
"""So many choices are offered on one message."""

_LOOK_BACK = 30
_TAIL = 3  # so many characters of a customer's own number are enough to find it by
OPEN = ("open", "on_hold")


@dataclass(frozen=True, slots=True)
class Spoken:
    """The orders that were last spoken of, and when."""

    orders: tuple[str, ...]
    at: datetime


def last_spoken(conv: Conversation) -> Spoken | None:
    """What this conversation was last about, whoever said it; a push counts as much as an answer."""
    own = Spoken(tuple(conv.memory.orders), conv.memory.spoken_at) if conv.memory.spoken_at else None
    heard = next(iter(heard_of(conv)), None)
    if own and heard:
        return heard if heard.at >= own.at else own
    return heard or own


def heard_of(conv: Conversation) -> list[Spoken]:
    """The orders of the last messages to this person (or group), newest first."""
    query = select(Outbox).where(Outbox.status == "sent", col(Outbox.kind).in_(("push", "answer")))
    if conv.group is not None:
        query = query.where(Outbox.group == conv.group.key)
    else:
        query = query.where(Outbox.person == conv.me.key, col(Outbox.group).is_(None))
    rows = conv.book.session.exec(query.order_by(col(Outbox.sent_at).desc(), col(Outbox.id).desc()).limit(_LOOK_BACK))
    return [Spoken(tuple(row.orders), row.sent_at or row.created_at) for row in rows if row.orders]


def still_fresh(conv: Conversation, spoken: Spoken) -> bool:
    """Whether «this order» may still mean it: at most a working day ago."""
    calendar = conv.company.calendar_of(conv.me.key)
    return conv.now <= calendar.add(spoken.at, calendar.day_minutes)


_HARMLESS = frozenset({"order.show", "order.timeline", "order.why_late", "order.change", "order.cancel", "order.hold"})
"""What only shows something, or shows it before it happens: the only order there is may be taken for it."""


def orders_meant(conv: Conversation, act: str, args: Args, *, narrow: bool = True) -> list[Order]:
    """The orders an act is about, each one visible to the speaker.

    Args:
        conv: the conversation.
        act: what to go on with when it has to be asked.
        args: `orders` as said, or `customer`, `product`, `po_number` to look for them.
        narrow: ask when a description fits several; False gives them all.

    Raises:
        Asks: it is not clear which.
        NotFound: there is none such that he may see.
    """
    if args.get("orders"):
        places = range(len(args["orders"]))
        return those_found(conv, places, lambda place: _resolved(conv, act, args, place))
    described = _described(conv, args)
    if described is not None:
        return _one_of(conv, act, args, described) if narrow else described
    numbers = from_context(conv)
    if len(numbers) == 1:
        found = in_sight(conv, find_order(conv.book, conv.me.key, numbers[0]))
        if found:
            return found[:1]
    return _ask_which(conv, act, args, numbers)


def from_context(conv: Conversation) -> tuple[str, ...]:
    """Numbers that «it» may mean: of this message, the quoted message, or what was last spoken of and is fresh."""
    if conv.spoken:
        return tuple(conv.spoken[-1:])
    if conv.quoted is not None and conv.quoted.orders:
        return tuple(conv.quoted.orders)
    last = last_spoken(conv)
    return last.orders if last is not None and still_fresh(conv, last) else ()


def in_sight(conv: Conversation, orders: Iterable[Order]) -> list[Order]:
    """Without the orders of others in a customer's group."""
    customer = conv.group.customer if conv.group else None
    return [order for order in orders if customer is None or order.customer == customer]


def order_option(conv: Conversation, order: Order) -> Phrase:
    """An order as the label of a button."""
    lines = facts_of.lines(conv.book, order)
    facts = {"number": order.number, "product": lines[0].name if lines else None}
    if not conv.is_contact:
        facts["customer"] = facts_of.customer_name(conv.book, order.customer)
    return Phrase("desk.option.order", facts)


def open_orders(
    conv: Conversation,
    *,
    customers: Sequence[str] = (),
    products: Sequence[str] = (),
    po_number: str | None = None,
    limit: int = 50,
) -> list[Order]:
    """Orders in work that the speaker may see, the newest first; with a PO number finished ones too."""
    query = select(Order).where(visible(viewer_of(conv.book, conv.me.key)))
    query = query.where(Order.po_number == po_number) if po_number else query.where(col(Order.status).in_(OPEN))
    if customers:
        query = query.where(col(Order.customer).in_(customers))
    if products:
        having = select(OrderLine.order_id).where(col(OrderLine.sku).in_(products))
        query = query.where(col(Order.id).in_(having))
    return in_sight(conv, conv.book.session.exec(query.order_by(col(Order.id).desc()).limit(limit)))


def by_goods(conv: Conversation, text: str) -> Order | None:
    """The order in work whose goods the words speak of, and no other's as plainly: 泵呢, the valves, 那个A型的."""
    said = text.casefold()[:_SAID]
    scored = [
        (
            max(
                (_alike(said, name) for line in facts_of.lines(conv.book, order) for name in _names(line.name)),
                default=0,
            ),
            order,
        )
        for order in open_orders(conv)
    ]
    best = max((score for score, _ in scored), default=0)
    hits = [order for score, order in scored if score == best]
    return hits[0] if best and len(hits) == 1 else None


def _names(name: object) -> list[str]:
    return [str(one).casefold() for one in (name.values() if isinstance(name, dict) else [name])]


def _alike(said: str, name: str) -> int:
    """How many characters of a product's name are said in one piece; of Latin script whole words, plurals included."""
    words = {one for one in _LATIN.findall(name) if one not in _NO_GOODS}
    spoken = set(_LATIN.findall(said))
    latin = sum(len(one) for one in words if spoken & {one, f"{one}s"})
    match = SequenceMatcher(None, said, name, autojunk=False).find_longest_match()
    piece = name[match.b : match.b + match.size]
    han = match.size if any("\u4e00" <= one <= "\u9fff" and one not in _NO_GOODS for one in piece) else 0
    plain = han or (match.size if match.size > 1 and any(one in _TYPE for one in piece) else 0)
    return max(latin, plain)


_SAID = 200
_LATIN = re.compile(r"[a-z]{3,}|[a-z]*\d[a-z0-9]*")
_TYPE = frozenset("型号")
_NO_GOODS = frozenset("型号的了吗呢没什么时候到好货单订我要") | {"type", "the", "and", "for"}


def _resolved(conv: Conversation, act: str, args: Args, place: int) -> Order:
    refs = list(args["orders"])
    found = in_sight(conv, find_order(conv.book, conv.me.key, refs[place])) or _by_own_number(conv, refs[place])
    if not found:
        raise NotFound(what=refs[place])
    if len(found) == 1 or found[0].number == refs[place]:
        return found[0]
    options: list[Option] = [
        (order_option(conv, order), [*refs[:place], order.number, *refs[place + 1 :]]) for order in found[:MOST]
    ]
    raise Asks(
        choose(conv, act, args, "orders", Phrase("desk.ask.which_of", {"said": refs[place]}), options, listed=True)
    )


def _by_own_number(conv: Conversation, ref: str) -> list[Order]:
    """A customer's own order by his own number: 801 for PO-801, and BW 88 of which 88 was read for BW-88."""
    if not conv.is_contact:
        return []
    wanted, said = _bare(ref), _bare(conv.message.text)
    found = [
        order
        for order in open_orders(conv)
        if (number := _bare(order.po_number or ""))
        and number.endswith(wanted)
        and (len(wanted) >= _TAIL or (number in said and len(number) > len(wanted)))
    ]
    return found if len(found) == 1 else []


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _described(conv: Conversation, args: Args) -> list[Order] | None:
    """The orders that fit a description; None when there is no description."""
    customers, products = tuple(args.get("customer") or ()), tuple(args.get("product") or ())
    if not (customers or products or args.get("po_number")):
        return None
    found = open_orders(conv, customers=customers, products=products, po_number=args.get("po_number"))
    if not found and args.get("po_number"):
        found = _by_own_number(conv, str(args["po_number"]))
    if not found:
        raise NotFound(what=args.get("described") or args.get("po_number"))
    return found


def _one_of(conv: Conversation, act: str, args: Args, orders: list[Order]) -> list[Order]:
    if len(orders) == 1:
        return orders
    raise Asks(which_of(conv, act, args, orders))


def which_of(conv: Conversation, act: str, args: Args, orders: Sequence[Order]) -> Reply:
    """Ask which of these orders is meant."""
    options: list[Option] = [(order_option(conv, order), [order.number]) for order in orders[:MOST]]
    question = Phrase("desk.ask.which_order", {"more": len(orders) - MOST if len(orders) > MOST else None})
    return choose(conv, act, args, "orders", question, options, listed=True).about(
        *(order.number for order in orders[:MOST])
    )


def _ask_which(conv: Conversation, act: str, args: Args, numbers: Sequence[str]) -> list[Order]:
    """Nothing says which: the only one there is, else a question with the likeliest as buttons."""
    spoken = [order for number in numbers for order in in_sight(conv, find_order(conv.book, conv.me.key, number))[:1]]
    candidates = spoken or open_orders(conv, limit=MOST)
    if not candidates:
        drafting = any(frame.kind == "draft" for frame in conv.memory.frames)
        raise Invalid("refused.only_a_draft" if drafting else "refused.no_order_meant")
    if len(candidates) == 1 and (conv.is_contact or (not spoken and act in _HARMLESS)):
        return candidates
    raise Asks(which_of(conv, act, args, candidates))
