"""Tests what is set up, without writing to anybody: tokens, permissions, Socket Mode."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

import httpx

from adapters.findings import Finding
from adapters.slack.api import Api
from adapters.slack.assembly import Config
from adapters.slack.intake import PATH
from adapters.slack.manifest import scopes
from adapters.slack.signing import signed
from adapters.slack.words import table
from conversations.channels import SendFailure

WORDS = Path(__file__).with_name("doctor.yaml")
_TOKENS = {"invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive", "not_allowed_token_type"}


async def examine(api: Api, config: Config, language: str) -> list[Finding]:
    """Sign in with each token, and compare the permissions granted with those asked for.

    Args:
        api: signed in.
        config: what is set.
        language: in which missing permissions are explained.
    """
    try:
        me, headers = await api.with_headers("auth_test")
    except SendFailure as problem:
        return [_refused(problem, "bot_token")]
    found = [Finding(True, "ok", {"name": me.get("user"), "team": me.get("team")})]
    granted = {one.strip() for one in headers.get("x-oauth-scopes", "").split(",")}
    lacking = [scope for scope in scopes() if scope not in granted]
    if lacking:
        reasons = "; ".join(f"{scope}: {table('scopes')[language][scope]}" for scope in lacking)
        found.append(Finding(False, "scopes", {"scopes": reasons}))
    if not config.app_token:
        return [*found, Finding(True, "http")]
    try:
        await api.call("apps_connections_open", app_token=config.app_token)
    except SendFailure as problem:
        return [*found, _refused(problem, "app_token")]
    return [*found, Finding(True, "socket")]


async def called(http: httpx.AsyncClient, config: Config, public_url: str, now: float) -> list[Finding]:
    """Call our own address over the public one, as Slack does when it is saved; nothing of one that leads nowhere.

    Args:
        http: the connection pool.
        config: what is set.
        public_url: the address under which others reach us.
        now: Unix seconds.
    """
    if not config.signing_secret or not public_url:
        return []
    address, proof = public_url.rstrip("/") + PATH, secrets.token_hex(8)
    body = json.dumps({"type": "url_verification", "challenge": proof}).encode()
    head = {"content-type": "application/json", **signed(config.signing_secret, body, now)}
    try:
        answer = await http.post(address, content=body, headers=head)
    except (httpx.HTTPError, httpx.InvalidURL):
        return []
    if answer.status_code == httpx.codes.OK and proof in answer.text:
        return [Finding(True, "address_ok", {"url": address})]
    wrong = answer.status_code == httpx.codes.UNAUTHORIZED
    return [Finding(False, "address_wrong", {"url": address})] if wrong else []


def _refused(problem: SendFailure, token: str) -> Finding:
    error = str(problem)
    if error in _TOKENS:
        return Finding(False, token)
    if error == "missing_scope":
        return Finding(False, "app_scope")
    # Slack's own words for what is wrong are one word; those for a broken wire are not.
    return Finding(False, "refused" if "_" in error else "unreachable", {"error": error})
