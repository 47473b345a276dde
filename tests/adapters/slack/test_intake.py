"""What comes in over HTTP: kept before it is acknowledged; what is not Slack's is a 4xx and leaves no trace."""

import asyncio
import json
import logging

import pytest
from slack_sdk.models.views import View
from slack_sdk.signature import SignatureVerifier

from tests.fakes.slack import ANNA, APP_TOKEN, BOT_TOKEN, CHANNEL, SECRET
from tests.fakes.slack_people import command, encoded, event, presses, says, submits

OURS = {"channel": "D0ANNA", "ts": "1790000000.000005"}


async def settle(api, happened):
    await api.until(happened)


async def test_an_event_is_kept_once_however_often_it_comes(caller, kept, slack):
    updates = [says("一"), says("二")]
    for repeat, update in [(0, updates[0]), (0, updates[1]), (1, updates[1]), (2, updates[0]), (3, updates[0])]:
        answer = await caller.deliver(update, repeat=repeat)
        assert (answer.status_code, answer.content) == (200, b"")
    assert [slack.channel.translate(one.payload).text for one in kept.updates.values()] == ["一", "二"]


async def test_slack_s_own_verifier_agrees_with_what_we_accept(caller):
    body, kind = encoded(says("一"))
    headers = caller.headers(body, kind)
    clock = type("Clock", (), {"now": lambda _self: caller.clock()})()
    assert SignatureVerifier(SECRET, clock).is_valid_request(body, headers)
    assert (await caller.post(body, headers)).status_code == 200


@pytest.mark.parametrize(("age", "status"), [(299, 200), (301, 401), (-299, 200), (-301, 401), (10_000_000, 401)])
async def test_only_fresh_requests_are_taken(caller, kept, age, status):
    assert (await caller.deliver(says("一"), at=caller.clock() - age)).status_code == status
    assert len(kept.updates) == (status == 200)


@pytest.mark.parametrize("changes", [
    {"x-slack-request-timestamp": "now"}, {"x-slack-request-timestamp": "17900000.5"}, {"x-slack-request-timestamp": ""},
    {"x-slack-request-timestamp": "9" * 400}, {"x-slack-request-timestamp": "-1790000000"},
    {"x-slack-request-timestamp": "１７９".encode()}, {"x-slack-signature": ""}, {"x-slack-signature": "v0="},
    {"x-slack-signature": "v1=" + "0" * 64}, {"x-slack-signature": "é".encode()}, {"x-slack-signature": "v0=" + "0" * 64},
])  # fmt: skip
async def test_malformed_headers_are_refused(caller, kept, changes, caplog):
    body, kind = encoded(says("秘密的话"))
    caplog.set_level(logging.DEBUG)
    answer = await caller.post(body, caller.headers(body, kind) | changes)
    assert answer.status_code == 401
    assert kept.updates == {}
    assert "秘密" not in caplog.text


async def test_without_headers_or_with_another_secret_nothing_gets_in(caller, kept):
    body, _ = encoded(says("一"))
    assert (await caller.post(body, {})).status_code == 401
    assert (await caller.deliver(says("一"), secret="other")).status_code == 401
    assert (await caller.post(body + b" ", caller.headers(body))).status_code == 401
    assert (await caller.client.get("/hooks/slack")).status_code == 405
    assert kept.updates == {}


@pytest.mark.parametrize(("body", "kind", "status"), [
    (b"", "application/json", 400), (b"{", "application/json", 400), (b"[]", "application/json", 400),
    (b"\xff\xfe", "application/json", 400), (b"[" * 200_000, "application/json", 400),
    (b'{"type":"event_callback"}', "application/json", 400), (b"payload=%7B", "application/x-www-form-urlencoded", 400),
    (b"a=b", "application/x-www-form-urlencoded", 400), (b"&".join([b"a=b"] * 100), "application/x-www-form-urlencoded", 400),
    (b'{"a":"' + b"x" * 1_000_001 + b'"}', "application/json", 413), (b"ssl_check=1", "application/x-www-form-urlencoded", 200),
    (b'{"type":"brand_new"}', "application/json", 200), (b'{"type":"event_callback","event_id":"E1"}', "application/json", 200),
    (b'{"type":"app_rate_limited"}', "application/json", 200), (b'{"type":"block_actions"}', "application/json", 200),
])  # fmt: skip
async def test_signed_nonsense_is_a_4xx_and_unknown_kinds_are_taken_note_of(caller, kept, body, kind, status):
    assert (await caller.post(body, caller.headers(body, kind))).status_code == status
    assert kept.updates == {}


async def test_the_address_proves_itself(caller):
    answer = await caller.deliver({"type": "url_verification", "challenge": "3eZbrw1aB"})
    assert answer.json() == {"challenge": "3eZbrw1aB"}


async def test_what_cannot_be_kept_is_not_acknowledged_and_its_words_are_not_logged(caller, kept, caplog):
    kept.fails = 1
    update = says("秘密的话")
    assert (await caller.deliver(update)).status_code == 503
    assert (await caller.deliver(update)).status_code == 200
    assert len(kept.updates) == 1
    assert "秘密" not in caplog.text


