"""An order being put together: what was understood, what is guessed, what is missing, what is doubtful.

A draft is plain facts (see store.messages.pack); nothing of it is in the book before it is confirmed. Missing things
are asked in this order: customer, product, quantity, price, promise date, then the order form as in the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from conversations.dialogs.asking import Option
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.formwords import said_in, without
from conversations.dialogs.likeness import like_customer, like_product
from conversations.dialogs.reading import amount_of, day_in, day_of
from conversations.understanding.numbers import counted_alike
from store.company.models import FieldPart
from store.company.views import Client, Flow
from store.messages import Fact, Money, Phrase
from store.operations.numbers import company_day
from store.operations.orders import NewLine, NewOrder, choose_flow, find_repeat, flow_called
from store.operations.permits import require_customer
from store.refusals import NotAllowed, Refusal
from store.rules.forms import checked, is_empty

_CENT = Decimal("0.01")
NEAREST = 6
MOST = Decimal(1_000_000_000)
"""A quantity or price beyond it is a slip of the finger."""
_NAME = 2
"""Characters that a name has at least."""


@dataclass
class Line:
    """One item. `guess`: the product was taken from an unclear name; `listed`: the price is the list price."""

    sku: str | None = None
    said: str | None = None
    hits: list[str] = field(default_factory=list)
    guess: bool = False
    quantity: Decimal | None = None
    unit: str | None = None
    price: Decimal | None = None
    listed: bool = False
    total: Decimal | None = None
    discount: Decimal | None = None


@dataclass
class Draft:
    """One order. `guesses` names what was guessed, `past` a promise date that is over, `words` what it was said in."""

    customer: str | None = None
    customer_said: str | None = None
    customer_hits: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    promise_date: date | None = None
    past: date | None = None
    flow: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    po_number: str | None = None
    remark: str | None = None
    not_repeat: bool = False
    guesses: list[str] = field(default_factory=list)
    words: str | None = None

    def amount(self) -> Decimal:
        """Sum of the lines that have quantity and price."""
        return sum(
            (
                (one.quantity * one.price).quantize(_CENT)
                for one in self.lines
                if one.quantity and one.price is not None
            ),
            Decimal(0),
        )

    def as_new(self) -> NewOrder:
        """As the book takes it; complete."""
        assert self.customer is not None and self.promise_date is not None  # noqa: S101, PT018  # nothing is missing
        lines = tuple(NewLine(one.sku or "", one.quantity or Decimal(0), one.unit, one.price) for one in self.lines)
        return NewOrder(
            self.customer, lines, self.promise_date, self.flow, dict(self.fields), self.po_number, self.not_repeat
        )


@dataclass(frozen=True, slots=True)
class Missing:
    """What has to be asked next."""

    field: str
    question: Phrase
    expects: str
    line: int | None = None
    options: tuple[Option, ...] = ()


def to_facts(draft: Draft) -> dict[str, Any]:
    """A draft as plain facts."""
    facts = {name: getattr(draft, name) for name in Draft.__dataclass_fields__}
    facts["lines"] = [{name: getattr(line, name) for name in Line.__dataclass_fields__} for line in draft.lines]
    return facts


def from_facts(facts: Mapping[str, Any]) -> Draft:
    """The draft that `to_facts` made."""
    values = {**facts, "lines": [Line(**{**one, "hits": list(one["hits"])}) for one in facts["lines"]]}
    for name in ("customer_hits", "guesses"):
        values[name] = list(values[name])
    values["fields"] = dict(values["fields"])
    return Draft(**values)


def draft_of(conv: Conversation, args: Args) -> Draft:
    """A draft of what one order.place says.

    Raises:
        NotAllowed, NotFound: he may not order for that customer.
    """
    draft = Draft(po_number=args.get("po_number"), remark=args.get("remark"), words=args.get("words"))
    fill(conv, draft, args)
    fill_form(conv, draft)
    return draft


def fill(conv: Conversation, draft: Draft, args: Args) -> None:
    """Put what was said into a draft; what was not said stays."""
    unsure = set(args.get("unsure") or ())
    if args.get("customer_said"):
        set_customer(
            conv, draft, {"keys": args["customer"], "said": args["customer_said"], "sure": args["customer_sure"]}
        )
    for entry in args.get("lines") or ():
        draft.lines.append(line_of(conv, entry))
    if args.get("promise_date") is not None:
        set_promise(conv, draft, args["promise_date"], sure="promise_date" not in unsure)
    for name in ("po_number", "remark"):
        draft.__setattr__(name, args.get(name) or getattr(draft, name))
    _set_flow(conv, draft, args)
    if args.get("ship_to"):
        set_field(conv, draft, "ship_to", args["ship_to"], sure="ship_to" not in unsure)
    for key, value in dict(args.get("fields") or {}).items():
        set_field(conv, draft, key, value)


def _set_flow(conv: Conversation, draft: Draft, args: Args) -> None:
    """The flow that was named, in the order, in a cell of a table, or as a remark of its own."""
    named = args.get("flow") or draft.remark
    said = [named] if isinstance(named, str) else named or []
    flow = next((found for one in said if (found := flow_called(conv.book, one)) is not None), None)
    if flow is not None:
        draft.flow = flow.key
        draft.remark = draft.remark if args.get("flow") else None


def fill_form(conv: Conversation, draft: Draft) -> None:
    """Put into the order form what the words of the order say of it, a product or remark that they were taken for away.

    Which form it is may be known only when customer and products are.
    """
    form = [part for part in form_of(conv, draft) if is_empty(draft.fields.get(part.field))]
    for one in said_in(draft.words or "", form):
        set_field(conv, draft, one.part.field, one.value)
        alone = [one.part]
        if not one.named:
            _cut_off(draft, str(one.value))
        if draft.remark:
            rest = without(draft.remark, said_in(draft.remark, alone))
            draft.remark = rest if len(rest) >= _NAME and rest not in one.part.names else None  # 黑色: no «色» remains
        for line in draft.lines:
            if (
                line.sku is None
                and line.said
                and len(without(line.said, said_in(line.said, alone))) < _NAME < len(line.said)
            ):
                line.said = None


def _cut_off(draft: Draft, choice: str) -> None:
    """A choice said by itself behind an address is no part of it: Brooklyn, FOB."""
    for key, value in draft.fields.items():
        if isinstance(value, str) and value != choice:
            draft.fields[key] = re.sub(rf"[\s,，;；]+{re.escape(choice)}$", "", value, flags=re.IGNORECASE)


# --- values -------------------------------------------------------------------------------------------------------


def set_customer(conv: Conversation, draft: Draft, named: Any) -> None:
    """Take a customer: a key, or a name with its hits. An unclear name is left to be asked."""
    mark(draft, "customer", sure=True)
    if isinstance(named, str):
        named = {"keys": [named], "said": named, "sure": True}
    keys = [key for key in named["keys"] if key in conv.company.customers and conv.company.customers[key].active]
    draft.customer_said, draft.customer_hits = named["said"], keys
    draft.customer = None
    if keys and (named.get("sure") or len(keys) == 1):
        _require(conv, keys[0])
        draft.customer = keys[0]
        mark(draft, "customer", sure=exact(conv.company.customers[keys[0]], named["said"]))


def _require(conv: Conversation, key: str) -> None:
    """Refuse a colleague's customer, by name."""
    try:
        require_customer(conv.book, "order.place", conv.company.customers[key])
    except NotAllowed as refusal:
        right = Phrase("right.order.place_for", {"customer": conv.company.customers[key].name.raw})
        raise NotAllowed(right=right, who=refusal.facts["who"]) from refusal


