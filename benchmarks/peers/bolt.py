"""Slack Bolt without a server: a signed request through its dispatch to one listener, which says over a canned client.

`bolt.py COUNT`.
"""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from measuring import measured, tell_cpu
from peers.bolt_server import bolt_app
from peers.plain import question
from slack_events import signed


async def run(count: int) -> None:
    from slack_bolt.async_app import AsyncBoltRequest

    app, said = bolt_app()
    requests = [signed(question(turn), turn) for turn in range(count + 300)]

    async def one(headers: dict[str, str], body: bytes) -> None:
        request = AsyncBoltRequest(body=body.decode(), headers={name: [value] for name, value in headers.items()})
        assert (await app.async_dispatch(request)).status == 200

    for request in requests[:300]:
        await one(*request)
    with measured() as stretch:
        for request in requests[300:]:
            await one(*request)
    tell_cpu(stretch, count, right=sum(text.startswith("Order SO-") for text in said) == count + 300)


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1])))
