"""How long people wait: 50 messages a second to `gendan serve` with Telegram, Slack and WeCom on, beside a bare echo.

`python benchmarks/answer_time.py [SECONDS] [A_SECOND] [--write]`: for each platform the time from request to
acknowledgement, and to the answer's arrival on the far side (stub_platforms.py, which refuses what the platforms
refuse). The rate is that of all three together: Telegram alone takes 30 messages a second. A bare ASGI application that
reads and answers gets the same requests at the same rate before. Slack gets what a workspace takes, four a second.
Prints one line of JSON; ends with 1 when something does not hold; `--write` puts the table into docs/performance.md.
"""

import asyncio
import json
import sys
import tempfile
import time
import urllib.request
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from load import child, cpu_of, free_port, wait_until_open, wait_until_serving
from measuring import percentile
from report import fill
from three import ORDERS, Sent, prepare, send, serve, wait_for_answers
from workload import book_file, remove

ACKNOWLEDGED_MS, ANSWERED_MS = 100, 300
MARK = "answer time"


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
