"""Reading YAML with line numbers and without surprises.

Scalars stay text (only an empty one, `~` and `null` are nothing), so that `no`, 13:30, 007 and 2027-02-10 mean what
was written; the models decide what each becomes. Duplicate keys, tags, merge keys, and files too large, too deep or
swollen by aliases are problems. Built from parse events, so that nothing of the file is ever constructed by a library.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from store.company.problems import Path, Problem

MAX_CHARACTERS = 8_000_000
MAX_DEPTH = 20
MAX_NODES = 600_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN_TAGS = {None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}


class Unreadable(Exception):
    """The file cannot be read any further; the problem says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Source:
    """What a file says as plain lists, dicts, texts and None; the line of every place in it; problems on the way."""

    data: Any
    lines: dict[Path, int]
    problems: tuple[Problem, ...]

    def line(self, path: Path) -> int | None:
        """The line of the nearest place there is, from 1."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return None


@dataclass(slots=True)
class _Node:
    line: int
    value: Any = None  # text or None, list[_Node], or list[tuple[_Node, _Node]] for a map
    kind: str = "scalar"


@dataclass(slots=True)
class _Walk:
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def plain(self, node: _Node, path: Path) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise Unreadable(Problem(node.line, path, "too_much", {"limit": MAX_NODES}))
        self.lines.setdefault(path, node.line)
        if node.kind == "list":
            return [self.plain(one, (*path, number)) for number, one in enumerate(node.value)]
        if node.kind == "map":
            return dict(self._pairs(node, path))
        return node.value

    def _pairs(self, node: _Node, path: Path) -> Iterator[tuple[str, Any]]:
        seen: dict[str, int] = {}
        for key, value in node.value:
            if key.kind != "scalar" or key.value is None:
                self.problems.append(Problem(key.line, path, "key_not_text", {}))
                continue
            name: str = key.value
            if name in seen:
                self.problems.append(Problem(key.line, (*path, name), "twice", {"given": name, "first": seen[name]}))
                continue
            seen[name] = key.line
            self.lines[*path, name] = key.line
            yield name, self.plain(value, (*path, name))


def read_source(text: str) -> Source:
    """Parse a company file. Raises Unreadable when it is no YAML, or not of the harmless kind."""
    if len(text) > MAX_CHARACTERS:
        raise Unreadable(Problem(None, (), "too_large", {"limit": MAX_CHARACTERS}))
    root = _tree(text.removeprefix("\ufeff"))
    if root is None or root.value is None:
        raise Unreadable(Problem(None, (), "empty", {}))
    walk = _Walk()
    data = walk.plain(root, ())
    return Source(data, walk.lines, tuple(walk.problems))


def _events(text: str) -> Iterator[Event]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        said = " ".join(part for part in (problem.context, problem.problem) if part)
        raise Unreadable(Problem(mark.line + 1 if mark else None, (), "no_yaml", {"said": said})) from None
    except (yaml.YAMLError, UnicodeError) as problem:
        said = str(problem).splitlines()[0]
        raise Unreadable(Problem(_line_of_control(text), (), "no_yaml", {"said": said})) from None


def _line_of_control(text: str) -> int | None:
    """The line of the first character that YAML does not allow."""
    for number, line in enumerate(text.split("\n"), 1):
        if any((ord(one) < 32 and one not in "\t\r") or (0x7F <= ord(one) < 0xA0 and ord(one) != 0x85) for one in line):
            return number
    return None


def _tree(text: str) -> _Node | None:
    root: _Node | None = None
    open_nodes: list[_Node] = []
    anchors: dict[str, _Node] = {}
    documents = 0
    for event in _events(text):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, MappingEndEvent | SequenceEndEvent):
            open_nodes.pop()
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise Unreadable(Problem(line, (), "several_documents", {}))
        node = _node(event, line, anchors, open_nodes)
        if node is None:
            continue
        root = root or node
        if open_nodes:
            _hang(open_nodes[-1], node)
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            open_nodes.append(node)
            if len(open_nodes) > MAX_DEPTH:
                raise Unreadable(Problem(line, (), "too_deep", {"limit": MAX_DEPTH}))
    return root


def _node(event: Event, line: int, anchors: dict[str, _Node], open_nodes: list[_Node]) -> _Node | None:
    """What the event begins, or None where it begins nothing."""
    match event:
        case AliasEvent():
            return _known(anchors, event.anchor, line, open_nodes)
        case ScalarEvent():
            node = _Node(line, _scalar(event))
        case MappingStartEvent():
            node = _Node(line, [], "map")
        case SequenceStartEvent():
            node = _Node(line, [], "list")
        case _:
            return None
    _refuse_tags(event, line)
    if event.anchor is not None:
        anchors[event.anchor] = node
    return node


def _hang(parent: _Node, node: _Node) -> None:
    """Put a node into its list, or as a key or value into its map (a value still to come is an open pair)."""
    if parent.kind == "list":
        parent.value.append(node)
    elif parent.value and parent.value[-1][1] is None:
        parent.value[-1] = (parent.value[-1][0], node)
    else:
        parent.value.append((node, None))


def _known(anchors: dict[str, _Node], name: str | None, line: int, open_nodes: list[_Node]) -> _Node:
    node = anchors.get(name or "")
    if node is None:
        raise Unreadable(Problem(line, (), "unknown_alias", {"given": name}))
    if any(node is one for one in open_nodes):
        raise Unreadable(Problem(line, (), "alias_in_itself", {"given": name}))
    return node


def _scalar(event: ScalarEvent) -> str | None:
    text: str = event.value
    bare = event.implicit[0]  # neither quoted nor tagged
    return None if bare and text in {"", "~", "null", "Null", "NULL"} else text


def _refuse_tags(event: Event, line: int) -> None:
    tag = getattr(event, "tag", None)
    if tag not in _PLAIN_TAGS:
        raise Unreadable(Problem(line, (), "tag", {"given": tag}))
