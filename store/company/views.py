"""The company as one immutable picture: everything that reading a message, a rule or a reminder has to look up.

What moves all day (the stock of products) is not in it. snapshot.py builds and keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from store.calendars import QuietHours, WorkCalendar
from store.company import defaults
from store.company.defaults import Codes, Pushes, Reminders
from store.company.models import AnswerPart, ExceptionPart, FlowPart, StepPart
from store.company.numbering import NumberTemplate
from store.company.text import Text
from store.rules.owners import Colleague, Roster, Team

LAST_RESORT = ("coordinator", "manager", "admin")
"""Whoever has one of these roles, in this order, takes what nobody else can."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which somebody is away, both included; `to_on` None: until further notice."""

    from_on: date
    to_on: date | None
    covered_by: str | None

    def holds(self, day: date) -> bool:
        """Whether that day is one of them."""
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)


@dataclass(frozen=True, slots=True)
class Human:
    """Somebody the assistant talks with; `language`, `zone` and `quiet` are what holds for him, stated or not."""

    key: str
    name: Text
    aliases: tuple[str, ...]
    language: str
    zone: ZoneInfo
    quiet: QuietHours
    prefers: tuple[str, ...]
    accounts: tuple[tuple[str, str], ...]  # channel, account
    roles: frozenset[str] = frozenset()
    department: str | None = None
    manager: str | None = None
    backup: str | None = None
    customer: str | None = None  # of a contact; None: staff
    away: tuple[Absence, ...] = ()
    active: bool = True
    shut: frozenset[tuple[str, str]] = frozenset()  # of his accounts those that have blocked the bot

    @property
    def is_contact(self) -> bool:
        """Whether this is a customer's person."""
        return self.customer is not None

    def absence(self, day: date) -> Absence | None:
        """The absence that covers that day, the one noted last if there are several."""
        return next((one for one in reversed(self.away) if one.holds(day)), None)

    def day(self, at: datetime) -> date:
        """What day it is for him."""
        return at.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Division:
    """A department. `members` in the order of the file, its head among them if he belongs to it."""

    key: str
    name: Text
    head: str
    assign: str
    members: tuple[str, ...]
    calendar: WorkCalendar
    quiet: QuietHours


@dataclass(frozen=True, slots=True)
class Client:
    """A customer; `contacts` are keys of people."""

    key: str
    name: Text
    aliases: tuple[str, ...]
    salesperson: str | None
    language: str
    credit_limit: Decimal | None
    flow: str | None
    contacts: tuple[str, ...]
    active: bool = True


@dataclass(frozen=True, slots=True)
class Item:
    """A product. `watched`: it has a stock (how much is in the row)."""

    sku: str
    name: Text
    aliases: tuple[str, ...]
    unit: str | None
    price: Decimal | None
    watched: bool
    reorder_at: Decimal | None
    lead_time: str | None
    flow: str | None
    active: bool = True


@dataclass(frozen=True, slots=True)
class Flow:
    """One version of a flow. `parents`: what each step waits for, in the order of the file."""

    key: str
    version: int
    part: FlowPart
    parents: Mapping[str, tuple[str, ...]]
    active: bool

    @property
    def name(self) -> Text:
        """What people call it."""
        return self.part.name

    @property
    def steps(self) -> tuple[StepPart, ...]:
        """Its steps, in the order of the file."""
        return self.part.steps

    def step(self, key: str) -> StepPart:
        """One of its steps. Raises KeyError."""
        found = next((one for one in self.part.steps if one.key == key), None)
        if found is None:
            raise KeyError(key)
        return found

    def exception(self, kind: str) -> ExceptionPart | None:
        """One of its exceptions, or None (`complaint` needs none)."""
        return next((one for one in self.part.exceptions if one.kind == kind), None)

    def reminders(self, step: str | None = None) -> Reminders:
        """How a step of it (or anything else of its orders) is reminded of."""
        return defaults.reminders_of(self.part, self.step(step) if step is not None else None)


@dataclass(frozen=True, slots=True)
class Group:
    """A chat group the assistant may speak in; `customer` None: staff only."""

    key: str
    name: Text
    customer: str | None
    accounts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Company:
    """The whole company. `people` are staff and contacts who are here, `former` those who have left."""

    mark: str
    name: Text
    language: str
    zone: ZoneInfo
    currency: str
    numbering: NumberTemplate
    calendar: WorkCalendar
    quiet: QuietHours
    pushes: Pushes
    codes: Codes
    departments: Mapping[str, Division]
    people: Mapping[str, Human]
    former: Mapping[str, Human]
    customers: Mapping[str, Client]
    products: Mapping[str, Item]
    flows: Mapping[str, Flow]
    versions: Mapping[tuple[str, int], Flow]
    groups: Mapping[str, Group]
    answers: tuple[AnswerPart, ...]
    accounts: Mapping[tuple[str, str], str] = field(repr=False)

    @property
    def timezone(self) -> str:
        """The name of the company's zone."""
        return self.zone.key

    @property
    def default_flow(self) -> Flow:
        """The flow of an order that names none."""
        return next((flow for flow in self.flows.values() if flow.part.default), next(iter(self.flows.values())))

    def flow(self, key: str, version: int | None = None) -> Flow:
        """A flow as it is now, or one of its versions. Raises KeyError."""
        return self.flows[key] if version is None else self.versions[key, version]

    def staff(self) -> tuple[Human, ...]:
        """Everybody who works here, in the order of the file."""
        return tuple(one for one in self.people.values() if not one.is_contact)

    def with_role(self, role: str) -> tuple[Human, ...]:
        """Everybody with that role, in the order of the file."""
        return tuple(one for one in self.people.values() if role in one.roles)

    def anyone(self, key: str) -> Human | None:
        """Somebody who is here or has left; for names, not for rights."""
        return self.people.get(key) or self.former.get(key)

    def by_account(self, channel: str, account: str) -> Human | None:
        """Whose platform account that is, if he is (still) here.

        Members of a WeCom are the same however their id is written; ids of customers there tell letters apart.
        """
        known = self.people.get(self.accounts.get((channel, account), ""))
        if known is not None or channel != "wecom":
            return known
        wanted = (channel, account.lower())
        alike = (one for one in self.staff() if wanted in {(name, theirs.lower()) for name, theirs in one.accounts})
        return next(alike, None)

    def calendar_of(self, person: str | None) -> WorkCalendar:
        """The calendar somebody works by: his department's, else the company's."""
        one = self.people.get(person or "")
        division = self.departments.get(one.department or "") if one else None
        return division.calendar if division else self.calendar

    def roster(self, now: datetime) -> Roster:
        """Everybody who works here, as the rules of ownership see them at that moment (each on his own day)."""
        people = {one.key: _colleague(one, one.absence(one.day(now))) for one in self.staff()}
        teams = {key: Team(one.head, one.members, one.assign) for key, one in self.departments.items()}
        last = dict.fromkeys(one.key for role in LAST_RESORT for one in self.with_role(role))
        return Roster(people, teams, tuple(last))


def _colleague(one: Human, absence: Absence | None) -> Colleague:
    return Colleague(
        key=one.key,
        department=one.department,
        manager=one.manager,
        backup=one.backup,
        absent=absence is not None,
        covered_by=absence.covered_by if absence else None,
    )
