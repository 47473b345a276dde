"""A Slack Web API on a port of its own that takes every message. `stub_slack.py PORT`; GET /count tells how many."""

import asyncio
import json
import sys


class Stub(asyncio.Protocol):
    """One connection; the count is shared."""

    taken = 0

    def connection_made(self, transport) -> None:
        self.transport, self.buffer = transport, b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, rest = self.buffer.partition(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            path = head.split(b" ", 2)[1].decode()
            told = {"ok": True, "ts": f"{1_795_395_600 + Stub.taken}.000200", "channel": "D1", "user_id": "UB",
                    "team_id": "T1", "bot_id": "BB", "user": "b", "team": "t", "url": "https://x/"}  # fmt: skip
            if path.endswith("chat.postMessage"):
                Stub.taken += 1
            if path == "/count":
                told = {"taken": Stub.taken}
            body = json.dumps(told).encode()
            top = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self.transport.write(top.encode() + body)


async def main() -> None:
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", int(sys.argv[1]))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
