"""Requests that no platform has sent, 2,000 of each kind: refused with a 4xx, nothing kept, nothing thrown, nothing logged."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Route

from adapters.slack.intake import Address, Intake
from adapters.slack.signing import Signature
from adapters.telegram.receiving import Receiving
from tests.fakes.slack import SECRET
from tests.fakes.slack_people import encoded, presses, says, signature
from tests.support.far import Clock
from tests.support.far.slack import Nobody

OF_EACH = 2000
TOKEN = "s3cret_-"


class Kept:
    def __init__(self):
        self.updates = {}

    async def __call__(self, update):
        new = update.message_id not in self.updates
        self.updates.setdefault(update.message_id, update)
        return new


class Door:
    """An ASGI address that is knocked on without a client between: what is thrown is seen."""

    def __init__(self, app):
        self.app = app

    async def knock(self, headers, body):
        scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": list(headers.items()),
                 "http_version": "1.1", "scheme": "https", "server": ("gendan.test", 443), "client": None, "root_path": ""}  # fmt: skip
        parts = [{"type": "http.request", "body": body, "more_body": False}]
        sent = []

        async def receive():
            return parts.pop(0) if parts else {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)

        await self.app(scope, receive, send)
        assert b"".join(one.get("body", b"") for one in sent) == b"" or sent[0]["status"] == 200
        return sent[0]["status"]


@pytest.fixture
def chance():
    return random.Random(20261124)


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def slack(kept, clock):
    return Door(Address(Signature(SECRET), Intake(kept, None, Nobody(), clock), clock))


def genuine(clock, update=None, at=None):
    """A request as Slack makes it: headers and body."""
    body, kind = encoded(update or says("一"))
    return headers(body, kind, str(int(clock() if at is None else at))), body


def headers(body, kind, stamp, secret=SECRET):
    return {b"content-type": kind.encode(), b"x-slack-request-timestamp": stamp.encode(),
            b"x-slack-signature": signature(body, stamp, secret).encode()}  # fmt: skip


def noise(chance, longest=200):
    return chance.randbytes(chance.randrange(longest))


def forged(chance, clock):
    """Somebody else's secret, or a genuine request with one byte changed anywhere."""
    given, body = genuine(clock, says(str(chance.random())))
    kind = chance.randrange(3)
    if kind == 0:
        return headers(body, "application/json", str(int(clock())), secret=f"other{chance.random()}"), body
    if kind == 1:
        place = chance.randrange(len(body))
        return given, body[:place] + bytes([body[place] ^ (1 << chance.randrange(8))]) + body[place + 1 :]
    sign = bytearray(given[b"x-slack-signature"])
    place = chance.randrange(3, len(sign))
    sign[place] = ord("0") if sign[place] != ord("0") else ord("1")
    return given | {b"x-slack-signature": bytes(sign)}, body


def stale(chance, clock):
    off = chance.choice([301, 302, 600, 86_400, chance.randrange(301, 10**9)]) * chance.choice([1, -1])
    return genuine(clock, says(str(chance.random())), max(0, clock() - off))


def truncated(chance, clock):
    given, body = genuine(clock, chance.choice([says("一"), presses({"ts": "1.1", "channel": "D0ANNA"}, "x")]))
    short = body[: chance.randrange(len(body))]
    if chance.random() < 0.5:  # cut on the way
        return given, short
    short = short[: chance.randrange(len(short))] if short.startswith(b"payload") and short else short
    kind = given[b"content-type"].decode()  # cut before it was signed
    return headers(short, kind, str(int(clock()))), short


def random_bytes(chance, clock):
    given = {chance.choice([b"x-slack-signature", b"x-slack-request-timestamp", b"content-type", noise(chance, 20).lower()]):
             noise(chance) for _ in range(chance.randrange(6))}  # fmt: skip
    if chance.random() < 0.5:
        given[b"x-slack-request-timestamp"] = str(int(clock())).encode()
    body = noise(chance, 2000)
    if chance.random() < 0.3:
        given = headers(
            body, chance.choice(["application/json", "application/x-www-form-urlencoded", ""]), str(int(clock()))
        )
    return given, body


