"""Stock, money and figures; suggestions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from conversations.dialogs.asking import Option, ask, choose, confirm
from conversations.dialogs.conversation import Args, Asks, Conversation
from conversations.dialogs.guarding import each
from conversations.dialogs.reading import amount_of
from conversations.dialogs.reply import Reply, button, say
from conversations.pictures import Bar, Board, Gauge, draw
from store.messages import Fact, FileRef, Money, Phrase
from store.operations import frame as facts_of
from store.operations.notes import NewFile, add_note, keep_file
from store.operations.steps import complete_step
from store.operations.suggestions import second, suggest
from store.reads.customer_figures import Share, customer_figures
from store.reads.figures import Figures, Pile, Rate, figures_of
from store.reads.seeing import find_order
from store.reads.stock import OpenAmount, money_of, stock_of
from store.refusals import NotAllowed, NotFound
from store.rules.rights import may
from store.tables import Order, Step

_MOST = 8
_FULLEST = 5
"""So many piles of work are shown."""


def _named(conv: Conversation, act: str, args: Args, slot: str, table: dict[str, Any]) -> str:
    """The one thing that is named. Raises Asks through choose for near ties, NotFound for an unknown name."""
    keys = list(args.get(slot) or ())
    if not keys and args.get(f"{slot}_said"):
        raise NotFound(what=args[f"{slot}_said"])
    if not keys:
        keys = [
            key for key, one in table.items() if slot != "customer" or getattr(one, "salesperson", None) == conv.me.key
        ]
        keys = keys or list(table)
    elif len(keys) == 1 or args.get(f"{slot}_sure"):
        return str(keys[0])
    options: list[Option] = [
        (Phrase("desk.option.named", {"name": table[key].name.raw}), [key]) for key in keys[:_MOST]
    ]
    raise Asks(
        choose(
            conv,
            act,
            {**args, f"{slot}_sure": True},
            slot,
            Phrase(f"desk.ask.which_{slot}", {"said": args.get(f"{slot}_said")}),
            options,
        )
    )


def stock(conv: Conversation, args: Args) -> Reply:
    """Free, reserved, incoming."""
    keys = list(args.get("product") or ())
    if not keys and not args.get("product_said"):
        skus = [sku for sku, item in conv.company.products.items() if item.active][:_MOST]
    else:
        skus = [_named(conv, "stock.show", args, "product", dict(conv.company.products))]
    says = []
    for sku in skus:
        found = stock_of(conv.book, sku)
        low = _low(found.stock, found.reserved, found.reorder_at)
        facts = {
            "product": found.name,
            "unit": found.unit,
            "reserved": found.reserved,
            "incoming": found.incoming or None,
            "stock": found.stock,
            "free": None if found.stock is None else found.stock - found.reserved,
            "low": Phrase("stock.low", {"reorder_at": found.reorder_at}) if low else None,
        }
        says.append(Phrase("stock.one" if found.stock is not None else "stock.unwatched", facts))
    return Reply(tuple(says))


def _low(held: Decimal | None, reserved: Decimal, reorder_at: Decimal | None) -> bool:
    return held is not None and reorder_at is not None and held - reserved < reorder_at


def money(conv: Conversation, args: Args) -> Reply:
    """What a customer owes, by order."""
    customer = _named(conv, "money.show", args, "customer", dict(conv.company.customers))
    found = money_of(conv.book, customer)
    says = [Phrase("money.title", {"customer": found.customer, "total": found.total, "count": len(found.orders)})]
    says += [
        Phrase(
            "money.order", {"number": one.number, "open": one.open, "amount": one.amount, "promise": one.promise_date}
        )
        for one in found.orders[:_MOST]
    ]
    if found.over:
        says.append(Phrase("money.over", {"limit": found.limit, "over": found.over}))
    shown = found.orders[:_MOST]
    choices = tuple(button("list.button", f"order.show:{one.number}", number=one.number) for one in shown[:3])
    return Reply(tuple(says), choices).in_private().about(*(one.number for one in shown))


def receive(conv: Conversation, args: Args) -> Reply:
    """A receipt matched to orders: the one with just that amount open, else the oldest first; on confirmation."""
    named = find_order(conv.book, conv.me.key, args["orders"][0]) if args.get("orders") else []
    if args.get("orders") and not named:
        raise NotFound(what=args["orders"][0])
    if named:
        args = {**args, "customer": [named[0].customer], "customer_sure": True}
    customer = _named(conv, "money.receive", args, "customer", dict(conv.company.customers))
    amount = amount_of(args.get("amount"))
    if amount is None or amount <= 0:
        return ask(conv, "money.receive", args, "amount", Phrase("desk.ask.amount"), expects="price").in_private()
    if not may("money.receive", conv.me.roles | ({"salesperson"} if "sales" in conv.me.roles else set())):
        raise NotAllowed(right=Phrase("right.money.receive"), who=[Phrase("role.finance"), Phrase("role.coordinator")])
    if args.get("confirmed"):
        return _book(conv, args)
    found = money_of(conv.book, customer)
    if len(named) == 1 and (own := _own_step(conv, named[0], amount, found.orders)) is not None:
        return conv.go_on("step.complete", own)
    wanted = {order.number for order in named}
    parts = _matched(tuple(sorted(found.orders, key=lambda one: one.number not in wanted)), amount, wanted)
    currency = conv.company.currency
    says = [Phrase("money.receipt", {"customer": found.customer, "amount": Money(amount, currency)})]
    says += [
        Phrase("money.part", {"number": number, "amount": Money(part, currency), "rest": _open(rest, currency)})
        for number, part, rest in parts
    ]
    left = amount - sum((part for _, part, _ in parts), Decimal(0))
    if left > 0:
        says.append(Phrase("money.left", {"left": Money(left, currency)}))
    if not parts:
        return Reply(tuple(says)).in_private()
    kept = {**args, "customer": [customer], "customer_sure": True, "amount": amount,
            "parts": [[number, part, rest] for number, part, rest in parts]}  # fmt: skip
    return confirm(conv, "money.receive", kept, *says).in_private().about(*(number for number, _, _ in parts))


def _own_step(conv: Conversation, order: Order, amount: Decimal, orders: tuple[OpenAmount, ...]) -> Args | None:
    """One's own finance step, done at once by a receipt that covers the order."""
    step, key = _money_step(conv, order)
    left = next((one.open.amount for one in orders if one.number == order.number), Decimal(0))
    if step is None or step.owner != conv.me.key or amount < left:
        return None
    return {"subject": ["step", step.id], "fields": {key: amount}}


