"""Whether the workspace that we test against is one to others as well: Slack's library for Node, and its own models."""

import base64
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from slack_sdk.models.blocks import Block

from adapters.slack import forms
from adapters.slack.blocks import Home, blocks, home
from conversations.messages import Button
from tests.fakes.slack import ANNA, APP_TOKEN, BOT_TOKEN, CHANNEL, Refused, Slack, check_block
from tests.fakes.slack_people import command, envelope, event, presses, says, submits
from tests.support.node import running

SCRIPT = Path(__file__).with_name("by_bolt.cjs")


class Moment:
    """The far side's clock; nobody is in a hurry."""

    now = 1_790_000_000.0

    def __call__(self):
        self.now += 1.5
        return self.now


@asynccontextmanager
async def bolt():
    async with (
        Slack(Moment()) as api,
        running(SCRIPT, "@slack/bolt", base=api.base, botToken=BOT_TOKEN, appToken=APP_TOKEN) as app,
    ):
        await app.until("started")
        await api.until(lambda: api.sockets)
        yield app, api


async def tell(api, update):
    name = await api.tell(envelope(update), update)
    await api.until(lambda: name in api.acknowledged)
    return api.acknowledged[name]


async def test_bolt_for_node_hears_answers_renews_and_is_acknowledged():
    async with bolt() as (app, api):
        await tell(api, says("你好 <b>"))
        assert (await app.until("said"))["text"] == "你好 &lt;b&gt;"
        await tell(api, presses(api.sent[0], "step.ack:1"))
        assert await app.until("pressed") == {"happened": "pressed", "value": "step.ack:1", "user": ANNA}
        assert [one["text"] for one in api.updates] == ["已确认"]
        await tell(api, says("到哪了", channel=CHANNEL, mention=True))
        await app.until("mentioned")
        assert (api.sent[-1]["channel"], bool(api.sent[-1]["thread"])) == (CHANNEL, True)
        await tell(api, event("app_home_opened", user=ANNA, tab="home", channel="D0ANNA"))
        await app.until("home")
        assert api.homes[ANNA]["type"] == "home"


async def test_bolt_for_node_opens_a_form_and_answers_what_was_filled_in():
    async with bolt() as (app, api):
        asked = command("推迟")
        api.triggers[asked["trigger_id"]] = api.clock.now
        await tell(api, asked)
        assert (await app.until("commanded"))["text"] == "推迟"
        view = api.views[0]
        assert (await tell(api, submits(view)))["errors"] == {"until": "请填写"}
        await tell(api, submits(view, until="2026-12-11"))
        assert (await app.until("submitted"))["date"] == "2026-12-11"


async def test_bolt_for_node_comes_back_and_gets_what_it_has_missed():
    async with bolt() as (app, api):
        await api.refresh()
        await api.until(lambda: api.connections == 2)
        await tell(api, says("还在吗"))
        assert (await app.until("said"))["text"] == "还在吗"
        await api.close_sockets()
        update = says("那时候")
        name = await api.tell(envelope(update), update)
        await api.until(lambda: name in api.acknowledged)
        assert (await app.until("said"))["text"] == "那时候"


@pytest.mark.parametrize(("method", "args", "error"), [
    ("chat.postMessage", {"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
    ("chat.postMessage", {"channel": "C0OLD", "text": "x"}, "is_archived"),
    ("chat.postMessage", {"channel": "D0ANNA", "text": "x" * 40_001}, "msg_too_long"),
    ("chat.update", {"channel": "D0ANNA", "ts": "1.000001", "text": "x"}, "message_not_found"),
    ("conversations.open", {"users": "U0GONE"}, "user_disabled"),
    ("views.open", {"trigger_id": "1.2", "view": {"type": "modal", "blocks": []}}, "invalid_trigger_id"),
    ("chat.postMessage", {"channel": "D0ANNA", "text": "x", "parse_everything": True}, "invalid_arguments"),
])  # fmt: skip
async def test_bolt_for_node_understands_refusals(method, args, error):
    async with bolt() as (app, _api):
        await app.tell(method=method, args=args)
        assert (await app.until("refused"))["error"] == error


async def test_bolt_for_node_sends_files_and_hears_of_patience():
    async with bolt() as (app, api):
        content = base64.b64encode(b"PK\x03\x04sheet").decode()
        await app.tell(upload=content, args={"channel_id": "D0ANNA", "filename": "订单.xlsx"})
        await app.until("answered")
        assert [(one["name"], one["content"]) for one in api.shared] == [("订单.xlsx", b"PK\x03\x04sheet")]
        api.faults["chat.postMessage"].append("ratelimited")
        await app.tell(method="chat.postMessage", args={"channel": "D0ANNA", "text": "x"})
        assert (await app.until("refused"))["seconds"] == 7


# --- the library's own models ---------------------------------------------------------------------------------------


def parsed(block):
    """A block as the library's models have it. Raises for what they would not send."""
    made = Block.parse(block)
    assert made is not None, block["type"]
    return made.to_dict()


def drawn():
    buttons = tuple(Button(f"按钮{n}" * 8, f"step.ack:{n}") for n in range(40))
    yield from blocks("请确认 & <b> 😀\n第二行", buttons)
    yield from home(Home("我的事项", buttons), "zh")["blocks"]
    yield from home(None, "en")["blocks"]
    for name in ("order", "postpone", "problem", "return"):
        yield from forms.view(name, "zh", {})["blocks"]


def test_what_we_draw_is_valid_to_slack_s_own_models_and_to_the_fake():
    for block in drawn():
        parsed(block)
        check_block(block)


@pytest.mark.parametrize("block", [
    {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}},
    {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}},
    {"type": "actions", "elements": [{"type": "button", "action_id": f"b{n}", "text": {"type": "plain_text", "text": "x"},
                                      "value": "v"} for n in range(26)]},
    {"type": "actions", "elements": [{"type": "button", "action_id": "b", "text": {"type": "plain_text", "text": "x"},
                                      "value": "v" * 2001}]},
    {"type": "actions", "elements": [{"type": "button", "action_id": "b" * 256, "value": "v",
                                      "text": {"type": "plain_text", "text": "x"}}]},
    {"type": "actions", "elements": [{"type": "button", "action_id": "b", "value": "v",
                                      "text": {"type": "plain_text", "text": "x" * 76}}]},
    {"type": "input", "label": {"type": "plain_text", "text": "x" * 2001}, "element": {"type": "datepicker", "action_id": "v"}},
])  # fmt: skip
def test_what_slack_s_own_models_refuse_the_fake_refuses(block):
    with pytest.raises(Exception, match=r".*"):
        parsed(block)
    with pytest.raises(Refused):
        check_block(block)