def exact(thing: Client | Any, said: str) -> bool:
    """Whether a name is one of the names that the company file gives, or several of it: chairs for chair."""
    wanted = _flat(said)
    key = getattr(thing, "sku", None) or thing.key
    names = {_flat(name) for name in (*thing.name.all, *thing.aliases, key)}
    return not names.isdisjoint({wanted, wanted.removesuffix("s"), wanted.removesuffix("es")})


def _flat(text: str) -> str:
    import unicodedata

    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def mark(draft: Draft, name: str, *, sure: bool) -> None:
    """Note whether a value is a guess."""
    draft.guesses = [one for one in draft.guesses if one != name] + ([] if sure else [name])


def line_of(conv: Conversation, entry: Mapping[str, Any]) -> Line:
    """A line as said."""
    line = Line(unit=entry.get("unit") or _unit(entry.get("quantity")), quantity=amount_of(entry.get("quantity")))
    line.price, line.total = amount_of(entry.get("price")), amount_of(entry.get("total"))
    line.discount = amount_of(entry.get("discount")) or _factor(entry.get("discount"))
    if entry.get("product"):
        set_product(conv, line, entry["product"])
    settle_price(conv, line)
    return line


def _unit(quantity: Any) -> str | None:
    if not isinstance(quantity, Mapping) or quantity.get("rule") == "dozen":  # a dozen counts, it is no unit
        return None
    return quantity.get("unit") or None


def _factor(discount: Any) -> Decimal | None:
    found = discount.get("factor") if isinstance(discount, Mapping) else None
    return found if isinstance(found, Decimal) else None


