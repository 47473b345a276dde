"""What goes out to Telegram, against the strict Bot API."""

import httpx
import pytest
from starlette.responses import JSONResponse, Response

from conversations.channels import EditGone, Rejected, RetryAfter, Unavailable, Unknown, Unreachable
from conversations.messages import Button, FileIn, FileOut, Outgoing
from tests.fakes.telegram import ANNA, FORUM, GROUP

# The library warns of itself whenever it is asked for patience.
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")

BUTTONS = (
    Button("确认", "step.acknowledge:42"),
    Button("有问题", "step.trouble:42"),
    Button("这个按钮上写着很长的一句话", "x"),
)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


def message(text="请确认裁床排期 <b>*SO-1*</b>", key="7", account=str(ANNA), **more):
    return Outgoing(key=key, account=account, text=text, **more)


async def test_a_text_goes_out_as_it_is_written(channel, api):
    assert await channel.send(message()) == f"{ANNA}:1"
    assert api.sent[0]["text"] == "请确认裁床排期 <b>*SO-1*</b>"
    assert "parse_mode" not in api.sent[0]


async def test_short_buttons_share_a_row_and_long_ones_stand_alone(channel, api):
    await channel.send(message(buttons=BUTTONS))
    rows = api.sent[0]["reply_markup"]["inline_keyboard"]
    assert [[one["callback_data"] for one in row] for row in rows] == [
        ["step.acknowledge:42", "step.trouble:42"],
        ["x"],
    ]


async def test_length_counts_in_utf16_units(channel, api):
    assert channel.abilities.text_length("好😀") == 3
    await channel.send(message("😀" * 2048))
    with pytest.raises(Rejected):
        await channel.send(message("😀" * 2049))
    assert api.calls == ["sendMessage"]


async def test_an_action_of_more_than_64_bytes_is_our_fault(channel, api):
    with pytest.raises(Rejected):
        await channel.send(message(buttons=(Button("好", "好" * 22),)))
    assert api.calls == []


async def test_an_edit_without_buttons_takes_them_away(channel, api):
    made = await channel.send(message(buttons=BUTTONS))
    assert await channel.send(message("已确认", key="8", edits=made)) == made
    assert (api.messages[ANNA, 1]["text"], api.messages[ANNA, 1]["reply_markup"]) == ("已确认", None)


async def test_an_edit_that_changes_nothing_is_a_success(channel, api):
    made = await channel.send(message("好"))
    assert await channel.send(message("好", key="8", edits=made)) == made
    assert api.edited == []


@pytest.mark.parametrize("words", ["message to edit not found", "message can't be edited", "MESSAGE_ID_INVALID"])
async def test_an_edit_of_what_is_gone_or_too_old_says_so(channel, api, words):
    api.faults["editMessageText"].append(refusal(400, f"Bad Request: {words}"))
    with pytest.raises(EditGone):
        await channel.send(message("好", edits=f"{ANNA}:77"))


def refusal(code, words, **parameters):
    return JSONResponse({"ok": False, "error_code": code, "description": words, "parameters": parameters}, code)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (refusal(403, "Forbidden: bot was blocked by the user"), Unreachable),
        (refusal(403, "Forbidden: user is deactivated"), Unreachable),
        (refusal(403, "Forbidden: bot was kicked from the supergroup chat"), Unreachable),
        (refusal(400, "Bad Request: chat not found"), Unreachable),
        (refusal(400, "Bad Request: can't parse entities"), Rejected),
        (refusal(400, "Bad Request: BUTTON_DATA_INVALID"), Rejected),
        (refusal(401, "Unauthorized"), Unavailable),
        (refusal(404, "Not Found"), Unavailable),
        (refusal(500, "Internal Server Error"), Unavailable),
        (Response("<html>bad gateway</html>", 502), Unavailable),
        (Response("<html>", 200), Unknown),
        (httpx.ConnectError("refused"), Unavailable),
        (httpx.ConnectTimeout("slow"), Unavailable),
        (httpx.PoolTimeout("full"), Unavailable),
        (httpx.ReadTimeout("slow"), Unknown),
        (httpx.WriteTimeout("slow"), Unknown),
        (httpx.ReadError("cut"), Unknown),
        (httpx.RemoteProtocolError("cut"), Unknown),
    ],
)
async def test_each_refusal_has_its_class(channel, api, fault, expected):
    api.faults["sendMessage"].append(fault)
    with pytest.raises(expected) as raised:
        await channel.send(message())
    assert type(raised.value) is expected


