"""The midnights at which somebody's leave begins or ends: work goes to the cover, and comes back.

Leave is entered ahead, in the company file or in chat; its beginning and end are moments like any other deadline. How
far they have been dealt with is kept in the row ("leave", "all") of the due queue; a process that was down at midnight
does it when it is back.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlmodel import select

from store.book import Book
from store.company.snapshot import NoCompany
from store.inserting import insert_into
from store.operations.flow import refresh_all
from store.plain import table_of
from store.tables import Deadline

SUBJECT, KEY = "leave", "all"
LOOK_BACK = timedelta(days=31)
_TABLE = table_of(Deadline)
_STATE = select(_TABLE.c.state).where(_TABLE.c.subject == SUBJECT, _TABLE.c.subject_key == KEY)


def turn_leaves(book: Book) -> bool:
    """Give work to covers and back if a leave has begun or ended since the last time; whether one had."""
    _begin(book)
    row = _locked_row(book)
    turn = _next(book, _through(book, row.state if row is not None else None))
    if turn is None or turn > book.now:
        return False
    if row is None:  # pragma: no cover - it was begun above
        return False
    row.state = {"through": book.now.astimezone(UTC).isoformat()}
    book.session.add(row)
    book.session.flush()
    refresh_all(book)
    return True


def next_leave_turn(book: Book) -> datetime | None:
    """When a leave next begins or ends; in the past when that has not been dealt with yet."""
    try:
        state = book.session.connection().execute(_STATE).scalar()  # past the session: every sweep asks
        return _next(book, _through(book, state))
    except NoCompany:
        return None


def _begin(book: Book) -> None:
    """Two replicas may begin the row at once: one of them does."""
    values = {"subject": SUBJECT, "subject_key": KEY, "episode": 1, "state": {}}
    statement = insert_into(book.session, Deadline).on_conflict_do_nothing(index_elements=["subject", "subject_key"])
    book.session.connection().execute(statement, values)


_LOCKED = select(Deadline).where(Deadline.subject == SUBJECT, Deadline.subject_key == KEY).with_for_update()


def _locked_row(book: Book) -> Deadline | None:
    return book.session.exec(_LOCKED).first()


def _through(book: Book, state: Mapping[str, Any] | None) -> datetime:
    """How far leave has been dealt with; a book that was never asked looks back a month."""
    through = state.get("through") if state else None
    return datetime.fromisoformat(through) if through else book.now - LOOK_BACK


def _next(book: Book, after: datetime) -> datetime | None:
    turns = _all_turns(book)
    place = bisect_right(turns, after)
    return turns[place] if place < len(turns) else None


_TURNS: dict[str, list[datetime]] = {}


def _all_turns(book: Book) -> list[datetime]:
    """The turns of everybody, in order: worked out once for each version of the company."""
    mark = book.company.mark
    turns = _TURNS.get(mark)
    if turns is None:
        turns = sorted(_turns(book))
        _TURNS.clear()
        _TURNS[mark] = turns
    return turns


def _turns(book: Book) -> Iterator[datetime]:
    for human in book.company.people.values():
        for away in human.away:
            last = away.to_on
            days: tuple[date, ...] = (away.from_on,) if last is None else (away.from_on, last + timedelta(days=1))
            for day in days:
                yield datetime.combine(day, time(), human.zone).astimezone(UTC)
