"""The self-built app: what members say, and what they are sent, against the strict corporation."""

import httpx
import pytest

from adapters.wecom import app_in
from adapters.wecom.app import AppLine
from adapters.wecom.channel import WeComChannel
from adapters.wecom.memory import LocalMemory
from conversations.channels import EditGone, Rejected, RetryAfter, Unavailable, Unknown, Unreachable
from conversations.messages import Button, FileIn, FileOut, Outgoing

SEND, UPDATE = "/cgi-bin/message/send", "/cgi-bin/message/update_template_card"
BUTTONS = (Button("确认", "step.acknowledge:42"), Button("有问题", "step.trouble:42"))
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
def memory():
    memory = LocalMemory(":memory:")
    yield memory
    memory.close()


@pytest.fixture
def line(api, corp, memory, clock):
    return AppLine(api, corp.agent_id, memory, clock)


@pytest.fixture
def channel(line):
    return WeComChannel({"app": line})


def message(text="请确认裁床排期\nSO-20260917-003 · 500 件", key="7", account="zhouwei", **more):
    return Outgoing(key=key, account=account, text=text, **more)


def click(task, key="step.acknowledge:42", code="RC", user="zhouwei"):
    return {"ToUserName": "ww", "FromUserName": user, "CreateTime": "1790000456", "MsgType": "event",
            "Event": "template_card_event", "EventKey": key, "TaskId": task, "CardType": "button_interaction",
            "ResponseCode": code, "AgentID": "1000007"}  # fmt: skip


class Received:
    def __init__(self):
        self.updates = {}

    async def __call__(self, update):
        new = update.message_id not in self.updates
        self.updates.setdefault(update.message_id, update)
        return new


async def test_a_text_goes_out_with_the_duplicate_check(channel, corp):
    assert await channel.send(message()) == "MSG1"
    sent = corp.sent[0]
    assert sent["text"]["content"] == "请确认裁床排期\nSO-20260917-003 · 500 件"
    assert (sent["touser"], sent["enable_duplicate_check"]) == ("zhouwei", 1)
    assert 1800 <= sent["duplicate_check_interval"] <= 14_400


@pytest.mark.parametrize("with_id", [True, False])
async def test_a_try_after_an_unclear_one_does_not_double(channel, corp, api, with_id):
    corp.duplicates_answer_with_msgid = with_id
    await channel.send(message(key="1"))
    fresh = WeComChannel({"app": AppLine(api, corp.agent_id, LocalMemory(":memory:"), corp.clock)})
    await fresh.send(message(key="1"))
    assert len(corp.sent) == 1


async def test_the_same_answer_twice_is_two_messages(channel, corp):
    await channel.send(message("好的。", key="1"))
    await channel.send(message("好的。", key="2"))
    assert [sent["text"]["content"].strip("\u200b") for sent in corp.sent] == ["好的。"] * 2
    assert corp.sent[0]["text"] != corp.sent[1]["text"]


async def test_links_that_hide_where_they_lead_are_taken_apart(channel, corp):
    await channel.send(message('看 <a href="https://evil.test">这里</a>，数量 <500 件'))
    assert corp.sent[0]["text"]["content"] == '看 ＜a href="https://evil.test">这里＜/a>，数量 <500 件'


async def test_buttons_make_a_card_whose_click_finds_its_message(channel, corp):
    sent_as = await channel.send(message(buttons=BUTTONS))
    card = corp.sent[0]["template_card"]
    assert (card["task_id"], card["main_title"]["title"]) == (sent_as, "请确认裁床排期")
    assert [button["key"] for button in card["button_list"]] == ["step.acknowledge:42", "step.trouble:42"]
    said = channel.translate(app_in.raw_update(click(sent_as), "1000007").payload)
    assert (said.press, said.press_on, said.account) == ("step.acknowledge:42", sent_as, "zhouwei")


async def test_a_long_text_goes_ahead_of_its_card_whole(channel, corp):
    text = "交期预警\n" + "面料复检。" * 100
    await channel.send(message(text, buttons=BUTTONS))
    assert [sent["msgtype"] for sent in corp.sent] == ["text", "template_card"]
    assert corp.sent[0]["text"]["content"] == text


