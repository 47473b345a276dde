"""Whether the Bot API that we test against is one to others as well: aiogram, whose models are strict, speaks with it.

It wants an older pydantic than ours, so it is no dependency: with `pip install aiogram` in a venv of its own this runs.
"""

import asyncio
import threading
from contextlib import asynccontextmanager

import pytest

from tests.fakes.telegram import ANNA, GROUP, TOKEN, Telegram

aiogram = pytest.importorskip("aiogram")


@pytest.fixture
def api():
    now = [1_790_000_000.0]

    def clock():
        now[0] += 1.5  # nobody is in a hurry
        return now[0]

    return Telegram(clock)


@pytest.fixture
async def bot(api, unused_tcp_port):
    import uvicorn
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer

    server = uvicorn.Server(uvicorn.Config(api.app, port=unused_tcp_port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:  # noqa: ASYNC110 - it starts in another thread
        await asyncio.sleep(0.02)
    session = AiohttpSession(api=TelegramAPIServer.from_base(f"http://127.0.0.1:{unused_tcp_port}"))
    made = aiogram.Bot(TOKEN, session=session)
    yield made
    await made.session.close()
    server.should_exit = True
    thread.join()


@asynccontextmanager
async def refused(kind, words):
    with pytest.raises(kind, match=words):
        yield


async def test_aiogram_writes_renews_and_takes_buttons_away(bot, api):
    from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

    me = await bot.get_me()
    assert me.is_bot
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="确认", callback_data="step.ack:1")]])
    made = await bot.send_message(ANNA, "请确认 <b>", reply_markup=keyboard, parse_mode=None)
    assert (made.text, made.chat.id) == ("请确认 <b>", ANNA)
    changed = await bot.edit_message_text("已确认", chat_id=ANNA, message_id=made.message_id, parse_mode=None)
    assert changed.text == "已确认"
    assert api.messages[ANNA, made.message_id]["reply_markup"] is None


async def test_aiogram_sends_files_and_fetches_them(bot, api):
    from aiogram.types import BufferedInputFile

    await bot.send_document(GROUP, BufferedInputFile(b"PK\x03\x04", "订单.xlsx"))
    await bot.send_photo(ANNA, BufferedInputFile(b"\x89PNG\r\n\x1a\n0", "图.png"))
    assert [one.get("document", one.get("photo")) for one in api.sent] == [
        ("订单.xlsx", b"PK\x03\x04"),
        ("图.png", b"\x89PNG\r\n\x1a\n0"),
    ]
    api.files["F1"] = b"hello"
    found = await bot.download("F1")
    assert found.read() == b"hello"


async def test_aiogram_hears_what_is_said_and_pressed(bot, api):
    api.deliver(api.says("你好"))
    api.deliver(api.presses("step.ack:1", 5))
    said, pressed = await bot.get_updates(timeout=0)
    assert (said.message.text, said.message.from_user.id) == ("你好", ANNA)
    assert pressed.callback_query.data == "step.ack:1"
    assert await bot.answer_callback_query(pressed.callback_query.id)
    assert await bot.get_updates(offset=pressed.update_id + 1, timeout=0) == []


async def test_aiogram_s_classes_of_refusals_fit(bot, api):
    from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError, TelegramRetryAfter

    async with refused(TelegramBadRequest, "chat not found"):
        await bot.send_message(999, "x")
    async with refused(TelegramBadRequest, "too long"):
        await bot.send_message(ANNA, "x" * 4097)
    api.blocked.add(ANNA)
    async with refused(TelegramForbiddenError, "blocked"):
        await bot.send_message(ANNA, "x")
    api.blocked.clear()
    api.clock = lambda: 1_790_000_500.0
    async with refused(TelegramRetryAfter, "Retry in 5"):
        for _ in range(4):
            await bot.send_message(ANNA, "x")


async def test_aiogram_sets_up_webhook_and_menu(bot, api):
    from aiogram.types import BotCommand

    assert await bot.set_webhook("https://gendan.test/hooks/telegram", secret_token="abc", allowed_updates=["message"])
    assert (await bot.get_webhook_info()).url == "https://gendan.test/hooks/telegram"
    assert await bot.delete_webhook()
    assert await bot.set_my_commands([BotCommand(command="help", description="帮助")], language_code="zh")