async def test_a_press_is_kept_and_acknowledged(caller, kept, slack):
    assert (await caller.deliver(presses(OURS, "step.ack:42.1"))).content == b""
    (update,) = kept.updates.values()
    assert slack.channel.translate(update.payload).press == "step.ack:42.1"


async def test_a_press_that_needs_a_date_opens_a_form_with_a_date_picker(caller, kept, slack, api):
    api.triggers["trigger.1"] = api.clock()
    await caller.deliver(presses(OURS, "step.postpone:42.1"))
    await settle(api, lambda: api.views)
    view = api.views[0]
    assert [one["element"]["type"] for one in view["blocks"]] == ["datepicker", "plain_text_input"]
    assert view["title"]["text"] == "推迟"
    assert len(kept.updates) == 1  # the press itself: the question stands in the chat as well
    answer = await caller.deliver(submits(view, until="2026-12-11", reason="缺料"))
    assert answer.content == b""
    said = slack.channel.translate(list(kept.updates.values())[1].payload)
    assert (said.text, said.conversation, said.reply_to) == (
        "推迟到2026-12-11,因为缺料",
        "D0ANNA",
        "D0ANNA:1790000000.000005",
    )


async def test_a_form_that_cannot_be_opened_does_no_harm(caller, kept, api):
    answer = await caller.deliver(presses(OURS, "step.postpone:42.1", trigger="trigger.used"))
    await settle(api, lambda: "views.open" in api.calls)
    assert answer.status_code == 200
    assert (len(kept.updates), api.views) == (1, [])


async def test_the_bare_command_opens_the_order_form_in_one_s_own_language(caller, kept, slack, api):
    api.triggers["trigger.77"] = api.clock()
    assert (await caller.deliver(command("", user="U0BEN", trigger="trigger.77"))).content == b""
    await settle(api, lambda: api.views)
    view = api.views[0]
    assert view["title"]["text"] == "New order"
    assert (
        View(**{name: part for name, part in view.items() if name != "team_id"}).to_dict()["callback_id"]
        == "gendan.order"
    )
    await caller.deliver(
        submits(view, user="U0BEN", customer="Bright & Co", item="chair", quantity="20 pcs", promised="2026-12-11")
    )
    said = slack.channel.translate(next(iter(kept.updates.values())).payload)
    assert (said.text, said.account) == ("new order for Bright & Co: 20 pcs chair, due 2026-12-11", "U0BEN")


async def test_what_is_filled_in_wrongly_is_said_beside_the_field_and_not_kept(caller, kept, api):
    api.triggers["trigger.78"] = api.clock()
    await caller.deliver(command("", trigger="trigger.78"))
    await settle(api, lambda: api.views)
    answer = await caller.deliver(
        submits(api.views[0], customer="华东", item="阀", quantity="很", promised="2026-01-01")
    )
    told = answer.json()
    assert told["response_action"] == "errors"
    assert set(told["errors"]) == {"quantity", "promised"}
    assert kept.updates == {}


async def test_a_command_in_a_channel_is_told_where_the_answer_is(caller, kept, api):
    answer = await caller.deliver(command("SO-2611-0001", channel=CHANNEL))
    assert answer.json()["response_type"] == "ephemeral"
    assert (await caller.deliver(command("SO-2611-0001", channel="D0ANNA"))).content == b""
    assert len(kept.updates) == 2


async def test_app_home_shows_one_s_own_steps_and_a_stranger_how_to_be_known(caller, api):
    await caller.deliver(event("app_home_opened", user=ANNA, tab="home", channel="D0ANNA"))
    await caller.deliver(event("app_home_opened", user="U0BEN", tab="home", channel="D0BEN"))
    await caller.deliver(event("app_home_opened", user="U0GONE", tab="messages", channel="D0X"))
    await settle(api, lambda: len(api.homes) == 2)
    anna, ben = json.dumps(api.homes[ANNA], ensure_ascii=False), json.dumps(api.homes["U0BEN"])
    assert "一件事" in anna
    assert "SO-2611-0001" in anna
    assert "do not know you" in ben
    await asyncio.sleep(0)
    assert set(api.homes) == {ANNA, "U0BEN"}


async def test_channel_talk_is_acknowledged_but_not_kept(caller, kept):
    assert (await caller.deliver(says("中午吃什么", channel=CHANNEL))).status_code == 200
    assert kept.updates == {}


async def test_nothing_logged_or_shown_carries_a_token(caller, slack, api, channel, caplog):
    caplog.set_level(logging.DEBUG)
    api.faults["chat.postMessage"].append("missing_scope")
    from conversations.channels import Unavailable
    from conversations.messages import Outgoing

    with pytest.raises(Unavailable):
        await channel.send(Outgoing("1", ANNA, "秘密的话"))
    await caller.deliver(says("秘密的话"))
    for secret in (BOT_TOKEN, APP_TOKEN, SECRET, "秘密"):
        assert secret not in caplog.text
        assert secret not in repr(slack)
