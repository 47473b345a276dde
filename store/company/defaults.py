"""What holds for whatever a company file leaves out («Left out» of the company file's description).

The models keep only what was written; these functions give what is meant. Durations of working time stay Spans, for
their length depends on the calendar of whoever they are counted for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from store.calendars import QuietHours, Span, WorkCalendar, build_calendar
from store.company.models import (
    CodesPart,
    CompanyFile,
    DepartmentPart,
    FlowPart,
    PushesPart,
    RemindersPart,
    StepPart,
)
from store.company.numbering import NumberTemplate

LANGUAGE = "zh"
TIMEZONE = "Asia/Shanghai"
CURRENCY = "CNY"
ORDER_NUMBER = "SO-{yy}{mm}-{seq:04}"
QUIET = QuietHours.parse("21:00-08:00")
ASSIGN = "least_loaded"

_HOURS_2 = Span(2, "h")
_HOURS_4 = Span(4, "h")


@dataclass(frozen=True, slots=True)
class Pushes:
    """When and how often people are written to. `digest` in minutes since midnight, `urge_again` working time."""

    digest: tuple[int, ...] = (9 * 60,)
    per_day: int = 20
    undo: timedelta = timedelta(minutes=10)
    urge_again: Span = _HOURS_4


@dataclass(frozen=True, slots=True)
class Codes:
    """Binding codes; clock time."""

    valid: timedelta = timedelta(hours=24)
    tries: int = 5
    locked: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of the ladder: so much working time after the due moment, `to` backup, head or manager."""

    after: Span
    to: str


@dataclass(frozen=True, slots=True)
class Reminders:
    """How the owner of a step is reminded; all of it working time."""

    before: Span = _HOURS_2
    repeat: Span = _HOURS_4
    acknowledged_for: Span = _HOURS_4
    handover: Span = _HOURS_4
    ladder: tuple[Rung, ...] = (Rung(Span(4, "h"), "backup"), Rung(Span(1, "d"), "head"), Rung(Span(2, "d"), "manager"))


def language_of(company: CompanyFile) -> str:
    """The language of whoever states none."""
    return company.company.language or LANGUAGE


def zone_of(company: CompanyFile) -> ZoneInfo:
    """The company's time zone, in which its calendars live."""
    return ZoneInfo(company.company.timezone or TIMEZONE)


def currency_of(company: CompanyFile) -> str:
    """The currency of every amount."""
    return company.company.currency or CURRENCY


def numbering_of(company: CompanyFile) -> NumberTemplate:
    """How orders are numbered."""
    return NumberTemplate.parse(company.company.order_number or ORDER_NUMBER)


def pushes_of(company: CompanyFile) -> Pushes:
    """`pushes:` with everything filled in."""
    return fill_pushes(company.pushes)


def fill_pushes(said: PushesPart | None) -> Pushes:
    """What holds for `pushes:`, said or not."""
    usual = Pushes()
    if said is None:
        return usual
    return Pushes(
        digest=tuple(sorted(set(said.digest))) if said.digest else usual.digest,
        per_day=said.per_day or usual.per_day,
        undo=said.undo.clock if said.undo else usual.undo,
        urge_again=said.urge_again or usual.urge_again,
    )


def codes_of(company: CompanyFile) -> Codes:
    """`codes:` with everything filled in."""
    return fill_codes(company.codes)


def fill_codes(said: CodesPart | None) -> Codes:
    """What holds for `codes:`, said or not."""
    usual = Codes()
    if said is None:
        return usual
    return Codes(
        valid=said.valid.clock if said.valid else usual.valid,
        tries=said.tries or usual.tries,
        locked=said.locked.clock if said.locked else usual.locked,
    )


def quiet_of(company: CompanyFile, department: DepartmentPart | None = None) -> QuietHours:
    """Quiet hours of whoever states none: his department's calendar's, else the company's."""
    for calendar in (department.calendar if department else None, company.calendar):
        if calendar is not None and calendar.quiet is not None:
            return calendar.quiet
    return QUIET


def calendar_of(company: CompanyFile, department: DepartmentPart | None = None) -> WorkCalendar:
    """The working calendar of the company or of one of its departments."""
    return build_calendar(zone_of(company), company.calendar, department.calendar if department else None)


def reminders_of(flow: FlowPart, step: StepPart | None = None) -> Reminders:
    """The reminders of a step: its own keys over its flow's, over the usual ones."""
    return merge_reminders(step.reminders if step else None, flow.reminders)


def merge_reminders(*layers: RemindersPart | None) -> Reminders:
    """Reminders with everything filled in; what an earlier layer says wins."""
    said = [one for one in layers if one is not None]
    usual = Reminders()
    return Reminders(
        before=next((one.before for one in said if one.before), usual.before),
        repeat=next((one.repeat for one in said if one.repeat), usual.repeat),
        acknowledged_for=next((one.acknowledged_for for one in said if one.acknowledged_for), usual.acknowledged_for),
        handover=next((one.handover for one in said if one.handover), usual.handover),
        ladder=next(
            (tuple(Rung(rung.after, rung.to) for rung in one.ladder) for one in said if one.ladder is not None),
            usual.ladder,
        ),
    )


def default_flow(company: CompanyFile) -> FlowPart:
    """The flow of an order that names none: the one marked as default, else the only one."""
    return next((flow for flow in company.flows if flow.default), company.flows[0])
