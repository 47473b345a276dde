"""Modals: what they look like, what is wrong with what was filled in, and the sentence that it amounts to. Pure."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from adapters.slack.words import word
from conversations.datafiles import read_data

View = Mapping[str, Any]

_PREFIX = "gendan."
_METADATA = 3000
_LONGEST = {"text": 300, "lines": 2000, "number": 60}


def opened_by(action: str) -> str | None:
    """The form that a button with this action opens, if one does."""
    verb = action.partition(":")[0]
    return next((name for name, form in _forms().items() if verb in form.get("verbs", ())), None)


def opened_by_command() -> str:
    """The form that the bare slash command opens."""
    return next(name for name, form in _forms().items() if form.get("command"))


def view(name: str, language: str, about: Mapping[str, str]) -> dict[str, Any]:
    """A form as Block Kit.

    Args:
        name: of the form.
        language: zh or en.
        about: what the submission has to carry back: `conversation`, and `on`, the message it belongs to.
    """
    form, carried = _forms()[name], {"language": language, **about}
    return {
        "type": "modal",
        "callback_id": _PREFIX + name,
        "title": _plain(form["title"][language]),
        "submit": _plain(form["submit"][language]),
        "close": _plain(word("close", language)),
        "private_metadata": json.dumps(carried, ensure_ascii=False)[:_METADATA],
        "blocks": [_input(field, language) for field in form["fields"]],
    }


def context(filled: View) -> dict[str, Any]:
    """What a submitted form carries back; nothing if it is none of ours."""
    try:
        found = json.loads(str(filled.get("private_metadata") or "{}"))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def faults(filled: View, today: date) -> dict[str, str]:
    """What is wrong with a submitted form: a sentence for each field in question."""
    form = _form_of(filled)
    if form is None:
        return {}
    language, values, found = _language(filled), _values(filled), {}
    for field in form["fields"]:
        problem = _fault(field, values.get(field["key"], ""), today)
        if problem:
            found[field["key"]] = word(problem, language)
    return found


def sentence(filled: View) -> str | None:
    """What a submitted form says; None if it is none of ours."""
    form = _form_of(filled)
    if form is None:
        return None
    values = {key: value for key, value in _values(filled).items() if value}
    parts = form["says"][_language(filled)]
    return "".join(part.format_map(values) for part in parts if _blanks(part) <= values.keys())


def _fault(field: Mapping[str, Any], value: str, today: date) -> str:
    if not value:
        return "" if field.get("optional") else "missing"
    if field["type"] == "number" and not re.search(r"\d|[一二两三四五六七八九十百千万半]", value):
        return "no_number"
    if field["type"] == "date":
        try:
            return "past" if date.fromisoformat(value) < today else ""
        except ValueError:
            return "no_date"
    return ""


def _values(filled: View) -> dict[str, str]:
    """What was filled in, by field. Line ends within a field are kept: a sentence may have several."""
    state = filled.get("state")
    blocks = state.get("values") if isinstance(state, Mapping) else None
    found: dict[str, str] = {}
    for key, elements in (blocks if isinstance(blocks, Mapping) else {}).items():
        element = elements.get("v") if isinstance(elements, Mapping) else None
        if isinstance(element, Mapping):
            value = element.get("selected_date") or element.get("value")
            found[str(key)] = value.strip() if isinstance(value, str) else ""
    return found


def _form_of(filled: View) -> Mapping[str, Any] | None:
    name = str(filled.get("callback_id") or "")
    return _forms().get(name.removeprefix(_PREFIX)) if name.startswith(_PREFIX) else None


def _language(filled: View) -> str:
    return "en" if context(filled).get("language") == "en" else "zh"


def _input(field: Mapping[str, Any], language: str) -> dict[str, Any]:
    element: dict[str, Any] = {"type": "datepicker", "action_id": "v"}
    if field["type"] != "date":
        element = {"type": "plain_text_input", "action_id": "v", "max_length": _LONGEST[field["type"]]}
        if field["type"] == "lines":
            element["multiline"] = True
        if "hint" in field:
            element["placeholder"] = _plain(field["hint"][language])
    return {
        "type": "input",
        "block_id": field["key"],
        "optional": bool(field.get("optional")),
        "label": _plain(field["label"][language]),
        "element": element,
    }


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def _blanks(part: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(part) if name}


@cache
def _forms() -> Mapping[str, Mapping[str, Any]]:
    loaded: Mapping[str, Mapping[str, Any]] = read_data(__file__, "forms.yaml")
    return loaded
