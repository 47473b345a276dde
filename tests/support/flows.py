"""A company for the suites of the flow: parallel branches, joins, conditions, covers, blind reviews, special requests.

ann (sales, of acme; manager max, backup ben), ben (sales), kim and kai (coordination: kim heads it), pia (purchasing,
alone), moe (making, head) with mia, mel and max... see PEOPLE below; contacts cho and cid of acme.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import col, select

from store.book import Actor, Book
from store.messages import Letter, Phrase, unpack_letter
from store.operations.orders import NewLine, NewOrder, place_orders
from store.refusals import Refusal
from store.tables import Order, Outbox, Step
from store.units import Units
from tests.support.companies import load

FLOWS = """
company: {name: Flow Works, language: en, timezone: Asia/Shanghai}
calendar: {week: [mon, tue, wed, thu, fri], hours: ["09:00-12:00", "13:00-18:00"]}
departments:
  - {key: sales, name: Sales, head: max}
  - {key: desk, name: Desk, head: kim}
  - {key: buying, name: Buying, head: pia}
  - {key: making, name: Making, head: moe}
  - {key: dock, name: Dock, head: dan, assign: round_robin, calendar: {hours: ["06:00-14:00"]}}
  - {key: money, name: Money, head: fay, assign: head}
people:
  - {key: ann, name: Ann, department: sales, roles: [sales], manager: max, backup: ben}
  - {key: ben, name: Ben, department: sales, roles: [sales], manager: max}
  - {key: max, name: Max, department: sales, roles: [manager]}
  - {key: kim, name: Kim, department: desk, roles: [coordinator], manager: max}
  - {key: kai, name: Kai, department: desk, roles: [coordinator], manager: max}
  - {key: pia, name: Pia, department: buying, roles: [member], manager: max}
  - {key: moe, name: Moe, department: making, roles: [member], manager: max}
  - {key: mia, name: Mia, department: making, roles: [member], manager: max, backup: mel}
  - {key: mel, name: Mel, department: making, roles: [member], manager: max}
  - {key: dan, name: Dan, department: dock, roles: [member], manager: max}
  - {key: dot, name: Dot, department: dock, roles: [member], manager: max}
  - {key: dee, name: Dee, department: dock, roles: [member], manager: max}
  - {key: fay, name: Fay, department: money, roles: [finance], manager: max}
  - {key: foe, name: Foe, department: money, roles: [finance], manager: max}
  - {key: ada, name: Ada, roles: [admin]}
customers:
  - key: acme
    name: Acme
    salesperson: ann
    contacts:
      - {key: cho, name: Cho, identities: {telegram: "1"}}
      - {key: cid, name: Cid, identities: {telegram: "2"}}
      - {key: cat, name: Cat}
  - {key: bolt, name: Bolt, salesperson: ben, contacts: [{key: bob, name: Bob, identities: {slack: "U9"}}]}
products:
  - {sku: A1, name: Valve, unit: pcs, price: 10, stock: 100}
  - {sku: B1, name: Pump, unit: pcs, price: 100}
flows:
  - key: main
    name: Main
    default: true
    order_form: [{field: ship_to, name: Ship to, type: text}]
    steps:
      - {key: review, name: Review, kind: review, owner: desk, fields: [amount, quantity, promise_date], blind_above: 5000, within: 4h, public: Received}
      - {key: buy, name: Buying, owner: buying, after: [review], when: {stock: short}, within: 3d}
      - {key: make, name: Making, owner: making, after: [review, buy], before_promise: 3d, public: In production}
      - {key: paint, name: Painting, owner: mia, after: [review], when: {amount: ">= 3000", field: {ship_to: present}}, within: 1d, form: [{field: colour, name: Colour, type: choice, choices: [red, blue], required: true}]}
      - key: ship
        name: Shipping
        owner: dock
        after: [make, paint]
        before_promise: 0d
        within: 2d
        public: On its way
        ships: true
        form:
          - {field: carrier, name: Carrier, required: true, public: true}
          - {field: tracking, name: Tracking, required: true, public: true}
          - {field: freight, name: Freight, type: money}
      - {key: settle, name: Settling, owner: money, within: 5d, form: [{field: received, name: Received, type: money, required: true}]}
      - {key: care, name: After-sales, owner: salesperson, within: 7d, survey: true}
      - {key: label, name: Labels, owner: foe, after: [], within: 30m}
    exceptions:
      - {kind: shortage, name: Shortage, words: [out of stock], handler: buying, within: 4h, urgent: true}
      - {kind: special, name: Special request, handler: desk, within: 1d, acknowledged_by: [make, ship]}
