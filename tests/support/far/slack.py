"""Slack's far side: signed requests inwards, the Web API outwards."""

from starlette.applications import Starlette

from adapters.slack.assembly import Config, Surroundings, assemble
from tests.fakes.slack import ANNA, BOT_TOKEN, BOT_USER, CHANNEL, SECRET, Slack
from tests.fakes.slack_people import Caller, event, presses, says
from tests.support.far.base import Far, Seen

FAULTS = {"limited": "ratelimited", "blocked": "is_archived", "refused": "invalid_arguments", "unclear": "internal_error",
          "down": "token_revoked"}  # fmt: skip


def whose(channel):
    """A direct channel is known by whom it is with."""
    return "U" + channel[1:] if channel.startswith("D") else channel


class Nobody:
    """Everybody reads Chinese, and nobody has a Home."""

    async def language(self, account):
        return "zh"

    async def home(self, account):
        return None


class SlackFar(Far):
    name = platform = "slack"
    can = frozenset({"buttons", "edits", "files_out", "files_in", "groups", "quotes", "pacing", "fails", "redelivers"})
    account, gone, group = ANNA, "U0GONE", CHANNEL

    async def open(self):
        self.api = await Slack(self.clock).__aenter__()
        config = Config(bot_token=BOT_TOKEN, signing_secret=SECRET, api=self.api.base)
        self.adapter = assemble(config, Surroundings(self.receive, Nobody(), self.clock, self.clock.sleep))
        self.channel = self.adapter.channel
        self.caller = Caller(Starlette(routes=list(self.adapter.routes)), self.clock)

    async def close(self):
        await self.caller.client.aclose()
        await self.adapter.close()
        await self.api.__aexit__()

    def admit(self, key):
        account = "U0" + key.upper()
        self.api.users[account] = {}
        return account

    async def deliver(self, update):
        async def again(repeat=1):
            assert (await self.caller.deliver(update, repeat=repeat)).status_code == 200

        await again(0)
        return again

    async def says(self, text, *, account=None, group=None, named=True, file=None, answers=None):
        account, more = account or self.account, {}
        channel = group or (await self.api.conversations_open(account))["channel"]["id"]
        if file:
            name = f"F{len(self.api.files) + 1}"
            self.api.files[name] = file[1]
            more = {"subtype": "file_share", "files": [{"id": name, "name": file[0], "size": len(file[1])}]}
        if answers:
            more |= {"thread_ts": answers.partition(":")[2], "parent_user_id": BOT_USER}
        return await self.deliver(says(text, account, channel, mention=bool(group) and named, **more))

    async def presses(self, seen, action, account=None):
        return await self.deliver(presses(seen.raw, action, account or self.account))

    async def unknown(self):
        await self.deliver(event("brand_new", user=self.account))
        await self.deliver({"type": "brand_new"})

    def fail(self, kind):
        self.api.faults["chat.postMessage"].append(FAULTS[kind])

    def seen(self, message):
        blocks = message["blocks"] or []
        words = [
            one["text"] for block in blocks if block["type"] == "rich_text" for one in block["elements"][0]["elements"]
        ]
        buttons = tuple((one["text"]["text"], one["value"]) for block in blocks if block["type"] == "actions"
                        for one in block["elements"])  # fmt: skip
        return Seen(
            whose(message["channel"]), "".join(words) or message["text"], buttons, (), message["thread"], message
        )

    @property
    def sent(self):
        files = [
            Seen(one["channel"], "", (), ((one["name"], one["content"]),), one["thread"], one)
            for one in self.api.shared
        ]
        return [self.seen(one) for one in self.api.sent] + files

    @property
    def edited(self):
        return [self.seen(one) for one in self.api.updates]

    @property
    def floods(self):
        return self.api.floods