async def test_a_card_is_renewed_once_by_the_code_of_its_sending_then_by_that_of_a_click(channel, line, corp):
    task = await channel.send(message(buttons=BUTTONS))
    renewed = message("已确认 ✓", key="8", edits=task)
    assert await channel.send(renewed) == task
    with pytest.raises(EditGone):
        await channel.send(renewed)
    await line.take(click(task, code=corp.click(task, "zhouwei")), Received())
    await channel.send(message("改期了\n请再看", key="9", edits=task, buttons=BUTTONS))
    assert [("replace_text" in one["template_card"]) for one in corp.updates] == [True, False]
    assert corp.updates[0]["template_card"]["main_title"]["title"] == "已确认 ✓"


async def test_a_card_can_be_renewed_after_a_restart(api, corp, clock, tmp_path):
    first, second = LocalMemory(tmp_path / "wecom.db"), LocalMemory(tmp_path / "wecom.db")
    task = await AppLine(api, corp.agent_id, first, clock).send(message(buttons=BUTTONS))
    await AppLine(api, corp.agent_id, second, clock).send(message("完成", key="8", edits=task))
    assert len(corp.updates) == 1
    first.close()
    second.close()


async def test_after_72_hours_a_card_is_gone(channel, corp, clock):
    task = await channel.send(message(buttons=BUTTONS))
    clock.now += 72 * 3600 + 1
    with pytest.raises(EditGone):
        await channel.send(message("完成", key="8", edits=task))


async def test_a_code_that_the_platform_knows_no_more_is_gone(channel, corp):
    task = await channel.send(message(buttons=BUTTONS))
    corp.codes.clear()
    with pytest.raises(EditGone):
        await channel.send(message("完成", key="8", edits=task))


async def test_a_renewal_that_failed_on_the_way_can_be_tried_again(channel, corp):
    task = await channel.send(message(buttons=BUTTONS))
    corp.faults[UPDATE].extend([httpx.ConnectError("x"), httpx.ReadTimeout("x"), {"errcode": 45009, "errmsg": "slow"}])
    for expected in (Unavailable, Unknown, RetryAfter):
        with pytest.raises(expected):
            await channel.send(message("完成", key="8", edits=task))
    await channel.send(message("完成", key="8", edits=task))
    assert len(corp.updates) == 1


@pytest.mark.parametrize("account", ["nobody", "ZHAOLEI"])
async def test_whoever_is_outside_the_range_or_unlicensed_is_unreachable(channel, corp, account):
    corp.members.add("zhaolei")
    corp.unlicensed.add("zhaolei")
    with pytest.raises(Unreachable):
        await channel.send(message(account=account))


async def test_files_and_pictures_follow_their_text_and_are_uploaded_once(channel, corp):
    files = (FileOut("报表.xlsx", "application/vnd.ms-excel", b"PK-content"), FileOut("色样.png", "image/png", PNG))
    corp.faults[SEND].extend([None, None, httpx.ReadTimeout("x")])
    with pytest.raises(Unknown):
        await channel.send(message("附件", files=files))
    await channel.send(message("附件", files=files))
    assert [sent["msgtype"] for sent in corp.sent] == ["text", "file", "image"]
    assert [entry[2] for entry in corp.media.values()] == ["报表.xlsx", "色样.png"]


async def test_an_upload_that_has_lapsed_early_is_made_again(channel, corp):
    files = (FileOut("报表.xlsx", "application/vnd.ms-excel", b"PK-content"),)
    await channel.send(message("一", key="1", files=files))
    corp.media.clear()
    await channel.send(message("二", key="2", files=files))
    assert [sent["msgtype"] for sent in corp.sent] == ["text", "file", "text", "file"]


@pytest.mark.parametrize("bad", [
    {"text": "长" * 700}, {"text": ""}, {"files": (FileOut("a", "text/csv", b""),)},
    {"files": (FileOut("a", "text/csv", b"0" * 20_000_001),)},
])  # fmt: skip
async def test_what_the_platform_would_cut_or_refuse_is_never_posted(channel, corp, bad):
    with pytest.raises(Rejected):
        await channel.send(message(**({"text": "a"} | bad)))
    assert corp.sent == []


async def test_the_thirty_first_message_in_a_minute_waits(channel, corp, clock):
    for number in range(30):
        await channel.send(message(str(number), key=str(number)))
    with pytest.raises(RetryAfter) as patience:
        await channel.send(message("31", key="31"))
    assert patience.value.seconds == 60
    await channel.send(message("31", key="31", account="linlan"))
    clock.now += 60
    await channel.send(message("31", key="31"))
    assert len(corp.sent) == 32