def _open(rest: Decimal, currency: str) -> Money | None:
    return Money(rest, currency) if rest else None


def _matched(orders: tuple[OpenAmount, ...], amount: Decimal, named: set[str]) -> list[tuple[str, Decimal, Decimal]]:
    exact = next((one for one in orders if one.open.amount == amount and not named - {one.number}), None)
    if exact is not None:
        return [(exact.number, amount, Decimal(0))]
    parts, left = [], amount
    for one in orders:
        part = min(left, one.open.amount)
        if part <= 0:
            break
        parts.append((one.number, part, one.open.amount - part))
        left -= part
    return parts


def _book(conv: Conversation, args: Args) -> Reply:
    """Fill the finance step of each order that is paid in full; what is paid in part, or not yet due, is noted."""

    def _one(part: list[object]) -> Reply:
        number, paid, rest = str(part[0]), Decimal(str(part[1])), Decimal(str(part[2]))
        order = find_order(conv.book, conv.me.key, number)[0]
        currency = order.currency
        step, key = _money_step(conv, order)
        facts = {"number": number, "amount": Money(paid, currency), "rest": Money(rest, currency) if rest else None}
        if step is not None and rest == 0 and (conv.has("coordinator") or step.owner == conv.me.key):
            complete_step(conv.book, step.id or 0, {key: order.amount})
            return say("money.booked", **facts, step=step.name).about(number)
        add_note(conv.book, number, conv.words.say(Phrase("money.note", facts)))
        return say("money.noted", **facts).about(number)

    return each(conv, [list(part) for part in args["parts"]], _one).offering(button("button.undo", "undo")).in_private()


def _money_step(conv: Conversation, order: Order) -> tuple[Step | None, str]:
    for step in facts_of.steps(conv.book, order):
        part = facts_of.spec(conv.book, order, step.key)
        key = next((one.field for one in part.form if one.type == "money" and one.required), None)
        if step.status == "active" and key and not part.ships:
            return step, key
    return None, ""


# --- figures ------------------------------------------------------------------------------------------------------


def figures(conv: Conversation, args: Args) -> Reply:
    """Numbers with their period and how they were counted."""
    if not may("figures.show", conv.me.roles):
        raise NotAllowed(right=Phrase("right.figures.show"), who=[Phrase("role.manager"), Phrase("role.coordinator")])
    found = figures_of(conv.book, *_period(conv, args))
    says = [
        Phrase("figures.period", {"from_on": found.start, "to_on": found.end}),
        _rate("figures.steps", found.steps),
        *_said_of_time(conv, found),
        _rate("figures.orders", found.orders),
        Phrase("figures.backlog", {"count": found.count, "late": found.late}),
        *(
            Phrase("figures.person", {"person": conv.name(pile.key), "count": pile.count, "late": pile.late or None})
            for pile in found.owners[:_FULLEST]
        ),
        *_customers(conv, found),
    ]
    name = conv.words.say(Phrase("figures.file", {"from_on": found.start, "to_on": found.end}))
    board = keep_file(conv.book, NewFile(f"{name}.png", "image/png", draw(_board(conv, found))))
    files = (FileRef(board.name, board.type, board.sha256),)
    return Reply(tuple(says), (button("say.overdue", "say:say.overdue"),), files).in_private()