"""

MONDAY = "2026-11-23T09:00:00+08:00"


class Flows:
    """A loaded company and the means to act in it as anybody, one unit of work an act."""

    def __init__(self, units: Units) -> None:
        self.units = units
        load(units, FLOWS)

    def act(self, who: str, work: Any) -> Any:
        """Run `work(book)` as somebody."""
        return self.units.write(work, Actor(who, "console"))

    def place(
        self,
        lines: Mapping[str, int] | None = None,
        *,
        by: str = "ann",
        customer: str = "acme",
        promise: str = "2026-12-11",
        fields: Mapping[str, Any] | None = None,
    ) -> Order:
        """An order placed; its number and id stay the same for the test."""
        draft = NewOrder(
            customer,
            tuple(NewLine(sku, Decimal(count)) for sku, count in (lines or {"A1": 10}).items()),
            date.fromisoformat(promise),
            fields=fields or {},
            not_repeat=True,
        )
        order: Order = self.act(by, lambda book: place_orders(book, [draft]))[0]
        return order

    def step(self, order: Order, key: str) -> Step:
        """A step as it is now."""
        query = select(Step).where(Step.order_id == order.id, Step.key == key)
        found: Step = self.units.read(lambda book: book.session.exec(query).one())
        return found

    def order(self, order: Order) -> Order:
        """The order as it is now."""
        return self.units.read(lambda book: book.session.exec(select(Order).where(Order.id == order.id)).one())

    def states(self, order: Order) -> dict[str, str]:
        """Status by step."""
        return {step.key: step.status for step in self.steps(order)}

    def steps(self, order: Order) -> list[Step]:
        """All its steps."""
        query = select(Step).where(Step.order_id == order.id).order_by(col(Step.position))
        return self.units.read(lambda book: list(book.session.exec(query)))

    def sent(self, person: str | None = None, since: int = 0, rule: str | None = None) -> list[Outbox]:
        """What was written to somebody (after row `since`)."""
        query = select(Outbox).where(col(Outbox.id) > since).order_by(col(Outbox.id))
        rows = self.units.read(lambda book: list(book.session.exec(query)))
        return [row for row in rows if person in {None, row.person} and rule in {None, row.rule}]

    def mark(self) -> int:
        """The last row written so far."""
        return max((row.id or 0 for row in self.sent()), default=0)

    def deliver(self) -> None:
        """Everything pending has been sent, with its buttons."""

        def work(book: Book) -> None:
            for row in book.session.exec(select(Outbox).where(Outbox.status == "pending")):
                row.status, row.sent_at, row.platform_id = "sent", book.now, f"p{row.id}"
                row.buttons_live = bool(row.body["choices"])
                book.session.add(row)

        self.units.write(work)

    def approve(self, order: Order, by: str | None = None) -> Any:
        """Its review passed by its owner."""
        from store.operations.reviews import approve_review

        step = self.step(order, "review")
        return self.act(by or step.owner, lambda book: approve_review(book, step.id or 0))

    def done(self, order: Order, key: str, fields: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """A step done by its owner."""
        from store.operations.steps import complete_step

        step = self.step(order, key)
        by = more.pop("by", step.owner)
        return self.act(by, lambda book: complete_step(book, step.id or 0, fields or {}, **more))


def letter(row: Outbox) -> Letter:
    """What a row says."""
    return unpack_letter(row.body)


def keys(row: Outbox) -> list[str]:
    """The phrase keys of a row."""
    return [phrase.key for phrase in letter(row).says]


def actions(row: Outbox) -> list[str]:
    """The verbs of a row's buttons."""
    return [choice.action.split(":")[0] for choice in letter(row).choices]


def said(row: Outbox, key: str) -> Phrase:
    """The phrase of that key in a row."""
    return next(phrase for phrase in letter(row).says if phrase.key == key)


@contextmanager
def refusing(key: str) -> Iterator[None]:
    """What stands inside must be refused with this key (without its "refused.")."""
    with pytest.raises(Refusal) as caught:
        yield
    assert caught.value.key == f"refused.{key}"


def local(moment: datetime | None) -> str | None:
    """A moment in Shanghai, as it is easily compared."""
    from zoneinfo import ZoneInfo

    return None if moment is None else f"{moment.astimezone(ZoneInfo('Asia/Shanghai')):%m-%d %H:%M}"