def set_product(conv: Conversation, line: Line, named: Any) -> None:
    """Take a product: a sku, or a name with its hits."""
    if isinstance(named, str):
        named = {"keys": [named], "said": named, "sure": True}
    keys = [key for key in named["keys"] if key in conv.company.products and conv.company.products[key].active]
    line.said, line.hits, line.sku, line.guess = named["said"], keys, None, False
    if keys and (named.get("sure") or len(keys) == 1):
        line.sku = keys[0]
        line.guess = not exact(conv.company.products[keys[0]], named["said"])
        line.unit = unit_of(conv, line)
        if line.listed:
            line.price, line.listed = None, False
        settle_price(conv, line)


def unit_of(conv: Conversation, line: Line) -> str | None:
    """The unit of a line: the product's, unless it was said in one that counts something else."""
    own = conv.company.products[line.sku].unit if line.sku else None
    if own is None or not line.unit or not counted_alike(line.unit, own):
        return line.unit or own
    return own


def settle_price(conv: Conversation, line: Line) -> None:
    """Without a price the list price is taken, a discount is off it; with no list price a total makes the price."""
    listed = conv.company.products[line.sku].price if line.sku else None
    if line.price is None and line.total is not None and line.quantity and listed is None:
        line.price = (line.total / line.quantity).quantize(_CENT)
        if (line.price * line.quantity).quantize(_CENT) == line.total.quantize(_CENT):
            line.total = None
    if line.price is None and listed is not None:
        factor = line.discount or Decimal(1)
        line.price, line.listed = (listed * factor).quantize(_CENT), line.discount is None


def set_promise(conv: Conversation, draft: Draft, value: Any, *, sure: bool = True) -> None:
    """Take a promise date; one in the past is asked again."""
    day = day_of(conv, value)
    if day is None:
        return
    unclear = isinstance(value, Mapping) and (
        value.get("sure") is False or value.get("grain") in {"month", "quarter", "year"}
    )
    mark(draft, "promise_date", sure=sure and not unclear)
    draft.promise_date, draft.past = (None, day) if day < company_day(conv.book) else (day, None)


def set_field(conv: Conversation, draft: Draft, key: str, value: Any, *, sure: bool = True) -> None:
    """Take a value of the order form; what the form has not is kept as a remark. Raises Invalid for a wrong value."""
    part = next((one for one in form_of(conv, draft) if one.field == key), None)
    if part is None:
        text = str(value)
        draft.remark = f"{draft.remark}; {text}" if draft.remark and text not in draft.remark else draft.remark or text
        return
    raw = value
    if part.type == "date":
        raw = day_of(conv, value) or (day_in(conv, value) if isinstance(value, str) else None) or value
    if part.type in {"money", "decimal", "integer"} and amount_of(raw) is not None:
        raw = amount_of(raw)
    draft.fields[key] = checked(part, raw.get("said", raw) if isinstance(raw, Mapping) else raw)
    mark(draft, key, sure=sure)


def flow_of(conv: Conversation, draft: Draft) -> Flow:
    """The flow that the order will have."""
    return choose_flow(conv.book, draft.customer, [one.sku for one in draft.lines if one.sku], draft.flow)


def form_of(conv: Conversation, draft: Draft) -> tuple[FieldPart, ...]:
    """The order form of its flow."""
    return tuple(flow_of(conv, draft).part.order_form)


# --- what is missing ----------------------------------------------------------------------------------------------

Check = Callable[[Conversation, Draft], Missing | None]


def next_missing(conv: Conversation, draft: Draft, *, repeats: bool = True) -> Missing | None:
    """The next thing to ask; None: it can be confirmed. `repeats` False leaves that look to the placing itself."""
    checks = _CHECKS if repeats else _CHECKS[:-1]
    return next((found for check in checks if (found := check(conv, draft)) is not None), None)


def _customer(conv: Conversation, draft: Draft) -> Missing | None:
    if draft.customer is not None:
        return None
    keys = [key for key in draft.customer_hits if _may_order_for(conv, key)][:NEAREST]
    kind = "unclear" if draft.customer_said and keys else "unknown" if draft.customer_said else "missing"
    if not keys and draft.customer_said:
        keys = like_customer(conv.company, draft.customer_said, lambda key: _may_order_for(conv, key))
    keys = keys or ([] if draft.customer_said else _own_customers(conv))
    options = tuple((Phrase("desk.option.named", {"name": conv.company.customers[key].name.raw}), key) for key in keys)
    return Missing(
        "customer", Phrase(f"draft.ask.customer_{kind}", {"said": draft.customer_said}), "customer", None, options
    )