def _said_of_time(conv: Conversation, found: Figures) -> list[Phrase]:
    """Lateness declared early or too late, and what became of the times that were promised."""
    says = []
    if found.declared or found.hidden:
        says.append(Phrase("figures.declared", {"early": found.declared, "after": found.hidden}))
    kept = sum(one.kept for one in found.promises.values())
    decided = sum(one.decided for one in found.promises.values())
    if decided:
        percent = Decimal(100 * kept / decided).quantize(Decimal("0.1"))
        says.append(Phrase("figures.promises", {"percent": percent, "good": kept, "total": decided}))
    broken = sorted(found.promises.items(), key=lambda one: (-one[1].lapsed, one[0]))
    return says + [
        Phrase("figures.promises_person", {"person": conv.name(who), "lapsed": one.lapsed, "total": one.decided})
        for who, one in broken[:_FULLEST]
        if one.lapsed
    ]


def _customers(conv: Conversation, found: Figures) -> list[Phrase]:
    """How many customers had to chase, how many scored, how many questions were answered."""
    zone, day = conv.company.zone, timedelta(days=1)
    first, last = (datetime.combine(one, datetime.min.time(), zone) for one in (found.start, found.end + day))
    theirs = customer_figures(conv.book, first, last)
    rows: list[tuple[str, Share, dict[str, Fact]]] = [
        ("figures.chased", theirs.chased, {"count": theirs.urges}),
        ("figures.scored", theirs.scored, {"mean": theirs.score}),
        ("figures.answered", theirs.answered, {"mean": theirs.waited}),
    ]
    return [
        Phrase(key, {"percent": share.percent, "good": share.good, "total": share.total, **more})
        for key, share, more in rows
        if share.total
    ]


def _board(conv: Conversation, found: Figures) -> Board:
    """The figures as a picture, in the reader's words."""
    say_it = conv.words.say
    names = {f"{flow.key}/{one.key}": one.name.raw for flow in conv.company.flows.values() for one in flow.steps}

    def _gauge(key: str, rate: Rate) -> Gauge:
        said = say_it(Phrase("figures.none")) if rate.percent is None else f"{rate.percent:.0f}%"
        counted = say_it(Phrase(f"{key}.counted", {"good": rate.good, "total": rate.total}))
        return Gauge(say_it(Phrase(f"{key}.name")), said, rate.percent, counted)

    def _bars(piles: Sequence[Pile], name: Callable[[str], Fact]) -> tuple[Bar, ...]:
        return tuple(Bar(say_it(Phrase("figures.bar", {"name": name(pile.key)})), pile.count, pile.late)
                     for pile in piles[:_FULLEST])  # fmt: skip

    return Board(
        say_it(Phrase("figures.title", {"company": conv.company.name.raw})),
        say_it(Phrase("figures.period", {"from_on": found.start, "to_on": found.end})),
        (_gauge("figures.steps", found.steps), _gauge("figures.orders", found.orders)),
        (
            (say_it(Phrase("figures.by_owner")), _bars(found.owners, conv.name)),
            (say_it(Phrase("figures.by_step")), _bars(found.step_kinds, lambda key: names.get(key, key))),
        ),
        (say_it(Phrase("figures.in_time")), say_it(Phrase("figures.late"))),
    )


def _period(conv: Conversation, args: Args) -> tuple[date, date]:
    reading = args.get("period")
    if isinstance(reading, dict) and isinstance(reading.get("start"), datetime):
        start = reading["start"].astimezone(conv.company.zone).date()
        end = (
            (reading["end"] - timedelta(minutes=1)).astimezone(conv.company.zone).date()
            if reading.get("end")
            else start
        )
        return start, end
    today = conv.now.astimezone(conv.company.zone).date()
    return today - timedelta(days=today.weekday()), today


def _rate(key: str, rate: Rate) -> Phrase:
    percent = None if rate.percent is None else Decimal(rate.percent).quantize(Decimal("0.1"))
    return Phrase(key if rate.total else f"{key}.none", {"percent": percent, "good": rate.good, "total": rate.total})


# --- suggestions --------------------------------------------------------------------------------------------------


def propose(conv: Conversation, args: Args) -> Reply:
    """File a suggestion on the step or flow it speaks of."""
    if not args.get("text"):
        return ask(conv, "suggest", args, "text", Phrase("desk.ask.suggestion"))
    flow, step = (args.get("flow") or [None])[0], (args.get("step") or [None])[0]
    suggest(conv.book, str(args["text"]), flow, step)
    names = {one.key: one.name.raw for each_flow in conv.company.flows.values() for one in each_flow.steps}
    return say("desk.suggested", step=names.get(step or ""), text=str(args["text"]))


def support(conv: Conversation, args: Args) -> Reply:
    """Second a suggestion."""
    row = second(conv.book, int(args["suggestion"]))
    return say("desk.seconded", text=row.text, count=len(row.seconded_by))
