"""Calls over aiohttp, against a server of its own: what arrives, and what each kind of trouble means."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from telegram import Bot, InputFile
from telegram.error import NetworkError, TelegramError, TimedOut

from adapters.telegram.failures import failure
from adapters.telegram.wire import AiohttpRequest
from conversations.channels import Rejected, RetryAfter, Unavailable, Unknown

TOKEN = "7000000001:" + "A" * 35
OK = b'{"ok": true, "result": {"message_id": 5, "date": 1, "chat": {"id": 42, "type": "private"}, "text": "hello"}}'


class Server:
    """Answers each request with `answer`; None closes the connection, "hang" says nothing."""

    def __init__(self) -> None:
        self.answer: tuple[int, bytes] | str | None = (200, OK)
        self.heard: list[tuple[str, bytes]] = []
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
                self.heard.append((head.split(b" ", 2)[1].decode(), await reader.readexactly(length)))
                if not isinstance(self.answer, tuple):
                    if self.answer == "hang":
                        await asyncio.sleep(10)
                    return
                status, body = self.answer
                writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
        except asyncio.IncompleteReadError:
            return
        finally:
            writer.close()


@pytest.fixture
async def far_side() -> AsyncIterator[tuple[Server, Bot, AiohttpRequest]]:
    server = Server()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    wire = AiohttpRequest(read_timeout=0.5)
    yield server, Bot(TOKEN, f"http://127.0.0.1:{port}/bot", request=wire), wire
    await wire.shutdown()
    listening.close()
    await asyncio.sleep(0)


async def trouble(bot: Bot) -> TelegramError:
    with pytest.raises(TelegramError) as raised:
        await bot.send_message(42, "hello")
    return raised.value


async def test_a_message_arrives_whole_and_connections_are_kept(far_side) -> None:
    server, bot, _ = far_side
    for text in ("王丽 & 一百% +1", "line\nline"):
        assert (await bot.send_message(42, text)).message_id == 5
        path, body = server.heard[-1]
        assert path == f"/bot{TOKEN}/sendMessage"
        assert json.loads(body) == {"chat_id": 42, "text": text}
    assert server.connections == 1


@pytest.mark.filterwarnings("ignore:.*retry_after.*")
async def test_what_the_platform_refuses_is_told_as_it_said_it(far_side) -> None:
    server, bot, _ = far_side
    server.answer = (400, b'{"ok": false, "error_code": 400, "description": "Bad Request: message is too long"}')
    assert isinstance(failure(await trouble(bot)), Rejected)
    server.answer = (429, b'{"ok": false, "error_code": 429, "description": "x", "parameters": {"retry_after": 7}}')
    patience = failure(await trouble(bot))
    assert isinstance(patience, RetryAfter)
    assert patience.seconds == pytest.approx(7)


async def test_nobody_listening_means_nothing_was_sent(far_side) -> None:
    _, _, wire = far_side
    problem = await trouble(Bot(TOKEN, "http://127.0.0.1:1/bot", request=wire))
    assert isinstance(problem, NetworkError)
    assert isinstance(failure(problem), Unavailable)
    assert TOKEN not in str(problem)


async def test_a_connection_that_breaks_or_an_answer_that_does_not_come_may_have_sent_it(far_side) -> None:
    server, bot, _ = far_side
    server.answer = None
    assert isinstance(failure(await trouble(bot)), Unknown)
    server.answer = "hang"
    problem = await trouble(bot)
    assert isinstance(problem, TimedOut)
    assert isinstance(failure(problem), Unknown)


async def test_files_go_up(far_side) -> None:
    server, bot, _ = far_side
    await bot.send_document(42, InputFile(b"content of it", filename="a.txt"))
    assert b"content of it" in server.heard[-1][1]
    assert b'filename="a.txt"' in server.heard[-1][1]


async def test_calls_go_by_the_proxy_that_the_environment_names(far_side, monkeypatch) -> None:
    server, bot, wire = far_side
    monkeypatch.setenv("http_proxy", bot.base_url.partition("/bot")[0])
    monkeypatch.setenv("no_proxy", "")
    distant = Bot(TOKEN, "http://api.telegram.example/bot", request=wire)
    assert (await distant.send_message(42, "hello")).message_id == 5
    assert server.heard[-1][0] == f"http://api.telegram.example/bot{TOKEN}/sendMessage"
