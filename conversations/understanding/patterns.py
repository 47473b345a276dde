"""Readers by pattern: order references, tracking and customer order numbers, phones, binding codes.

Each is one regular expression over the normalised text; what they find is only a candidate, entities.py decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_RANGE_MOST = 50  # orders a range such as 12-15 may span


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


_ORDER = re.compile(
    r"(?<![a-z0-9])(?P<full>(?:so|po|dd|no|xs)?-?\d{2,6}-\d{2,6})(?![\d-])(?!-)"
    r"|(?<![a-z0-9])so[\s#-]*(?P<so>\d{1,6})(?![\d-])"
    r"|#\s?(?P<hash>\d{1,6})(?!\d)"
    r"|(?:订单号?|单号|单子|定单|号单)[:\s]*(?P<cn>\d{1,6})(?![\d.]|\s?[个件台套月日号元块万千])"
    r"|(?<![a-z])(?:orders?|order no\.?|order number|job)\s+(?:no\.?\s*|number\s*|#\s*)?(?P<en>\d{1,6})(?![\d.])(?!\s*(?:pcs|pieces|x\b|of\b|units))"
    r"|(?<![\d.a-z-])(?P<hao>\d{1,6})\s?(?:号(?:订?单|单子)|单(?!价|[\d一]))"
    r"|(?<![\d.,/:a-z$¥-])(?P<zero>0\d{2,5})(?![\d.:/%-])",
    re.IGNORECASE,
)
_SPAN = re.compile(r"(?<![\d.a-z])(\d{1,5})\s?(?:-|~|到|至|to)\s?(\d{1,5})\s?号?(?:订单|单子|单)", re.IGNORECASE)
_CODE = re.compile(
    r"(?<![a-z0-9-])(?=[a-z0-9]{4}[- ]?[a-z0-9]{4}(?![a-z0-9-]))(?=[a-z0-9 -]*[a-z])(?=[a-z0-9 -]*\d)[a-z0-9]{4}-[a-z0-9]{4}",
    re.I,
)
_TRACK = re.compile(
    r"(?<![a-z0-9-])(?:[a-z]{2,4}\d{8,20}[a-z]{0,2}|\d{11,20}|1z[a-z0-9]{16})(?![a-z0-9])", re.IGNORECASE
)
_PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}-\d{7,8}|\+\d[\d -]{8,15}\d)(?!\d)")
_PO = re.compile(
    r"(?<![a-z])(?:客户单号|客户订单号|采购单号|合同号|po\s?(?:number|no\.?|#|号)?)[:\s#]*((?=[a-z-]*\d)[a-z0-9][a-z0-9/-]{2,24})",
    re.I,
)


def read_references(text: str) -> Iterator[Read]:
    """Every candidate in the text (normalised), in no order and overlapping."""
    for hit in _ORDER.finditer(text):
        ref = next(group for group in hit.groups() if group)
        yield Read(
            "order",
            *hit.span(),
            (ref.upper(),),
            80 if hit["full"] or hit["so"] or hit["hash"] else 70 if hit["zero"] else 55,
            "order",
        )
    for hit in _SPAN.finditer(text):
        low, high = int(hit[1]), int(hit[2])
        if 0 < high - low <= _RANGE_MOST:
            yield Read("order", *hit.span(), tuple(str(number) for number in range(low, high + 1)), 90, "order range")
    for hit in _CODE.finditer(text):
        yield Read("code", *hit.span(), hit[0].upper(), 85, "binding code")
    for hit in _TRACK.finditer(text):
        yield Read("tracking", *hit.span(), hit[0].upper(), 70, "tracking")
    for hit in _PHONE.finditer(text):
        yield Read("phone", *hit.span(), hit[0], 75, "phone")
    for hit in _PO.finditer(text):
        yield Read("po", *hit.span(), hit[1].upper(), 88, "customer's number")
