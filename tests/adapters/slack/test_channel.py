"""What goes out to Slack, through the real library, against the strict workspace."""

import asyncio

import pytest
from aiohttp import web
from slack_sdk.models.blocks import Block

from adapters.slack.assembly import Config, assemble
from conversations.channels import EditGone, Rejected, RetryAfter, Unavailable, Unknown, Unreachable
from conversations.messages import Button, FileIn, FileOut, Outgoing
from tests.fakes.slack import ANNA, ARCHIVED, BEN, CHANNEL, ELSEWHERE, SECRET

BUTTONS = (Button("确认", "step.ack:42.1"), Button("有问题", "step.problem:42.1"))
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def message(text="请确认裁床排期 <b>*SO-1*</b> & <!channel>", key="7", account=ANNA, **more):
    return Outgoing(key=key, account=account, text=text, **more)


def shown(sent):
    """The literal text of a message's blocks."""
    return "".join(one["text"] for one in sent["blocks"][0]["elements"][0]["elements"])


async def test_a_text_is_shown_as_it_is_written_and_calls_nobody(channel, api):
    made = await channel.send(message())
    sent = api.sent[0]
    assert made == f"D0ANNA:{sent['ts']}"
    assert shown(sent) == "请确认裁床排期 <b>*SO-1*</b> & <!channel>"
    assert sent["text"] == "请确认裁床排期 &lt;b&gt;*SO-1*&lt;/b&gt; &amp; &lt;!channel&gt;"


async def test_buttons_carry_their_actions_and_the_library_s_own_models_accept_them(channel, api):
    await channel.send(message(buttons=BUTTONS))
    drawn = api.sent[0]["blocks"]
    assert [one["value"] for one in drawn[1]["elements"]] == ["step.ack:42.1", "step.problem:42.1"]
    for block in drawn:
        assert Block.parse(block).to_dict()["type"] == block["type"]


async def test_direct_messages_are_opened_once(channel, api):
    for number in range(3):
        await channel.send(message(account=BEN, key=str(number)))
    assert api.calls.count("conversations.open") == 1
    assert {one["channel"] for one in api.sent} == {"D0BEN"}


async def test_somebody_of_another_company_is_found_by_his_user_id(channel, api):
    await channel.send(message(account=f"T0OTHER.{BEN}"))
    assert api.sent[0]["channel"] == "D0BEN"


async def test_length_counts_what_is_sent(channel, api):
    assert channel.abilities.text_length("a&b") == 7
    await channel.send(message("&" * 780))
    with pytest.raises(Rejected):
        await channel.send(message("&" * 781, key="8"))
    assert len(api.sent) == 1


async def test_an_edit_without_buttons_takes_them_away(channel, api):
    made = await channel.send(message(buttons=BUTTONS))
    assert await channel.send(message("已确认", key="8", edits=made)) == made
    assert [one["type"] for one in api.updates[0]["blocks"]] == ["rich_text"]
    assert shown(api.updates[0]) == "已确认"


@pytest.mark.parametrize("error", ["message_not_found", "cant_update_message", "edit_window_closed"])
async def test_an_edit_of_what_is_gone_or_too_old_says_so(channel, api, error):
    api.faults["chat.update"].append(error)
    with pytest.raises(EditGone):
        await channel.send(message("好", edits="D0ANNA:1.000001"))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("channel_not_found", Unreachable), ("is_archived", Unreachable), ("messages_tab_disabled", Unreachable),
        ("restricted_action", Unreachable), ("invalid_auth", Unavailable), ("token_revoked", Unavailable),
        ("missing_scope", Unavailable), ("msg_too_long", Rejected), ("no_text", Rejected), ("something_new", Rejected),
        ("internal_error", Unknown), ("fatal_error", Unknown), ("drop", Unknown),
        (web.Response(status=500), Unknown), (web.Response(status=502, text="<html>bad gateway", content_type="text/html"), Unknown),
        (web.json_response({"ok": False}, status=503), Unknown), (web.Response(text="{", content_type="application/json"), Unknown),
    ],
    ids=str,
)  # fmt: skip
async def test_each_refusal_has_its_class(channel, api, fault, expected):
    api.faults["chat.postMessage"].append(fault)
    with pytest.raises(expected) as raised:
        await channel.send(message())
    assert type(raised.value) is expected


async def test_nobody_there_is_told_apart_from_nobody_listening(house):
    made = assemble(Config(bot_token="xoxb-1", signing_secret=SECRET, api="http://127.0.0.1:9/api/"), house)
    with pytest.raises(Unavailable):
        await made.channel.send(message(conversation="D0ANNA"))
    await made.close()


async def test_an_answer_that_never_comes_is_unclear(channel, api, slack):
    slack.api.client()
    slack.api._session._timeout = type(slack.api._session.timeout)(total=0.2)
    api.faults["chat.postMessage"].append("hang")
    with pytest.raises(Unknown):
        await channel.send(message(conversation="D0ANNA"))


async def test_patience_asked_for_is_told(channel, api):
    api.faults["chat.postMessage"].append("ratelimited")
    with pytest.raises(RetryAfter) as raised:
        await channel.send(message())
    assert raised.value.seconds == 7


@pytest.mark.parametrize(("account", "group"), [("U0GONE", None), ("U0NOBODY", None), ("U0GENDAN", None),
                                                (ARCHIVED, ARCHIVED), (ELSEWHERE, ELSEWHERE), ("C0NO", "C0NO"), ("", None)])  # fmt: skip
