"""A rush: 500 people, 10,000 messages in 10 seconds, to `gendan serve` itself with Telegram, Slack and WeCom on.

`python benchmarks/rush.py [MESSAGES] [SECONDS] [--write]`. Every message is stored, or refused with 429 or 503 and sent
again by us; what is judged stands at the end of this file. The platforms' share is what they take from one bot within
five minutes: Telegram 30 a second, a Slack workspace four. Prints one line of JSON; ends with 1 when something does not
hold; `--write` puts the figures into docs/performance.md.
"""

import asyncio
import json
import sqlite3
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from load import child, free_port, wait_until_serving
from measuring import percentile
from report import fill
from three import ORDERS, PEOPLE, Sent, prepare, send, serve, wait_for_answers
from workload import book_file, remove

DUE = 20
ANSWERED_WITHIN_S, ACKNOWLEDGED_MS, MEMORY_MB, LATE_S = 300, 2000, 512, 60
MARK = "rush"


def fall_due(path: Path) -> str:
    """A few deadlines come during the rush, at the moment returned, and no others."""
    now = datetime.now(UTC)
    far, soon = (
        when.strftime("%Y-%m-%d %H:%M:%S.%f") for when in (now + timedelta(days=30), now + timedelta(seconds=5))
    )
    book = sqlite3.connect(path)
    book.execute("UPDATE deadline SET next_at = ?", (far,))
    book.execute("UPDATE deadline SET next_at = ? WHERE id <= ?", (soon, DUE))
    book.commit()
    book.close()
    return soon


def measure(messages: int, seconds: float) -> dict[str, Any]:
    """Run it; the figures."""
    path, port, far = book_file(ORDERS), free_port(), free_port()
    prepare(path)
    stub = str(Path(__file__).with_name("stub_platforms.py"))
    with child(stub, str(far)), tempfile.TemporaryFile() as log:
        server = serve(path, port, far, log)
        try:
            wait_until_serving(port)
            soon = fall_due(path)
            started = time.monotonic()
            sent = asyncio.run(send(port, messages, messages / seconds))
            sent_s = time.monotonic() - started
            answered_s = wait_for_answers(path, started)
            peak = peak_mb(server.pid)
        finally:
            server.terminate()
            server.wait(60)
        with urllib.request.urlopen(f"http://127.0.0.1:{far}/told") as answer:
            heard = json.loads(answer.read())
    took = [one.acknowledged - one.at for one in sent]
    said = counts(path, soon)
    facts = {
        "messages": messages, "people": PEOPLE, "sent_s": round(sent_s, 1),
        "acknowledged": sum(one.status == 200 for one in sent), "refusals": sum(one.refusals for one in sent),
        "ack_p50_ms": round(percentile(took, 0.5) * 1000, 1), "ack_p99_ms": round(percentile(took, 0.99) * 1000, 1),
        "answered_s": round(answered_s, 1), "peak_mb": round(peak, 1), "wrong": unlike(sent, heard["told"], said.pop("pushes")),
        "refused_by_platforms": len(heard["refused"]), **said,
    }  # fmt: skip
    remove(path)
    return facts


def unlike(sent: list[Sent], told: list[tuple[str, str, float, str]], pushes: int) -> int:
    """How many answers too few or too many arrived with those who asked; `pushes` went out beside them."""
    asked = Counter((one.request.platform, one.request.account) for one in sent)
    heard = Counter((platform, account) for platform, account, _, _ in told)
    return (asked - heard).total() + abs((heard - asked).total() - pushes)


def counts(path: Path, soon: str) -> dict[str, float]:
    """What the book says came of it."""
    book = sqlite3.connect(path)
    one = lambda query: book.execute(query).fetchone()[0]  # noqa: E731
    due = datetime.fromisoformat(soon)
    made = [datetime.fromisoformat(moment) for (moment,) in book.execute("SELECT made_at FROM reminder")]
    return {
        "kept": one("SELECT count(*) FROM inbox"), "done": one("SELECT count(*) FROM inbox WHERE status = 'done'"),
        "answers": one("SELECT count(*) FROM outbox WHERE kind = 'answer'"),
        "answers_sent": one("SELECT count(*) FROM outbox WHERE kind = 'answer' AND status = 'sent'"),
        "pushes": one("SELECT count(*) FROM outbox WHERE kind <> 'answer' AND status = 'sent'"),
        "swept": one(f"SELECT count(*) FROM deadline WHERE id <= {DUE} AND next_at IS NOT '{soon}'"),
        "reminders": len(made), "late_s": round(max(((moment - due).total_seconds() for moment in made), default=0.0), 1),
    }  # fmt: skip


def peak_mb(pid: int) -> float:
    """The greatest resident memory of a process so far."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def judge(facts: dict[str, Any]) -> list[str]:
    """What does not hold."""
    wanted = {
        "every message acknowledged": facts["acknowledged"] == facts["messages"],
        "every message kept once": facts["kept"] == facts["messages"],
        "every message answered once": facts["done"] == facts["answers_sent"] == facts["messages"],
        "everybody heard as much as he asked": facts["wrong"] == 0,
        f"acknowledged within {ACKNOWLEDGED_MS} ms (99 %)": facts["ack_p99_ms"] <= ACKNOWLEDGED_MS,
        f"answered within {ANSWERED_WITHIN_S} s": facts["answered_s"] <= ANSWERED_WITHIN_S,
        f"at most {MEMORY_MB} MB": facts["peak_mb"] <= MEMORY_MB,
        "deadlines that came were dealt with": facts["swept"] == DUE,
        f"reminders at most {LATE_S} s late": facts["late_s"] <= LATE_S,
    }
    return [name for name, holds in wanted.items() if not holds]


def table(facts: dict[str, Any], broken: list[str]) -> str:
    """The figures for the page."""
    return "\n".join(
        [
            "| what | goal | measured |",
            "| --- | --- | --- |",
            f"| messages of {facts['people']} people, sent within {facts['sent_s']:g} s | | {facts['messages']} |",
            f"| kept, answered once, refused for the time being | all | {facts['kept']}, {facts['answers_sent']}, {facts['refusals']} |",
            f"| acknowledged, p50 and p99 | ≤ {ACKNOWLEDGED_MS} ms | {facts['ack_p50_ms']:g} and {facts['ack_p99_ms']:g} ms |",
            f"| last answer | ≤ {ANSWERED_WITHIN_S} s | {facts['answered_s']:g} s |",
            f"| memory at most | ≤ {MEMORY_MB} MB | {facts['peak_mb']:g} MB |",
            f"| reminders due meanwhile, late at most | ≤ {LATE_S} s | {facts['late_s']:g} s ({facts['swept']} of {DUE}) |",
            "",
            f"Not kept: {', '.join(broken)}." if broken else "All of it holds.",
        ]
    )


def main() -> int:
    numbers = [float(one) for one in sys.argv[1:] if not one.startswith("-")]
    messages, seconds = (*numbers, *(10_000.0, 10.0)[len(numbers) :])
    facts = measure(int(messages), seconds)
    broken = judge(facts)
    print(json.dumps({**facts, "broken": broken}, ensure_ascii=False))
    if "--write" in sys.argv:
        fill(MARK, table(facts, broken))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
