"""Slack Bolt behind its own Starlette adapter on uvicorn: signed events checked, matched and answered over a canned
client; nothing is stored. `bolt_server.py SECONDS`.
"""

import asyncio
import logging
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from load import child, cpu_of, fire, free_port, wait_until_open
from measuring import rss_mb, tell
from peers.plain import PATTERN, answer, plain_orders, question
from slack_events import SECRET, signed


def bolt_app():
    """An app with one listener, and what it said."""
    from slack_bolt.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    said: list[str] = []

    async def canned(_self, *, http_verb, api_url, req_args):
        """The wire: Bolt copies its client, so it is cut on the class."""
        asked = req_args.get("json") or req_args.get("data") or req_args.get("params") or {}
        if api_url.endswith("chat.postMessage"):
            said.append(str(asked.get("text")))
        data = {"ok": True, "ts": "1.1", "channel": "D1", "user_id": "UB", "bot_id": "BB", "team_id": "T1", "user": "b"}
        return {"data": data, "headers": {}, "status_code": 200}

    AsyncWebClient._request = canned
    logging.disable(logging.INFO)
    book = plain_orders()
    app = AsyncApp(signing_secret=SECRET, client=AsyncWebClient("xoxb-1"), process_before_response=True)

    @app.message(re.compile(PATTERN, re.IGNORECASE))
    async def reply(context, say) -> None:
        await say(answer(book, context["matches"][0]))

    return app, said


def serve(port: int) -> None:
    """The server."""
    import uvicorn
    from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
    from starlette.applications import Starlette
    from starlette.routing import Route

    handler = AsyncSlackRequestHandler(bolt_app()[0])

    async def endpoint(request):
        return await handler.handle(request)

    app = Starlette(routes=[Route("/hooks/slack", endpoint, methods=["POST"])])
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)


def main() -> None:
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
        return
    seconds, port = float(sys.argv[1]), free_port()

    def event(turn: int):
        return signed(question(turn), turn)

    with child(__file__, "serve", str(port)) as server:
        wait_until_open(port)
        asyncio.run(fire(port, "/hooks/slack", event, connections=32, seconds=1))
        before = cpu_of(server.pid)
        answers = asyncio.run(fire(port, "/hooks/slack", event, connections=32, seconds=seconds, first=1_000_000))
        cpu, memory = cpu_of(server.pid) - before, rss_mb(server.pid)
    count = answers.count()
    tell(
        round(1e6 * cpu / max(1, count), 1), unit="us CPU", right=count == len(answers.status) > 0, requests=count,
        per_s=round(count / answers.wall), p50_ms=answers.percentile_ms(0.5), p99_ms=answers.percentile_ms(0.99),
        server_mb=round(memory, 1),
    )  # fmt: skip


if __name__ == "__main__":
    main()
