"""The web pages opened inside WeCom: whoever comes is who WeCom says, and nobody else."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.applications import Starlette

from adapters.wecom.assembly import Config, Surroundings, assemble
from adapters.wecom.memory import LocalMemory
from adapters.wecom.sign_in import PATH
from bot.entering import STRANGER, entrance
from store.operations.identities import token_person
from store.tables import Identity
from store.units import Units, open_engine
from tests.fakes.wecom import BASE
from tests.fakes.wecom_caller import CORP
from tests.support.companies import load

APP = {"api": BASE, "corp_id": CORP, "agent_id": "1000007", "secret": "app-secret", "public_url": "https://gendan.test"}


@pytest.fixture
def units(sqlite_url, clock):
    made = Units(open_engine(sqlite_url), clock=lambda: datetime.fromtimestamp(clock(), UTC))
    yield made
    made.close()


@pytest.fixture
def make(http, clock, units):
    memory = LocalMemory(":memory:")

    async def receive(_update):
        return True

    async def enter(account):
        return await entrance(units, "wecom", account)

    def _make(**changes):
        house = Surroundings(http, receive, memory, clock, enter)
        return assemble(Config(**APP | changes), house).routes

    yield _make
    memory.close()


@pytest.fixture
async def browser(make):
    transport = httpx.ASGITransport(Starlette(routes=list(make())))
    async with httpx.AsyncClient(transport=transport, base_url="https://gendan.test") as one:
        yield one


def link_zhou(book):
    book.session.add(Identity(channel="wecom", account="zhou", person="zhou", linked_at=book.now))
    book.forget_company()


async def sent_away(browser):
    """What the browser is told to give back."""
    answer = await browser.get(PATH)
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (answer.status_code, asked["redirect_uri"]) == (303, [f"https://gendan.test{PATH}"])
    assert asked["state"][0] in answer.headers["set-cookie"]
    return asked["state"][0]


async def test_a_member_comes_in_as_himself_at_an_address_without_his_code(browser, units, corp):
    load(units)
    units.write(link_zhou)
    corp.sign_ins["C1"] = "ZHOU"
    answer = await browser.get(PATH, params={"code": "C1", "state": await sent_away(browser)})
    assert (answer.status_code, answer.headers["referrer-policy"]) == (303, "no-referrer")
    path, token = answer.headers["location"].rsplit("/", 1)
    assert path == "/chat/enter"
    assert units.read(lambda book: token_person(book, token, "page")).key == "zhou"


async def test_a_member_whom_nobody_knows_is_told_how_to_become_known(browser, units, corp):
    load(units)
    corp.sign_ins["C1"] = "stranger"
    answer = await browser.get(PATH, params={"code": "C1", "state": await sent_away(browser)})
    assert answer.headers["location"] == STRANGER


async def test_nobody_is_signed_in_by_somebody_else_s_link(browser, units, corp):
    load(units)
    corp.sign_ins["C1"] = "zhou"
    for state in ("", "f" * 32, "状态"):
        assert (await browser.get(PATH, params={"code": "C1", "state": state})).status_code == 403
    state = await sent_away(browser)
    assert (await browser.get(PATH, params={"code": "C1", "state": state[:-1]})).status_code == 403
    assert corp.sign_ins["C1"] == "zhou"  # nobody has asked about the code


async def test_a_page_that_is_loaded_again_begins_anew(browser, units, corp):
    load(units)
    state = await sent_away(browser)
    assert (await browser.get(PATH, params={"code": "USED", "state": state})).status_code == 403
    answer = await browser.get(PATH, params={"code": "GOOD", "state": state})
    assert answer.headers["location"] == STRANGER  # zhouwei is a member, but not of this company's people
    again = await browser.get(PATH, params={"code": "GOOD", "state": state})
    assert (again.status_code, PATH in again.text) == (403, True)


async def test_while_the_platform_is_away_it_says_so(browser, corp):
    corp.faults["/cgi-bin/auth/getuserinfo"].append({"errcode": 60020, "errmsg": "ip"})
    answer = await browser.get(PATH, params={"code": "GOOD", "state": await sent_away(browser)})
    assert answer.status_code == 503


def test_without_a_public_address_there_is_no_such_page(make):
    assert [route.path for route in make(public_url="")] == []
    assert [route.path for route in make(public_url="http://10.0.0.1")] == []
    assert [route.path for route in make()] == [PATH]
