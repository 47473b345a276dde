"""The smart robot against the far end of its connection."""

import asyncio
import base64
import json

import httpx
import pytest

from adapters.wecom import robot_in
from adapters.wecom.channel import WeComChannel
from adapters.wecom.crypto import seal_aes
from adapters.wecom.markdown import as_markdown
from adapters.wecom.robot import RobotLine
from adapters.wecom.socket import BotKeys, Pace
from conversations.channels import EditGone, Rejected, RetryAfter, Unavailable, Unknown, Unreachable
from conversations.messages import Button, FileIn, FileOut, Outgoing
from tests.fakes.wecom_robot import RobotServer, event, said

QUICK = Pace(heartbeat=0.05, answer=0.3)
BUTTONS = (Button("确认", "step.acknowledge:42"), Button("有问题", "step.trouble:42"))


async def until(condition):
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


class Pauses:
    """Notes how long somebody wanted to wait, and waits a moment."""

    def __init__(self):
        self.asked = []

    async def __call__(self, seconds):
        self.asked.append(seconds)
        await asyncio.sleep(0.01)


class Received:
    def __init__(self):
        self.updates, self.failures, self.came = [], 0, asyncio.Event()

    async def __call__(self, update):
        if self.failures:
            self.failures -= 1
            raise OSError("the book is away")
        self.updates.append(update)
        self.came.set()
        return True

    async def one(self):
        async with asyncio.timeout(5):
            await self.came.wait()
        self.came.clear()
        return self.updates[-1]


@pytest.fixture
async def server():
    async with RobotServer() as running:
        yield running


@pytest.fixture
def received():
    return Received()


@pytest.fixture
def pauses():
    return Pauses()


@pytest.fixture
async def line(server, received, clock, pauses):
    async with httpx.AsyncClient() as http:
        line = RobotLine(server.address, BotKeys("aibTEST", "bot-secret"), received, http, clock, QUICK, pauses)
        running = asyncio.create_task(line.run())
        async with asyncio.timeout(5):
            await line.socket.connected.wait()
        yield line
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
def channel(line):
    return WeComChannel({"robot": line})


def message(text="请确认裁床排期\n500 件", key="7", account="linlan", **more):
    return Outgoing(key=key, account=account, text=text, **more)


async def test_what_is_said_is_kept_and_answered_in_the_same_chat(server, channel, received):
    await server.say("SO-1 到哪了")
    heard = channel.translate((await received.one()).payload)
    assert (heard.text, heard.account, heard.group) == ("SO-1 到哪了", "linlan", None)
    await channel.send(message("已到车缝", account=heard.account, conversation=heard.conversation))
    assert server.sent == [
        {"chatid": "linlan", "chat_type": 1, "msgtype": "markdown", "markdown": {"content": "已到车缝"}}
    ]


async def test_a_group_is_answered_in_the_group_and_the_robots_name_is_taken_off(server, channel, received):
    await server.say("@跟单助手 SO-1 到哪了", chattype="group", chatid="wrGROUP")
    heard = channel.translate((await received.one()).payload)
    assert (heard.text, heard.group) == ("SO-1 到哪了", "wrGROUP")
    await channel.send(message(group="wrGROUP"))
    await channel.send(message(key="8", conversation=heard.conversation))
    assert [sent["chat_type"] for sent in server.sent] == [2, 2]


async def test_it_comes_back_after_every_kind_of_end(server, line, channel, pauses):
    async def cut():
        server.live._req.transport.abort()

    async def clean():
        await server.live.close(code=1000)

    async def going_away():
        await server.live.close(code=1001)

    async def deaf():
        server.mute = True
        await server.until(lambda: server.live is None)
        server.mute = False

    for number, end in enumerate((cut, clean, going_away, deaf), 2):
        await end()
        await server.until(lambda number=number: server.signed_in >= number)
        async with asyncio.timeout(5):
            await line.socket.connected.wait()
    await channel.send(message())
    assert len(server.sent) == 1
    assert max(pauses.asked) <= 30


