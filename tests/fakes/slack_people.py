"""What people do in Slack, as Slack tells an app: events, presses, forms, commands; and requests with its signature."""

import hashlib
import hmac
import html
import itertools
import json
from urllib.parse import urlencode

import httpx

from tests.fakes.slack import ANNA, BOT_USER, CHANNEL, SECRET, TEAM

_numbers = itertools.count(1)


def event(kind, **fields):
    number = next(_numbers)
    return {"type": "event_callback", "token": "verification-token", "team_id": TEAM, "api_app_id": "A0", "event_id": f"Ev{number:08d}",
            "event_time": 1_790_000_000, "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
            "event": {"type": kind, **fields}}  # fmt: skip


def says(text, user=ANNA, channel=None, *, mention=False, **more):
    """A text: direct, or in a channel; `mention` as Slack tells a mention."""
    ts = f"1790000000.{next(_numbers):06d}"
    shown = html.escape(text, quote=False)
    about = {"user": user, "ts": ts, "team": TEAM, "channel": channel or f"D{user[1:]}"}
    if mention:
        return event("app_mention", text=f"<@{BOT_USER}> {shown}", **about | more)
    about["channel_type"] = "channel" if channel else "im"
    return event("message", text=shown, client_msg_id=f"c{ts}", **about | more)


def presses(message, value, user=ANNA, trigger="trigger.1", action_ts=None):
    """A press on a message of ours, as api.sent has it."""
    place = {"type": "message", "message_ts": message["ts"], "channel_id": message["channel"], "is_ephemeral": False}
    if message.get("thread"):
        place["thread_ts"] = message["thread"]
    action = {"type": "button", "action_id": "b0", "block_id": "x", "value": value,
              "action_ts": action_ts or f"1790000001.{next(_numbers):06d}"}  # fmt: skip
    return {"type": "block_actions", "user": {"id": user, "username": "anna", "team_id": TEAM}, "team": {"id": TEAM},
            "token": "verification-token", "trigger_id": trigger, "response_url": "https://hooks.slack.test/secret",
            "container": place, "channel": {"id": message["channel"]}, "message": {"ts": message["ts"], "text": "…"},
            "actions": [action]}  # fmt: skip


def presses_at_home(value, user=ANNA):
    made = presses({"ts": "", "channel": ""}, value, user)
    return made | {"container": {"type": "view", "view_id": "V1"}, "view": {"type": "home", "id": "V1"}}


def submits(view, user=ANNA, **values):
    """A form that was filled in; values that look like 2026-12-11 are picked dates."""
    state = {}
    for block in view["blocks"]:
        value = values.get(block["block_id"])
        date = block["element"]["type"] == "datepicker"
        state[block["block_id"]] = {
            "v": {"type": block["element"]["type"], ("selected_date" if date else "value"): value}
        }
    return {"type": "view_submission", "user": {"id": user, "name": "anna", "team_id": TEAM}, "team": {"id": TEAM},
            "token": "verification-token", "trigger_id": "trigger.9", "view": view | {"state": {"values": state}}}  # fmt: skip


def command(text, user=ANNA, channel=CHANNEL, trigger=None):
    return {"token": "verification-token", "team_id": TEAM, "channel_id": channel, "channel_name": "x", "user_id": user, "user_name": "anna",
            "command": "/gendan", "text": text, "api_app_id": "A0", "response_url": "https://hooks.slack.test/secret",
            "trigger_id": trigger or f"trigger.{next(_numbers)}"}  # fmt: skip


def encoded(update):
    """An update as the body of a request: its bytes and content type."""
    if "command" in update:
        return urlencode(update).encode(), "application/x-www-form-urlencoded"
    if update["type"] in {"block_actions", "view_submission"}:
        return urlencode({"payload": json.dumps(update)}).encode(), "application/x-www-form-urlencoded"
    return json.dumps(update).encode(), "application/json"


def envelope(update):
    """An update as Socket Mode names it."""
    if "command" in update:
        return "slash_commands"
    return "events_api" if update["type"] == "event_callback" else "interactive"


def signature(body, stamp, secret=SECRET):
    return "v0=" + hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()


class Caller:
    """Calls the address of an ASGI application as Slack does."""

    def __init__(self, app, clock):
        self.clock = clock
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://gendan.test")

    def headers(self, body, kind="application/json", at=None, secret=SECRET):
        stamp = str(int(self.clock() if at is None else at))
        return {
            "x-slack-request-timestamp": stamp,
            "x-slack-signature": signature(body, stamp, secret),
            "content-type": kind,
        }

    async def deliver(self, update, *, repeat=0, **how):
        """One request; as the platform repeats it if `repeat` says for which time."""
        body, kind = encoded(update)
        more = {"x-slack-retry-num": str(repeat), "x-slack-retry-reason": "http_timeout"} if repeat else {}
        return await self.post(body, self.headers(body, kind, **how) | more)

    async def post(self, body, headers):
        return await self.client.post("/hooks/slack", content=body, headers=headers)
