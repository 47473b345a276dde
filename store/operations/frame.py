"""What the operations ask of the company and the order they stand in: roster, calendars, frozen flow, names, rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from store.book import GENDAN, Book, Watched
from store.calendars import WorkCalendar
from store.company.models import ExceptionPart, StepPart
from store.company.views import Flow
from store.known import rows_of
from store.messages import Fact, Phrase, unpack
from store.operations.ahead import known_lines
from store.plain import AnyLine, AnyOrder, AnyStep
from store.refusals import NotAllowed, NotFound
from store.rules import rights
from store.rules.owners import Colleague, Roster
from store.tables import ExceptionCase, Order, OrderLine, Person, Request, Step

# --- the company today --------------------------------------------------------------------------------------------


def roster(book: Book) -> Roster:
    """Everybody who works here, as of this unit's moment; whoever has left is away for ever.

    Worked out once a quarter of an hour for each version of the company: leave begins and ends at somebody's midnight,
    and every zone's midnight falls on a quarter.
    """
    company = book.company
    mark = (company.mark, int(book.now.timestamp()) // _QUARTER_S)
    found = _ROSTERS.get(mark)
    if found is None:
        today = company.roster(book.now)
        left = {
            one.key: Colleague(one.key, one.department, one.manager, one.backup, absent=True)
            for one in company.former.values()
            if not one.is_contact
        }
        found = Roster({**left, **today.people}, today.teams, today.last_resort)
        if len(_ROSTERS) >= _KEPT_ROSTERS:
            _ROSTERS.clear()
        _ROSTERS[mark] = found
    return found


_QUARTER_S, _KEPT_ROSTERS = 900, 8
_ROSTERS: dict[tuple[str, int], Roster] = {}


def calendar(book: Book, owner: str) -> WorkCalendar:
    """The working calendar of an owner: his department's where it has one, else the company's."""
    return book.company.calendar_of(owner)


def person(book: Book, key: str) -> Person:
    """A person's row, to be changed. Raises NotFound for nobody and for somebody who has left."""
    row = book.session.get(Person, key)
    if row is None or not row.active:
        raise NotFound(what=key)
    return row


# --- names --------------------------------------------------------------------------------------------------------


def name(book: Book, key: str) -> Fact:
    """What people call somebody, here or not, or a department; the key of somebody the book does not know."""
    found = book.company.anyone(key) or book.company.departments.get(key)
    if found is not None:
        return found.name.raw
    return Phrase("person.gendan") if key == GENDAN else key


def who(book: Book, owner: str, assigned: str | None) -> Fact:
    """An owner's name; a cover's with the name of whom he covers."""
    if assigned is None or assigned == owner:
        return name(book, owner)
    return Phrase("person.covering", {"cover": name(book, owner), "owner": name(book, assigned)})


def owner_name(book: Book, subject: Step | ExceptionCase) -> Fact:
    """Who owns a step or handles an exception, by name."""
    owner = subject.owner if isinstance(subject, Step) else subject.handler
    return who(book, owner, subject.assigned)


def customer_name(book: Book, key: str) -> Fact:
    """A customer's name."""
    found = book.company.customers.get(key)
    return found.name.raw if found is not None else key


# --- the order and its flow ---------------------------------------------------------------------------------------


def order_of(book: Book, order_id: int, *, lock: bool = False) -> Order:
    """An order by its row, locked for this unit if wanted. Raises NotFound."""
    found = book.locked_order(order_id) if lock else book.session.get(Order, order_id)
    if found is None:
        raise NotFound(what=str(order_id))
    return found


def flow_of(book: Book, order: AnyOrder) -> Flow:
    """The flow as it stood when the order was placed."""
    return book.company.flow(order.flow, order.flow_version)


def spec(book: Book, order: AnyOrder, step_key: str) -> StepPart:
    """A step's part of the frozen flow."""
    return flow_of(book, order).step(step_key)


def kind_of(book: Book, order: AnyOrder, kind: str) -> ExceptionPart | None:
    """An exception kind's part of the frozen flow, None for one that it does not name."""
    return flow_of(book, order).exception(kind)


def is_review(book: Book, order: AnyOrder, step: AnyStep) -> bool:
    """Whether a step is approved rather than done."""
    return spec(book, order, step.key).kind == "review"


def steps(book: Book, order: AnyOrder) -> list[Step]:
    """The order's steps in the order of its flow."""
    return rows_of(book.session, Step, order.id)