def _own_customers(conv: Conversation) -> list[str]:
    mine = [one.key for one in conv.company.customers.values() if one.active and one.salesperson == conv.me.key]
    return mine if 0 < len(mine) <= NEAREST else []


def _may_order_for(conv: Conversation, key: str) -> bool:
    try:
        require_customer(conv.book, "order.place", conv.company.customers[key])
    except Refusal:
        return False
    return True


def _product(conv: Conversation, draft: Draft) -> Missing | None:
    if not draft.lines:
        draft.lines.append(Line())
    for place, line in enumerate(draft.lines):
        if line.sku is None:
            keys, kind = line.hits[:NEAREST], "unclear"
            if not keys and line.said:
                keys, kind = like_product(conv.company, line.said), "unknown"
            elif not keys:
                keys, kind = list(conv.company.products)[:NEAREST], "missing"
            options = tuple(
                (Phrase("desk.option.named", {"name": conv.company.products[key].name.raw}), key) for key in keys
            )
            return Missing(
                "product", Phrase(f"draft.ask.product_{kind}", {"said": line.said}), "product", place, options
            )
    return None


def _name(conv: Conversation, line: Line) -> Fact:
    return conv.company.products[line.sku].name.raw if line.sku else line.said


def _quantity(conv: Conversation, draft: Draft) -> Missing | None:
    for place, line in enumerate(draft.lines):
        if line.quantity is None or not 0 < line.quantity <= MOST:
            facts = {"product": _name(conv, line), "unit": line.unit}
            key = "draft.ask.quantity_huge" if (line.quantity or 0) > MOST else "draft.ask.quantity"
            return Missing("quantity", Phrase(key, facts), "quantity", place)
    return None


def _price(conv: Conversation, draft: Draft) -> Missing | None:
    for place, line in enumerate(draft.lines):
        if line.price is None or not 0 <= line.price <= MOST:
            return Missing("price", Phrase("draft.ask.price", {"product": _name(conv, line)}), "price", place)
    return None


def _promise(_conv: Conversation, draft: Draft) -> Missing | None:
    if draft.promise_date is not None:
        return None
    key = "draft.ask.promise_past" if draft.past else "draft.ask.promise"
    return Missing("promise_date", Phrase(key, {"day": draft.past}), "date")


def _form(conv: Conversation, draft: Draft) -> Missing | None:
    for part in form_of(conv, draft):
        if part.required and is_empty(draft.fields.get(part.field)):
            facts = {"label": part.name.raw}
            asking = "draft.ask.file" if part.type == "file" else "draft.ask.field"
            asks: Fact = part.ask.raw if part.ask else Phrase(asking, facts)
            options = tuple((Phrase("desk.option.named", {"name": one}), one) for one in part.choices)
            expects = {"date": "date", "money": "price", "integer": "number", "decimal": "number", "file": "file"}.get(
                part.type, "field"
            )
            return Missing(
                part.field, Phrase("draft.ask.said", {"ask": asks}), "choice" if options else expects, None, options
            )
    return None


def _total(conv: Conversation, draft: Draft) -> Missing | None:
    for place, line in enumerate(draft.lines):
        if line.total is None or line.quantity is None or line.price is None:
            continue
        computed = (line.quantity * line.price).quantize(_CENT)
        if computed == line.total.quantize(_CENT):
            continue
        currency = conv.company.currency
        facts = {
            "total": Money(line.total, currency),
            "computed": Money(computed, currency),
            "product": _name(conv, line),
        }
        by_total = (line.total / line.quantity).quantize(_CENT)
        options = (
            (
                Phrase(
                    "draft.option.by_price", {"price": Money(line.price, currency), "amount": Money(computed, currency)}
                ),
                "price",
            ),
            (
                Phrase(
                    "draft.option.by_total", {"price": Money(by_total, currency), "amount": Money(line.total, currency)}
                ),
                "total",
            ),
        )
        return Missing("total", Phrase("draft.ask.total", facts), "pick", place, options)
    return None


def _repeat(conv: Conversation, draft: Draft) -> Missing | None:
    if draft.not_repeat:
        return None
    found = find_repeat(conv.book, draft.as_new())
    if found is None:
        return None
    facts = {"number": found.number, "placed_at": found.placed_at, "promise": found.promise_date}
    return Missing(
        "repeat", Phrase("draft.ask.repeat", facts), "pick", None, ((Phrase("button.not_repeat"), "not_repeat"),)
    )


_CHECKS: tuple[Check, ...] = (_customer, _product, _quantity, _price, _promise, _form, _total, _repeat)
