"""The loaded company file as rows; what people change in chat (leave, quiet hours, language) changes here."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column
from sqlmodel import Field

from store.columns import Exact, UtcDateTime, type_json
from store.tables.row import Row


class CompanySetting(Row, table=True):
    """A section of the company file that is no list of rows: company, calendar, pushes, codes, groups, answers.

    The row named "version" counts every change of the company, so that a cached picture of it knows its age.
    """

    __tablename__ = "company_setting"
    name: str = Field(primary_key=True)
    value: Any = Field(sa_column=Column(type_json))


class Department(Row, table=True):
    """A department; `document` is its part of the company file."""

    __tablename__ = "department"
    key: str = Field(primary_key=True)
    position: int
    active: bool = True
    document: dict[str, Any] = Field(sa_column=Column(type_json, nullable=False))


class Person(Row, table=True):
    """Somebody the assistant talks with: staff, or a customer's contact (`customer` is then set)."""

    __tablename__ = "person"
    key: str = Field(primary_key=True)
    kind: str = Field(default="staff")  # staff | contact
    position: int = 0
    active: bool = True
    name: Any = Field(sa_column=Column(type_json, nullable=False))  # text or {zh, en}
    aliases: list[str] = Field(default_factory=list, sa_column=Column(type_json, nullable=False))
    department: str | None = Field(default=None, index=True)
    roles: list[str] = Field(default_factory=list, sa_column=Column(type_json, nullable=False))
    manager: str | None = None
    backup: str | None = None
    customer: str | None = Field(default=None, index=True)
    language: str | None = None
    timezone: str | None = None
    quiet: str | None = None
    prefers: list[str] | None = Field(default=None, sa_column=Column(type_json))


class Away(Row, table=True):
    """Days (both included) on which somebody is away and, if named, who covers."""

    __tablename__ = "away"
    id: int | None = Field(default=None, primary_key=True)
    person: str = Field(index=True)
    from_on: date
    to_on: date | None = None  # None: until further notice
    covered_by: str | None = None


class Customer(Row, table=True):
    """A customer company."""

    __tablename__ = "customer"
    key: str = Field(primary_key=True)
    position: int = 0
    active: bool = True
    name: Any = Field(sa_column=Column(type_json, nullable=False))
    aliases: list[str] = Field(default_factory=list, sa_column=Column(type_json, nullable=False))
    salesperson: str | None = Field(default=None, index=True)
    language: str | None = None
    credit_limit: Decimal | None = Field(default=None, sa_column=Column(Exact()))
    flow: str | None = None


class Product(Row, table=True):
    """A product; `stock` None: stock is not watched."""

    __tablename__ = "product"
    sku: str = Field(primary_key=True)
    position: int = 0
    active: bool = True
    name: Any = Field(sa_column=Column(type_json, nullable=False))
    aliases: list[str] = Field(default_factory=list, sa_column=Column(type_json, nullable=False))
    unit: str | None = None
    price: Decimal | None = Field(default=None, sa_column=Column(Exact()))
    stock: Decimal | None = Field(default=None, sa_column=Column(Exact()))
    reorder_at: Decimal | None = Field(default=None, sa_column=Column(Exact()))
    lead_time: str | None = None
    flow: str | None = None


class FlowVersion(Row, table=True):
    """One published version of a flow, as it stood in the company file; orders name theirs for ever."""

    __tablename__ = "flow_version"
    key: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    position: int = 0
    active: bool = True  # False: left out of the file; only old orders still use it
    document: dict[str, Any] = Field(sa_column=Column(type_json, nullable=False))
    published_at: datetime = Field(sa_column=Column(UtcDateTime(), nullable=False))
    published_by: str | None = None