def lines(book: Book, order: AnyOrder) -> list[OrderLine]:
    """The order's lines."""
    return rows_of(book.session, OrderLine, order.id)


def shown_lines(book: Book, order: AnyOrder) -> Sequence[AnyLine]:
    """The order's lines, to be shown and not to be changed."""
    known = known_lines(book, order)
    return known if known is not None else lines(book, order)


def open_exceptions(book: Book, order: AnyOrder) -> list[ExceptionCase]:
    """The order's exceptions that are not closed, oldest first."""
    return [case for case in exceptions(book, order) if case.status == "open"]


def exceptions(book: Book, order: AnyOrder) -> list[ExceptionCase]:
    """All the order's exceptions, open and closed, oldest first."""
    return rows_of(book.session, ExceptionCase, order.id)


def to_tick(book: Book, order: AnyOrder, step_key: str) -> list[ExceptionCase]:
    """Requests that the owner of a step has to tick before he can finish it; closing one early does not spare it."""
    return [case for case in exceptions(book, order) if step_key in case.ticks and not case.ticks[step_key]]


def order_fields(book: Book, order: AnyOrder) -> list[tuple[str, Fact, Fact]]:
    """The filled fields of the order form: key, label, value."""
    form = flow_of(book, order).part.order_form
    return [(one.field, one.name.raw, order.fields[one.field]) for one in form if order.fields.get(one.field)]


def field_name(book: Book, order: AnyOrder, key: str) -> Fact:
    """What people call a field of an order or of its form."""
    found = next((one for one in flow_of(book, order).part.order_form if one.field == key), None)
    return found.name.raw if found is not None else Phrase(f"field.{key}")


def facts_of(request: Request) -> Mapping[str, Fact]:
    """What a request is about, as facts for its phrases."""
    found = unpack(request.facts)
    return found if isinstance(found, Mapping) else {}


# --- rights -------------------------------------------------------------------------------------------------------


def relations(
    book: Book, order: Order | None = None, subject: Watched | None = None, *, actor: str | None = None
) -> set[str]:
    """What the one who acts is, in himself and to the order and subject: roles and relations of the rights table."""
    key = actor or book.by.key
    if key == GENDAN:
        return {relation for allowed in rights.RIGHTS.values() for relation in allowed}
    human = book.company.people.get(key)
    if human is None:
        return set()
    if human.is_contact:
        return {"contact"} if order is None or order.customer == human.customer else set()
    has = {"on_order", *human.roles}
    if order is not None and key in {order.salesperson, order.placed_by, _salesperson(book, order)}:
        has.add("salesperson")
    match subject:
        case Step() if key in {subject.owner, subject.assigned}:
            has.add("owner")
        case ExceptionCase() if key in {subject.handler, subject.assigned}:
            has.add("handler")
        case Request() if key == subject.asked_of:
            has.add("asked")
    return has


def _salesperson(book: Book, order: Order) -> str | None:
    client = book.company.customers.get(order.customer)
    return client.salesperson if client is not None else None


def require(book: Book, action: str, order: Order | None = None, subject: Watched | None = None) -> None:
    """Refuse somebody who lacks the right, naming it and who has it; a contact hears of his salesperson only.

    Raises:
        NotFound: the order may not even be seen.
        NotAllowed: facts `right` (Phrase) and `who` (names).
    """
    from store.reads.seeing import may_see

    if order is not None and book.by.key != GENDAN and not may_see(book, book.by.key, order):
        raise NotFound(what=order.number)
    if rights.may(action, relations(book, order, subject)):
        return
    raise NotAllowed(right=Phrase(f"right.{action}"), who=_who_may(book, action, order, subject))


def _who_may(book: Book, action: str, order: Order | None, subject: Watched | None) -> list[Fact]:
    human = book.company.people.get(book.by.key)
    allowed = rights.RIGHTS[action]
    if human is not None and human.customer is not None:
        client = book.company.customers.get(human.customer)
        salesperson = order.salesperson if order is not None else client.salesperson if client else None
        return [name(book, salesperson)] if salesperson else []
    people: list[str] = []
    match subject:
        case Step() if "owner" in allowed:
            people.append(subject.owner)
        case ExceptionCase() if "handler" in allowed:
            people.append(subject.handler)
        case Request() if "asked" in allowed:
            people.append(subject.asked_of)
    if order is not None and "salesperson" in allowed:
        people.append(order.salesperson)
    people += [one.key for one in book.company.staff() if not allowed.isdisjoint(one.roles)]
    return [name(book, key) for key in dict.fromkeys(people) if key != book.by.key][:3]
