"""The platform's XML as plain values: every field stays text (64-bit ids, userids with leading zeros).

No document type, no entities of its own, bounded depth and size: what comes in is not trusted before it is unsealed,
and not much afterwards.
"""

from __future__ import annotations

import re
from typing import Any
from xml.parsers import expat

_DEEPEST = 12
_MOST_NODES = 2000
# What nearly all of the platform's documents are: one level of fields, plain or in one CDATA section each, without
# references or any character that XML forbids or changes. What is written otherwise is left to the parser proper.
_FORBIDDEN = r"\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff"
_FIELD = re.compile(
    rf"<([A-Za-z_][A-Za-z0-9_]*)>(?:<!\[CDATA\[([^\]{_FORBIDDEN}]*)\]\]>|([^<&\]{_FORBIDDEN}]*))</\1>[ \t\n]*"
)


def parse(text: str) -> dict[str, Any]:
    """The children of the root element: text, or a dict for one with children, or a list where a name repeats.

    Raises: ValueError for what is no such document.
    """
    found = _simple(text)
    return _any(text) if found is None else found


def _simple(text: str) -> dict[str, Any] | None:
    """The fields of a document of the simplest form; None for any other, whatever it is."""
    if not text.startswith("<xml>") or not text.endswith("</xml>"):
        return None
    found: dict[str, Any] = {}
    at, end, fields = len("<xml>"), len(text) - len("</xml>"), 0
    while at < end:
        field = _FIELD.match(text, at, end)
        if field is None:
            return None
        name, kept, plain = field.groups()
        found[name] = plain if kept is None else kept
        at, fields = field.end(), fields + 1
    return found if len(found) == fields > 0 and fields < _MOST_NODES else None


def _any(text: str) -> dict[str, Any]:
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")  # whatever the document says of itself
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as problem:
        raise ValueError(f"no XML: {problem.code}") from None
    if not isinstance(reader.result, dict):
        raise ValueError("an XML document without fields")  # noqa: TRY004 - broken input, as its callers expect
    return reader.result


def several(value: Any) -> list[Any]:
    """What may occur once or many times, as a list."""
    if value is None or value == "":
        return []
    return value if isinstance(value, list) else [value]


def _refuse(*_declared: Any) -> None:
    raise ValueError("a document type is not accepted")


class _Reader:
    """Builds the tree; one level of the stack is (name, children, text)."""

    def __init__(self) -> None:
        self.result: Any = None
        self._stack: list[tuple[str, dict[str, Any], list[str]]] = []
        self._nodes = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._nodes += 1
        if len(self._stack) >= _DEEPEST or self._nodes > _MOST_NODES:
            raise ValueError("too large a document")
        self._stack.append((name, {}, []))

    def text(self, data: str) -> None:
        self._stack[-1][2].append(data)

    def end(self, _name: str) -> None:
        name, children, text = self._stack.pop()
        value: Any = children or "".join(text)
        if not self._stack:
            self.result = value
            return
        siblings = self._stack[-1][1]
        if name in siblings:
            siblings[name] = [*several(siblings[name]), value]
        else:
            siblings[name] = value
