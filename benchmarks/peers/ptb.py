"""python-telegram-bot: an update's bytes through its dispatch to one handler, which replies over a canned transport.

`ptb.py COUNT`: English where-is questions against one table in SQLite, nothing stored. No updater, no job queue, one
handler on a pattern, updates one after another.
"""

import asyncio
import json
import logging
import re
import sqlite3
import sys
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from measuring import measured, tell_cpu
from peers.plain import PATTERN, answer, plain_orders, question

warnings.filterwarnings("ignore")
logging.disable(logging.INFO)


def bot_side(book: sqlite3.Connection):
    """The application, and its transport."""
    from telegram.ext import Application, MessageHandler, filters
    from telegram.request import BaseRequest

    me = {"ok": True, "result": {"id": 1, "is_bot": True, "first_name": "bot", "username": "bot"}}
    message = {"message_id": 7, "date": 1_795_395_600, "chat": {"id": 42, "type": "private"}, "text": "ok"}
    me_bytes, sent_bytes = json.dumps(me).encode(), json.dumps({"ok": True, "result": message}).encode()

    class Canned(BaseRequest):
        def __init__(self) -> None:
            self.texts: list[str] = []

        @property
        def read_timeout(self) -> float:
            return 5.0

        async def initialize(self) -> None: ...

        async def shutdown(self) -> None: ...

        async def do_request(self, url, method, request_data=None, *_args, **_more):
            if url.endswith("getMe"):
                return 200, me_bytes
            self.texts.append(json.loads(request_data.json_payload)["text"])
            return 200, sent_bytes

    wire = Canned()

    async def reply(update, context) -> None:
        await update.message.reply_text(answer(book, context.matches[0].group(1)))

    build = Application.builder().token("1:a").updater(None).job_queue(None)
    application = build.request(wire).get_updates_request(Canned()).build()
    application.add_handler(MessageHandler(filters.Regex(re.compile(PATTERN, re.IGNORECASE)), reply))
    return application, wire


async def run(count: int) -> None:
    from telegram import Update

    book = plain_orders()
    application, wire = bot_side(book)
    await application.initialize()
    asked = [question(turn) for turn in range(count + 300)]
    stamp = int(time.time())
    bodies = [_update(turn, text, stamp) for turn, text in enumerate(asked)]
    for body in bodies[:300]:
        await application.process_update(Update.de_json(json.loads(body), application.bot))
    with measured() as stretch:
        for body in bodies[300:]:
            await application.process_update(Update.de_json(json.loads(body), application.bot))
    right = sum(text.split()[-1] in said for text, said in zip(asked, wire.texts, strict=True))
    tell_cpu(stretch, count, right=right == len(asked))


def _update(turn: int, text: str, stamp: int) -> bytes:
    person = {"id": 42, "is_bot": False, "first_name": "Li", "username": "li", "language_code": "zh-hans"}
    chat = {"id": 42, "type": "private", "first_name": "Li", "username": "li"}
    message = {"message_id": turn + 1, "date": stamp, "from": person, "chat": chat, "text": text}
    return json.dumps({"update_id": 1000 + turn, "message": message}).encode()


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1])))
