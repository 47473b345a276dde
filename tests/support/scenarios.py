"""Plays a transcript and holds what came out against what must come of it.

A scenario is two files: NAME.jsonl, a plain rehearsal script, and NAME.expect.yaml:

    about: {title: what the story is, company: pump}      # a file of docs/examples or of companies/ beside the scenarios
    silent: [zhou]                                        # who hears nothing in the whole story
    3:                                                    # what comes of script line 3
    - {to: heping, says: [SO-2611-0001, 复核], buttons: [通过, 退回]}
    - {nobody_else: true}
    7: {api: {status: open, steps.ship.status: active, lines.0.quantity: "600"}}

Of an entry with `to`, one message of that line must have it all: `says` (parts of the text), `not` (what is not in it),
`buttons` (labels), `no_buttons`, `via`, `urgent`, `at` (the beginning of its moment), `edits` (it replaces an earlier one),
`files` (parts of names), `times` (how many such messages). `called: m7` is what the script calls this message in `on` and
`reply_to`. Other entries: `silent: [..]` (get no new message), `nobody_else: true` (nobody but those named gets one).
XXXX-XXXX in a script stands for the binding code that was shown last.
"""

import asyncio
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from sqlmodel import col, select

from bot.clocks import wall_clock
from bot.rehearsal import rehearse
from store import audit
from store.tables import Inbox
from store.units import Units, open_engine

