"""Order numbers: the template "SO-{yy}{mm}-{seq:04}" and what its counter counts within."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

_FIELD = re.compile(r"\{([^{}]*)\}")
_SEQ = re.compile(r"seq(?::0?(\d{1,2}))?")
_DATES = {"yyyy": "%Y", "yy": "%y", "mm": "%m", "dd": "%d"}
_PERIODS = ("yyyy", "mm", "dd")


@dataclass(frozen=True, slots=True)
class NumberTemplate:
    """How orders are numbered. Fields: {yyyy} {yy} {mm} {dd} {seq:0N}."""

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Check a template. Raises ValueError whose text is the part that is wrong."""
        names = _FIELD.findall(text)
        for name in names:
            if name not in _DATES and not _SEQ.fullmatch(name):
                raise ValueError("{" + name + "}")
        rest = _FIELD.sub("", text)
        if "{" in rest or "}" in rest:
            raise ValueError("{" if "{" in rest else "}")
        if any(character.isspace() for character in text):
            raise ValueError(" ")
        if sum(1 for name in names if name not in _DATES) != 1:
            raise ValueError("{seq:04}")
        return cls(text)

    def scope(self, day: date) -> str:
        """What the counter counts within on that day: the smallest date field used; "" counts for ever.

        A month or day without its year would count again from one every year into numbers already given, so the
        counter's scope holds exactly the date fields of the template, down to the smallest.
        """
        names = {"yyyy" if name == "yy" else name for name in _FIELD.findall(self.text) if name in _DATES}
        return "-".join(day.strftime(_DATES[name]) for name in _PERIODS if name in names)

    def number(self, day: date, seq: int) -> str:
        """The number of the seq-th order of its scope, placed on that day (in the company's zone)."""

        def fill(found: re.Match[str]) -> str:
            name = found[1]
            if name in _DATES:
                return day.strftime(_DATES[name])
            width = _SEQ.fullmatch(name)
            return f"{seq:0{int(width[1] or 1) if width else 1}d}"

        return _FIELD.sub(fill, self.text)
