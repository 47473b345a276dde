"""WeCom's far sides: the self-built app, the smart robot, customer service."""

import asyncio
import re
from typing import ClassVar

import httpx
from starlette.applications import Starlette

from adapters.wecom.assembly import Config, Surroundings, assemble
from adapters.wecom.channel import WeComChannel
from adapters.wecom.memory import LocalMemory
from adapters.wecom.robot import RobotLine
from adapters.wecom.socket import BotKeys, Pace
from tests.fakes import wecom_robot
from tests.fakes.wecom import BASE, Wecom
from tests.fakes.wecom_caller import AES_KEY, CORP, TOKEN, Caller
from tests.fakes.wecom_kf import KFID, WecomKf
from tests.support.far.base import Far, Seen

SEND, KF_SEND = "/cgi-bin/message/send", "/cgi-bin/kf/send_msg"
FAULTS = {"limited": {"errcode": 45009}, "refused": {"errcode": 40008}, "down": {"errcode": 60020, "errmsg": "x"}}
WIDE = str.maketrans(
    {
        "＜": "<",
        "＞": ">",
        "＊": "*",
        "＿": "_",
        "｀": "`",
        "～": "~",
        "［": "[",
        "］": "]",
        "\u200b": None,
        "\u200c": None,
        "\u200d": None,
    }
)


def shown(text):
    """What a person sees: what looks like markup is gone; wide signs that stand for others are those others."""
    return re.sub(r"<(?=/?[A-Za-z@!])[^>]*>", "", text).translate(WIDE)


def buttons_of(card):
    return tuple((one["text"], one["key"]) for one in card.get("button_list", ()) if one["key"] != "-")


def text_of(card):
    return "\n".join(part for part in (card["main_title"]["title"], card.get("sub_title_text")) if part)


class AppFar(Far):
    name, platform = "wecom-app", "wecom"
    can = frozenset({"buttons", "edits", "files_out", "files_in", "pacing", "fails", "redelivers", "places"})
    account, gone = "zhouwei", "nobody"
    corporation = Wecom
    config: ClassVar = {"agent_id": "1000007", "secret": "app-secret", "token": TOKEN, "aes_key": AES_KEY}
    listening = True

    async def open(self):
        self.corp = self.corporation(self.clock)
        self.http = self.corp.client()
        self.memory = LocalMemory(":memory:")
        around = Surroundings(self.http, self.taken, self.memory, self.clock)
        self.adapter = assemble(Config(api=BASE, corp_id=CORP, **self.config), around)
        self.channel = self.adapter.channel
        self.caller = Caller(Starlette(routes=list(self.adapter.routes)), "/hooks/wecom/app", self.clock)
        self.number = 0

    async def close(self):
        await self.http.aclose()
        self.memory.close()

    async def taken(self, update):
        return await self.receive(update) if self.listening else True

    def admit(self, key):
        self.corp.members.add(key)
        return key

    async def deliver(self, account, **fields):
        self.number += 1
        common = {"ToUserName": CORP, "FromUserName": account or self.account, "CreateTime": str(int(self.clock())),
                  "AgentID": "1000007"}  # fmt: skip
        whole = common | fields

        async def again():
            assert (await self.caller.deliver(whole)).status_code == 200

        await again()
        return again

    async def says(self, text, *, account=None, group=None, named=True, file=None, answers=None):
        number = str(10_000 + self.number)
        if file:
            self.corp.media[f"in{number}"] = ("file", self.clock(), *file)
            return await self.deliver(account, MsgType="file", MsgId=number, MediaId=f"in{number}", FileName=file[0])
        return await self.deliver(account, MsgType="text", Content=text, MsgId=number)

    async def presses(self, seen, action, account=None):
        task = seen.raw["template_card"]["task_id"]
        code = self.corp.click(task, account or self.account)
        return await self.deliver(account, MsgType="event", Event="template_card_event", EventKey=action, TaskId=task,
                                  ResponseCode=code)  # fmt: skip

    async def unknown(self):
        await self.deliver(None, MsgType="event", Event="brand_new")
        await self.deliver(None, MsgType="hologram", MsgId="77")

    async def wordless(self):
        await self.deliver(
            None, MsgType="location", Location_X="31.3", Location_Y="120.6", Label="苏州园区", MsgId="78"
        )

    def fail(self, kind):
        other = {"blocked": {"errcode": 81013}, "unclear": httpx.ReadTimeout("slow")}
        self.corp.faults[SEND].append((FAULTS | other)[kind])

    def seen(self, body):
        kind = body["msgtype"]
        part = body[kind]
        if kind == "template_card":
            return Seen(body["touser"], shown(text_of(part)), buttons_of(part), raw=body)
        if kind == "text":
            return Seen(body["touser"], shown(part["content"]), raw=body)
        return Seen(body["touser"], files=(self.corp.media[part["media_id"]][2:],), raw=body)

    @property
    def sent(self):
        return [self.seen(one) for one in self.corp.sent]

    @property
    def edited(self):
        return [Seen(one["userids"][0], shown(text_of(one["template_card"])), buttons_of(one["template_card"]), raw=one)
                for one in self.corp.updates]  # fmt: skip


