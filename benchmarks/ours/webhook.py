"""Ours: signed Slack events to the product's own web application on uvicorn; 200 only after the commit.

`webhook.py full|normal SECONDS [rate|kill]`: 32 connections; CPU a request, or requests a second, or: killed with -9 in
mid-run, is everything that got its 200 in the file? What is done with the updates afterwards is the metric `turn`.
"""

import asyncio
import sqlite3
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from load import child, cpu_of, fire, free_port, wait_until_open
from measuring import rss_mb, tell
from slack_events import SECRET, signed
from workload import book_file, number, remove

CONNECTIONS = 32


def serve(path: str, port: int, synchronous: str) -> None:
    """The server: the product's web application with Slack's address, and nobody at the inbox."""
    from bot import collecting

    collecting.seldom()

    import uvicorn

    from adapters.slack.assembly import Config, Surroundings, assemble
    from adapters.web.channel import WebChannel
    from bot.clocks import wall_clock
    from bot.serving import Service
    from bot.slack_people import BookPeople
    from bot.web import web_app, with_hooks
    from bot.wiring import Assistant
    from store.units import open_engine

    engine = open_engine(f"sqlite:///{path}", synchronous=synchronous)
    channels = {}
    assistant = Assistant(engine, wall_clock, channels, ("web",), at_once=16)
    channels["web"] = channel = WebChannel(assistant.units)
    config = Config(bot_token="xoxb-1", signing_secret=SECRET, api="http://127.0.0.1:9/")
    house = Surroundings(assistant.worker.receive, BookPeople(assistant.units), time.time)
    slack = assemble(config, house)
    app = with_hooks(web_app(assistant, Service(assistant, workers=0), channel), slack.routes)
    collecting.settle()
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


def event(turn: int):
    """The n-th request."""
    return signed(f"帮我查一下订单{number(turn % 1000 + 1)}现在什么状态", turn)


def main() -> None:
    if sys.argv[1] == "serve":
        serve(sys.argv[2], int(sys.argv[3]), sys.argv[4])
        return
    synchronous, seconds = sys.argv[1].upper(), float(sys.argv[2])
    how = sys.argv[3] if len(sys.argv) > 3 else "cpu"
    path, port = book_file(2000), free_port()
    with child(__file__, "serve", str(path), str(port), synchronous) as server:
        wait_until_open(port)
        asyncio.run(fire(port, "/hooks/slack", event, connections=CONNECTIONS, seconds=1))
        before = cpu_of(server.pid)
        if how == "kill":
            threading.Timer(seconds / 2, server.kill).start()
        answers = asyncio.run(
            fire(port, "/hooks/slack", event, connections=CONNECTIONS, seconds=seconds, first=1_000_000)
        )
        cpu, memory = (cpu_of(server.pid) - before, rss_mb(server.pid)) if how != "kill" else (0.0, 0.0)
        alone = None
        if how == "rate":
            one = asyncio.run(fire(port, "/hooks/slack", event, connections=1, seconds=2, first=2_000_000))
            alone = round(one.wall / max(1, one.count()) * 1000, 3)
    acknowledged = answers.count()
    missing = missing_of(path, [turn for turn, status in answers.status.items() if status == 200])
    remove(path)
    more = {
        "right": missing == 0 and acknowledged == len(answers.status), "missing": missing, "requests": acknowledged,
        "per_s": round(acknowledged / answers.wall), "p50_ms": answers.percentile_ms(0.5),
        "p99_ms": answers.percentile_ms(0.99), "server_mb": round(memory, 1), "synchronous": synchronous,
        "alone_ms": alone,
    }  # fmt: skip
    if how == "rate":
        tell(acknowledged / answers.wall, unit="req/s", **more)
    elif how == "kill":
        tell(missing, unit="lost", **more)
    else:
        tell(round(1e6 * cpu / max(1, acknowledged), 1), unit="us CPU", **more)


def missing_of(path: Path, turns: list[int]) -> int:
    """How many acknowledged events the file does not hold."""
    book = sqlite3.connect(path)
    kept = {row[0] for row in book.execute("SELECT message_id FROM inbox")}
    book.close()
    text = "\n".join(kept)
    return sum(f"Ev{turn:09d}" not in kept and f"Ev{turn:09d}" not in text for turn in turns)


if __name__ == "__main__":
    main()
