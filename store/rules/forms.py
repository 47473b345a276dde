"""The forms of steps: is a value of its type, and is anything missing.

Values come typed from the conversation or as text from the board and the API; they are kept as JSON: numbers, money
and days as text, a check as true or false, a file as {"name", "sha256", ...}.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from store.messages import Money
from store.refusals import Invalid

YES = frozenset({"true", "yes", "y", "1", "ok", "on", "是", "对", "有", "好", "已", "√", "✓"})
NO = frozenset({"false", "no", "n", "0", "off", "否", "不", "没", "无", "没有", "不是", "×", "✗"})
_TIMES = {"万": 10_000, "千": 1000, "亿": 100_000_000, "w": 10_000, "k": 1000, "m": 1_000_000}
_NUMBER = re.compile(r"([+-]?[0-9][0-9,]*(?:\.[0-9]+)?|[+-]?\.[0-9]+)\s*([万千亿wkm]?)")
_MONEY_SIGNS = re.compile(r"^(?:cny|rmb|usd|eur|gbp|hkd|us\$|hk\$|[¥$€£])\s*|\s*(?:元|块|圆|cny|rmb|usd|eur|gbp|hkd)$")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
MAX_TEXT = 2000
MOST_DIGITS = 24
"""Of a number; what is longer would not be kept digit by digit."""


class Field(Protocol):
    """A field of a form, as the company file has it."""

    @property
    def field(self) -> str:
        """Its key."""
        ...

    @property
    def name(self) -> Any:
        """What people call it: text or {zh, en}."""
        ...

    @property
    def type(self) -> str:
        """One of text | integer | decimal | money | date | choice | check | file."""
        ...

    @property
    def required(self) -> bool:
        """Whether a step cannot be done without it."""
        ...

    @property
    def choices(self) -> Sequence[Any] | None:
        """What a choice may be."""
        ...


def label(field: Field) -> Any:
    """What people call a field, as a fact."""
    return getattr(field.name, "raw", field.name)


def is_empty(value: Any) -> bool:
    """Whether a value counts as not given; false and zero are values."""
    return value is None or value in ("", [], {}, ()) or (isinstance(value, str) and not value.strip())


def missing_in(form: Iterable[Field], values: Mapping[str, Any]) -> list[Field]:
    """The required fields without a value, in the order of the form."""
    return [one for one in form if one.required and is_empty(values.get(one.field))]


def check_form(form: Sequence[Field], kept: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What the form holds after `given` has been filled in over `kept`.

    Raises:
        Invalid: a field that the form has not (refused.no_such_field) or a value that is not of its field's type
            (refused.field_value); facts `field` (key), `label` (name), `type`, `given`.
    """
    table = {one.field: one for one in form}
    values = dict(kept)
    for key, raw in given.items():
        if key not in table:
            raise Invalid("refused.no_such_field", field=key, known=[label(one) for one in form])
        values[key] = None if is_empty(raw) else checked(table[key], raw)
    return {key: value for key, value in values.items() if value is not None}


def require_all(form: Iterable[Field], values: Mapping[str, Any]) -> None:
    """Refuse a form with required fields empty, naming the first. Raises Invalid (refused.missing_field)."""
    lacking = missing_in(form, values)
    if lacking:
        first = lacking[0]
        others = [label(one) for one in lacking[1:]]
        raise Invalid("refused.missing_field", field=first.field, label=label(first), type=first.type, others=others)


def checked(field: Field, raw: Any) -> Any:
    """A value as the book keeps it. Raises Invalid (refused.field_value)."""
    try:
        return _TYPES[field.type](raw, field)
    except (ValueError, InvalidOperation, TypeError) as problem:
        raise Invalid(
            "refused.field_value",
            field=field.field,
            label=label(field),
            type=field.type,
            given=str(raw)[:60],
            choices=list(field.choices or ()),
        ) from problem


def plain(text: Any) -> str:
    """Text with full-width forms made narrow and the space around it gone."""
    return unicodedata.normalize("NFKC", str(text)).strip()


def number(raw: Any) -> Decimal:
    """A number as people write it: 1,200 · 5万 · 3.5k. Raises ValueError."""
    if isinstance(raw, bool):
        raise ValueError("no number")  # noqa: TRY004 one kind of failure for every value that does not do
    if isinstance(raw, Decimal | int):
        value = Decimal(raw)
    else:
        found = _NUMBER.fullmatch(plain(raw).lower())
        if found is None:
            raise ValueError(f"no number: {raw!r}")
        value = Decimal(found[1].replace(",", "")) * _TIMES.get(found[2], 1)
    if not value.is_finite() or value.adjusted() >= MOST_DIGITS or len(value.as_tuple().digits) > MOST_DIGITS:
        raise ValueError("no number")
    return value


def _text(raw: Any, _field: Field) -> str:
    text = unicodedata.normalize("NFC", str(raw)).strip()
    if not text or len(text) > MAX_TEXT:
        raise ValueError("no text")
    return text


def _integer(raw: Any, _field: Field) -> str:
    value = number(raw)
    if value != value.to_integral_value():
        raise ValueError("no whole number")
    return format(value.to_integral_value(), "f")


def _decimal(raw: Any, _field: Field) -> str:
    return format(number(raw), "f")


def amount_of(raw: Any) -> Decimal:
    """An amount of money as people write it: ¥1,200 · 5万元 · USD 30. Raises ValueError."""
    if isinstance(raw, Money):
        return raw.amount
    if isinstance(raw, str):
        raw = _MONEY_SIGNS.sub("", plain(raw).lower())
    return number(raw)


def _money(raw: Any, _field: Field) -> str:
    value = amount_of(raw)
    if value < 0 or value != value.quantize(Decimal("0.0001")):
        raise ValueError("no amount")
    return format(value.quantize(Decimal("0.01")), "f")


def _date(raw: Any, _field: Field) -> str:
    if isinstance(raw, datetime):
        return raw.date().isoformat()
    if isinstance(raw, date):
        return raw.isoformat()
    found = _DAY.fullmatch(plain(raw))
    if found is None:
        raise ValueError(f"no date: {raw!r}")
    return date(int(found[1]), int(found[2]), int(found[3])).isoformat()


def _choice(raw: Any, field: Field) -> Any:
    said = plain(raw).casefold()
    for one in field.choices or ():
        names = one.values() if isinstance(one, Mapping) else (one,)
        if any(plain(name).casefold() == said for name in names):
            return dict(one) if isinstance(one, Mapping) else one
    raise ValueError(f"not among the choices: {raw!r}")


def _check(raw: Any, _field: Field) -> bool:
    if isinstance(raw, bool):
        return raw
    said = plain(raw).lower()
    if said in YES:
        return True
    if said in NO:
        return False
    raise ValueError(f"neither yes nor no: {raw!r}")


def _file(raw: Any, _field: Field) -> Any:
    if isinstance(raw, Mapping) and raw.get("sha256"):
        return {key: value for key, value in raw.items() if key in {"name", "type", "size", "sha256"}}
    raise ValueError("a file is sent, not written")


_TYPES: dict[str, Callable[[Any, Field], Any]] = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "money": _money,
    "date": _date,
    "choice": _choice,
    "check": _check,
    "file": _file,
}
