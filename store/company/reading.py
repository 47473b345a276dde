"""From the text of a company file to its models, or to everything that is wrong with it."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from store.company.checks import check_references
from store.company.models import CompanyFile, Section
from store.company.plain import plain
from store.company.problems import CompanyProblems, Path, Problem, nearest

if TYPE_CHECKING:
    from store.company.source import Source

_RENAMED = {
    "missing": "missing",
    "too_short": "too_few",
    "literal_error": "not_one_of",
    "model_type": "not_map",
    "model_attributes_type": "not_map",
    "dict_type": "not_map",
    "tuple_type": "not_list",
    "list_type": "not_list",
    "string_type": "not_text",
}
_QUOTED = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class Checked:
    """A company file after its check: the company unless there are errors, and all that was found, in file order."""

    company: CompanyFile | None
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What keeps it from being loaded."""
        return tuple(one for one in self.problems if not one.warning)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is doubtful."""
        return tuple(one for one in self.problems if one.warning)


def read_company(text: str, source: str = "") -> CompanyFile:
    """Read a company file; `source` names it in the error. Raises CompanyProblems with every error there is."""
    checked = check_company(text)
    if checked.company is None:
        raise CompanyProblems(checked.errors, source)
    return checked.company


def check_company(text: str) -> Checked:
    """Read a company file and say everything that is wrong or doubtful in it. Raises nothing."""
    from store.company.source import Unreadable, read_source  # YAML's reader: a start reads no text of a company

    try:
        source = read_source(text)
    except Unreadable as unreadable:
        return Checked(None, (unreadable.problem,))
    problems = list(source.problems)
    company: CompanyFile | None = None
    try:
        company = CompanyFile.model_validate(source.data)
    except ValidationError as wrong:
        problems += _problems(wrong, source)
    problems += check_references(source.data, source.line)
    problems.sort(key=lambda one: one.line or 0)
    failed = any(not one.warning for one in problems)
    return Checked(None if failed else company, tuple(problems))


def warnings(company: CompanyFile) -> tuple[Problem, ...]:
    """What is doubtful in a company that can be loaded; without lines (check_company has them)."""
    return tuple(one for one in check_references(plain(company), lambda _: None) if one.warning)


def company_from(data: Mapping[str, Any]) -> CompanyFile:
    """The company of a plain document (as `plain` gives it). Raises CompanyProblems."""
    try:
        return CompanyFile.model_validate(data)
    except ValidationError as wrong:
        from store.company.source import Source  # as above

        raise CompanyProblems(_problems(wrong, Source(data, {}, ()))) from None


def _problems(wrong: ValidationError, source: Source) -> Iterator[Problem]:
    for error in wrong.errors(include_url=False):
        path = tuple(part for part in error["loc"] if part != "[key]")
        kind = error["type"]
        if kind == "too_short" and len(error["input"]) >= error["ctx"]["min_length"]:
            continue  # it counts only the valid ones, whose problems are told anyway
        if kind == "extra_forbidden":
            valid = _keys_at(path[:-1])
            facts: dict[str, Any] = {"given": str(path[-1]), "valid": valid, "nearest": nearest(str(path[-1]), valid)}
            yield Problem(source.line(path), path, "unknown_key", facts)
        elif kind == "missing":
            yield Problem(source.line(path[:-1]), path, "missing", {"given": str(path[-1])})
        else:
            yield Problem(source.line(path), path, _RENAMED.get(kind, kind), _facts(error))


def _facts(error: ErrorDetails) -> dict[str, Any]:
    facts = dict(error.get("ctx", {}))
    if error["type"] == "literal_error":
        facts = {"valid": _QUOTED.findall(str(facts["expected"]))}
    given = error["input"]
    if "given" not in facts:
        facts["given"] = "…" if isinstance(given, dict | list) else str(given)[:60]
    if "valid" in facts:
        facts["nearest"] = nearest(str(facts["given"]), facts["valid"])
    return facts


def _keys_at(path: Path) -> tuple[str, ...]:
    """The keys that the section at that place may have."""
    here: Any = CompanyFile
    for part in path:
        here = _inside(here, part)
    return here.keys() if isinstance(here, type) and issubclass(here, Section) else ()


def _inside(kind: Any, part: str | int) -> Any:
    """The type found under a key, or in a list, of a type."""
    if isinstance(kind, type) and issubclass(kind, Section):
        found = next((one for name, one in kind.model_fields.items() if part in {one.alias, name}), None)
        return _bare(found.annotation) if found else None
    if get_origin(kind) is tuple and isinstance(part, int):
        return _bare(get_args(kind)[0])
    return None


def _bare(kind: Any) -> Any:
    if get_origin(kind) in {Union, types.UnionType}:
        return next((_bare(one) for one in get_args(kind) if one is not type(None)), None)
    return None if get_origin(kind) is Literal else kind
