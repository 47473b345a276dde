"""The small types of the company file: each reads a scalar as it stands there, and says in facts what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema
from pydantic_core import PydanticCustomError

from store.calendars import Hours, QuietHours, Span, format_clock, known_countries, parse_clock
from store.calendars.public import country_known
from store.company.currencies import CURRENCIES
from store.company.numbering import NumberTemplate
from store.rules.when import compare_amount

Language = Literal["zh", "en"]
Role = Literal["sales", "coordinator", "member", "finance", "manager", "admin"]
Channel = Literal["wecom", "slack", "telegram", "web", "console"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Assign = Literal["least_loaded", "round_robin", "head"]
FieldType = Literal["text", "integer", "decimal", "money", "date", "choice", "check", "file"]
Rung = Literal["backup", "head", "manager"]

_KEY = re.compile(r"[^\s:/?#\[\]{},]{1,64}")
_NUMBER = {"type": ["number", "string"]}


def _scalar(read: Callable[[str], Any], kind: type[Any], error: str) -> Callable[[Any], Any]:
    """A validator that lets through values of the kind and reads texts; ValueError becomes that error."""

    def validate(value: Any) -> Any:
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
        if isinstance(value, str):
            try:
                return read(value)
            except (ValueError, InvalidOperation):
                pass
        raise PydanticCustomError(error, "not of this kind", {"given": _shown(value)})

    return validate


def _shown(value: Any) -> str:
    return "…" if isinstance(value, dict | list) else str(value)[:60]


def _decimal(text: str) -> Decimal:
    number = Decimal(text.strip().replace("_", ""))
    if not number.is_finite():
        raise ValueError(text)
    return number


def _integer(text: str) -> int:
    if not re.fullmatch(r"[+-]?\d{1,9}", text.strip(), re.ASCII):
        raise ValueError(text)
    return int(text)


def _flag(text: str) -> bool:
    return {"true": True, "yes": True, "false": False, "no": False}[text.strip().lower()]


def _bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    try:
        return _flag(value)
    except (KeyError, AttributeError):
        raise PydanticCustomError("not_yes_no", "not yes or no", {"given": _shown(value)}) from None


def _not_negative(number: Decimal) -> Decimal:
    if number < 0:
        raise PydanticCustomError("negative", "negative", {"given": str(number)})
    return number


def _amount(value: Any) -> Decimal:
    return _not_negative(_scalar(_decimal, Decimal, "not_number")(Decimal(value) if type(value) is int else value))


def _count(value: Any) -> int:
    number: int = _scalar(_integer, int, "not_integer")(value)
    if number < 1:
        raise PydanticCustomError("not_positive", "not positive", {"given": str(number)})
    return number


def _some(span: Span) -> Span:
    if not span:
        raise PydanticCustomError("empty_span", "no time at all", {"given": str(span)})
    return span


def _days(span: Span) -> Span:
    if span.unit != "d":
        raise PydanticCustomError("not_days", "not days", {"given": str(span)})
    return span


_read_span = _scalar(Span.parse, Span, "not_span")


def _zone(value: Any) -> str:
    if isinstance(value, str) and _is_zone(value):
        return value
    zones = sorted(available_timezones())
    raise PydanticCustomError("unknown_timezone", "no such time zone", {"given": _shown(value), "valid": zones})


def _is_zone(name: str) -> bool:
    """Asked of the zone alone: to list them all costs a walk over six hundred files."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return not name.startswith(("posix/", "right/"))  # other forms of the same ones


def _currency(value: Any) -> str:
    if isinstance(value, str) and value in CURRENCIES:
        return value
    raise PydanticCustomError(
        "unknown_currency", "no such currency", {"given": _shown(value), "valid": sorted(CURRENCIES)}
    )


def _country(value: Any) -> str:
    if isinstance(value, str) and country_known(value):
        return value
    raise PydanticCustomError(
        "unknown_country", "no such country", {"given": _shown(value), "valid": list(known_countries())}
    )


