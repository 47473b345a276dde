"""Tests what is set up, without writing to anybody: each line signs in, and says what an administrator must mend."""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass

import httpx

from adapters.wecom.assembly import APP_PATH, KF_PATH, Config, Wecom
from adapters.wecom.client import Api, Clock
from adapters.wecom.crypto import Secrets, seal
from adapters.wecom.errors import ApiError
from adapters.wecom.robot import RobotLine
from conversations.channels import SendFailure

_ADDRESS = re.compile(r"from ip:?\s*([0-9a-fA-F.:]+)")
_KNOWN = frozenset({40001, 40013, 40056, 60020, 48002, 50003, 301002, 95000, 95004, 95011, 95012, 95017})
_ROBOT_WAITS_S = 15.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried.

    Attributes:
        line: app, robot or kf.
        well: whether it works.
        key: of the words for it (words.yaml, doctor): ok, unreachable, refused, or e and WeCom's code.
        address: the outgoing address that WeCom saw, where it refused it; or ours that was called.
        code: WeCom's error code, if it gave one.
    """

    line: str
    well: bool
    key: str
    address: str = ""
    code: int = 0


async def examine(wecom: Wecom, config: Config) -> list[Finding]:
    """Try each line that is set up; a robot counts as well if its connection stands within 15 s (run it meanwhile)."""
    found = []
    if "app" in wecom.apis:
        found.append(await _call("app", wecom.apis["app"], "/cgi-bin/agent/get", agentid=config.agent_id))
    if "kf" in wecom.apis:
        found.append(await _kf(wecom.apis["kf"], config.kf_id))
    robot = wecom.lines.get("robot")
    if isinstance(robot, RobotLine):
        found.append(await _robot(robot))
    return found


async def called(http: httpx.AsyncClient, config: Config, clock: Clock) -> list[Finding]:
    """Call our own addresses over the public one, as WeCom does when they are saved in its console.

    Nothing is said of an address that leads nowhere or elsewhere: whoever asks has seen that already.
    """
    found = []
    lines = (("app", APP_PATH, config.token, config.aes_key), ("kf", KF_PATH, config.kf_token, config.kf_aes_key))
    for line, path, token, aes_key in lines:
        if not (token and aes_key and config.public_url):
            continue
        address, proof = config.public_url.rstrip("/") + path, secrets.token_hex(8)
        sealed = seal(Secrets.of(token, aes_key, config.corp_id), proof, str(int(clock())), proof)
        query = {
            "msg_signature": sealed.signature,
            "timestamp": sealed.timestamp,
            "nonce": proof,
            "echostr": sealed.encrypted,
        }
        try:
            answer = await http.get(address, params=query)
        except (httpx.HTTPError, httpx.InvalidURL):
            continue
        if answer.status_code == httpx.codes.OK and answer.text == proof:
            found.append(Finding(line, well=True, key="callback_ok", address=address))
        elif answer.status_code == httpx.codes.FORBIDDEN:
            found.append(Finding(line, well=False, key="callback_wrong", address=address))
    return found


async def _call(line: str, api: Api, path: str, **params: str) -> Finding:
    try:
        await api.get(path, **params)
    except ApiError as refusal:
        return _refused(line, refusal)
    except SendFailure:
        return Finding(line, well=False, key="unreachable")
    return Finding(line, well=True, key="ok")


async def _kf(api: Api, kfid: str) -> Finding:
    try:
        answer = await api.post("/cgi-bin/kf/account/list", {"offset": 0, "limit": 100})
    except ApiError as refusal:
        return _refused("kf", refusal)
    except SendFailure:
        return Finding("kf", well=False, key="unreachable")
    listed = [one.get("open_kfid") for one in answer.get("account_list") or () if isinstance(one, dict)]
    return Finding("kf", well=True, key="ok") if kfid in listed else Finding("kf", well=False, key="no_account")


async def _robot(robot: RobotLine) -> Finding:
    try:
        await asyncio.wait_for(robot.socket.connected.wait(), _ROBOT_WAITS_S)
    except TimeoutError:
        return Finding("robot", well=False, key="robot_down")
    return Finding("robot", well=True, key="ok")


def _refused(line: str, refusal: ApiError) -> Finding:
    seen = _ADDRESS.search(refusal.hint)
    key = f"e{refusal.code}" if refusal.code in _KNOWN else "refused"
    return Finding(line, well=False, key=key, address=seen.group(1) if seen else "", code=refusal.code)
