"""How long people wait: 50 messages a second to `gendan serve` with Telegram, Slack and WeCom on, beside a bare echo.

`python benchmarks/answer_time.py [SECONDS] [A_SECOND] [--write]`: for each platform the time from request to
acknowledgement, and to the answer's arrival on the far side (stub_platforms.py, which refuses what the platforms
refuse). The rate is that of all three together: Telegram alone takes 30 messages a second. A bare ASGI application that
reads and answers gets the same requests at the same rate before. Slack gets what a workspace takes, four a second. Prints one line of JSON; ends with 1 when something
does not hold; `--write` puts the table into docs/performance.md.
"""

import asyncio
import json
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from load import child, cpu_of, free_port, wait_until_open, wait_until_serving
from measuring import percentile
from report import fill
from rush import environment, wait_for_answers
from slack_events import SECRET, signed
from staff import employ, question
from wecom_callbacks import AES_KEY, CORP, TOKEN, callback
from workload import ACCOUNT, book_file, remove

PEOPLE, ORDERS, CONNECTIONS = 500, 2000, 64
ACKNOWLEDGED_MS, ANSWERED_MS = 100, 300
BOT, HOOK_SECRET = "7000000001:" + "A" * 35, "hook-secret"
MARK = "answer time"


@dataclass(frozen=True, slots=True)
class Request:
    """One message on its way: where it goes, as which HTTP request, and whom its answer goes to."""

    platform: str
    account: str
    holds: str
    path: str
    headers: dict[str, str]
    body: bytes


def by_telegram(turn: int, person: int, text: str, holds: str) -> Request:
    account = ACCOUNT + person
    who = {"id": account, "is_bot": False, "first_name": "Li", "username": "li", "language_code": "zh-hans"}
    chat = {"id": account, "type": "private", "first_name": "Li"}
    message = {"message_id": turn + 1, "date": int(time.time()), "from": who, "chat": chat, "text": text}
    body = json.dumps({"update_id": 1000 + turn, "message": message}).encode()
    headers = {"Content-Type": "application/json", "X-Telegram-Bot-Api-Secret-Token": HOOK_SECRET}
    return Request("telegram", str(account), holds, "/hooks/telegram", headers, body)


def by_slack(turn: int, person: int, text: str, holds: str) -> Request:
    headers, body = signed(text, turn, person)
    return Request("slack", f"D{person}", holds, "/hooks/slack", headers, body)


def by_wecom(turn: int, person: int, text: str, holds: str) -> Request:
    stamp = str(int(time.time()))
    body, signature, _, nonce = callback(f"m{person}", text, turn + 1, stamp, f"n{turn}")
    path = f"/hooks/wecom/app?msg_signature={signature}&timestamp={stamp}&nonce={nonce}"
    return Request("wecom", f"m{person}", holds, path, {"Content-Type": "text/xml"}, body.encode())


KINDS: tuple[Callable[[int, int, str, str], Request], ...] = (*(by_telegram, by_wecom) * 6, by_slack)
"""One in thirteen comes from Slack: a workspace takes four messages a second from us, whatever we could send."""


@dataclass
class Sent:
    """A request, when it went, when it was acknowledged, and how."""

    request: Request
    at: float
    acknowledged: float
    status: int


async def send(port: int, count: int, a_second: float, first: int = 0) -> list[Sent]:
    """Send evenly, whether or not those before have been answered; `first`: the number of the first message."""
    chance, sent = random.Random(29), []
    queue: asyncio.Queue[tuple[Request, float] | None] = asyncio.Queue()

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (next_one := await queue.get()) is not None:
            request, at = next_one
            if reader.at_eof():  # nothing to do for so long that the server has closed it
                writer.close()
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            lines = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
            head = f"POST {request.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(request.body)}\r\n{lines}\r\n"
            writer.write(head.encode() + request.body)
            top = await reader.readuntil(b"\r\n\r\n")
            length = top.lower().partition(b"content-length:")[2].partition(b"\r\n")[0].strip()
            await reader.readexactly(int(length or 0))
            sent.append(Sent(request, at, time.monotonic(), int(top[9:12])))
        writer.close()

    connections = [asyncio.create_task(one_connection()) for _ in range(CONNECTIONS)]
    started = time.monotonic()
    for turn in range(first, first + count):
        person = turn % PEOPLE
        request = KINDS[turn % len(KINDS)](turn, person, *question(person, chance, ORDERS))
        due = started + (turn - first) / a_second
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        queue.put_nowait((request, time.monotonic()))
    for _ in connections:
        queue.put_nowait(None)
    await asyncio.gather(*connections)
    return sent


