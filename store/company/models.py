"""The company file as it was written: one model a section, keys in the order in which they are documented.

Nothing here fills in what was left out (see reading.py's neighbours for that): a field is None or empty when the file
does not speak of it, so that writing a file back adds nothing. What is required is what has no default here.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from store.company.kinds import (
    Assign,
    Channel,
    Clocks,
    Comparison,
    Count,
    Country,
    Currency,
    Day,
    Days,
    Duration,
    FieldType,
    Flag,
    Identities,
    Key,
    Keys,
    Language,
    Number,
    OrderNumber,
    Quiet,
    Role,
    Rung,
    Wanted,
    Weekday,
    Wordings,
    Words,
    WorkHours,
    Zone,
)
from store.company.text import Text


class Section(BaseModel):
    """A part of the company file: frozen, and strict about its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _empty_is_left_out(cls, data: Any) -> Any:
        """`manager:` with nothing behind it says no more than leaving the key out."""
        if not isinstance(data, dict):
            return data
        known = cls.keys()
        return {key: value for key, value in data.items() if value is not None or key not in known}

    @classmethod
    def keys(cls) -> tuple[str, ...]:
        """The keys of this section as the file writes them, in their order."""
        return tuple(field.alias or name for name, field in cls.model_fields.items())


class CompanyPart(Section):
    """`company:` the company itself."""

    name: Text
    language: Language | None = None
    timezone: Zone | None = None
    currency: Currency | None = None
    order_number: OrderNumber | None = None


class CalendarPart(Section):
    """`calendar:` of the company or of a department."""

    country: Country | None = None
    week: tuple[Weekday, ...] | None = Field(default=None, min_length=1)
    hours: tuple[WorkHours, ...] | None = Field(default=None, min_length=1)
    closed: tuple[Day, ...] | None = None
    open: tuple[Day, ...] | None = None
    quiet: Quiet | None = None


class PushesPart(Section):
    """`pushes:` when and how often people are written to."""

    digest: Clocks | None = Field(default=None, min_length=1)
    per_day: Count | None = None
    undo: Duration | None = None
    urge_again: Duration | None = None


class CodesPart(Section):
    """`codes:` binding codes."""

    valid: Duration | None = None
    tries: Count | None = None
    locked: Duration | None = None


class DepartmentPart(Section):
    """One of `departments:`."""

    key: Key
    name: Text
    head: Key
    assign: Assign | None = None
    calendar: CalendarPart | None = None


class AwayPart(Section):
    """One absence of a person; both days included, no last day: until further notice."""

    from_on: Day = Field(alias="from")
    to_on: Day | None = Field(default=None, alias="to")
    covered_by: Key | None = None


class PersonPart(Section):
    """One of `people:`."""

    key: Key
    name: Text
    aliases: Wordings = ()
    department: Key | None = None
    roles: tuple[Role, ...] = ()
    manager: Key | None = None
    backup: Key | None = None
    language: Language | None = None
    timezone: Zone | None = None
    quiet: Quiet | None = None
    prefers: tuple[Channel, ...] | None = None
    identities: Identities = Field(default_factory=dict)
    away: tuple[AwayPart, ...] = ()


class ContactPart(Section):
    """One of a customer's `contacts:`."""

    key: Key
    name: Text
    aliases: Wordings = ()
    language: Language | None = None
    timezone: Zone | None = None
    quiet: Quiet | None = None
    prefers: tuple[Channel, ...] | None = None
    identities: Identities = Field(default_factory=dict)


class CustomerPart(Section):
    """One of `customers:`."""

    key: Key
    name: Text
    aliases: Wordings = ()
    salesperson: Key | None = None
    language: Language | None = None
    credit_limit: Number | None = None
    flow: Key | None = None
    contacts: tuple[ContactPart, ...] = ()


class ProductPart(Section):
    """One of `products:`."""

    sku: Key
    name: Text
    aliases: Wordings = ()
    unit: Words | None = None
    price: Number | None = None
    stock: Number | None = None
    reorder_at: Number | None = None
    lead_time: Duration | None = None
    flow: Key | None = None


class FieldPart(Section):
    """One field of an `order_form:` or of a step's `form:`."""

    field: Key
    name: Text
    type: FieldType = "text"
    required: Flag = False
    ask: Text | None = None
    public: Flag = False
    choices: Wordings = ()


class WhenPart(Section):
    """`when:` of a step: all keys given must hold."""

    stock: Literal["short"] | None = None
    amount: Comparison | None = None
    customer: Keys | None = None
    product: Keys | None = None
    field: dict[Key, Wanted] | None = None


class RungPart(Section):
    """One rung of a `ladder:`."""

    after: Duration
    to: Rung


class RemindersPart(Section):
    """`reminders:` of a flow or, over it, of a step."""

    before: Duration | None = None
    repeat: Duration | None = None
    acknowledged_for: Duration | None = None
    handover: Duration | None = None
    ladder: tuple[RungPart, ...] | None = None


class StepPart(Section):
    """One of a flow's `steps:`."""

    key: Key
    name: Text
    kind: Literal["task", "review"] | None = None
    owner: Key
    fields: Keys | None = None
    blind_above: Number | None = None
    after: Keys | None = None
    when: WhenPart | None = None
    within: Duration | None = None
    before_promise: Days | None = None
    urgent: Flag = False
    public: Text | None = None
    form: tuple[FieldPart, ...] = ()
    ships: Flag = False
    survey: Flag = False
    sop: Text | None = None
    reminders: RemindersPart | None = None


class ExceptionPart(Section):
    """One of a flow's `exceptions:`."""

    kind: Key
    name: Text
    words: Wordings = ()
    handler: Key
    within: Duration | None = None
    urgent: Flag = False
    acknowledged_by: Keys = ()


class FlowPart(Section):
    """One of `flows:`."""

    key: Key
    name: Text
    aliases: Wordings = ()
    default: Flag = False
    order_form: tuple[FieldPart, ...] = ()
    steps: tuple[StepPart, ...] = Field(min_length=1)
    exceptions: tuple[ExceptionPart, ...] = ()
    reminders: RemindersPart | None = None


class GroupPart(Section):
    """One of `groups:`."""

    key: Key
    name: Text | None = None
    customer: Key | None = None
    identities: Identities = Field(default_factory=dict)


class AnswerPart(Section):
    """One of `answers:`."""

    ask: Wordings = Field(min_length=1)
    answer: Text


class CompanyFile(Section):
    """The whole file."""

    company: CompanyPart
    calendar: CalendarPart | None = None
    pushes: PushesPart | None = None
    codes: CodesPart | None = None
    departments: tuple[DepartmentPart, ...] = ()
    people: tuple[PersonPart, ...] = Field(min_length=1)
    customers: tuple[CustomerPart, ...] = ()
    products: tuple[ProductPart, ...] = ()
    flows: tuple[FlowPart, ...] = Field(min_length=1)
    groups: tuple[GroupPart, ...] = ()
    answers: tuple[AnswerPart, ...] = ()
