"""WeChat customer service of a strict corporation: a log pulled by cursor, one-time codes, the 48 hours and 5 messages."""

import asyncio
import re

from tests.fakes.wecom import Refused, Wecom

MSGID = re.compile(r"[0-9A-Za-z_-]{1,32}\Z")
KFID = "wkTESTKF0001"


class WecomKf(Wecom):
    """`log` is what can be pulled, `told` what customers were told; `page` is how many items one pull gives."""

    def __init__(self, clock):
        super().__init__(clock)
        self.log, self.told, self.msgids, self.page, self.empty_first = [], [], set(), 2, False
        self.codes_given, self.heard_at, self.answered, self.state, self.pulled_with = {}, {}, {}, {}, []
        self.methods |= {
            "/cgi-bin/kf/sync_msg": ("POST", self.sync_msg),
            "/cgi-bin/kf/send_msg": ("POST", self.send_msg),
            "/cgi-bin/kf/send_msg_on_event": ("POST", self.send_on_event),
            "/cgi-bin/kf/add_contact_way": ("POST", self.contact_way),
            "/cgi-bin/kf/service_state/trans": ("POST", self.transfer),
            "/cgi-bin/kf/account/list": ("POST", self.account_list),
        }

    # ---- what customers do

    def says(self, text, customer="wmTESTCUST01", **content):
        self.heard_at[customer], self.answered[customer] = self.clock(), 0
        self.adds({"open_kfid": KFID, "external_userid": customer, "origin": 3, "msgtype": "text",
                   "text": {"content": text} | content})  # fmt: skip

    def enters(self, customer="wmTESTCUST01", scene_param="", code="WC1"):
        self.codes_given[code] = (customer, self.clock() + 20)
        self.happens("enter_session", customer, scene="gendan", scene_param=scene_param, welcome_code=code)

    def happens(self, kind, customer="wmTESTCUST01", **more):
        event = {"event_type": kind, "open_kfid": KFID, "external_userid": customer} | more
        self.adds({"origin": 4, "msgtype": "event", "event": event})

    def adds(self, item):
        self.log.append({"msgid": f"item{len(self.log)}", "send_time": int(self.clock())} | item)

    # ---- what we ask

    async def sync_msg(self, request):
        body = self.body(await request.body())
        if set(body) - {"cursor", "token", "limit", "voice_format", "open_kfid"} or not 1 <= body["limit"] <= 1000:
            raise Refused(40035)
        if body["open_kfid"] != KFID:
            raise Refused(95000, "invalid open_kfid")
        await asyncio.sleep(0.005)  # others ask meanwhile
        self.pulled_with.append((body["cursor"], body.get("token", "")))
        begin = int(body["cursor"].removeprefix("cur") or 0)
        if self.empty_first and len(self.pulled_with) == 1:
            return {"next_cursor": "cur0", "has_more": 1, "msg_list": []}
        end = min(begin + self.page, len(self.log))
        return {"next_cursor": f"cur{end}", "has_more": int(end < len(self.log)), "msg_list": self.log[begin:end]}

    async def send_msg(self, request):
        body = self.body(await request.body())
        customer = body.get("touser")
        if body.get("open_kfid") != KFID:
            raise Refused(95000, "invalid open_kfid")
        self.content(body, {"touser", "open_kfid", "msgid", "msgtype"})
        if self.state.get(customer, 0) not in {0, 1}:
            raise Refused(95018, "send msg session status invalid")
        if customer not in self.heard_at or self.clock() - self.heard_at[customer] > 48 * 3600:
            raise Refused(95002, "out of 48 hours")
        if self.answered[customer] >= 5:
            raise Refused(95001, "more than 5 messages")
        self.answered[customer] += 1
        self.told.append(body)
        return {"msgid": body["msgid"]}

    async def send_on_event(self, request):
        body = self.body(await request.body())
        customer, until = self.codes_given.pop(body.get("code"), (None, 0))
        if customer is None or until <= self.clock():
            raise Refused(95016, "invalid code")
        if body["msgtype"] not in {"text", "msgmenu"}:
            raise Refused(40008)
        self.content(body, {"code", "msgid", "msgtype"})
        self.told.append(body | {"touser": customer})
        return {"msgid": body["msgid"]}

    def content(self, body, fields):
        kind = body.get("msgtype")
        checks = {"text": self.kf_text, "msgmenu": self.menu, "image": self.media_check, "file": self.media_check}
        if kind not in checks or set(body) != fields | {kind}:
            raise Refused(40008)
        if not MSGID.match(body["msgid"]):
            raise Refused(40035, "msgid")
        checks[kind](kind, body[kind])
        if body["msgid"] in self.msgids:
            raise Refused(95013, "duplicated msgid")
        self.msgids.add(body["msgid"])

    def media_check(self, kind, part):
        self.media_of(kind, part)

    @staticmethod
    def kf_text(_kind, part):
        if not part["content"].strip() or len(part["content"].encode()) > 2048:
            raise Refused(45002)

    @staticmethod
    def menu(_kind, part):
        if len(part.get("head_content", "").encode()) > 1024 or not 1 <= len(part["list"]) <= 10:
            raise Refused(40058)
        for one in part["list"]:
            if (
                one["type"] != "click"
                or len(one["click"]["id"].encode()) > 64
                or len(one["click"]["content"].encode()) > 128
            ):
                raise Refused(40058)

    async def account_list(self, _request):
        return {"account_list": [{"open_kfid": KFID, "name": "订单查询", "manage_privilege": True}]}

    async def contact_way(self, request):
        body = self.body(await request.body())
        if not re.fullmatch(r"[0-9A-Za-z_-]{0,32}", body.get("scene", "")):
            raise Refused(40058)
        return {"url": "https://work.weixin.qq.com/kf/kfcTEST?enc_scene=ENCxxx"}

    async def transfer(self, request):
        body = self.body(await request.body())
        self.state[body["external_userid"]] = 0 if body["service_state"] == 4 else body["service_state"]
        return {"msg_code": "MC"}
