"""A company file that is changed between two rehearsals on one database: due moments move at once, by the book's clock."""

import asyncio
import io
import json
from pathlib import Path

from bot.cli.company import load
from bot.rehearsal import rehearse

WORKSHOP = (Path(__file__).parents[1] / "scenarios" / "companies" / "workshop.yaml").read_text("utf-8")
SHORTER = WORKSHOP.replace('hours: ["06:00-10:00", "14:00-22:00"]', 'hours: ["10:00-12:00", "13:00-17:00"]')
PLACED = [
    {"at": "2031-11-24T09:00:00+08:00", "from": "sal", "text": "order for Acme: 50 gadget, due Dec 5"},
    {"from": "sal", "press": "Confirm"},
    {"at": "2031-11-24T10:00:00+08:00", "from": "r1", "text": "approve"},
    {"from": "m1", "text": "speak Chinese"},
]
AFTER = [{"get": "/api/orders/E-001", "as": "boss"}, {"at": "2031-11-26T20:00:00+08:00"}]


def played(lines: list[dict[str, str]], company: Path, url: str) -> list[dict[str, object]]:
    out = io.StringIO()
    asyncio.run(rehearse((json.dumps(one) for one in lines), url=url, company=company, out=out, folder=company.parent))
    return [json.loads(line) for line in out.getvalue().splitlines()]


def due(outputs: list[dict[str, object]]) -> object:
    body = next(one["body"] for one in outputs if "get" in one)
    return next(step["due"] for step in body["steps"] if step["key"] == "make")  # type: ignore[index]


def heard(outputs: list[dict[str, object]], person: str) -> list[object]:
    return [one["at"] for one in outputs if one.get("to") == person]


def test_a_file_loaded_at_the_command_line_takes_effect_at_the_rehearsals_own_moment(
    tmp_path: Path, sqlite_url: str
) -> None:
    company, changed = tmp_path / "company.yaml", tmp_path / "changed.yaml"
    company.write_text(WORKSHOP, "utf-8")
    changed.write_text(SHORTER, "utf-8")
    played(PLACED, company, sqlite_url)
    load(changed, database=sqlite_url, yes=True, language="en", dry_run=False)
    outputs = played(AFTER, company, sqlite_url)  # the older file again: the book goes on where it stands
    assert due(outputs) == "2031-11-25T17:00:00+08:00"
    assert heard(outputs, "m1") == [f"2031-11-25T{at}:00+08:00" for at in ("15:00", "17:00")] + [
        "2031-11-26T15:00:00+08:00"
    ]


def test_a_rehearsal_loads_a_file_that_its_book_never_had_and_leaves_what_chat_changed(
    tmp_path: Path, sqlite_url: str
) -> None:
    company = tmp_path / "company.yaml"
    company.write_text(WORKSHOP, "utf-8")
    played(PLACED, company, sqlite_url)
    company.write_text(SHORTER, "utf-8")
    outputs = played(AFTER, company, sqlite_url)
    assert due(outputs) == "2031-11-25T17:00:00+08:00"
    assert any("到期" in str(one["text"]) for one in outputs if one.get("to") == "m1")
