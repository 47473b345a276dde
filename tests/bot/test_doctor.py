"""What the doctor finds on each platform, and that he says it in words, in both languages."""

import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
import yaml
from httpx import ASGITransport
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from adapters.slack import doctor as slack_doctor
from adapters.slack.intake import Address, Intake
from adapters.slack.signing import Signature
from adapters.telegram import doctor as telegram_doctor
from adapters.wecom import assembly as wecom_assembly
from bot.doctor import examine
from bot.leases import hold
from bot.platforms.wecom import config_of
from bot.settings import Settings
from store.units import Units, open_engine
from tests.bot.test_cli import gendan
from tests.fakes import slack as slack_far
from tests.fakes import telegram as telegram_far
from tests.fakes.wecom import BASE as WECOM
from tests.fakes.wecom_caller import AES_KEY
from tests.fakes.wecom_caller import TOKEN as CALLBACK_TOKEN
from tests.fakes.wecom_kf import KFID, WecomKf
from tests.support.companies import load

SECRET = "s3cret"
TELEGRAM = {"telegram_token": telegram_far.TOKEN, "telegram_api": telegram_far.BASE}
APP = {"wecom_api": WECOM, "wecom_corp_id": "wwcorp", "wecom_agent_id": "1000007", "wecom_secret": "app-secret"}


class Visit:
    """The doctor at a company that is set up with some settings."""

    def __init__(self, url):
        self.settings = Settings(database_url=url)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(Starlette()))
        self.telegram = telegram_far.Telegram()
        self.off = 0.0
        self.language = "en"

    def clock(self):
        return datetime.now(UTC) + timedelta(seconds=self.off)

    async def finds(self, **settings):
        """(part, well) in order, and all words at the end."""
        given = replace(self.settings, **settings)
        found = [one async for one in examine(given, self.http, self.clock, self.language, self.telegram.transport())]
        return [(one.part, one.well) for one in found if one.part != "book"], "\n".join(one.says for one in found)


@pytest.fixture(scope="module")
def company_url(sqlite_template, tmp_path_factory):
    """A book with a company; a doctor changes nothing in it."""
    path = tmp_path_factory.mktemp("doctor") / "book.db"
    shutil.copyfile(sqlite_template, path)
    units = Units(open_engine(f"sqlite:///{path}"), clock=lambda: datetime.now(UTC))
    load(units)
    units.close()
    return f"sqlite:///{path}"


@pytest.fixture
async def visit(company_url):
    made = Visit(company_url)
    yield made
    await made.http.aclose()


async def test_without_a_platform_there_is_nothing_to_mend(visit):
    found, said = await visit.finds()
    assert found == [("platforms", True)]
    assert "holds a company" in said


async def test_a_book_without_a_company_or_that_cannot_be_opened_is_said(visit, tmp_path):
    _, said = await visit.finds(database_url=f"sqlite:///{tmp_path}/empty.db")
    assert "no company yet" in said
    _, said = await visit.finds(database_url=f"sqlite:///{tmp_path}/no/such/folder.db")
    assert "cannot be opened" in said


async def test_telegram_by_polling(visit):
    found, said = await visit.finds(**TELEGRAM)
    assert found == [("telegram", True), ("telegram", True)]
    assert "@gendan_bot" in said


@pytest.mark.parametrize(("webhook", "trouble", "word"), [
    (None, {}, "No webhook"), ("https://other.test/x", {}, "points to https://other.test/x"),
    ("https://g.test/hooks/telegram", {"last_error_date": int(time.time()) - 60, "last_error_message": "SSL error"}, "SSL error"),
    ("https://g.test/hooks/telegram", {"pending_update_count": 400}, "400 updates"),
])  # fmt: skip
async def test_a_webhook_that_does_not_work_is_explained(visit, webhook, trouble, word):
    visit.telegram.webhook = {"url": webhook} if webhook else None
    visit.telegram.trouble = trouble
    found, said = await visit.finds(**TELEGRAM, telegram_webhook_secret=SECRET, public_url="https://g.test")
    assert ("telegram", False) in found
    assert word in said


async def test_a_webhook_that_works_is_said_to_and_one_left_behind_is_named(visit):
    visit.telegram.webhook = {"url": "https://g.test/hooks/telegram"}
    found, _ = await visit.finds(**TELEGRAM, telegram_webhook_secret=SECRET, public_url="https://g.test")
    assert found[:2] == [("telegram", True)] * 2
    found, said = await visit.finds(**TELEGRAM)
    assert found[1] == ("telegram", False)
    assert "still points" in said


@pytest.mark.parametrize(("changes", "word"), [
    ({"telegram_token": "77:AAwrongwrongwrongwrongwrongwrong"}, "revoked"), ({"telegram_token": "hello"}, "cannot be started"),
    ({"telegram_webhook_secret": "ä"}, "cannot be started"),
])  # fmt: skip
async def test_a_wrong_setting_of_telegram_is_named_and_never_shown(visit, changes, word):
    found, said = await visit.finds(**TELEGRAM | changes)
    assert found[0] == ("telegram", False)
    assert word in said
    assert "AAwrong" not in said


async def test_telegram_that_is_not_reached_is_said(visit):
    visit.telegram.faults["getMe"].append(httpx.ConnectError(telegram_far.TOKEN))
    found, said = await visit.finds(**TELEGRAM)
    assert found == [("telegram", False)]
    assert telegram_far.TOKEN not in said


@pytest.fixture
async def workspace():
    async with slack_far.Slack() as api:
        yield api


def slack(workspace, **changes):
    return {
        "slack_bot_token": slack_far.BOT_TOKEN,
        "slack_app_token": slack_far.APP_TOKEN,
        "slack_api": workspace.base,
    } | changes