async def test_a_lost_subscription_is_made_anew(server, line):
    server.live = None  # it forgets us but keeps the connection: heartbeats are refused with 846609
    await server.until(lambda: server.signed_in == 2)


@pytest.mark.parametrize("frame", [
    "no json", "[]", "5", '{"cmd": "aibot_msg_callback"}', '{"cmd": "aibot_msg_callback", "body": {}, "headers": []}',
    '{"headers": 5}', '{"cmd": "aibot_event_callback", "body": {"msgtype": "event", "event": 5}}', '{"cmd": []}',
])  # fmt: skip
async def test_odd_frames_do_not_end_the_line(server, line, received, frame):
    await server.live.send_str(frame)
    await until(lambda: server.live is not None and line.socket.connected.is_set())
    await server.say("还在吗")
    assert (await received.one()).message_id == "r:M1"


async def test_whoever_is_displaced_waits_a_minute(server, line, received, clock, pauses):
    async with httpx.AsyncClient() as http:
        other = RobotLine(server.address, BotKeys("aibTEST", "bot-secret"), received, http, clock, QUICK)
        running = asyncio.create_task(other.run())
        await server.until(lambda: server.signed_in == 2)
        await until(lambda: 60.0 in pauses.asked)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_wrong_secret_is_tried_seldom(server, received, clock, pauses):
    async with httpx.AsyncClient() as http:
        line = RobotLine(server.address, BotKeys("aibTEST", "wrong"), received, http, clock, QUICK, pauses)
        running = asyncio.create_task(line.run())
        await until(lambda: pauses.asked)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert pauses.asked[0] == 300.0


async def test_what_could_not_be_kept_is_tried_until_it_is(server, line, received):
    received.failures = 3
    await server.say("第一")
    await server.say("第二", msgid="M2")
    await until(lambda: len(received.updates) == 2)
    assert [update.message_id for update in received.updates] == ["r:M1", "r:M2"]


async def test_a_click_finds_its_card_and_renews_it_within_five_seconds(server, channel, received, clock):
    task = await channel.send(message(buttons=BUTTONS))
    assert server.sent[0]["template_card"]["task_id"] == task
    for number, place in enumerate(("inside", "outside")):
        inner = {"event_key": "step.acknowledge:42", "task_id": task, "card_type": "button_interaction"}
        more = {"template_card_event": inner} if place == "inside" else inner
        await server.tell("aibot_event_callback", event("template_card_event", f"E{number}", **more))
        pressed = channel.translate((await received.one()).payload)
        assert (pressed.press, pressed.press_on) == ("step.acknowledge:42", task)
    await channel.send(message("已确认", key="8", edits=task))
    assert server.updates[0]["template_card"]["button_list"][0]["key"] == robot_in.DEAD_KEY
    await server.tell("aibot_event_callback", event("template_card_event", "E9", event_key="a", task_id=task))
    await received.one()
    clock.now += 5
    with pytest.raises(EditGone):
        await channel.send(message("已确认", key="9", edits=task))


async def test_whoever_opens_the_chat_is_welcomed(server, line):
    await server.tell("aibot_event_callback", event("enter_chat"))
    await server.until(lambda: server.welcomes)


async def test_files_go_up_in_pieces_and_keep_their_names(server, channel):
    content = bytes(range(256)) * 5000
    await channel.send(message("附件", files=(FileOut("报表.xlsx", "application/vnd.ms-excel", content),)))
    assert [sent["msgtype"] for sent in server.sent] == ["markdown", "file"]
    assert server.media[server.sent[1]["file"]["media_id"]] == ("报表.xlsx", content)


async def test_what_went_out_before_a_failure_does_not_go_out_again(server, channel):
    server.refusals["aibot_upload_media_init"] = [45009]
    with_file = message("附件", files=(FileOut("报表.xlsx", "application/vnd.ms-excel", b"PK-content"),))
    with pytest.raises(RetryAfter):
        await channel.send(with_file)
    await channel.send(with_file)
    assert [sent["msgtype"] for sent in server.sent] == ["markdown", "file"]