async def test_whoever_cannot_be_written_to_is_unreachable(channel, account, group):
    with pytest.raises(Unreachable):
        await channel.send(message(account=account, group=group))


async def test_a_wrong_token_is_no_fault_of_the_receiver(house, api):
    made = assemble(Config(bot_token="xoxb-wrong", signing_secret=SECRET, api=api.base), house)
    with pytest.raises(Unavailable, match="invalid_auth"):
        await made.channel.send(message())
    await made.close()


async def test_what_did_arrive_after_all_is_not_sent_again(channel, api):
    api.faults["chat.postMessage"].append("drop")
    with pytest.raises(Unknown):
        await channel.send(message())
    assert await channel.send(message()) == f"D0ANNA:{api.sent[0]['ts']}"
    assert len(api.sent) == 1


async def test_what_did_not_arrive_is_sent_again(channel, api):
    api.faults["chat.postMessage"].append("internal_error")
    with pytest.raises(Unknown):
        await channel.send(message(conversation="D0ANNA:1790000000.000001"))
    await channel.send(message(conversation="D0ANNA:1790000000.000001"))
    assert [one["thread"] for one in api.sent] == ["1790000000.000001"]


async def test_in_a_channel_that_may_not_be_read_a_second_copy_is_better_than_none(channel, api):
    api.faults["chat.postMessage"].append("drop")
    for attempt in range(2):
        try:
            await channel.send(message(group=CHANNEL, account=CHANNEL))
        except Unknown:
            assert attempt == 0
    assert len(api.sent) == 2


async def test_while_it_cannot_be_known_nothing_is_sent(channel, api):
    api.faults["chat.postMessage"].append("drop")
    api.faults["conversations.history"].append("service_unavailable")
    for _ in range(2):
        with pytest.raises(Unknown):
            await channel.send(message())
    assert len(api.sent) == 1


async def test_blocks_that_are_refused_go_out_as_text_with_numbers(channel, api):
    api.faults["chat.postMessage"].append("invalid_blocks")
    await channel.send(message("好", buttons=BUTTONS))
    assert (api.sent[0]["text"], api.sent[0]["blocks"]) == ("好\n1. 确认\n2. 有问题", None)


async def test_pictures_and_documents_keep_bytes_and_names(channel, api):
    files = (FileOut("图.png", "image/png", PNG), FileOut("订单 1.xlsx", "application/vnd.ms-excel", b"PK\x03\x04"))
    made = await channel.send(message(files=files))
    assert made == f"D0ANNA:{api.sent[0]['ts']}"
    assert [(one["channel"], one["name"], one["content"]) for one in api.shared] == [
        ("D0ANNA", "图.png", PNG), ("D0ANNA", "订单 1.xlsx", b"PK\x03\x04")]  # fmt: skip


async def test_what_went_out_does_not_go_out_twice_at_the_next_try(channel, api):
    api.faults["upload"].append(web.Response(status=500, text="no"))
    parcel = message(files=(FileOut("a.pdf", "application/pdf", b"%PDF"),))
    with pytest.raises(Unavailable):
        await channel.send(parcel)
    await channel.send(parcel)
    assert (len(api.sent), len(api.shared)) == (1, 1)


async def test_a_channel_is_answered_in_its_thread(channel, api):
    await channel.send(message(group=CHANNEL, account=CHANNEL, conversation=f"{CHANNEL}:1790000000.000009"))
    assert (api.sent[0]["channel"], api.sent[0]["thread"]) == (CHANNEL, "1790000000.000009")


async def test_what_is_for_a_channel_never_goes_into_a_thread_elsewhere(channel, api):
    await channel.send(message(group=CHANNEL, account=CHANNEL, conversation="D0ANNA:1790000000.000009"))
    assert (api.sent[0]["channel"], api.sent[0]["thread"]) == (CHANNEL, None)


async def test_our_own_pace_never_meets_a_flood(channel, api, clock):
    for number in range(8):
        await channel.send(message(key=f"a{number}"))
    assert api.floods == 0
    assert len(api.sent) == 8


async def test_many_channels_are_written_to_no_faster_than_allowed_and_longer_waits_are_the_outbox_s(
    channel, api, clock
):
    api.channels |= {f"C{number}": {} for number in range(241)}
    for number in range(240):
        await channel.send(message(key=str(number), group=f"C{number}", account="x"))
    with pytest.raises(RetryAfter):
        await channel.send(message(key="240", group="C240", account="x"))
    assert (len(api.sent), api.floods) == (240, 0)


async def test_a_file_is_fetched_by_its_id(channel, api):
    api.files["F1"] = b"PK\x03\x04"
    assert await channel.fetch(FileIn("a.xlsx", ref="F1")) == b"PK\x03\x04"
    with pytest.raises(Rejected):
        await channel.fetch(FileIn("a.xlsx", ref="F2"))


@pytest.mark.parametrize("address", ["https://evil.test/x", "http://localhost.evil.test/x", "file:///etc/passwd", ""])
async def test_the_token_is_shown_to_slack_alone(channel, slack, address):
    with pytest.raises(Rejected):
        await slack.api.download(address)


async def test_an_empty_message_or_file_is_our_fault(channel):
    for wrong in (
        message(""),
        message(files=(FileOut("a", "b", b""),)),
        message("", edits="D0ANNA:1.1"),
        message("x", edits="?"),
    ):
        with pytest.raises(Rejected):
            await channel.send(wrong)


async def test_the_working_sign_never_fails(channel):
    await asyncio.wait_for(channel.working(ANNA, None), 1)
