"""An endpoint that misbehaves changes nothing: late, broken, huge, silent; and what a day may cost is kept."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.advising import Adviser

GOOD = {"choices": [{"message": {"content": '{"intent": "help", "slots": {}}'}}], "usage": {"total_tokens": 900}}


class Clock:
    def __init__(self):
        self.moment = datetime(2026, 11, 23, 2, tzinfo=UTC)

    def __call__(self):
        return self.moment


class Endpoint:
    """A local server that answers every request with the same bytes, after so many seconds."""

    def __init__(self, body, status=200, wait=0.0, close_early=False):
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.status, self.wait, self.close_early, self.asked = status, wait, close_early, []
        self._tasks = []

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/v1"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _answer(self, reader, writer):
        self._tasks.append(asyncio.current_task())
        try:
            await self._answered(reader, writer)
        finally:
            writer.transport.abort()

    async def _answered(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(
            next(line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        )
        self.asked.append((head.decode(), json.loads(await reader.readexactly(size))))
        await asyncio.sleep(self.wait)
        if not self.close_early:
            writer.write(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (self.status, len(self.body)) + self.body)
            await writer.drain()
            writer.write_eof()
            await reader.read()


async def advice(endpoint, **more):
    adviser = Adviser(endpoint.url, "m", "k-1", now=Clock(), **{"seconds": 2.0, **more})
    try:
        return await adviser.advise("12咋整")
    finally:
        await adviser.close()


async def test_what_the_model_says_is_handed_on_and_the_key_is_sent_as_bearer():
    async with Endpoint(GOOD) as endpoint:
        assert await advice(endpoint) == '{"intent": "help", "slots": {}}'
        head, body = endpoint.asked[0]
        assert "authorization: bearer k-1" in head.lower()
        assert head.startswith("POST /v1/chat/completions")
        assert body["messages"][1]["content"] == "12咋整"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"not json", 200), (b"", 200), ({}, 200), ({"choices": []}, 200), ([1, 2], 200), ({"choices": [{}]}, 200),
        ({"choices": [{"message": {"content": None}}]}, 200), ({"error": "no"}, 500), ({"error": "quota"}, 429),
        (b'"' + b"x" * 400_000 + b'"', 200),
    ],
)  # fmt: skip
async def test_a_broken_answer_is_no_advice(body, status):
    async with Endpoint(body, status) as endpoint:
        assert await advice(endpoint) is None


async def test_a_late_answer_is_no_advice():
    async with Endpoint(GOOD, wait=3) as endpoint:
        assert await advice(endpoint, seconds=0.2) is None


async def test_a_dropped_connection_and_a_dead_address_are_no_advice():
    async with Endpoint(GOOD, close_early=True) as endpoint:
        assert await advice(endpoint) is None
    assert await advice(endpoint) is None


async def test_what_a_day_may_cost_is_kept_and_begins_anew_the_next_day():
    clock = Clock()
    async with Endpoint(GOOD) as endpoint:
        adviser = Adviser(endpoint.url, "m", now=clock, tokens_a_day=1000)
        answers = [await adviser.advise("x") for _ in range(6)]
        assert answers[0] is not None
        assert answers[-1] is None
        asked = len(endpoint.asked)
        assert asked < 6
        clock.moment += timedelta(days=1)
        assert await adviser.advise("x") is not None
        await adviser.close()
