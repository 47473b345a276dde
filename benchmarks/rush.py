"""A rush: 500 people, 10,000 messages in 10 seconds, to `gendan serve` itself with Slack switched on.

`python benchmarks/rush.py [MESSAGES] [SECONDS]`. Every message is stored, or refused with 429 or 503 and sent again by
us; what is judged stands at the end of this file. Prints one line of JSON; ends with 1 when something does not hold.
"""

import asyncio
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from load import Answers, child, free_port, wait_until_serving
from measuring import percentile
from slack_events import SECRET, signed
from staff import employ, question
from workload import ROOT, book_file, remove

PEOPLE, DUE = 500, 20
ANSWERED_WITHIN_S, ACKNOWLEDGED_MS, MEMORY_MB, LATE_S = 300, 2000, 512, 60


def prepare(path: Path) -> str:
    """Slack accounts for 500 people (50 of them own orders), and a few deadlines that come during the rush, at the moment returned."""
    book = sqlite3.connect(path)
    now = datetime.now(UTC)
    employ(book, PEOPLE, {"slack": lambda one: f"U{one}"})
    far, soon = (
        when.strftime("%Y-%m-%d %H:%M:%S.%f") for when in (now + timedelta(days=30), now + timedelta(seconds=5))
    )
    book.execute("UPDATE deadline SET next_at = ?", (far,))
    book.execute(f"UPDATE deadline SET next_at = ? WHERE id <= {DUE}", (soon,))
    book.commit()
    book.close()
    return soon


async def rush(port: int, messages: int, seconds: float) -> tuple[Answers, int]:
    """Send evenly over the seconds; what is refused is sent again, with growing gaps. Also: how often it was refused."""
    answers, refusals = Answers(), 0
    chance = random.Random(17)
    bodies = [question(turn % PEOPLE, chance, 2000)[0] for turn in range(messages)]
    queue: asyncio.Queue[int | None] = asyncio.Queue()

    async def one_connection() -> None:
        nonlocal refusals
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (turn := await queue.get()) is not None:
            gap = 0.2
            while True:
                headers, body = signed(bodies[turn], turn)
                lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
                sent = time.perf_counter()
                top = f"POST /hooks/slack HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n{lines}\r\n"
                writer.write(top.encode() + body)
                head = await reader.readuntil(b"\r\n\r\n")
                length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0].strip()
                await reader.readexactly(int(length or 0))
                answers.took.append(time.perf_counter() - sent)
                answers.status[turn] = int(head[9:12])
                if answers.status[turn] not in {429, 503}:
                    break
                refusals += 1
                await asyncio.sleep(gap)
                gap *= 2
        writer.close()

    workers = [asyncio.create_task(one_connection()) for _ in range(64)]
    started = time.perf_counter()
    for turn in range(messages):
        due = started + turn * seconds / messages
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        queue.put_nowait(turn)
    for _ in workers:
        queue.put_nowait(None)
    await asyncio.gather(*workers)
    answers.wall = time.perf_counter() - started
    return answers, refusals


def environment(path: Path, port: int) -> dict[str, str]:
    """What `gendan serve` is given beside a platform's own settings: the book, its address, nothing of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GENDAN_")}
    ours = {"GENDAN_DATABASE_URL": f"sqlite:///{path}", "GENDAN_HTTP": f"127.0.0.1:{port}", "PYTHONPATH": str(ROOT)}
    return kept | ours


def main() -> int:
    messages, seconds = int((sys.argv[1:2] or ["10000"])[0]), float((sys.argv[2:3] or ["10"])[0])
    path, port, far = book_file(2000), free_port(), free_port()
    soon = prepare(path)
    slack = {"GENDAN_SLACK_BOT_TOKEN": "xoxb-1", "GENDAN_SLACK_SIGNING_SECRET": SECRET,
             "GENDAN_SLACK_API": f"http://127.0.0.1:{far}/"}  # fmt: skip
    with child(str(Path(__file__).with_name("stub_slack.py")), str(far)), tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"],
            env=environment(path, port) | slack,
            cwd=path.parent,
            stdout=log,
            stderr=log,
        )
        try:
            wait_until_serving(port)
            started = time.monotonic()
            answers, refusals = asyncio.run(rush(port, messages, seconds))
            answered_s = wait_for_answers(path, started)
            peak = peak_mb(server.pid)
        finally:
            server.terminate()
            server.wait(60)
        with urllib.request.urlopen(f"http://127.0.0.1:{far}/count") as told:
            taken = json.loads(told.read())["taken"]
    facts = {
        "messages": messages, "acknowledged": answers.count(), "refusals": refusals,
        "ack_p50_ms": round(percentile(answers.took, 0.5) * 1000, 1), "ack_p99_ms": round(percentile(answers.took, 0.99) * 1000, 1),
        "answered_s": round(answered_s, 1), "peak_mb": round(peak, 1), "sent": taken, **counts(path, soon),
    }  # fmt: skip
    remove(path)
    broken = judge(facts)
    print(json.dumps({**facts, "broken": broken}))
    return 1 if broken else 0


def wait_for_answers(path: Path, started: float) -> float:
    """Seconds until nothing waits in the inbox or outbox any more."""
    book = sqlite3.connect(path)
    until = time.monotonic() + 2 * ANSWERED_WITHIN_S
    query = "SELECT (SELECT count(*) FROM inbox WHERE status = 'new') + (SELECT count(*) FROM outbox WHERE kind = 'answer' AND status IN ('pending', 'claimed'))"
    while time.monotonic() < until and book.execute(query).fetchone()[0]:
        time.sleep(0.5)
    return time.monotonic() - started


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
        "swept": one(f"SELECT count(*) FROM deadline WHERE id <= {DUE} AND next_at IS NOT '{soon}'"),
        "reminders": len(made), "late_s": max(((moment - due).total_seconds() for moment in made), default=0.0),
    }  # fmt: skip


def peak_mb(pid: int) -> float:
    """The greatest resident memory of a process so far."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def judge(facts: dict[str, float]) -> list[str]:
    """What does not hold."""
    wanted = {
        "every message acknowledged": facts["acknowledged"] == facts["messages"],
        "every message kept once": facts["kept"] == facts["messages"],
        "every message answered once": facts["done"] == facts["answers_sent"] == facts["messages"],
        f"acknowledged within {ACKNOWLEDGED_MS} ms (99 %)": facts["ack_p99_ms"] <= ACKNOWLEDGED_MS,
        f"answered within {ANSWERED_WITHIN_S} s": facts["answered_s"] <= ANSWERED_WITHIN_S,
        f"at most {MEMORY_MB} MB": facts["peak_mb"] <= MEMORY_MB,
        "deadlines that came were dealt with": facts["swept"] == DUE,
        f"reminders at most {LATE_S} s late": facts["late_s"] <= LATE_S,
    }
    return [name for name, holds in wanted.items() if not holds]


if __name__ == "__main__":
    sys.exit(main())