async def test_a_card_the_platform_has_already_is_taken_as_sent(channel, corp, api):
    task = await channel.send(message(buttons=BUTTONS))
    corp.seen.clear()  # the duplicate check has forgotten it, the task_id has not
    again = WeComChannel({"app": AppLine(api, corp.agent_id, LocalMemory(":memory:"), corp.clock)})
    assert await again.send(message(buttons=BUTTONS)) == task
    assert len(corp.sent) == 1


BASE_FIELDS = {"ToUserName": "ww", "FromUserName": "linlan", "CreateTime": "1790000123", "AgentID": "1000007"}


def said(channel, **fields):
    return channel.translate(app_in.raw_update(BASE_FIELDS | fields, "1000007").payload)


def test_texts_pictures_voice_and_files_are_understood(channel):
    assert said(channel, MsgType="text", Content="你好", MsgId="1").text == "你好"
    assert said(channel, MsgType="image", MediaId="M", MsgId="1").files == (
        FileIn("image.jpg", "image/jpeg", "media:M"),
    )
    assert said(channel, MsgType="voice", MediaId="M", Recognition="到货了", MsgId="1").text == "到货了"
    assert said(channel, MsgType="voice", MediaId="M", MsgId="1").files[0].type == "audio/amr"
    assert said(channel, MsgType="file", MediaId="M", FileName="单.xlsx", MsgId="1").files[0].name == "单.xlsx"


@pytest.mark.parametrize("fields", [
    {"MsgType": "event", "Event": "subscribe"}, {"MsgType": "event", "Event": "LOCATION"}, {"MsgType": "hologram"},
    {"MsgType": "event", "Event": "template_card_event", "EventKey": "-", "TaskId": "g1"}, {}, {"MsgType": ["a", "b"]},
    {"MsgType": "event", "Event": "view", "EventKey": "https://x"}, {"MsgType": "event", "Event": "change_contact"},
])  # fmt: skip
def test_kinds_that_mean_nothing_to_us_are_passed_over(channel, fields):
    assert said(channel, **fields) is None


@pytest.mark.parametrize(
    "payload", [None, 5, {}, {"via": "fax", "fields": {}}, {"via": "app"}, {"via": "app", "fields": {}}]
)
def test_what_is_no_update_is_broken(channel, payload):
    with pytest.raises(ValueError):  # noqa: PT011
        channel.translate(payload)


async def test_two_events_in_one_second_are_two_and_a_retry_is_none(line):
    received = Received()
    event = BASE_FIELDS | {"MsgType": "event", "Event": "click", "EventKey": "我的任务"}
    for fields in (
        event,
        event,
        event | {"EventKey": "帮助"},
        click("g1", code="A"),
        click("g1", code="A"),
        click("g1", code="B"),
    ):
        await line.take(fields, received)
    assert len(received.updates) == 4


async def test_an_app_about_to_be_switched_off_is_an_alarm(line, caplog):
    await line.take(BASE_FIELDS | {"MsgType": "event", "Event": "inactive_alert"}, Received())
    assert any(record.levelname == "ERROR" for record in caplog.records)


async def test_what_somebody_sent_is_fetched(channel, corp, api):
    media_id = await api.upload("file", "a.pdf", b"%PDF-1.7")
    assert await channel.fetch(FileIn("a.pdf", ref=f"media:{media_id}")) == b"%PDF-1.7"
    with pytest.raises(Unavailable):
        await channel.fetch(FileIn("a.pdf", ref="media:gone"))


async def test_who_has_no_line_is_unreachable(channel):
    for message_ in (message(group="wrGROUP"), message(conversation="kf:wk:wm", account="wm")):
        with pytest.raises(Unreachable):
            await channel.send(message_)


@pytest.mark.parametrize("account", ["@all", "zhouwei|linlan", ""])
async def test_an_account_that_means_several_is_never_written_to(channel, corp, account):
    with pytest.raises(Unreachable):
        await channel.send(message(account=account))
    assert corp.sent == []


async def test_the_same_answer_many_times_is_as_many_messages(line, corp, clock):
    for number in range(60):
        clock.now += 60
        await line.send(message("好的。", key=str(number)))
    assert len({sent["text"]["content"] for sent in corp.sent}) == 60
