"""What was understood: intents with their slots, each with where it stood in the raw text and how sure it is.

INTENTS is the contract with whoever answers: every intent that can come back and the slots it may carry. Values:

    orders        tuple[OrderRef, ...]          quantity      QuantityRead | Decimal
    customer, product, person, to, cover, owner, salesperson, contact, step, flow, kind, department     Named
    until, promise_date, from, back, on, period DateReading (dates package)
    price, total, amount                        MoneyRead (numbers package)
    lines         tuple[Line, ...]              changes       tuple[Change, ...]
    fields        Mapping[field key, typed value or text]
    figures       Mapping[amount | quantity | promise_date, typed value]
    value         whatever the open question asked for; everything else is text
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Span = tuple[int, int]
"""Start and end (exclusive) in the raw text."""

Expected = Literal[
    "customer", "product", "quantity", "price", "date", "text", "choice", "yes_no", "reason", "figures", "number",
    "score", "person", "field", "pick",
]  # fmt: skip
"""What the open question of a dialog waits for; `text` and `field` take any words, `pick` a number of a list."""

INTENTS: Mapping[str, frozenset[str]] = {
    name: frozenset(slots.split())
    for name, slots in {
        "order.place": "customer lines promise_date ship_to flow po_number fields remark salesperson",
        "order.show": "orders customer product po_number any_news step",
        "order.change": "orders changes reason customer",
        "order.cancel": "orders reason customer",
        "order.hold": "orders reason customer",
        "order.resume": "orders reason customer",
        "order.note": "orders text",
        "order.follow": "orders customer",
        "order.unfollow": "orders customer",
        "order.urge": "orders reason customer step product",
        "order.list": "which owner step customer salesperson product period status words",
        "order.timeline": "orders customer",
        "order.why_late": "orders customer",
        "step.acknowledge": "orders step until",
        "step.complete": "orders step carrier tracking fields quantity rest remark customer product",
        "step.postpone": "orders step until reason customer",
        "step.snooze": "orders step until event after",
        "step.hand_over": "orders step to reason",
        "problem.report": "orders step kind note customer product",
        "problem.solve": "orders kind solution",
        "problem.tick": "orders",
        "review.approve": "orders figures",
        "review.return": "orders reason",
        "undo": "",
        "handover.accept": "orders reason",
        "handover.decline": "orders reason",
        "account.link": "code",
        "account.unlink": "person contact customer",
        "account.page": "",
        "account.invite": "customer person contact name",
        "contact.left": "person contact customer",
        "contact.talk": "contact customer minutes",
        "contact.release": "contact customer",
        "contact.tell": "contact customer text",
        "tracking.share": "orders customer",
        "tracking.revoke": "orders customer",
        "person.away": "person from to cover",
        "person.back": "on",
        "person.quiet": "from to off",
        "person.language": "language",
        "person.channel": "channel",
        "who_am_i": "",
        "help": "",
        "how": "department step flow",
        "suggest": "text step flow",
        "stock.show": "product",
        "money.show": "customer",
        "money.receive": "customer amount orders",
        "figures": "which period picture",
        "flow.change": "step flow field value to department",
        "complaint": "text orders",
        "score": "n text",
        "thanks": "",
        "greeting": "",
        "small_talk": "",
        "yes": "",
        "no": "",
        "leave": "",
        "skip": "",
        "number": "n",
        "answer": "value",
    }.items()
}

CHANGING = frozenset(
    name
    for name in INTENTS
    if name.split(".")[0] in {"step", "review", "problem", "handover", "person", "account", "flow"}
    or name in {"order.place", "order.change", "order.cancel", "order.hold", "order.resume", "order.note",
                "order.follow", "order.unfollow", "order.urge", "undo", "suggest", "money.receive", "contact.left",
                "contact.talk", "contact.release", "contact.tell", "tracking.share", "tracking.revoke"}
)  # fmt: skip
"""Intents that change something when carried out; proposing one for talk that asks for none is a false acceptance."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing of the company that words may name: its kind (customer, product, ...), key and score 0..1."""

    kind: str
    key: str
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class Named:
    """Something called by a name. `hits` best first; none: the company knows nothing by that name.

    `sure`: the first hit is the clear one; otherwise ask, with the hits as choices.
    """

    said: str
    hits: tuple[Hit, ...] = ()
    sure: bool = True

    @property
    def key(self) -> str | None:
        """The key of the best hit."""
        return self.hits[0].key if self.hits else None

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of all hits, best first."""
        return tuple(hit.key for hit in self.hits)


@dataclass(frozen=True, slots=True)
class Slot:
    """One value understood.

    Attributes:
        value: see the module's legend.
        span: where it stood in the raw text.
        sure: False: show it marked as a guess.
        source: the reading rule, or the cue that it followed.
    """

    value: Any
    span: Span
    sure: bool = True
    source: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order as said; what was not said is None. `price` is for one unit, `total` for the line."""

    product: Slot | None = None
    quantity: Slot | None = None
    unit: str | None = None
    price: Slot | None = None
    total: Slot | None = None
    discount: Slot | None = None
    span: Span = (0, 0)


@dataclass(frozen=True, slots=True)
class Change:
    """One field to change: quantity, price, promise_date, ship_to, po_number, customer, product or a form field's key.

    `line` names the product whose line is meant; `mode` is set | add | remove | less (add and less: by `value`).
    """

    field: str
    value: Any
    line: Named | None = None
    mode: str = "set"
    span: Span = (0, 0)
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing that is wanted, or told.

    Attributes:
        span: the part of the raw text that says it.
        confidence: 0..1.
        rule: the name of the rule that recognised it.
        negated: it is said NOT to be so (没发货): never carry it out.
        question: it was asked, not stated.
    """

    name: str
    slots: Mapping[str, Slot] = field(default_factory=dict)
    span: Span = (0, 0)
    confidence: float = 1.0
    rule: str = ""
    negated: bool = False
    question: bool = False

    def value(self, slot: str) -> Any:
        """The value of a slot, None when it was not said."""
        found = self.slots.get(slot)
        return found.value if found else None


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing read: what kind, where in the raw text, its typed value, by which rule."""

    kind: str
    span: Span
    value: Any
    sure: bool = True
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Entities:
    """Everything read from the text, in its order, whether an intent took it or not."""

    all: tuple[Entity, ...] = ()
    table: Any = None

    def of(self, *kinds: str) -> tuple[Entity, ...]:
        """The entities of those kinds."""
        return tuple(entity for entity in self.all if entity.kind in kinds)


@dataclass(frozen=True, slots=True)
class Understood:
    """What a message says.

    Attributes:
        intents: in the order of the text; empty: nothing was understood.
        suggestions: the nearest things that would be understood, for did-you-mean buttons; never acted upon.
        unread: parts of the raw text that nothing accounts for.
        cut: characters at the end that were not looked at because the message is too long.
    """

    raw: str
    normalised: str
    intents: tuple[Intent, ...] = ()
    entities: Entities = field(default_factory=Entities)
    suggestions: tuple[Intent, ...] = ()
    unread: tuple[Span, ...] = ()
    cut: int = 0

    @property
    def intent(self) -> Intent | None:
        """The first intent."""
        return self.intents[0] if self.intents else None