@pytest.mark.parametrize("kind", [forged, stale, truncated, random_bytes], ids=lambda kind: kind.__name__)
async def test_slack_s_address_takes_nothing_that_is_not_slack_s(slack, kept, clock, chance, caplog, kind):
    for _ in range(OF_EACH):
        status = await slack.knock(*kind(chance, clock))
        assert 400 <= status < 500
    assert kept.updates == {}
    assert caplog.records == []


async def test_a_request_of_slack_s_is_taken_once_and_never_from_somebody_who_overheard_it(slack, kept, clock, chance):
    overheard = [genuine(clock, says(str(number))) for number in range(OF_EACH)]
    for one in overheard:
        assert await slack.knock(*one) == 200
    clock.now += 200
    for one in chance.sample(overheard, OF_EACH):
        assert 400 <= await slack.knock(*one) < 500
    assert len(kept.updates) == OF_EACH


async def test_slack_itself_may_repeat_what_it_is_not_sure_of(slack, kept, clock):
    given, body = genuine(clock)
    for repeat in (b"", b"1", b"2", b"3"):
        assert await slack.knock(given | ({b"x-slack-retry-num": repeat} if repeat else {}), body) == 200
    assert len(kept.updates) == 1


@pytest.mark.parametrize("age", [299, -299, 300, -300])
async def test_five_minutes_are_fresh_either_way(slack, kept, clock, age):
    assert await slack.knock(*genuine(clock, at=clock() - age)) == 200


@pytest.fixture
def telegram(kept):
    class Bot:
        token = "77:AA"

    route: Route = Receiving(Bot(), None, kept).route(TOKEN)
    return Door(route.handle)


def to_telegram(chance, clock):
    update = {"update_id": chance.randrange(10**9), "message": {"message_id": 1, "date": int(clock()), "text": "一",
              "chat": {"id": 1, "type": "private"}, "from": {"id": 1, "is_bot": False, "first_name": "x"}}}  # fmt: skip
    return {b"x-telegram-bot-api-secret-token": TOKEN.encode(), b"content-type": b"application/json"}, json.dumps(
        update
    ).encode()


def forged_to_telegram(chance, clock):
    given, body = to_telegram(chance, clock)
    place = chance.randrange(len(TOKEN))
    wrong = chance.choice([noise(chance, 300), TOKEN.encode()[:place], TOKEN.encode() + b"x",
                           TOKEN.encode()[:place] + b"!" + TOKEN.encode()[place + 1 :]])  # fmt: skip
    return given | {b"x-telegram-bot-api-secret-token": wrong}, body


def truncated_to_telegram(chance, clock):
    given, body = to_telegram(chance, clock)
    return given, body[: chance.randrange(len(body))]


def random_to_telegram(chance, clock):
    given, _ = to_telegram(chance, clock)
    return (given if chance.random() < 0.5 else {noise(chance, 20).lower(): noise(chance)}), noise(chance, 2000)


@pytest.mark.parametrize(
    "kind", [forged_to_telegram, truncated_to_telegram, random_to_telegram], ids=lambda kind: kind.__name__
)
async def test_telegram_s_address_takes_nothing_that_is_not_telegram_s(telegram, kept, clock, chance, caplog, kind):
    for _ in range(OF_EACH):
        assert 400 <= await telegram.knock(*kind(chance, clock)) < 500
    assert kept.updates == {}
    assert caplog.records == []


async def test_what_telegram_brings_again_changes_nothing(telegram, kept, clock, chance):
    updates = [to_telegram(chance, clock) for _ in range(OF_EACH)]
    for one in [*updates, *updates[::-1]]:
        assert await telegram.knock(*one) == 200
    assert len(kept.updates) == len({body for _, body in updates})


@given(
    st.dictionaries(
        st.sampled_from([b"x-slack-signature", b"x-slack-request-timestamp", b"content-type"]), st.binary()
    ),
    st.binary(),
)
async def test_whatever_knocks_at_slack_s_address_is_answered(given_headers, body):
    kept, clock = Kept(), Clock()
    door = Door(Address(Signature(SECRET), Intake(kept, None, Nobody(), clock), clock))
    assert 400 <= await door.knock(given_headers, body) < 500
    assert kept.updates == {}
