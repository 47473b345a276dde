"""What a serving process tells by the day: everybody's morning brief, and the auditor's account of yesterday.

Both are deadlines like any other, so that they survive a restart and replicas share them. They are armed by the
process that serves (a rehearsal plays the contract's pushes alone).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import col, select

from reminders import world
from reminders.auditing import AUDIT, tell_account
from reminders.briefs import brief_of, brief_sections, department_brief
from reminders.digest import next_digest
from reminders.rules import OWNER, Push
from reminders.speaking import Saying, Voice
from reminders.together import SEVERAL
from store.book import Book
from store.calendars.walls import moment_of
from store.inserting import insert_into
from store.messages import Letter, Phrase
from store.operations.hiding import hide_lapsed
from store.reads.workings import NOBODY_REACHED
from store.tables import Deadline, Heartbeat

BRIEF, ACCOUNT, EVERYBODY = "brief", "account", "all"
AUDITED_AT = 5
"""Minutes past the company's midnight at which yesterday is audited: what waits for the morning then waits still."""


def arm_daily(book: Book) -> int:
    """See to it that everybody on the staff has his brief ahead, and the company its account; how many were new."""
    wanted = {(ACCOUNT, EVERYBODY): _next_account(book)}
    for key in _staff(book):
        wanted[BRIEF, key] = next_brief(book, key, book.now)
    known = book.session.exec(
        select(Deadline.subject, Deadline.subject_key).where(col(Deadline.subject).in_((BRIEF, ACCOUNT)))
    ).all()
    new = {mark: moment for mark, moment in wanted.items() if mark not in set(known)}
    values = [
        {"subject": subject, "subject_key": key, "owner": key, "next_at": moment, "episode": 1, "state": {}}
        for (subject, key), moment in new.items()
    ]
    if values:
        new_rows = insert_into(book.session, Deadline)
        statement = new_rows.on_conflict_do_nothing(index_elements=["subject", "subject_key"])
        book.session.connection().execute(statement, values)
    return len(new)


def next_brief(book: Book, person: str, after: datetime) -> datetime:
    """The first digest time of somebody's next working day."""
    return next_digest(
        book.company.pushes.digest[:1], world.zone_of(book, person), world.calendar_of(book, person), after
    )


def tell_brief(book: Book, row: Deadline, voice: Voice) -> None:
    """A person's morning: his own day, his department's when he heads one, yesterday's account for administrators.

    With several late things the digest of the same moment says it all (`morning`): one message, not two.
    """
    person = row.subject_key
    moment = row.next_at or book.now
    if person not in book.company.people:
        row.next_at = None
        return
    row.next_at = next_brief(book, person, book.now)
    row.episode += 1
    if len(world.late_things(book, person)) >= SEVERAL:
        return
    says = _sections(book, person, late=True)
    if says:
        letter = Letter((Phrase("reminder.brief"), *says))
        push = Push(BRIEF, 0, OWNER, moment, book.now)
        voice.say(Saying(row, person, (push,), letter, None, f"brief:{person}", urgent=False))


def tell_yesterday(book: Book, row: Deadline, _voice: Voice) -> None:
    """Yesterday's account: kept, and its faults told to the administrators; who is new gets his brief from now on."""
    tell_account(book, world.today(book) - timedelta(days=1))
    hide_lapsed(book)
    row.next_at = _next_account(book)
    arm_daily(book)


def morning(book: Book, person: str, moment: datetime) -> tuple[Phrase, ...]:
    """What a digest told at that moment says beside the late things, if it is the first of a day with a brief."""
    armed = select(Deadline.id).where(Deadline.subject == BRIEF, Deadline.subject_key == person)
    if next_brief(book, person, moment - timedelta(microseconds=1)) != moment or not book.session.exec(armed).first():
        return ()
    return _sections(book, person, late=False)


def _sections(book: Book, person: str, *, late: bool) -> tuple[Phrase, ...]:
    says = list(brief_sections(brief_of(book, [person]), late=late))
    for key, division in book.company.departments.items():
        if division.head != person:
            continue
        found = brief_sections(department_brief(book, key))
        if found and len(division.members) > 1:
            says += [Phrase("reminder.brief_department", {"department": division.name.raw}), *found]
    human = book.company.people.get(person)
    is_admin = human is not None and "admin" in human.roles
    mine = (account_phrase(book), unreached_phrase(book)) if is_admin else ()
    return (*says, *(one for one in mine if one is not None))


def account_phrase(book: Book) -> Phrase | None:
    """The last account in one line; None before there was one, or when nothing had been due."""
    mark = book.session.get(Heartbeat, AUDIT)
    if mark is None or not mark.facts.get("due"):
        return None
    names = {"expected": "due", "sent": "sent", "held": "held", "missing": "faults"}
    return Phrase("reminder.fault", {name: mark.facts[kept] for name, kept in names.items()})


def unreached_phrase(book: Book) -> Phrase | None:
    """Whom nothing could be told since yesterday, nor anybody in their stead; None when there was nobody."""
    mark = book.session.get(Heartbeat, NOBODY_REACHED)
    if mark is None or book.now - mark.at > timedelta(days=1):
        return None
    return Phrase("reminder.nobody_reached", {"people": [world.name(book, one) for one in mark.facts["people"]]})


def _next_account(book: Book) -> datetime:
    zone, today = book.company.zone, world.today(book)
    first = moment_of(today, AUDITED_AT, zone)
    return first if first > book.now else moment_of(today + timedelta(days=1), AUDITED_AT, zone)


def _staff(book: Book) -> list[str]:
    return [key for key, human in book.company.people.items() if not human.is_contact]


__all__ = ["account_phrase", "arm_daily", "morning", "tell_brief", "tell_yesterday", "unreached_phrase"]
