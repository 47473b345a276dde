"""What comes in: kept before it is confirmed, by long polling and at the webhook; nothing logged carries the token."""

import asyncio
import json
import logging

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse

from adapters.telegram.assembly import Config, Surroundings, assemble
from tests.fakes.telegram import ANNA, BASE, TOKEN

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
SECRET = "s3cret_-"


async def until(happened):
    """Let the others run until it has happened; for a bounded number of turns."""
    for _ in range(20_000):
        if happened():
            return
        await asyncio.sleep(0)
    raise AssertionError("it never happened")


async def run_until_idle(telegram, api, rounds=2):
    """Poll until the far side has had nothing to give for so many questions."""
    idle, left = asyncio.Event(), [rounds]

    def count():
        left[0] -= 1
        if left[0] <= 0:
            idle.set()
            raise httpx.ReadTimeout("nothing more in this test")

    api.on_idle = count
    task = asyncio.get_running_loop().create_task(telegram.runs["polling"]())
    await asyncio.wait_for(idle.wait(), 10)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_polling_keeps_first_and_confirms_afterwards(telegram, api, kept):
    for text in ("一", "二", "三"):
        api.deliver(api.says(text))
    kept.fails = 1
    await run_until_idle(telegram, api)
    said = [telegram.channel.translate(one.payload).text for one in kept.updates.values()]
    assert said == ["一", "二", "三"]
    assert len(api.confirmed) == 3


async def test_what_cannot_be_kept_is_never_confirmed(telegram, api, kept, clock):
    api.deliver(api.says("一"))
    kept.fails = 1_000_000
    task = asyncio.get_running_loop().create_task(telegram.runs["polling"]())
    await until(lambda: len(clock.slept) >= 5)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (api.confirmed, kept.updates) == ([], {})
    assert clock.slept[:4] == sorted(clock.slept[:4])


async def test_polling_goes_on_through_every_trouble(telegram, api, kept, clock):
    api.deliver(api.says("一"))
    api.faults["getMe"] += [httpx.ConnectError("x"), JSONResponse({"ok": False, "description": "Unauthorized"}, 401)]
    too_much = {"ok": False, "description": "Too Many Requests", "parameters": {"retry_after": 33}}
    api.faults["getUpdates"] += [
        JSONResponse({"ok": False, "description": "Conflict: terminated by other getUpdates request"}, 409),
        JSONResponse({"ok": False, "description": "Bad Gateway"}, 502),
        httpx.ReadTimeout("x"),
        JSONResponse(too_much, 429),
    ]
    await run_until_idle(telegram, api)
    assert len(kept.updates) == 1
    assert 33.0 in clock.slept


async def test_a_webhook_left_behind_is_taken_away_and_what_waits_stays(telegram, api, kept):
    api.webhook = {"url": "https://old"}
    api.deliver(api.says("一"))
    await run_until_idle(telegram, api)
    assert api.webhook is None
    assert len(kept.updates) == 1


async def test_odd_updates_do_not_stop_the_listening(telegram, api, kept):
    api.deliver({"poll": {"id": "1"}})
    api.deliver({"message": 7})
    api.deliver({"message": {"chat": [], "from": 3, "text": {}}})
    api.deliver(api.says("好"))
    await run_until_idle(telegram, api)
    assert len(api.confirmed) == 4
    assert len(kept.updates) == 4


async def test_numbers_that_begin_anew_are_heard_too(telegram, api, kept):
    api.deliver(api.says("一") | {"update_id": 900_000})
    await run_until_idle(telegram, api)
    api.deliver(api.says("二") | {"update_id": 12})
    await run_until_idle(telegram, api)
    assert len(kept.updates) == 2


async def test_a_press_is_answered_at_once_and_an_old_one_does_no_harm(telegram, api, kept, clock):
    api.deliver(api.presses("step.acknowledge:42", 5))
    clock.now += 100
    api.deliver(api.presses("step.acknowledge:43", 5))
    await run_until_idle(telegram, api)
    await until(lambda: api.calls.count("answerCallbackQuery") == 2 and api.answered)
    assert api.answered == ["q2"]
    assert len(kept.updates) == 2