def echo(port: int) -> None:
    """The bare application, in a child."""
    import uvicorn

    async def app(scope: Any, receive: Any, answer: Any) -> None:
        body, more = b"", scope["type"] == "http"
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        head = [(b"content-length", str(len(body)).encode())]
        await answer({"type": "http.response.start", "status": 200, "headers": head})
        await answer({"type": "http.response.body", "body": body})

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False, lifespan="off")


def prepare(path: Path) -> None:
    """500 people with an account on each platform."""
    book = sqlite3.connect(path)
    accounts = {
        "telegram": lambda one: str(ACCOUNT + one),
        "slack": lambda one: f"U{one}",
        "wecom": lambda one: f"m{one}",
    }
    employ(book, PEOPLE, accounts)
    book.execute("UPDATE deadline SET next_at = '2099-01-01 00:00:00.000000'")
    book.commit()
    book.close()


def serve(path: Path, port: int, far: int, log: Any) -> subprocess.Popen[bytes]:
    """`gendan serve`, all three platforms on."""
    here = f"http://127.0.0.1:{far}"
    settings = environment(path, port) | {
        "GENDAN_PUBLIC_URL": "https://gendan.example", "GENDAN_TELEGRAM_TOKEN": BOT, "GENDAN_TELEGRAM_API": here,
        "GENDAN_TELEGRAM_WEBHOOK_SECRET": HOOK_SECRET, "GENDAN_SLACK_BOT_TOKEN": "xoxb-1",
        "GENDAN_SLACK_SIGNING_SECRET": SECRET, "GENDAN_SLACK_API": f"{here}/slack/", "GENDAN_WECOM_API": here,
        "GENDAN_WECOM_CORP_ID": CORP, "GENDAN_WECOM_AGENT_ID": "1000002", "GENDAN_WECOM_SECRET": "s",
        "GENDAN_WECOM_TOKEN": TOKEN, "GENDAN_WECOM_AES_KEY": AES_KEY,
    }  # fmt: skip
    return subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"], env=settings, cwd=path.parent, stdout=log, stderr=log
    )


def answered(sent: list[Sent], told: list[tuple[str, str, float, str]]) -> tuple[dict[str, list[float]], list[str]]:
    """Seconds from each request to its answer by platform; and what went wrong: answers to one person come in order."""
    waiting: dict[tuple[str, str], list[Sent]] = defaultdict(list)
    for one in sorted(sent, key=lambda each: each.at):
        waiting[one.request.platform, one.request.account].append(one)
    took: dict[str, list[float]] = defaultdict(list)
    wrong = []
    for platform, account, moment, text in told:
        asked = waiting[platform, account]
        if not asked or asked[0].request.holds not in text:
            wrong.append(f"{platform} {account}: {text[:60]}")
            continue
        took[platform].append(moment - asked.pop(0).at)
    wrong += [f"{place}: no answer" for place, left in waiting.items() for _ in left]
    return took, wrong