class KfFar(AppFar):
    """Customers, who come through customer service."""

    name = "wecom-kf"
    can = frozenset({"buttons", "files_out", "files_in", "fails", "redelivers", "places"})
    account, gone = "wmTESTCUST01xxxxxxxxxxxxxxxxxxxx", "wmTESTCUST99xxxxxxxxxxxxxxxxxxxx"
    corporation = WecomKf
    config: ClassVar = {"agent_id": "1000007", "secret": "app-secret", "kf_id": KFID}
    listening = False

    async def open(self):
        await super().open()
        self.line = self.adapter.lines["kf"]
        self.corp.says("在吗", self.account)  # only who has written may be written to
        await self.line.pull(KFID, "T")
        self.listening = True

    def admit(self, key):
        return f"wm{key.upper():x<30}"

    async def pulled(self):
        async def again():  # nothing is delivered: what was pulled before is pulled again
            self.corp.log.append(dict(self.corp.log[-1]))
            await self.line.pull(KFID, "T")

        await self.line.pull(KFID, "T")
        return again

    async def says(self, text, *, account=None, group=None, named=True, file=None, answers=None):
        customer = account or self.account
        self.corp.says(text, customer)
        if file:
            name = f"in{len(self.corp.log)}"
            self.corp.media[name] = ("file", self.clock(), *file)
            self.corp.log[-1] |= {"msgtype": "file", "file": {"media_id": name}}
        return await self.pulled()

    async def presses(self, seen, action, account=None):
        self.corp.says("…", account or self.account, menu_id=action)
        return await self.pulled()

    async def unknown(self):
        self.corp.happens("brand_new", self.account)
        self.corp.adds({"open_kfid": KFID, "external_userid": self.account, "origin": 3, "msgtype": "hologram"})
        await self.pulled()

    async def wordless(self):
        self.corp.adds({"open_kfid": KFID, "external_userid": self.account, "origin": 3, "msgtype": "location",
                        "location": {"name": "苏州园区"}})  # fmt: skip
        await self.pulled()

    def fail(self, kind):
        other = {"blocked": {"errcode": 95018}, "unclear": httpx.ReadTimeout("slow")}
        self.corp.faults[KF_SEND].append((FAULTS | other)[kind])

    def seen(self, body):
        kind = body["msgtype"]
        part = body[kind]
        if kind == "msgmenu":
            picks = tuple((one["click"]["content"], one["click"]["id"]) for one in part["list"])
            return Seen(body["touser"], shown(part["head_content"]), picks, raw=body)
        if kind == "text":
            return Seen(body["touser"], shown(part["content"]), raw=body)
        return Seen(body["touser"], files=(self.corp.media[part["media_id"]][2:],), raw=body)

    @property
    def sent(self):
        return [self.seen(one) for one in self.corp.told]

    @property
    def edited(self):
        return []