async def test_slack_over_socket_mode(visit, workspace):
    found, said = await visit.finds(**slack(workspace))
    assert found == [("slack", True), ("slack", True)]
    assert "workspace Home" in said


async def test_missing_permissions_are_named_with_what_they_are_for(visit, workspace):
    workspace.scopes = "chat:write,im:write"
    visit.language = "zh"
    found, said = await visit.finds(**slack(workspace))
    assert ("slack", False) in found
    assert "files:read: 读取别人发给它的订单文件和图片" in said


@pytest.mark.parametrize(("changes", "word"), [
    ({"slack_bot_token": "xoxb-wrong"}, "bot token"), ({"slack_app_token": "xapp-wrong"}, "app-level token"),
    ({"slack_bot_token": "hello"}, "cannot be started"), ({"slack_api": "http://127.0.0.1:9/api/"}, "cannot be reached"),
    ({"slack_app_token": None}, "cannot be started"), ({"slack_app_token": None, "slack_signing_secret": "s"}, "GENDAN_PUBLIC_URL"),
])  # fmt: skip
async def test_a_wrong_setting_of_slack_is_named(visit, workspace, changes, word):
    found, said = await visit.finds(**slack(workspace, **changes))
    assert False in [well for _, well in found]
    assert word in said


async def test_a_clock_that_is_off_is_noticed(visit, workspace):
    async with httpx.AsyncClient(trust_env=False) as visit.http:
        found, _ = await visit.finds(**slack(workspace))
        assert found[-1] == ("clock", True)
        visit.off = 400
        found, said = await visit.finds(**slack(workspace))
    assert found[-1] == ("clock", False)
    assert "s apart from that of slack" in said


async def test_wecom_names_the_address_that_it_does_not_trust(visit):
    corp = WecomKf(lambda: visit.clock().timestamp())
    corp.faults["/cgi-bin/agent/get"].append(
        {"errcode": 60020, "errmsg": "not allow to access from your ip, hint: [1], from ip: 203.0.113.7, more"}
    )
    async with corp.client() as visit.http:
        found, said = await visit.finds(**APP, wecom_kf_id=KFID)
    assert found == [("wecom", False), ("wecom", True)]
    assert "203.0.113.7" in said


async def test_a_robot_s_connection_that_a_running_service_holds_is_left_alone(visit):
    units = Units(open_engine(visit.settings.database_url), clock=lambda: datetime.now(UTC))
    units.write(lambda book: hold(book, "wecom.robot", "other"))
    units.close()
    found, said = await visit.finds(wecom_bot_id="b", wecom_bot_secret="s", wecom_bot_ws="ws://127.0.0.1:9/")
    assert found == [("wecom", True)]
    assert "running service" in said


@pytest.mark.parametrize(("status", "well"), [({"status": "ok"}, True), ({"hello": 1}, False)])
async def test_the_public_address_must_lead_here(visit, status, well):
    app = Starlette(routes=[Route("/health/live", lambda _request: JSONResponse(status))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as visit.http:
        found, _ = await visit.finds(public_url="https://g.test")
    assert found[-1] == ("public_url", well)


async def nothing(_update):
    return True


@pytest.mark.parametrize(
    ("changes", "well"), [({}, True), ({"wecom_token": "Other"}, False), ({"wecom_aes_key": "b" * 43}, False)]
)
async def test_wecom_s_own_callback_is_called_as_wecom_does(visit, changes, well):
    corp = WecomKf(lambda: visit.clock().timestamp())
    given = APP | {"wecom_token": CALLBACK_TOKEN, "wecom_aes_key": AES_KEY, "public_url": "https://g.test"}
    around = wecom_assembly.Surroundings(None, nothing, None, lambda: visit.clock().timestamp())
    serving = wecom_assembly.assemble(config_of(replace(visit.settings, **given)), around)
    mounts = {"https://g.test": ASGITransport(Starlette(routes=list(serving.routes))), WECOM: ASGITransport(corp.app)}
    async with httpx.AsyncClient(mounts=mounts) as visit.http:
        found, said = await visit.finds(**given | changes)
    assert found[:2] == [("wecom", True), ("wecom", well)]
    assert ("works, with the Token" in said) == well
    assert CALLBACK_TOKEN not in said


@pytest.mark.parametrize(("secret", "well"), [(slack_far.SECRET, True), ("another", False)])
async def test_slack_s_own_address_is_called_as_slack_does(visit, workspace, secret, well):
    signature = Signature(slack_far.SECRET)
    door = Address(signature, Intake(nothing, None, None, time.time), time.time)
    mounts = {"https://g.test": ASGITransport(Starlette(routes=[Route("/hooks/slack", door)]))}
    async with httpx.AsyncClient(mounts=mounts) as visit.http:
        found, said = await visit.finds(**slack(workspace, slack_signing_secret=secret), public_url="https://g.test")
    assert found[2] == ("slack", well)
    assert ("has another signing secret" in said) != well


def test_the_command_tells_and_its_exit_status_is_for_machines(tmp_path):
    done = gendan("doctor", home=tmp_path)
    assert (done.returncode, done.stderr) == (1, "gendan: 1 thing(s) to mend\n")
    assert "✗ book: The book holds no company yet" in done.stdout


@pytest.mark.parametrize("doctor", [telegram_doctor, slack_doctor])
def test_there_are_words_for_every_finding_in_both_languages(doctor):
    words = yaml.safe_load(doctor.WORDS.read_text("utf-8"))
    source = Path(doctor.__file__).read_text("utf-8")
    assert words["zh"].keys() == words["en"].keys()
    assert [key for key in words["en"] if f'"{key}"' not in source] == []
