"""What people settle about themselves: leave and cover, quiet hours, language, channel; and leaving the company."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import col, select

from store.book import GENDAN, Book
from store.calendars import QuietHours
from store.messages import Phrase
from store.operations import frame
from store.operations.flow import refresh_all
from store.refusals import Invalid, NotAllowed, NotFound
from store.rules import rights
from store.rules.owners import answering
from store.tables import Away, Identity, Person, Step, Token

LANGUAGES = ("zh", "en")
ALWAYS_THERE = ("web", "console")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OnLeave:
    """An absence as it stands now. `cover` is who has the work today or would have it; `steps` what moved to him."""

    person: str
    from_on: date
    to_on: date | None
    cover: str
    steps: tuple[Step, ...] = ()


def set_away(
    book: Book, from_on: date, to_on: date | None, cover: str | None = None, person: str | None = None
) -> OnLeave:
    """Somebody is away, both days included: present and new work goes to the cover while it lasts.

    Args:
        book: the unit of work.
        from_on: the first day.
        to_on: the last day; None: until further notice.
        cover: who covers; None: the backup, else the department's head.
        person: whose leave; None: of whoever acts.

    Raises:
        NotFound: no such person or cover.
        NotAllowed: neither himself, nor his manager, nor an administrator.
        Invalid: refused.away_order (ends before it begins), refused.away_past, refused.away_cover_self.
    """
    row = _staff(book, person)
    _require(book, "person.away", row)
    human = book.company.people[row.key]
    if to_on is not None and to_on < from_on:
        raise Invalid("refused.away_order", from_on=from_on, to_on=to_on)
    if to_on is not None and to_on < human.day(book.now):
        raise Invalid("refused.away_past", to_on=to_on)
    if cover is not None:
        stand_in = book.company.people.get(cover)
        if stand_in is None or stand_in.is_contact:
            raise NotFound(what=cover)
        if cover == row.key:
            raise Invalid("refused.away_cover_self", person=row.name)
    before = _clear(book, row.key, from_on, to_on)
    book.session.add(Away(person=row.key, from_on=from_on, to_on=to_on, covered_by=cover))
    after = _days(from_on, to_on, cover)
    book.record("person.away", subject=f"person:{row.key}", before=before or None, after=after, undoable=True)
    book.forget_company()
    refresh_all(book, person=row.key)
    chain = answering(frame.roster(book), row.key).owner
    acting = chain if chain != row.key else _future_cover(book, row, cover)
    return OnLeave(row.key, from_on, to_on, acting, tuple(covered_steps(book, row.key)))


def come_back(book: Book, person: str | None = None, on: date | None = None) -> OnLeave:
    """Back at work on that day (default today): present and later leave ends the day before; the work comes back.

    Raises:
        NotFound, NotAllowed: as set_away.
        Invalid: refused.not_away.
    """
    row = _staff(book, person)
    _require(book, "person.away", row)
    day = on or book.company.people[row.key].day(book.now)
    returning = tuple(covered_steps(book, row.key))
    aways = [one for one in _aways(book, row.key) if one.to_on is None or one.to_on >= day]
    present = [one for one in aways if one.from_on <= day] or aways[:1]
    if not present:
        raise Invalid("refused.not_away", person=row.name)
    before = [_days(one.from_on, one.to_on, one.covered_by) for one in present]
    from_on = present[0].from_on
    for one in present:
        if one.from_on < day:
            one.to_on = day - _DAY
            book.session.add(one)
        else:
            book.session.delete(one)
    after = {"back_on": day.isoformat()}
    book.record("person.back", subject=f"person:{row.key}", before=before, after=after, undoable=True)
    book.forget_company()
    refresh_all(book, person=row.key)
    return OnLeave(row.key, from_on, day - _DAY, answering(frame.roster(book), row.key).owner, returning)


def covered_steps(book: Book, person: str) -> list[Step]:
    """Active steps that somebody covers for this person."""
    book.session.flush()
    query = select(Step).where(Step.assigned == person, Step.status == "active", Step.owner != person)
    return list(book.session.exec(query.order_by(col(Step.due), col(Step.id))))


def set_quiet(book: Book, quiet: str | None, person: str | None = None) -> str | None:
    """Own quiet hours ("20:00-08:30"; "00:00-00:00" is never), or None for the company's again; what holds now.

    Raises:
        Invalid: refused.quiet.
    """
    row = _anyone(book, person)
    _require(book, "person.settings", row)
    if quiet is not None:
        try:
            QuietHours.parse(quiet)
        except ValueError as problem:
            raise Invalid("refused.quiet", given=quiet[:40]) from problem
    _change(book, row, "quiet", quiet)
    return quiet


def set_language(book: Book, language: str, person: str | None = None) -> str:
    """The language in which somebody is written to. Raises Invalid (refused.language)."""
    row = _anyone(book, person)
    _require(book, "person.settings", row)
    if language not in LANGUAGES:
        raise Invalid("refused.language", given=language[:40])
    _change(book, row, "language", language)
    return language


def set_channel(book: Book, channel: str, person: str | None = None) -> tuple[str, ...]:
    """Where somebody is written to first; the order in which channels are tried from now on.

    Raises:
        Invalid: refused.no_account, when he has no account there.
    """
    row = _anyone(book, person)
    _require(book, "person.settings", row)
    accounts = list(book.session.exec(select(Identity.channel).where(Identity.person == row.key)))
    if channel not in {*accounts, *ALWAYS_THERE}:
        raise Invalid("refused.no_account", channel=channel, has=sorted(set(accounts)))
    order = tuple(dict.fromkeys([channel, *(row.prefers or ()), *accounts]))
    _change(book, row, "prefers", list(order))
    return order


def who_takes_over(book: Book, person: str) -> str:
    """Who gets somebody's work when he has left."""
    row = _staff(book, person)
    _require(book, "person.leave_company", row)
    people = frame.roster(book)
    named = row.backup or people.head_of(row.key) or row.manager
    return answering(people, named).owner if named is not None and named != person else next(iter(people.last_resort))


