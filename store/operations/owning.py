"""Gives steps and exceptions their owners, in the book: the rules of store/rules/owners.py on its rows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, func, select

from store.book import Book
from store.operations import frame
from store.operations.fresh import being_placed
from store.operations.stocktaking import OPEN
from store.rules.owners import NOBODY, Answering, Team, answering, give
from store.rules.reviewing import authors
from store.tables import Counter, ExceptionCase, Order, Step

SALESPERSON = "salesperson"


@dataclass(frozen=True, slots=True)
class Owning:
    """Who owns a piece of work: the cover stands in `owner` while `assigned` is away."""

    owner: str
    assigned: str | None
    department: str | None

    @property
    def given(self) -> str:
        """Whose work it is, away or not."""
        return self.assigned or self.owner


def passing_over(book: Book, order: Order, step: Step) -> frozenset[str]:
    """Who may not have this step: of a review, whoever placed or last changed the order."""
    return authors(order.placed_by, order.changed_by) if frame.is_review(book, order, step) else NOBODY


def own(book: Book, order: Order, rule: str, *, active: bool, passing: frozenset[str] = NOBODY) -> Owning:
    """Who gets work that the company file gives to `rule` (a person, a department or the salesperson).

    Args:
        book: the unit of work.
        order: whose work it is.
        rule: `owner:` or `handler:` of the company file.
        active: the work has to be done now; before that a department's head answers for it.
        passing: people who may not have it.
    """
    people = frame.roster(book)
    team = people.teams.get(rule)
    if team is None:
        person = order.salesperson if rule == SALESPERSON else rule
        return _owning(book, answering(people, person, passing), None)
    if not active:
        return _owning(book, answering(people, team.head, passing), rule)
    person = give(people, rule, _loads(book, rule, team), _last_turn(book, rule, team), passing)
    _note_turn(book, rule, team, person)
    return _owning(book, answering(people, person, passing), rule)


def still_own(book: Book, given: str, department: str | None, passing: frozenset[str] = NOBODY) -> Owning:
    """Who does given work today: its owner, back from leave, or his cover; a leaver's work becomes the cover's own."""
    found = answering(frame.roster(book), given, passing)
    assigned = found.assigned if given in book.company.people else None
    return Owning(found.owner, assigned, department)


def put(subject: Step | ExceptionCase, owning: Owning) -> bool:
    """Write down who owns it; whether that is somebody else than before."""
    before = subject.owner if isinstance(subject, Step) else subject.handler
    if isinstance(subject, Step):
        subject.owner = owning.owner
    else:
        subject.handler = owning.owner
    subject.assigned, subject.department = owning.assigned, owning.department
    return before != owning.owner


def _owning(book: Book, found: Answering, department: str | None) -> Owning:
    assigned = found.assigned if found.assigned in book.company.people else None
    return Owning(found.owner, assigned, department)


def _loads(book: Book, department: str, team: Team) -> dict[str, int]:
    """How many active steps of living orders each member has."""
    if team.assign != "least_loaded":
        return {}
    fresh = being_placed(book)
    if fresh is not None and department in fresh.loads:
        return fresh.loads[department]
    book.session.flush()
    query = (
        select(Step.owner, func.count())
        .join(Order, col(Order.id) == col(Step.order_id))
        .where(Step.status == "active", col(Order.status).in_(OPEN), col(Step.owner).in_(team.members))
        .group_by(col(Step.owner))
    )
    loads = dict.fromkeys(team.members, 0) | {owner: count for owner, count in book.session.exec(query)}  # noqa: C416
    if fresh is not None:
        fresh.loads[department] = loads
    return loads


def _last_turn(book: Book, department: str, team: Team) -> str | None:
    if team.assign != "round_robin":
        return None
    row = _counter(book, f"turn:{department}")
    return team.members[row.value] if row is not None and 0 <= row.value < len(team.members) else None


def _counter(book: Book, name: str) -> Counter | None:
    """Whose turn it was, locked."""
    fresh = being_placed(book)
    if fresh is not None and fresh.turns.get(name) is not None:
        return fresh.turns[name]
    row = book.session.exec(select(Counter).where(Counter.name == name).with_for_update()).first()
    if fresh is not None:
        fresh.turns[name] = row
    return row


def _note_turn(book: Book, department: str, team: Team, person: str) -> None:
    if team.assign != "round_robin" or person not in team.members:
        return
    row = book.session.get(Counter, f"turn:{department}") or Counter(name=f"turn:{department}")
    row.value = team.members.index(person)
    book.session.add(row)
