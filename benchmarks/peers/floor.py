"""The floor: a Telegram-shaped update's bytes to an answer's bytes with no framework at all; also the A/A check.

`floor.py COUNT`: json in, a pattern, one select, json out. With COUNT 1 it is what a start is compared with.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from measuring import measured, tell_cpu
from peers.plain import plain_orders, question, reply_to


def main() -> None:
    count = int(sys.argv[1])
    book = plain_orders()
    warm = 300 if count > 1 else 0
    bodies = [
        json.dumps(
            {"update_id": turn, "message": {"message_id": turn, "chat": {"id": 42}, "text": question(turn)}}
        ).encode()
        for turn in range(count + warm)
    ]
    answers = []

    def turn(body: bytes) -> None:
        message = json.loads(body)["message"]
        said = reply_to(book, message["text"])
        answers.append(json.dumps({"chat_id": message["chat"]["id"], "text": said}).encode())

    for body in bodies[:warm]:
        turn(body)
    with measured() as stretch:
        for body in bodies[warm:]:
            turn(body)
    tell_cpu(stretch, count, right=all(b"Order SO-" in one for one in answers))


if __name__ == "__main__":
    main()
