"""`gendan serve` with Telegram, Slack and WeCom on, 500 people who write to it, and what comes back of it.

What is to be said is made as each platform's own requests; its far sides are stub_platforms.py.
"""

import asyncio
import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slack_events import SECRET, signed
from staff import employ, question
from wecom_callbacks import AES_KEY, CORP, TOKEN, callback
from workload import ACCOUNT, ROOT

PEOPLE, ORDERS, CONNECTIONS = 500, 2000, 64
BOT, HOOK_SECRET = "7000000001:" + "A" * 35, "hook-secret"
PATIENCE_S = 600


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
    """A request, when it went, when it was acknowledged, with which status, and how often it had been refused before."""

    request: Request
    at: float
    acknowledged: float
    status: int
    refusals: int = 0


async def send(port: int, count: int, a_second: float, first: int = 0) -> list[Sent]:
    """Send evenly, whether or not those before have been answered; what is refused with 429 or 503 again, with growing gaps.

    `first`: the number of the first message. Times are those of the last try.
    """
    chance, sent = random.Random(29), []
    queue: asyncio.Queue[tuple[Request, float] | None] = asyncio.Queue()

    async def one_connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (next_one := await queue.get()) is not None:
            request, at = next_one
            for refusals in range(12):
                if reader.at_eof():  # nothing to do for so long that the server has closed it
                    writer.close()
                    reader, writer = await asyncio.open_connection("127.0.0.1", port)
                status = await _post(reader, writer, request)
                if status not in {429, 503}:
                    break
                await asyncio.sleep(0.2 * 2**refusals)
                at = time.monotonic()
            sent.append(Sent(request, at, time.monotonic(), status, refusals))
        writer.close()

    connections = [asyncio.create_task(one_connection()) for _ in range(CONNECTIONS)]
    requests = [_request(turn, chance) for turn in range(first, first + count)]
    started = time.monotonic()
    for place, request in enumerate(requests):
        if (wait := started + place / a_second - time.monotonic()) > 0:
            await asyncio.sleep(wait)
        queue.put_nowait((request, time.monotonic()))
    for _ in connections:
        queue.put_nowait(None)
    await asyncio.gather(*connections)
    return sent


def _request(turn: int, chance: random.Random) -> Request:
    person = turn % PEOPLE
    return KINDS[turn % len(KINDS)](turn, person, *question(person, chance, ORDERS))


async def _post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Request) -> int:
    """Send it and read the answer; its status."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    head = f"POST {request.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(request.body)}\r\n{lines}\r\n"
    writer.write(head.encode() + request.body)
    top = await reader.readuntil(b"\r\n\r\n")
    length = top.lower().partition(b"content-length:")[2].partition(b"\r\n")[0].strip()
    await reader.readexactly(int(length or 0))
    return int(top[9:12])


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


def environment(path: Path, port: int) -> dict[str, str]:
    """What `gendan serve` is given beside a platform's own settings: the book, its address, nothing of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GENDAN_")}
    ours = {"GENDAN_DATABASE_URL": f"sqlite:///{path}", "GENDAN_HTTP": f"127.0.0.1:{port}", "PYTHONPATH": str(ROOT)}
    return kept | ours


def wait_for_answers(path: Path, started: float) -> float:
    """Seconds until nothing waits in the inbox or outbox any more."""
    book = sqlite3.connect(path)
    until = time.monotonic() + PATIENCE_S
    query = (
        "SELECT (SELECT count(*) FROM inbox WHERE status = 'new') + "
        "(SELECT count(*) FROM outbox WHERE kind = 'answer' AND status IN ('pending', 'claimed'))"
    )
    while time.monotonic() < until and book.execute(query).fetchone()[0]:
        time.sleep(0.5)
    return time.monotonic() - started
