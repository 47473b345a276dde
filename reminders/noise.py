"""The noise report: which rules push without anything coming of it, and what to do about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from reminders.rules import DANGER, DIGEST, NUDGE, REPEAT, RUNG
from store.book import Book
from store.messages import Letter, Phrase, WorkTime
from store.tables import AuditEntry, Order, Reminder

ACTED_WITHIN = timedelta(hours=24)
"""An act on the order by whoever was told, within so much clock time, counts as coming of it."""
ENOUGH = 10
"""Rules that pushed less often are not judged."""
QUIET_SHARE = 20
"""Below so many per cent acted upon, a rule is noise."""

_PROPOSALS = {REPEAT: "widen", NUDGE: "drop", DIGEST: "widen", DANGER: "merge"}


@dataclass(frozen=True, slots=True)
class Noise:
    """One rule over a period: pushes, how many were followed by an act of the receiver, and a proposal or None.

    `limit`: the interval that is proposed, for a rule that has one.
    """

    rule: str
    pushes: int
    acted: int
    proposal: str | None  # widen | drop | merge
    limit: WorkTime | None = None

    @property
    def share(self) -> int:
        """Per cent of pushes that were acted upon."""
        return round(100 * self.acted / self.pushes) if self.pushes else 0


def noise_report(book: Book, since: datetime) -> list[Noise]:
    """Every rule that pushed since then, the noisiest first."""
    pushes = book.session.exec(select(Reminder).where(col(Reminder.made_at) >= since)).all()
    acts = _acts(book, {row.person for row in pushes}, since)
    counts: dict[str, list[bool]] = defaultdict(list)
    for row in pushes:
        mine = (
            acts.get((row.person, row.order_id), ()) if row.order_id is not None else acts.get((row.person, None), ())
        )
        counts[row.rule].append(any(row.made_at < moment <= row.made_at + ACTED_WITHIN for moment in mine))
    found = [_judged(book, rule, acted) for rule, acted in counts.items()]
    return sorted(found, key=lambda one: (one.share, -one.pushes, one.rule))


def _judged(book: Book, rule: str, acted: Iterable[bool]) -> Noise:
    all_of_them = list(acted)
    pushes, done = len(all_of_them), sum(all_of_them)
    noisy = pushes >= ENOUGH and 100 * done < QUIET_SHARE * pushes
    proposal = _PROPOSALS.get(rule, "merge" if rule.startswith(RUNG) else None) if noisy else None
    return Noise(rule, pushes, done, proposal, _wider(book) if noisy and rule == REPEAT else None)


def _wider(book: Book) -> WorkTime:
    """Twice the longest interval at which any flow repeats now."""
    calendar = book.company.calendar
    longest = max(calendar.minutes(flow.reminders().repeat) for flow in book.company.flows.values())
    return WorkTime(2 * longest, calendar.day_minutes)


def _acts(book: Book, people: set[str], since: datetime) -> dict[tuple[str, int | None], list[datetime]]:
    """When somebody did something, by person and order; under None whatever order it was."""
    rows = book.session.exec(
        select(AuditEntry.who, AuditEntry.order_id, AuditEntry.at)
        .where(col(AuditEntry.at) >= since, col(AuditEntry.who).in_(people))
        .join(Order, col(Order.id) == AuditEntry.order_id)
    ).all()
    table: dict[tuple[str, int | None], list[datetime]] = defaultdict(list)
    for who, order_id, at in rows:
        table[who, order_id].append(at)
        table[who, None].append(at)
    return table


def noise_letter(report: Iterable[Noise]) -> Letter:
    """The report in words."""
    says: list[Phrase] = []
    for one in report:
        rule = Phrase(f"rule.{one.rule}")
        says.append(
            Phrase("reminder.noise_line", {"rule": rule, "pushes": one.pushes, "acted": one.acted, "share": one.share})
        )
        if one.proposal is not None:
            facts = {"proposal": Phrase(f"reminder.noise.{one.proposal}"), "limit": one.limit}
            says.append(Phrase("reminder.noise_limit", facts))
    return Letter(tuple(says))