def _template(value: Any) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("bad_template", "bad template", {"given": _shown(value), "part": _shown(value)})
    try:
        NumberTemplate.parse(value)
    except ValueError as problem:
        raise PydanticCustomError("bad_template", "bad template", {"given": value, "part": str(problem)}) from None
    return value


def _comparison(value: Any) -> str:
    try:
        compare_amount(str(value), Decimal(0))
    except ValueError:
        raise PydanticCustomError("bad_comparison", "no comparison", {"given": _shown(value)}) from None
    return str(value)


def _key(value: Any) -> str:
    if not isinstance(value, str) or not _KEY.fullmatch(value):
        raise PydanticCustomError("bad_key", "not a key", {"given": _shown(value)})
    return value


def _words(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise PydanticCustomError("not_text", "not a text")
    return value


def _several(value: Any) -> Any:
    """A list of one may be written without brackets."""
    return [value] if isinstance(value, str | int) else value


def _one_or_several(values: tuple[str, ...]) -> str | list[str]:
    return values[0] if len(values) == 1 else list(values)


def _pattern(pattern: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern, "examples": [example]})


_ONE_OR_LIST = WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
AsText = PlainSerializer(str, return_type=str)

Key = Annotated[str, BeforeValidator(_key)]
Words = Annotated[str, BeforeValidator(_words)]
Flag = Annotated[bool, BeforeValidator(_bool)]
Count = Annotated[int, BeforeValidator(_count)]
Number = Annotated[
    Decimal,
    BeforeValidator(_amount),
    PlainSerializer(lambda number: format(number, "f"), return_type=str, when_used="json"),
    WithJsonSchema(_NUMBER),
]
Day = Annotated[
    date,
    BeforeValidator(_scalar(date.fromisoformat, date, "not_date")),
    WithJsonSchema({"type": "string", "format": "date"}),
]
Duration = Annotated[
    Span, BeforeValidator(lambda value: _some(_read_span(value))), AsText, _pattern(r"^\d{1,5}[mhd]$", "4h")
]
Days = Annotated[Span, BeforeValidator(lambda value: _days(_read_span(value))), AsText, _pattern(r"^\d{1,5}d$", "3d")]
WorkHours = Annotated[
    Hours,
    BeforeValidator(_scalar(Hours.parse, Hours, "not_hours")),
    AsText,
    _pattern(r"^\d?\d:\d\d-\d?\d:\d\d$", "09:00-12:00"),
]
Quiet = Annotated[
    QuietHours,
    BeforeValidator(_scalar(QuietHours.parse, QuietHours, "not_hours")),
    AsText,
    _pattern(r"^\d?\d:\d\d-\d?\d:\d\d$", "21:00-08:00"),
]
Clock = Annotated[
    int,
    BeforeValidator(_scalar(lambda text: parse_clock(text) % 1440, int, "not_clock")),
    PlainSerializer(format_clock, return_type=str),
    _pattern(r"^\d?\d:\d\d$", "08:45"),
]
Zone = Annotated[str, BeforeValidator(_zone)]
Currency = Annotated[str, BeforeValidator(_currency)]
Country = Annotated[str, BeforeValidator(_country)]
OrderNumber = Annotated[str, BeforeValidator(_template)]
Comparison = Annotated[str, BeforeValidator(_comparison), WithJsonSchema(_NUMBER)]
Accounts = Annotated[
    tuple[Words, ...],
    BeforeValidator(_several),
    PlainSerializer(_one_or_several),
    WithJsonSchema(
        {"anyOf": [{"type": ["string", "integer"]}, {"type": "array", "items": {"type": ["string", "integer"]}}]}
    ),
]
Keys = Annotated[tuple[Key, ...], BeforeValidator(_several), _ONE_OR_LIST]
Wordings = Annotated[tuple[Words, ...], BeforeValidator(_several), _ONE_OR_LIST]
Wanted = Annotated[tuple[Words, ...], BeforeValidator(_several), PlainSerializer(_one_or_several), _ONE_OR_LIST]
Clocks = Annotated[tuple[Clock, ...], BeforeValidator(_several), _ONE_OR_LIST]
Identities = dict[Channel, Accounts]
