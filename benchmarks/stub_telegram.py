"""A Bot API on a port of its own: answers every call at once; with a second argument `strict` it refuses as Telegram does.

`stub_telegram.py PORT [strict]`: strict refuses the 31st message within any second, and the second into one chat.
GET /count tells how many messages were taken and refused.
"""

import asyncio
import json
import sys
import time
from collections import defaultdict, deque

ME = {"id": 1, "is_bot": True, "first_name": "bot", "username": "bot"}


class Stub(asyncio.Protocol):
    """One connection; state is shared."""

    strict = False
    sent: deque[float] = deque()
    chats: dict[int, float] = defaultdict(lambda: float("-inf"))
    taken = refused = 0

    def connection_made(self, transport) -> None:
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, rest = self.buffer.partition(b"\r\n\r\n")
            lowered = head.lower()
            length = int(lowered.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            self.answer(head.split(b" ", 2)[1].decode(), rest[:length])

    def answer(self, path: str, body: bytes) -> None:
        status, told = 200, {"ok": True, "result": True}
        if path == "/count":
            told = {"taken": Stub.taken, "refused": Stub.refused}
        elif path.endswith("/getMe"):
            told = {"ok": True, "result": ME}
        elif path.endswith("/sendMessage"):
            from urllib.parse import parse_qsl

            said = json.loads(body) if body[:1] == b"{" else dict(parse_qsl(body.decode()))
            chat = int(said["chat_id"])
            if self.strict and not self.fits(chat):
                Stub.refused += 1
                status = 429
                told = {
                    "ok": False,
                    "error_code": 429,
                    "description": "Too Many Requests",
                    "parameters": {"retry_after": 1},
                }
            else:
                Stub.taken += 1
                result = {
                    "message_id": Stub.taken,
                    "date": 1,
                    "chat": {"id": chat, "type": "private"},
                    "text": said["text"],
                }
                told = {"ok": True, "result": result}
        data = json.dumps(told).encode()
        head = f"HTTP/1.1 {status} OK\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        self.transport.write(head.encode() + data)

    def fits(self, chat: int) -> bool:
        """Whether this message keeps within the limits."""
        now = time.monotonic()
        while Stub.sent and Stub.sent[0] <= now - 1:
            Stub.sent.popleft()
        if len(Stub.sent) >= 30 or Stub.chats[chat] > now - 1:
            return False
        Stub.sent.append(now)
        Stub.chats[chat] = now
        return True


async def main() -> None:
    Stub.strict = "strict" in sys.argv
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