async def test_patience_asked_for_is_told(channel, api):
    api.faults["sendMessage"].append(refusal(429, "Too Many Requests: retry after 17", retry_after=17))
    with pytest.raises(RetryAfter) as raised:
        await channel.send(message())
    assert raised.value.seconds == 17


async def test_someone_who_never_pressed_start_is_unreachable(channel):
    with pytest.raises(Unreachable):
        await channel.send(message(account="999"))


async def test_pictures_and_documents_keep_bytes_and_names(channel, api):
    files = (FileOut("图.png", "image/png", PNG), FileOut("订单 1.xlsx", "application/vnd.ms-excel", b"PK\x03\x04"))
    assert await channel.send(message(files=files)) == f"{ANNA}:1"
    assert [list(one)[2] for one in api.sent] == ["text", "photo", "document"]
    assert api.sent[1]["photo"][1] == PNG
    assert api.sent[2]["document"] == ("订单 1.xlsx", b"PK\x03\x04")


async def test_a_picture_that_is_refused_goes_as_a_file(channel, api):
    await channel.send(message(files=(FileOut("图.png", "image/png", b"no picture"),)))
    assert api.sent[1]["document"] == ("图.png", b"no picture")


async def test_what_went_out_does_not_go_out_twice_at_the_next_try(channel, api):
    api.faults["sendDocument"].append(refusal(500, "Internal Server Error"))
    parcel = message(files=(FileOut("a.pdf", "application/pdf", b"%PDF"),))
    with pytest.raises(Unavailable):
        await channel.send(parcel)
    assert await channel.send(parcel) == f"{ANNA}:1"
    assert [list(one)[2] for one in api.sent] == ["text", "document"]


async def test_a_group_is_answered_in_its_topic_and_to_the_asker(channel, api):
    await channel.send(
        message(group=str(FORUM), account=str(FORUM), conversation=f"{FORUM}:5", reply_to=f"1000:{FORUM}:33")
    )
    assert (api.sent[0]["chat"], api.sent[0]["message_thread_id"]) == (FORUM, 5)
    assert api.sent[0]["reply_parameters"]["message_id"] == 33


async def test_a_group_that_became_a_supergroup_is_found_again(channel, api):
    api.migrated[-4] = GROUP
    assert await channel.send(message(group="-4", account="-4")) == f"{GROUP}:1"
    assert await channel.send(message(group="-4", account="-4", key="8")) == f"{GROUP}:2"
    assert api.calls == ["sendMessage"] * 3


async def test_our_own_pace_never_meets_a_flood(channel, api, clock):
    for number in range(12):
        await channel.send(message(key=f"a{number}"))
    for number in range(20):
        await channel.send(message(key=f"g{number}", group=str(GROUP), account=str(GROUP)))
    with pytest.raises(RetryAfter):
        await channel.send(message(key="one more", group=str(GROUP), account=str(GROUP)))
    assert api.floods == 0
    assert sum(one["chat"] == GROUP for one in api.sent) == 20


async def test_thirty_a_second_over_all_chats_and_no_more(channel, api, clock):
    api.chats |= dict.fromkeys(range(600, 700), "private")
    begin = clock.now
    for number in range(600, 700):
        await channel.send(message(account=str(number)))
    assert api.floods == 0
    assert 100 / 30 - 0.1 <= clock.now - begin <= 1.05 * 100 / 30  # spread evenly, and hardly slower than allowed


async def test_a_file_is_fetched_by_its_id(channel, api):
    api.files["F1"] = b"PK\x03\x04"
    assert await channel.fetch(FileIn("a.xlsx", ref="F1")) == b"PK\x03\x04"
    with pytest.raises(Rejected):
        await channel.fetch(FileIn("a.xlsx", ref="F2"))


async def test_the_working_sign_never_fails(channel, api):
    await channel.working(str(ANNA), None)
    await channel.working("999", None)
    assert api.calls == ["sendChatAction"] * 2
