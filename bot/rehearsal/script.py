"""The lines of a rehearsal script."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

CHANNELS = ("telegram", "slack", "wecom", "web", "console")
ChannelName = Literal["telegram", "slack", "wecom", "web", "console"]
KINDS = ("from", "get", "fail")


class ScriptProblem(Exception):
    """A line that is no such object: its number (from 1) and the reason."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"line {number}: {reason}")


class Line(BaseModel):
    """One line of a script, as written."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    at: AwareDatetime | None = None
    sender: str | None = Field(default=None, alias="from", min_length=1)
    text: str | None = None
    press: str | None = None
    on: str | None = None
    via: ChannelName | None = None
    id: str | None = None
    reply_to: str | None = None
    files: list[str] = []
    group: str | None = None
    get: str | None = None
    as_: str | None = Field(default=None, alias="as")
    fail: Literal["timeout", "rate_limited", "unreachable", "server_error", "none"] | None = None
    to: str | None = None
    times: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _one_kind(self) -> Line:
        kinds = [name for name, value in (("from", self.sender), ("get", self.get), ("fail", self.fail)) if value]
        if len(kinds) > 1:
            raise ValueError(f"a line says one thing, not {' and '.join(kinds)}")
        if not kinds and self.at is None:
            raise ValueError("a line needs one of: at, from, get, fail")
        if self.sender and self.text is None and self.press is None and not self.files:
            raise ValueError("a line with 'from' needs text, press or files")
        if self.sender and self.text is not None and self.press is not None:
            raise ValueError("a line has text or press, not both")
        if self.fail and not self.to:
            raise ValueError("a line with 'fail' needs 'to'")
        return self


@dataclass(frozen=True, slots=True)
class Played:
    """What a played line is called in outputs: its own id, or "line:N"."""

    number: int
    line: Line
    label: str = field(init=False)

    def __post_init__(self) -> None:
        """The label follows from the line."""
        object.__setattr__(self, "label", self.line.id or f"line:{self.number}")


def read_line(number: int, text: str) -> Played | None:
    """A script line; None for a blank one. Raises ScriptProblem."""
    if not text.strip():
        return None
    try:
        document: Any = json.loads(text)
    except json.JSONDecodeError as problem:
        raise ScriptProblem(number, f"not JSON: {problem.msg} at character {problem.pos + 1}") from problem
    if not isinstance(document, dict):
        raise ScriptProblem(number, "not a JSON object")
    try:
        return Played(number, Line.model_validate(document))
    except ValidationError as problem:
        raise ScriptProblem(number, _reason(dict(problem.errors()[0]))) from problem


def _reason(first: dict[str, Any]) -> str:
    """What is wrong, in words."""
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = [each.alias or name for name, each in Line.model_fields.items()]
        nearest = get_close_matches(where, known, 1)
        meant = f"; did you mean '{nearest[0]}'?" if nearest else ""
        return f"there is no key '{where}'{meant or ';'} possible: {', '.join(known)}"
    said = str(first["msg"]).removeprefix("Value error, ")
    return f"{where}: {said}" if where else said


def when(text: str) -> datetime:
    """An aware moment in ISO 8601."""
    return datetime.fromisoformat(text)