async def test_the_menu_is_there_in_each_language(telegram, api):
    await run_until_idle(telegram, api)
    assert set(api.menus) == {"zh", "en", ""}
    assert api.menus["zh"] == ["todo", "orders", "help"]


@pytest.fixture
async def hooked(house):
    config = Config(token=TOKEN, api=BASE, webhook_secret=SECRET, public_url="https://gendan.example")
    made = assemble(config, house)
    yield made
    await made.close()


@pytest.fixture
async def web(hooked):
    app = Starlette(routes=list(hooked.routes))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://gendan.example") as client:
        yield client


def signed(secret=SECRET):
    return {"x-telegram-bot-api-secret-token": secret}


async def test_the_webhook_keeps_an_update_once_however_often_and_in_whatever_order_it_comes(web, api, kept, hooked):
    updates = [api.says("一") | {"update_id": 2}, api.says("二") | {"update_id": 1}]
    for update in [*updates, *updates]:
        answer = await web.post("/hooks/telegram", json=update, headers=signed())
        assert (answer.status_code, answer.content) == (200, b"")
    assert [hooked.channel.translate(one.payload).text for one in kept.updates.values()] == ["一", "二"]


@pytest.mark.parametrize("headers", [{}, signed(""), signed("s3cret_"), signed("é".encode()), signed("s" * 5000)])
async def test_without_the_secret_nothing_gets_in(web, kept, headers):
    answer = await web.post("/hooks/telegram", json={"update_id": 1}, headers=headers)
    assert answer.status_code == 403
    assert kept.updates == {}


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b"[]", 400), (b"null", 400), (b'{"update_id": "x"}', 400), (b"[" * 200_000, 400),
     (b"\xff\xfe", 400), (b'{"update_id":1,"a":"' + b"x" * 1_000_000, 413)],
)  # fmt: skip
async def test_a_broken_body_is_refused(web, kept, body, status):
    assert (await web.post("/hooks/telegram", content=body, headers=signed())).status_code == status
    assert kept.updates == {}


async def test_what_cannot_be_kept_is_asked_for_again(web, api, kept):
    kept.fails = 1
    update = api.says("一") | {"update_id": 2}
    assert (await web.post("/hooks/telegram", json=update, headers=signed())).status_code == 429
    assert (await web.post("/hooks/telegram", json=update, headers=signed())).status_code == 200
    assert len(kept.updates) == 1


async def test_the_address_is_told_with_its_secret_and_told_again(hooked, api, clock):
    task = asyncio.get_running_loop().create_task(hooked.runs["webhook"]())
    await until(lambda: api.calls.count("setWebhook") >= 2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert api.webhook["url"] == "https://gendan.example/hooks/telegram"
    assert (api.webhook["secret"], api.webhook["drop"]) == (SECRET, False)


async def test_nothing_logged_carries_the_token(telegram, api, kept, caplog):
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.INFO, logger="httpx")  # others may have silenced it
    api.deliver(api.says("一"))
    api.files["F"] = b"x"
    api.faults["getMe"] += [JSONResponse({"ok": False, "description": "Unauthorized"}, 401), httpx.ConnectError(TOKEN)]
    await run_until_idle(telegram, api)
    assert "getUpdates" in caplog.text
    assert TOKEN not in caplog.text
    assert TOKEN not in repr(telegram) + repr(Config(token=TOKEN))


@pytest.mark.parametrize(
    ("config", "word"),
    [
        (Config(token="hello"), "telegram_token"),
        (Config(token=TOKEN, webhook_secret="ä b", public_url="https://x"), "telegram_webhook_secret"),
        (Config(token=TOKEN, webhook_secret="good", public_url="http://x"), "public_url"),
    ],
)
def test_settings_that_cannot_work_are_named(config, word, kept, clock):
    with pytest.raises(ValueError, match=word) as raised:
        assemble(config, Surroundings(kept, clock))
    assert TOKEN not in str(raised.value)


async def test_updates_of_one_chat_share_a_conversation_with_its_presses(telegram, api, kept):
    api.deliver(api.says("一"))
    api.deliver(api.presses("a:1", 5))
    await run_until_idle(telegram, api)
    assert {one.conversation for one in kept.updates.values()} == {str(ANNA)}
    assert json.dumps([one.payload for one in kept.updates.values()])