class WecomFar(KfFar):
    """A corporation whose members use the app, and its customers customer service."""

    name = "wecom"
    config: ClassVar = AppFar.config | KfFar.config

    async def open(self):
        self.order = []
        await super().open()

    def admit(self, key):
        contact = key in {"li", "hdwang"}
        return KfFar.admit(self, key) if contact else AppFar.admit(self, key)

    def _by(self, account):
        return KfFar if (account or "").startswith("wm") else AppFar

    async def says(self, text, *, account=None, **how):
        return await self._by(account).says(self, text, account=account, **how)

    async def presses(self, seen, action, account=None):
        return await self._by(account).presses(self, seen, action, account)

    @property
    def sent(self):
        """Of both lines; what has been looked at before keeps its place."""
        lists = ((AppFar, self.corp.sent), (KfFar, self.corp.told))
        for line, records in lists:
            known = sum(one is line for one, _ in self.order)
            self.order += [(line, record) for record in records[known:]]
        return [line.seen(self, record) for line, record in self.order]

    @property
    def edited(self):
        return AppFar.edited.fget(self)


class RobotFar(Far):
    name, platform = "wecom-robot", "wecom"
    can = frozenset({"buttons", "files_out", "files_in", "groups", "pacing", "fails", "redelivers"})
    account, gone, group = "linlan", "nobody", "wrGROUP"

    async def open(self):
        self.server = await wecom_robot.RobotServer().__aenter__()
        self.http = httpx.AsyncClient(trust_env=False)
        keys = BotKeys(self.server.bot_id, self.server.secret)
        pace = Pace(heartbeat=5, answer=5)
        self.line = RobotLine(self.server.address, keys, self.kept, self.http, self.clock, pace)
        self.channel = WeComChannel({"robot": self.line})
        self.running = asyncio.get_running_loop().create_task(self.line.run())
        await asyncio.wait_for(self.line.socket.connected.wait(), 5)
        self.number = self.count = 0

    async def close(self):
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)
        await self.http.aclose()
        await self.server.__aexit__()

    async def kept(self, update):
        new = await self.receive(update)
        self.count += 1
        return new

    def admit(self, key):
        wecom_robot.CHATS[key] = 1
        return key

    async def deliver(self, command, body):
        async def again():
            before = self.count
            await self.server.tell(command, body)
            async with asyncio.timeout(5):
                while self.count == before:  # noqa: ASYNC110 - it comes over a wire of its own
                    await asyncio.sleep(0.001)

        await again()
        return again

    async def says(self, text, *, account=None, group=None, named=True, file=None, answers=None):
        self.number += 1
        more = {"chattype": "group", "chatid": group} if group else {}
        kind, content = "text", {"content": f"@跟单 {text}" if group else text}
        if file:
            self.server.media["sealed"] = file[1]
            kind = "file"
            content = {"url": self.server.address.replace("ws://", "http://") + "file", "filename": file[0]}
        body = wecom_robot.said(kind, content, f"M{self.number}", account or self.account, **more)
        return await self.deliver("aibot_msg_callback", body)

    async def presses(self, seen, action, account=None):
        self.number += 1
        task = seen.raw["template_card"]["task_id"]
        body = wecom_robot.event("template_card_event", f"E{self.number}", account or self.account,
                                 template_card_event={"event_key": action, "task_id": task})  # fmt: skip
        return await self.deliver("aibot_event_callback", body)

    async def unknown(self):
        await self.deliver("aibot_event_callback", wecom_robot.event("brand_new", "E77", self.account))

    def fail(self, kind):
        codes = {"limited": 45009, "blocked": 93006, "refused": 40008, "down": 846609}
        if kind == "unclear":
            self.server.mute = True
        else:
            self.server.refusals["aibot_send_msg"] = [codes[kind]]

    def seen(self, body):
        kind = body["msgtype"]
        part = body[kind]
        if kind == "template_card":
            return Seen(body["chatid"], shown(text_of(part)), buttons_of(part), raw=body)
        if kind == "markdown":
            return Seen(body["chatid"], shown(part["content"]), raw=body)
        return Seen(body["chatid"], files=(self.server.media[part["media_id"]],), raw=body)

    @property
    def sent(self):
        return [self.seen(one) for one in self.server.sent]
