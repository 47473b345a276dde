"""A candidate reading, and the references of a text (orders, parcels, telephones, codes) as candidates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .references import (
    form,
    read_addresses,
    read_codes,
    read_order_refs,
    read_phones,
    read_po_numbers,
    read_tracking,
)

_DIGIT = re.compile(r"\d|[零〇]|号")  # 零零一八, 十八号单
_BINDS = re.compile(r"绑|码|link|bind|code")  # without a dash a code in a sentence needs one of these beside it
_LINKED = re.compile(r"\s?(?:[-~、,/&和与跟及到至]|and|or|to)\s?#?[a-z]{0,3}-?\d")  # more numbers beside it: 12到15
_LINKING = re.compile(r"\d\s?(?:[-~、,/&和与跟及到至]|and|or|to)\s?#?$")
_SHORT_PARCEL = re.compile(
    r"(?:[\u4e00-\u9fff]{2}(?<=顺丰|德邦|中通|圆通|申通|韵达|京东|极兔)\s?)?(?<![a-z0-9-])(?P<number>(?:sf|yt|zto?|jdv?|dpk|ems|yd|sto|ups|dhl)-?\d{5,15})(?![a-z0-9-])"
)


@dataclass(frozen=True, slots=True)
class Read:
    """A candidate: kind, place in the normalised text, value, certainty as a rank, and the rule that read it."""

    kind: str
    start: int
    end: int
    value: object
    rank: int
    rule: str
    sure: bool = True


def whole_orders(text: str, pattern: str) -> list[Read]:
    """An order named by its whole number, when there is just one in the text; several may be joined to a range."""
    found = list(form(pattern).full.finditer(text))
    if len(found) != 1:
        return []
    shape = form(pattern)
    hit = found[0]
    number = "".join(hit[piece[1:-1]] if piece.startswith("<") else piece for piece in shape.pieces)
    if _LINKED.match(text, hit.end()) or _LINKING.search(text, 0, hit.start()):
        return []
    return [Read("order", hit.start(), hit.end(), (number.upper(),), 70, "full")]


_LETTER, _LONG = re.compile(r"[a-z]", re.IGNORECASE), re.compile(r"\d{3}|\+\d")


def read_references(text: str, pattern: str) -> Iterator[Read]:
    """Every candidate in the text (normalised), overlapping; `pattern` is the company's order number template.

    Readers are not called where nothing stands that they could read: no code, parcel or street without a Latin letter
    and a digit, no telephone number without three digits in a row.
    """
    if not _DIGIT.search(text) and "号" not in text:
        return
    for order in read_order_refs(text, pattern=pattern):
        if not order.weak or len(order.numbers) > 1:
            numbers = tuple(number.upper() for number in order.numbers)
            yield Read("order", *order.span, numbers, 41 if order.weak else 70, order.rule, not order.weak)
    if _LETTER.search(text):
        yield from _with_letters(text)
    if _LONG.search(text):
        for parcel in read_tracking(text):
            start, end = parcel.span
            start = _number_start(text, start, end, len(parcel.number))
            yield Read("tracking", start, end, parcel.number.upper(), 74, "tracking")
        for phone in read_phones(text):
            yield Read("phone", *phone.span, phone.number, 75, phone.rule)
    for po in read_po_numbers(text):
        yield Read("po", *po.span, po.number.upper(), 88, "customer's number")


def _number_start(text: str, start: int, end: int, length: int) -> int:
    """Where the last so many letters and digits begin, blanks among them left out."""
    at = end
    while at > start and length:
        at -= 1
        length -= text[at].isalnum()
    return at


def _with_letters(text: str) -> Iterator[Read]:
    """Candidates that hold Latin letters and digits: codes, parcels by their carriers' letters, streets."""
    parcels = [hit.span("number") for hit in _SHORT_PARCEL.finditer(text)]
    for code in read_codes(text):
        if code.span in parcels and not _BINDS.search(text):
            continue
        said = text[slice(*code.span)]
        if ("-" in said and " " not in said) or _BINDS.search(text) or text.strip() == text[slice(*code.span)]:
            yield Read("code", *code.span, code.code, 85, "binding code")
    for hit in _SHORT_PARCEL.finditer(text):
        yield Read("tracking", *hit.span("number"), hit["number"].upper(), 73, "short parcel number")
    for start, end in read_addresses(text):
        yield Read("address", start, end, None, 90, "street")
