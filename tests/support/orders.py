"""Orders for the suites: drafts with everything they need, and short ways to act as somebody."""

from datetime import date
from decimal import Decimal

from sqlmodel import select

from store.book import Actor, Book
from store.operations.orders import NewLine, NewOrder, place_orders
from store.tables import AuditEntry, Order, Outbox, Step
from store.units import Units


def draft(customer="hdjx", sku="VA-200", quantity=200, price=None, promise=date(2026, 12, 4), **more) -> NewOrder:
    """An order of one line as it is to be placed, by default no repeat of anything."""
    line = NewLine(sku, Decimal(quantity), price=None if price is None else Decimal(price))
    fields = {"ship_to": "苏州园区"} if more.get("flow") != "quick" else {}
    return NewOrder(customer, (line,), promise, **{"fields": fields, "not_repeat": True, **more})


class Desk:
    """Acts on a book as people do: `as_(person, operation, *arguments)` is one unit of work."""

    def __init__(self, units: Units) -> None:
        self.units = units

    def as_(self, person, operation, *args, **more):
        """Run an operation as somebody, in a unit of its own."""
        return self.units.write(lambda book: operation(book, *args, **more), Actor(person, "console", "…"))

    def place(self, by="wangli", **how) -> str:
        """Place an order; its number."""
        return self.as_(by, place_orders, [draft(**how)])[0].number

    def look(self, work):
        """Read something."""
        return self.units.read(work)

    def order(self, number) -> Order:
        """An order's row."""
        return self.look(lambda book: book.session.exec(select(Order).where(Order.number == number)).one())

    def step(self, number, key) -> Step:
        """A step's row."""
        query = select(Step).join(Order).where(Order.number == number, Step.key == key)
        return self.look(lambda book: book.session.exec(query).one())

    def finish(self, number, *keys, by="root") -> None:
        """Finish steps without their forms, as a story's beginning needs."""
        from store.operations.flow import advance

        def work(book: Book) -> None:
            order = book.order(number)
            for key in keys:
                step = book.session.exec(select(Step).where(Step.order_id == order.id, Step.key == key)).one()
                step.status, step.done_at, step.done_by = "done", book.now, step.owner
                book.session.add(step)
                advance(book, order)

        self.as_(by, work)

    def pushes(self, person=None, rule=None) -> list[Outbox]:
        """What was put into the outbox, oldest first."""
        query = select(Outbox).order_by(Outbox.id)
        if person is not None:
            query = query.where(Outbox.person == person)
        if rule is not None:
            query = query.where(Outbox.rule == rule)
        return self.look(lambda book: list(book.session.exec(query)))

    def events(self, number) -> list[str]:
        """What the audit says befell an order."""
        order = self.order(number)
        query = select(AuditEntry.what).where(AuditEntry.order_id == order.id).order_by(AuditEntry.id)
        return self.look(lambda book: list(book.session.exec(query)))


def phrases_of(row: Outbox) -> list[str]:
    """The keys of what a letter says."""
    return [one["$p"][0] for one in row.body["says"]]