HERE = Path(__file__).parent.parent / "scenarios"
COMPANIES = HERE.parent.parent / "docs" / "examples"
_CODE = re.compile(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b")
_BLANK_CODE, _EXAMPLE_CODE = "XXXX-XXXX", "K7QF-2M9D"
_KEYS = {"to", "says", "not", "buttons", "no_buttons", "via", "urgent", "at", "edits", "files", "times", "called"}


def names() -> list[str]:
    """All scenarios: those of the pump maker, then those of other companies as FOLDER/NAME."""
    found = (path.relative_to(HERE).with_suffix("") for path in HERE.rglob("*.jsonl"))
    return sorted((str(name) for name in found), key=lambda name: ("/" in name, name))


def is_long(name: str) -> bool:
    """Whether only the long run plays it: it varies what another one shows."""
    return bool(expectations(name)["about"].get("long"))


def expectations(name: str) -> dict[Any, Any]:
    """What must come of a scenario."""
    document: dict[Any, Any] = yaml.safe_load((HERE / f"{name}.expect.yaml").read_text("utf-8"))
    return document


class Playing:
    """One transcript as it is played: the outputs of each line so far.

    Args:
        script: its lines.
        expected: what must come of it.
        company: which example company.
    """

    def __init__(self, script: list[str], expected: dict[Any, Any]) -> None:
        self._script = script
        self._out = io.StringIO()
        self.expected = expected
        name = f"{expected['about']['company']}.yaml"
        self.company = next(path for path in (COMPANIES / name, HERE / "companies" / name) if path.exists())
        self.outputs: dict[int, list[dict[str, Any]]] = {}

    def play(self, url: str) -> None:
        """Play it all. Raises ScriptProblem."""
        try:
            asyncio.run(rehearse(self._lines(), url=url, company=self.company, out=self._out, folder=HERE))
        finally:
            self._read(len(self._script))

    def _lines(self) -> Iterator[str]:
        names: dict[str, str] = {}
        for number, line in enumerate(self._script, 1):
            self._read(number - 1)
            names |= self._names(number - 1)
            yield self._filled(line, names)

    def _read(self, number: int) -> None:
        written = self._out.getvalue().splitlines()
        seen = sum(len(outputs) for outputs in self.outputs.values())
        if number:
            self.outputs[number] = [json.loads(line) for line in written[seen:]]

    def _names(self, number: int) -> dict[str, str]:
        entries = self.expected.get(number, [])
        found = {}
        for entry in entries if isinstance(entries, list) else []:
            if "called" in entry:
                fitting = [message for message in self.messages(number) if not wrong(message, entry)]
                found[entry["called"]] = fitting[0]["id"] if fitting else "nothing"
        return found

    def _filled(self, line: str, names: dict[str, str]) -> str:
        codes = [code for code in _CODE.findall(self._out.getvalue()) if code != _EXAMPLE_CODE]
        if _BLANK_CODE in line and codes:
            line = line.replace(_BLANK_CODE, codes[-1])
        if not line.strip().startswith("{"):
            return line
        document = json.loads(line)
        document |= {key: names[document[key]] for key in ("on", "reply_to") if document.get(key) in names}
        return json.dumps(document, ensure_ascii=False)

    def messages(self, number: int) -> list[dict[str, Any]]:
        """What was sent because of a line."""
        return [output for output in self.outputs.get(number, ()) if "to" in output]

    def complaints(self) -> list[str]:
        """Everything that is not as expected, in words."""
        found = [f"line {number} was not played to its end" for number in range(1, len(self._script) + 1)
                 if self._script[number - 1].strip() and {"done": number} not in self.outputs.get(number, ())]  # fmt: skip
        for key, value in self.expected.items():
            if isinstance(key, int):
                found += [f"line {key}: {complaint}" for complaint in self._of_line(key, value)]
            elif key == "silent":
                found += [f"{message['to']} was to hear nothing, but: {message['text']}"
                          for message in self._all() if message["to"] in value]  # fmt: skip
            elif key != "about":
                found.append(f"{key!r} means nothing in an expectation")
        found += [f"an empty message to {message['to']}" for message in self._all() if not message["text"].strip()]
        return found

    def _all(self) -> list[dict[str, Any]]:
        return [message for number in self.outputs for message in self.messages(number)]

    def _of_line(self, number: int, entries: Any) -> Iterator[str]:
        messages = self.messages(number)
        for entry in entries if isinstance(entries, list) else [entries]:
            if "api" in entry:
                yield from self._api(number, entry)
            elif "silent" in entry:
                heard = [message for message in messages if message["to"] in entry["silent"] and not message["edits"]]
                yield from (f"{message['to']} was to hear nothing, but: {message['text']}" for message in heard)
            elif entry.get("nobody_else"):
                named = {other["to"] for other in entries if "to" in other}
                others = [message for message in messages if message["to"] not in named and not message["edits"]]
                yield from (f"nobody else was to hear, but {message['to']}: {message['text']}" for message in others)
            else:
                yield from _said(messages, entry)

    def _api(self, number: int, entry: dict[str, Any]) -> Iterator[str]:
        got = [output for output in self.outputs.get(number, ()) if "get" in output]
        if not got:
            yield "no answer of the API"
            return
        if got[0]["status"] != entry.get("http", 200):
            yield f"the API answered {got[0]['status']}: {got[0]['body']}"
        for path, value in entry["api"].items():
            found = at_path(got[0]["body"], path)
            if found != value:
                yield f"{path} is {found!r}, not {value!r}"


def at_path(document: Any, path: str) -> Any:
    """A value inside a document: `steps.ship.status` (by key), `lines.0.sku` (by place), `items.count`."""
    for part in path.split("."):
        if isinstance(document, list):
            if part == "count":
                document = len(document)
            elif part.isdigit():
                document = document[int(part)] if int(part) < len(document) else "nothing there"
            else:
                document = next((item for item in document if item.get("key") == part), "nothing there")
        elif isinstance(document, dict):
            document = document.get(part, "nothing there")
        else:
            return "nothing there"
    return document


def wrong(message: dict[str, Any], entry: dict[str, Any]) -> str:
    """Why a message is not what an entry asks for; empty if it is."""
    labels = [button["label"] for button in message["buttons"]]
    text = message["text"]
    reasons = [
        message["to"] != entry["to"] and f"goes to {message['to']}",
        *(part not in text and f"does not say {part!r}" for part in map(str, entry.get("says", ()))),
        *(part in text and f"says {part!r}" for part in map(str, entry.get("not", ()))),
        *(label not in labels and f"has no button {label!r}" for label in entry.get("buttons", ())),
        bool(entry.get("no_buttons") and labels) and "has buttons",
        "via" in entry and message["via"] != entry["via"] and f"goes by {message['via']}",
        "urgent" in entry and message["urgent"] is not entry["urgent"] and "differs in urgency",
        "at" in entry and not message["at"].startswith(entry["at"]) and f"was sent at {message['at']}",
        "edits" in entry and bool(message["edits"]) is not entry["edits"] and "is an edit or not",
        *(not any(part in file["name"] for file in message["files"]) and f"has no file {part!r}"
          for part in entry.get("files", ())),
    ]  # fmt: skip
    return next((reason for reason in reasons if reason), "")


def _said(messages: list[dict[str, Any]], entry: dict[str, Any]) -> Iterator[str]:
    if unknown := entry.keys() - _KEYS:
        yield f"{sorted(unknown)} means nothing in an expectation"
        return
    fitting = [message for message in messages if not wrong(message, entry)]
    if "times" in entry and len(fitting) != entry["times"]:
        yield f"{len(fitting)} messages fit, not {entry['times']}: {entry}"
    if not fitting and entry.get("times") != 0:
        near = [f"{wrong(message, entry)}: {message['text']!r} {[button['label'] for button in message['buttons']]}"
                for message in messages if message["to"] == entry["to"]]  # fmt: skip
        yield f"nothing fits {entry}; to {entry['to']} went {near or 'nothing'}"


def aftermath(url: str) -> list[str]:
    """What is wrong in the book once a story is over: messages that nobody could answer, a broken log."""
    units = Units(open_engine(url), clock=wall_clock)
    try:
        failed = units.read(lambda book: [f"{row.payload}: {row.error}" for row in book.session.exec(
            select(Inbox).where(col(Inbox.error).is_not(None))).all()])  # fmt: skip
        broken = units.read(lambda book: list(audit.verify(book.session)))
    finally:
        units.close()
    return [f"failed on {row}" for row in failed] + ([f"the log is broken: {broken}"] if broken else [])
