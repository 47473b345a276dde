"""Steps of which only their owners have to hear, judged many at once on plain rows.

Most of what a sweep finds is that: a step's nudge, due push or repeat. What is more (somebody further up hears, a
waiting step's date is in danger) is left to the sweep's own handlers, a row at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import bindparam, update

from reminders import letters, world
from reminders.ladder import after_push, next_moment, what_is_due
from reminders.rules import OWNER, REPEAT, Push
from reminders.runs import Kept, follow, pack_kept, unpack_kept
from reminders.speaking import Saying
from reminders.together import SEVERAL
from store.book import Book
from store.company.defaults import Reminders
from store.many import write_many
from store.plain import DeadlineRow, OrderRow, StepRow, rows_of, table_of
from store.tables import Deadline

_TABLE = table_of(Deadline)
_WRITE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("row"))
    .values(next_at=bindparam("next"), episode=bindparam("new_episode"), state=bindparam("new_state"))
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What comes of a deadline: its row as it is now, what is said, and whose digest has to be armed."""

    row: DeadlineRow
    saying: Saying | None = None
    arms: str | None = None


class Judging:
    """Judges the steps among the deadlines of one sweep.

    Args:
        book: the unit of work.
        rows: deadlines that have come, locked for this unit.
        orders: the orders they belong to, locked, by id; their lines and exceptions were read ahead.
    """

    def __init__(self, book: Book, rows: Sequence[DeadlineRow], orders: Mapping[int, OrderRow]) -> None:
        self._book = book
        self._orders = orders
        mine = [row for row in rows if row.subject == "step"]
        self._steps = {step.id: step for step in rows_of(book.session, StepRow, [int(row.subject_key) for row in mine])}
        self._calendar = cache(lambda person: world.calendar_of(book, person))
        self._parts: dict[tuple[str, int, str], tuple[Reminders, bool]] = {}
        self._late: dict[str, int] | None = None

    def judge(self, row: DeadlineRow) -> Judged | None:
        """What comes of one deadline; None: it is no matter of the owner of an active step alone."""
        if row.subject != "step":
            return None
        step, order = self._steps.get(int(row.subject_key)), self._orders.get(row.order_id or 0)
        if step is None or order is None or order.status != "open":
            return Judged(row._replace(next_at=None))
        if step.status == "waiting":
            return None
        changed = follow(unpack_kept(row.state or {}), world.view_of_step(order, step), self._book.now)
        row = row._replace(next_at=None, episode=row.episode + changed.fresh)
        kept = changed.kept
        if step.status != "active":
            return Judged(row._replace(state=pack_kept(kept)))
        rules, urgent = self._part(order, step)
        calendar, now = self._calendar(step.owner), self._book.now
        pushes = what_is_due(kept.speaking, rules, calendar, now) if kept.speaking else ()
        if any(push.to != OWNER for push in pushes):
            return None
        kept, said = self._told(kept, pushes, step.owner)
        # Nothing is left to say now: what was due has been, so that only what lies ahead is asked for.
        ahead = next_moment(kept.speaking, rules, calendar, now) if kept.speaking else None
        row = row._replace(state=pack_kept(kept), next_at=ahead)
        arms = step.owner if kept.run is not None and kept.run.late(now) else None
        return Judged(row, self._saying(row, order, step, said, urgent=urgent) if said else None, arms)

    def _told(self, kept: Kept, pushes: Sequence[Push], owner: str) -> tuple[Kept, tuple[Push, ...]]:
        """What is remembered once these are said, and which of them are: a repeat of several is left to the digest."""
        run, said = kept.run, list[Push]()
        for push in pushes:
            if run is None:
                break
            if push.rule == REPEAT and self._several_late(owner):
                run = run._replace(repeated_at=push.said_at)
                continue
            run = after_push(run, push)
            said.append(push)
        return kept._replace(run=run), tuple(said)

    def _saying(
        self, row: DeadlineRow, order: OrderRow, step: StepRow, pushes: tuple[Push, ...], *, urgent: bool
    ) -> Saying:
        letter = letters.owner_letter(self._book, order, step, pushes[-1])
        return Saying(row, step.owner, pushes, letter, order, f"step:{step.id}", urgent=urgent)

    def _part(self, order: OrderRow, step: StepRow) -> tuple[Reminders, bool]:
        """The rules of a step, and whether it is urgent: of each part of a flow once."""
        key = (order.flow, order.flow_version, step.key)
        if key not in self._parts:
            book = self._book
            self._parts[key] = (world.step_rules(book, order, step), world.is_urgent(book, order, step))
        return self._parts[key]

    def _several_late(self, owner: str) -> bool:
        if self._late is None:
            self._late = world.late_counts(self._book, {step.owner for step in self._steps.values()})
        return self._late.get(owner, 0) >= SEVERAL


def write_down(book: Book, judged: Sequence[Judged]) -> None:
    """The deadlines as they are now, by one statement."""
    rows = [
        {"row": one.row.id, "next": one.row.next_at, "new_episode": one.row.episode, "new_state": one.row.state}
        for one in judged
    ]
    write_many(book.session.connection(), _WRITE, rows)