async def test_a_file_somebody_sent_is_fetched_and_opened(server, channel, received):
    key = bytes(range(32))
    server.media["sealed"] = seal_aes(key, b"PK-content")
    address = server.address.replace("ws:", "http:") + "file"
    about = {"url": address, "aeskey": base64.b64encode(key).decode().rstrip("=")}
    await server.tell("aibot_msg_callback", said("file", about | {"filename": "单.xlsx"}))
    (file,) = channel.translate((await received.one()).payload).files
    assert (file.name, await channel.fetch(file)) == ("单.xlsx", b"PK-content")
    wrong = json.dumps(about | {"aeskey": base64.b64encode(bytes(32)).decode()})
    with pytest.raises(Unavailable):
        await channel.fetch(FileIn("x", ref=f"robot:{wrong}"))


async def test_who_never_wrote_to_the_robot_is_unreachable(channel):
    with pytest.raises(Unreachable):
        await channel.send(message(account="stranger"))


async def test_without_an_acknowledgement_nobody_knows(server, channel):
    server.mute = True
    with pytest.raises(Unknown):
        await channel.send(message())


async def test_without_a_connection_nothing_went_out(server, received, clock):
    async with httpx.AsyncClient() as http:
        line = RobotLine("ws://127.0.0.1:9", BotKeys("aibTEST", "bot-secret"), received, http, clock, QUICK)
        with pytest.raises(RetryAfter):  # another replica may have the connection: its turn comes soon
            await line.send(message())
        running = asyncio.create_task(line.run())
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await line.send(message())
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        with pytest.raises(RetryAfter):
            await line.send(message(key="8", edits="r7-1"))
    assert server.sent == []


@pytest.mark.parametrize("bad", [{"text": "长" * 7000}, {"text": ""}, {"files": (FileOut("a", "text/csv", b""),)}])
async def test_what_would_be_refused_is_never_posted(server, channel, bad):
    with pytest.raises(Rejected):
        await channel.send(message(**bad))
    assert server.sent == []


def translate(body):
    return robot_in.translate(robot_in.raw_update(body, "aibTEST").payload["fields"])


def test_voice_comes_as_text_and_mixed_messages_come_whole():
    assert translate(said("voice", {"content": "到货了"})).text == "到货了"
    items = [{"msgtype": "text", "text": {"content": "这批"}}, {"msgtype": "image", "image": {"url": "https://x"}}]
    heard = translate(said("mixed", {"msg_item": items}))
    assert (heard.text, heard.files[0].type) == ("这批", "image/jpeg")


@pytest.mark.parametrize("body", [
    said("stream", {"id": "1"}), said("hologram", {}), event("feedback_event"), said("mixed", {"msg_item": 5}),
    said("file", {}), event("template_card_event", event_key="-", task_id="r1"),
])  # fmt: skip
def test_kinds_that_mean_nothing_to_us_are_passed_over(body):
    assert translate(body) is None


@pytest.mark.parametrize("body", [{}, {"msgid": "1"}, {"msgid": "1", "from": "x", "msgtype": "text"}])
def test_an_update_of_nobody_is_broken(body):
    with pytest.raises(ValueError, match="robot"):
        translate(body)


@pytest.mark.parametrize(("text", "shown"), [
    ("10*20*30", "10＊20＊30"), ("<@all> 你好", "＜@all> 你好"), ("[a](https://x)", "[a］(https://x)"),
    ("# 1 号", "＃ 1 号"), ("#1 号", "#1 号"), ("> 引", "＞ 引"), ("A_B_C", "A_B_C"), ("_x_", "＿x＿"), ("5 < 6 > 4", "5 < 6 > 4"),
])  # fmt: skip
def test_text_shows_as_it_was_written(text, shown):
    assert as_markdown(text) == shown
