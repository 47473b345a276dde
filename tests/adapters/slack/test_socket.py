"""What comes in over Socket Mode, through the real library; and whether Slack's own framework agrees with our workspace."""

import asyncio
import logging
from contextlib import asynccontextmanager

import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.assembly import Config, assemble
from adapters.slack.intake import Intake
from adapters.slack.socket import SocketMode
from tests.adapters.slack.conftest import People
from tests.fakes.slack import ANNA, APP_TOKEN, BOT_TOKEN
from tests.fakes.slack_people import command, envelope, presses, says

OURS = {"channel": "D0ANNA", "ts": "1790000000.000005"}


@asynccontextmanager
async def listening(api, slack, kept, clock, token=APP_TOKEN):
    """Socket Mode until the block ends."""
    socket = SocketMode(slack.api, token, Intake(kept, slack.api, People(), clock), clock.sleep, ping_s=2)
    task = asyncio.get_running_loop().create_task(socket.run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_events_presses_and_commands_are_kept_then_acknowledged(api, slack, kept, clock):
    async with listening(api, slack, kept, clock):
        await api.until(lambda: api.sockets)
        for count, update in enumerate(
            (says("一"), presses(OURS, "step.ack:1.1"), command("我的订单", channel="D0ANNA")), 1
        ):
            await api.tell(envelope(update), update)
            await api.until(lambda count=count: len(api.acknowledged) == count)
    said = [slack.channel.translate(one.payload) for one in kept.updates.values()]
    assert [one.text or one.press for one in said] == ["一", "step.ack:1.1", "我的订单"]


async def test_what_one_person_says_is_kept_in_order(api, slack, kept, clock):
    async with listening(api, slack, kept, clock):
        await api.until(lambda: api.sockets)
        for number in range(40):
            await api.tell("events_api", says(str(number)))
        await api.until(lambda: len(api.acknowledged) == 40)
    assert [slack.channel.translate(one.payload).text for one in kept.updates.values()] == [str(n) for n in range(40)]


async def test_what_cannot_be_kept_is_not_acknowledged_and_comes_again(api, slack, kept, clock):
    kept.fails = 1
    async with listening(api, slack, kept, clock):
        await api.until(lambda: api.sockets)
        await api.tell("events_api", says("一"))
        await api.until(lambda: kept.fails == 0)
        await api.refresh()
        await api.until(lambda: len(api.acknowledged) == 1)
    assert len(kept.updates) == 1


async def test_a_connection_that_is_refreshed_or_closed_is_made_anew(api, slack, kept, clock, caplog):
    async with listening(api, slack, kept, clock):
        await api.until(lambda: api.connections == 1)
        await api.refresh("link_disabled")
        await api.until(lambda: api.connections == 2 and api.sockets)
        await api.sockets[-1].close()
        await api.until(lambda: api.connections == 3 and api.sockets)
        await api.tell("events_api", says("一"))
        await api.until(lambda: api.acknowledged)
    assert any(record.levelno == logging.ERROR and "link_disabled" in record.getMessage() for record in caplog.records)


async def test_a_token_that_is_refused_is_said_and_tried_with_growing_gaps(api, slack, kept, clock, caplog):
    async with listening(api, slack, kept, clock, "xapp-wrong"):
        await api.until(lambda: len(clock.slept) >= 4)
    assert clock.slept[:4] == [1.0, 2.0, 5.0, 15.0]
    assert "invalid_auth" in caplog.text
    assert "xapp-wrong" not in caplog.text


async def test_settings_turn_on_what_they_can(api, house):
    both = assemble(Config(bot_token=BOT_TOKEN, app_token=APP_TOKEN, signing_secret="s", api=api.base), house)
    assert (set(both.runs), [route.path for route in both.routes]) == ({"socket"}, ["/hooks/slack"])
    web = assemble(Config(bot_token=BOT_TOKEN, signing_secret="s"), house)
    assert (dict(web.runs), len(web.routes)) == ({}, 1)
    for made in (both, web):
        await made.close()


@pytest.mark.parametrize(("config", "word"), [
    (Config(bot_token="hello", app_token=APP_TOKEN), "slack_bot_token"), (Config(bot_token=BOT_TOKEN), "neither"),
    (Config(bot_token=BOT_TOKEN, app_token="xoxb-1"), "slack_app_token"), (Config(bot_token=BOT_TOKEN, signing_secret="s", api="x"), "slack_api"),
])  # fmt: skip
def test_settings_that_cannot_work_are_named(config, word, house):
    with pytest.raises(ValueError, match=word) as raised:
        assemble(config, house)
    assert BOT_TOKEN not in str(raised.value)


async def test_slack_s_own_framework_is_served_by_the_same_workspace(api):
    """The workspace is not merely shaped to us: Bolt connects, hears, answers and acknowledges."""
    client = AsyncWebClient(BOT_TOKEN, base_url=api.base)
    client.proxy = None
    app = AsyncApp(client=client)
    heard = []

    @app.event("message")
    async def answer(event, say):
        heard.append(event["text"])
        api.clock.now += 2
        await say(text="好")

    @app.action("b0")
    async def pressed(ack, body):
        await ack()
        heard.append(body["actions"][0]["value"])

    handler = AsyncSocketModeHandler(app, APP_TOKEN, ping_interval=2)
    handler.client.proxy = None
    await handler.connect_async()
    try:
        await api.until(lambda: api.sockets)
        for update in (says("你好"), presses(OURS, "x")):
            await api.tell(envelope(update), update)
        await api.until(lambda: len(api.acknowledged) == 2 and api.sent and len(heard) == 2)
    finally:
        await handler.close_async()
    assert (sorted(heard), api.sent[0]["channel"]) == (["x", "你好"], f"D{ANNA[1:]}")