def leave_company(book: Book, person: str) -> OnLeave:
    """Somebody has left for good: his accounts and tokens are gone at once, his work goes to whoever covers for him."""
    row = _staff(book, person)
    _require(book, "person.leave_company", row)
    mine = select(Step).where(
        (col(Step.owner) == person) | (col(Step.assigned) == person), col(Step.status) == "active"
    )
    moving = tuple(book.session.exec(mine))
    row.active = False
    book.session.add(row)
    for identity in book.session.exec(select(Identity).where(Identity.person == person)):
        book.session.delete(identity)
    for token in book.session.exec(select(Token).where(Token.person == person)):
        book.session.delete(token)
    book.record("person.changed", subject=f"person:{person}", before={"active": True}, after={"active": False})
    book.forget_company()
    refresh_all(book, person=person)
    today = book.now.astimezone(book.company.zone).date()
    return OnLeave(person, today, None, answering(frame.roster(book), person).owner, moving)


# --- parts ----------------------------------------------------------------------------------------------------------


def _staff(book: Book, person: str | None) -> Person:
    row = frame.person(book, person or book.by.key)
    if row.kind != "staff":
        raise NotFound(what=row.key)
    return row


def _anyone(book: Book, person: str | None) -> Person:
    return frame.person(book, person or book.by.key)


def _require(book: Book, action: str, row: Person) -> None:
    """Himself, or who has the right over him; a manager only over his own people."""
    human = book.company.people.get(book.by.key)
    if book.by.key in {row.key, GENDAN}:
        return
    has = set(human.roles) if human is not None else set()
    if row.manager != book.by.key:
        has.discard("manager")
    else:
        has.add("manager")
    if not rights.may(action, has):
        who = [one for one in (row.key, row.manager) if one]
        raise NotAllowed(right=Phrase(f"right.{action}"), who=[frame.name(book, one) for one in who])


def _aways(book: Book, person: str) -> list[Away]:
    return list(book.session.exec(select(Away).where(Away.person == person).order_by(col(Away.from_on))))


def _clear(book: Book, person: str, from_on: date, to_on: date | None) -> list[dict[str, str | None]]:
    """Make room for a new absence: earlier ones are cut where it covers them; how they were."""
    before = []
    for one in _aways(book, person):
        if (to_on is not None and one.from_on > to_on) or (one.to_on is not None and one.to_on < from_on):
            continue
        before.append(_days(one.from_on, one.to_on, one.covered_by))
        if one.from_on < from_on:
            one.to_on = from_on - _DAY
            book.session.add(one)
        else:
            book.session.delete(one)
    return before


def _days(from_on: date, to_on: date | None, cover: str | None) -> dict[str, str | None]:
    return {"from": from_on.isoformat(), "to": to_on.isoformat() if to_on else None, "covered_by": cover}


def _future_cover(book: Book, row: Person, cover: str | None) -> str:
    """Who will cover for somebody whose leave has not begun."""
    people = frame.roster(book)
    named = cover or row.backup or people.head_of(row.key) or row.manager
    return answering(people, named).owner if named is not None else row.key


def _change(book: Book, row: Person, name: str, value: object) -> None:
    before = getattr(row, name)
    setattr(row, name, value)
    book.session.add(row)
    after = {name: value}
    book.record("person.changed", subject=f"person:{row.key}", before={name: before}, after=after, undoable=True)
    book.forget_company()
