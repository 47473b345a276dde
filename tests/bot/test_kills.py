"""The process is killed at random moments and goes on with the same book: nothing lost, nothing doubled, every push out."""

import json
import random
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from store import audit
from store.book import Book
from store.tables import AuditEntry, Inbox, Order, Outbox
from store.units import Units, open_engine
from tests.support.companies import PUMP, at

KILLS = 5
ORDERS = 6
KILLED_WITHIN_S = (0.3, 1.6)  # starting up takes about half of it


def script() -> list[str]:
    """Orders placed over some days, each with its own quantity; ids make every line harmless to repeat."""
    lines = []
    for number in range(ORDERS):
        moment = f"2026-11-{23 + number // 4:02}T{9 + number % 4 * 2:02}:05:00+08:00"
        text = f"新单 华东机械 VA-200 {100 + number}件 单价35 12月{10 + number}日交 送苏州园区"
        lines.append({"at": moment, "from": "wangli", "text": text, "id": f"say{number}"})
        lines.append({"from": "wangli", "press": "确认", "id": f"press{number}"})
    lines.append({"at": "2026-11-27T18:00:00+08:00"})
    return [json.dumps(line, ensure_ascii=False) for line in lines]


class Run:
    """One process of the rehearsal; reads until it is killed or through."""

    def __init__(self, url: str, company: Path) -> None:
        command = [sys.executable, "-m", "bot", "rehearse", "--company", str(company), "--database", url]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def play(self, lines: list[str], kill_after: float | None) -> tuple[int, list[dict]]:
        """Play lines until the process dies; how many were done, and what was sent."""
        done, sent = 0, []
        timer = threading.Timer(kill_after or 0, self.process.kill)
        if kill_after is not None:
            timer.start()
        try:
            for line in lines:
                self.process.stdin.write(line + "\n")
                self.process.stdin.flush()
                outputs = self._until_done()
                sent += outputs
                if not outputs or "done" not in outputs[-1]:
                    break
                sent.pop()
                done += 1
        except BrokenPipeError:
            pass
        timer.cancel()
        errors = self.process.communicate()[1]
        assert self.process.returncode in {0, -9}, errors
        return done, sent

    def _until_done(self) -> list[dict]:
        """Outputs up to the line's end, or to the end of the process; a line cut in two is not counted."""
        outputs = []
        for answer in self.process.stdout:
            if not answer.endswith("\n"):
                break
            outputs.append(json.loads(answer))
            if "done" in outputs[-1]:
                break
        return outputs


def play_with_kills(url: str, company: Path, kills: int) -> tuple[list[dict], int]:
    """The whole script, killed `kills` times on the way; everything sent, and how many kills hit."""
    chance, lines, sent, hits = random.Random(11), script(), [], 0
    done = 0
    while done < len(lines) or hits < kills:
        if done >= len(lines):
            lines.append(json.dumps({"at": f"2026-12-{hits % 27 + 1:02}T10:00:00+08:00"}))
        after = chance.uniform(*KILLED_WITHIN_S) if hits < kills else None
        run = Run(url, company)
        played, out = run.play(lines[done:], after)
        hits += run.process.returncode == -9
        done += played
        sent += out
    return sent, hits


@pytest.mark.slow
def test_kills_at_random_moments_lose_nothing_and_double_nothing(database_url: str, tmp_path: Path) -> None:
    company = tmp_path / "company.yaml"
    company.write_text(PUMP, "utf-8")
    sent, hits = play_with_kills(database_url, company, KILLS)
    assert hits >= KILLS
    units = Units(open_engine(database_url), clock=lambda: at("2026-11-27T18:00:00+08:00"))
    units.read(lambda book: _check_book(book, sent, hits))
    units.close()


def _check_book(book: Book, sent: list[dict], hits: int) -> None:
    placed = book.session.exec(select(Order.number)).all()
    assert len(placed) == ORDERS, "an order was lost or doubled"
    events = book.session.exec(select(func.count(col(AuditEntry.id))).where(AuditEntry.what == "order.placed")).one()
    assert events == ORDERS
    assert list(audit.verify(book.session)) == []
    assert book.session.exec(select(Inbox).where(Inbox.status != "done")).all() == []
    rows = book.session.exec(select(Outbox).where(col(Outbox.send_at) <= at("2026-11-27T18:00:00+08:00"))).all()
    assert [row.rule for row in rows if row.status in {"pending", "claimed", "undeliverable"}] == []
    copies = Counter(message["id"] for message in sent)
    gone_out = {f"m{row.id}" for row in rows if row.status == "sent"}
    assert gone_out <= set(copies), "a push that the book calls sent was never seen"
    assert sum(count - 1 for count in copies.values()) <= hits, "more extra copies than kills"
