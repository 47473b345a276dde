"""What the doctor finds, and that there are words for it."""

from pathlib import Path

import httpx
import pytest
import yaml

from adapters.wecom import doctor
from adapters.wecom.assembly import Config, Surroundings, assemble
from adapters.wecom.memory import LocalMemory
from tests.fakes.wecom import BASE
from tests.fakes.wecom_kf import KFID, WecomKf

TOKEN, AGENT, ACCOUNTS = "/cgi-bin/gettoken", "/cgi-bin/agent/get", "/cgi-bin/kf/account/list"
GOOD = {"api": BASE, "corp_id": "wwcorp", "agent_id": "1000007", "secret": "app-secret", "kf_id": KFID}


@pytest.fixture
def corp(clock):
    return WecomKf(clock)


@pytest.fixture
def examine(http, clock):
    memory = LocalMemory(":memory:")

    async def work(**changes):
        config = Config(**(GOOD | changes))
        found = await doctor.examine(assemble(config, Surroundings(http, None, memory, clock)), config)
        return {one.line: one for one in found}

    yield work
    memory.close()


async def test_what_works_is_said_to_work(examine):
    assert {line: one.key for line, one in (await examine()).items()} == {"app": "ok", "kf": "ok"}


@pytest.mark.parametrize(("changes", "line", "key"), [
    ({"secret": "wrong"}, "app", "e40001"), ({"corp_id": "wwother"}, "app", "e40013"), ({"agent_id": "5"}, "app", "e40056"),
    ({"kf_id": "wkOTHER"}, "kf", "no_account"), ({"kf_secret": "wrong"}, "kf", "e40001"),
])  # fmt: skip
async def test_a_wrong_setting_is_named(examine, changes, line, key):
    assert (await examine(**changes))[line].key == key


async def test_an_untrusted_address_is_named(examine, corp):
    corp.faults[AGENT].append(
        {"errcode": 60020, "errmsg": "not allow to access from your ip, hint: [1], from ip: 203.0.113.7, more"}
    )
    found = (await examine())["app"]
    assert (found.key, found.address, found.well) == ("e60020", "203.0.113.7", False)


async def test_what_cannot_be_reached_is_said(examine, corp):
    corp.faults[AGENT].append(httpx.ConnectError("x"))
    corp.faults[ACCOUNTS].append({"errcode": 777, "errmsg": "x"})
    found = await examine()
    assert (found["app"].key, found["kf"].key, found["kf"].code) == ("unreachable", "refused", 777)


def test_there_are_words_for_every_finding_in_both_languages():
    words = yaml.safe_load((Path(doctor.__file__).parent / "words.yaml").read_text(encoding="utf-8"))
    keys = {"ok", "unreachable", "refused", "robot_down", "no_account", "callback_ok", "callback_wrong"} | {
        f"e{code}" for code in doctor._KNOWN
    }
    assert set(words["doctor"]["zh"]) == set(words["doctor"]["en"]) == keys
    assert set(words["zh"]) == set(words["en"])
