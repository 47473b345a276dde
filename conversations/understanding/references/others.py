"""Telephone numbers, binding codes, and the numbers orders have at the customer's."""

import re
from functools import cache

from .lexicon import data, either
from .values import Code, Phone, PoNumber

_PHONE = re.compile(
    r"(?<![A-Za-z0-9-])(?:(?P<mobile>(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4})"
    r"|(?P<abroad>\+\d{1,3}(?:[ -]?(?:\(\d{1,4}\)|\d{1,5})){2,5})"
    r"|(?P<fixed>\(?0\d{2,3}\)?[- ]\d{7,8}(?:[-转]\d{1,5})?)"
    r"|(?P<service>[48]00[- ]\d{3}[- ]?\d{4}))(?![A-Za-z0-9])"
)
ALPHABET = "23456789ACDEFGHJKMNPQRTUVWXY"
"""What binding codes are made of; the letters left out are read as what they look like."""
_LOOKS = str.maketrans({"B": "8", "S": "5", "Z": "2"})
_CODE = re.compile(
    r"(?<![A-Za-z0-9-])(?=(?P<one>[A-Za-z0-9]{4})(?P<gap>\s?[-_. ]\s?|)(?P<two>[A-Za-z0-9]{4})(?![A-Za-z0-9-]))"
)


def read_phones(text: str) -> tuple[Phone, ...]:
    """All telephone numbers of a normalised text."""
    return tuple(
        Phone(hit.span(), re.sub(r"[^\d+转]", "", hit.group()).replace("转", "-"), str(hit.lastgroup))
        for hit in _PHONE.finditer(text)
    )


def read_codes(text: str) -> tuple[Code, ...]:
    """All pieces of a normalised text that could be binding codes, however typed: k7qf 2m9d, K7QF2M9D.

    Letters and digits must be mixed, for a code with none of the one kind is rarer than a word or a date.
    """
    found: list[Code] = []
    for hit in _CODE.finditer(text):
        code = (hit["one"] + hit["two"]).upper().translate(_LOOKS)
        mixed = any(char.isdigit() for char in code) and any(char.isalpha() for char in code)
        if all(char in ALPHABET for char in code) and mixed and _likely(hit):
            found.append(Code((hit.start(), hit.end("two")), f"{code[:4]}-{code[4:]}"))
    return tuple(found)


def _likely(hit: re.Match[str]) -> bool:
    """Two words side by side are no code: with a blank between, both halves mix letters and digits."""
    if hit["gap"].strip():
        return True
    halves = (hit["one"], hit["two"])
    mixed = [any(c.isdigit() for c in half) and any(c.isalpha() for c in half) for half in halves]
    return all(mixed) or (any(mixed) and (not hit["gap"] or all(half.upper() == half for half in halves)))


@cache
def _po() -> re.Pattern[str]:
    labels = either(data("words")["po_before"])
    number = r"(?=[A-Za-z/_-]*\d)(?:PO[-# ]?)?[A-Za-z0-9][A-Za-z0-9/_-]{2,30}(?![A-Za-z0-9])"
    return re.compile(
        r"(?<![A-Za-z0-9])(?P<bare>P\.?O\.?-(?=[A-Za-z-]*\d)[A-Za-z0-9][A-Za-z0-9/_-]{1,30})"
        rf"|{labels}\s?(?:是|为|is|号|no\.?|number|#|nr\.?)*[\s:#-]*(?P<number>{number})",
        re.IGNORECASE,
    )


@cache
def _po_cue() -> re.Pattern[str]:
    return re.compile(rf"p\.?o\.?-|{either(data('words')['po_before'])}", re.IGNORECASE)


def read_po_numbers(text: str) -> tuple[PoNumber, ...]:
    """All customers' numbers of a normalised text: 客户单号 PO-7788, their PO 4500012."""
    if not _po_cue().search(text):
        return ()
    return tuple(
        PoNumber(hit.span(), (hit["number"] or hit["bare"]).strip("-").upper()) for hit in _po().finditer(text)
    )