def measure(seconds: float, a_second: float) -> dict[str, Any]:
    """Run both; the figures in milliseconds."""
    count, port, far = int(seconds * a_second), free_port(), free_port()
    with child(__file__, "echo", str(port)):
        wait_until_open(port)
        bare = asyncio.run(send(port, count, a_second))
    path, port = book_file(ORDERS), free_port()
    prepare(path)
    stub = str(Path(__file__).with_name("stub_platforms.py"))
    with child(stub, str(far)), tempfile.TemporaryFile() as log:
        server = serve(path, port, far, log)
        try:
            wait_until_serving(port)
            asyncio.run(send(port, 30, 5))  # whoever comes first after a start waits for what is built then
            wait_for_answers(path, time.monotonic())
            with urllib.request.urlopen(f"http://127.0.0.1:{far}/told") as before:
                warm = len(json.loads(before.read())["told"])
            spent = cpu_of(server.pid)
            sent = asyncio.run(send(port, count, a_second, first=300))
            wait_for_answers(path, time.monotonic())
            spent = cpu_of(server.pid) - spent
            with urllib.request.urlopen(f"http://127.0.0.1:{far}/told") as said:
                heard = json.loads(said.read())
        finally:
            server.terminate()
            server.wait(60)
    remove(path)
    took, wrong = answered(sent, heard["told"][warm:])
    return {
        "messages": count, "a_second": a_second, "wrong": len(wrong), "first_wrong": wrong[:3],
        "refused": heard["refused"][:3], "unacknowledged": sum(one.status != 200 for one in sent),
        "cpu_ms_each": round(1000 * spent / count, 2), "echo": milliseconds([one.acknowledged - one.at for one in bare]),
        "platforms": {
            name: {"acknowledged": milliseconds([one.acknowledged - one.at for one in sent if one.request.platform == name]),
                   "answered": milliseconds(took[name])}
            for name in ("telegram", "slack", "wecom")
        },
    }  # fmt: skip


def milliseconds(took: list[float]) -> dict[str, float]:
    """Percentiles of seconds, in milliseconds."""
    return {
        name: round(percentile(took, share) * 1000, 1) for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
    }


def judge(facts: dict[str, Any]) -> list[str]:
    """What does not hold."""
    wanted = {
        "every message acknowledged": facts["unacknowledged"] == 0,
        "every message answered rightly, in order, once": facts["wrong"] == 0,
        "nothing refused by a platform": not facts["refused"],
    }
    for name, one in facts["platforms"].items():
        wanted[f"{name}: acknowledged within {ACKNOWLEDGED_MS} ms (99 %)"] = (
            one["acknowledged"]["p99"] <= ACKNOWLEDGED_MS
        )
        wanted[f"{name}: answered within {ANSWERED_MS} ms (95 %)"] = one["answered"]["p95"] <= ANSWERED_MS
    return [name for name, holds in wanted.items() if not holds]


def table(facts: dict[str, Any]) -> str:
    """The figures for the page."""
    lines = [
        f"{facts['messages']} messages, {facts['a_second']:g} a second over the three platforms together, "
        f"{facts['cpu_ms_each']:g} ms of CPU each; milliseconds.",
        "",
        f"| | acknowledged p50 | p95 | p99 (goal {ACKNOWLEDGED_MS}) | answered p50 | p95 (goal {ANSWERED_MS}) | p99 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, one in facts["platforms"].items():
        figures = [one[what][share] for what in ("acknowledged", "answered") for share in ("p50", "p95", "p99")]
        lines.append(f"| {name} | " + " | ".join(f"{figure:g}" for figure in figures) + " |")
    bare = facts["echo"]
    lines.append(f"| bare ASGI echo | {bare['p50']:g} | {bare['p95']:g} | {bare['p99']:g} | | | |")
    return "\n".join(lines)


def main() -> int:
    if sys.argv[1:2] == ["echo"]:
        echo(int(sys.argv[2]))
        return 0
    numbers = [float(one) for one in sys.argv[1:] if not one.startswith("-")]
    seconds, a_second = (*numbers, *(20.0, 50.0)[len(numbers) :])
    facts = measure(seconds, a_second)
    broken = judge(facts)
    print(json.dumps({**facts, "broken": broken}, ensure_ascii=False))
    if "--write" in sys.argv:
        fill(MARK, table(facts))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
