"""The platforms' addresses lie before the pages: each is found by its path alone, and nothing else is taken from the pages."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.web import with_hooks


async def page(request: Request) -> PlainTextResponse:
    return PlainTextResponse(f"page {request.url.path}")


async def hook(request: Request) -> PlainTextResponse:
    return PlainTextResponse((await request.body()).decode() + request.query_params.get("nonce", ""))


@pytest.fixture
async def client():
    pages = Starlette(routes=[Route("/{any:path}", page, methods=["GET", "POST"])])
    app = with_hooks(pages, [Route("/hooks/telegram", hook, methods=["POST"]), Route("/hooks/wecom/app", hook)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as opened:
        yield opened


async def test_a_platform_reaches_its_address_with_body_and_query(client) -> None:
    assert (await client.post("/hooks/telegram?nonce=7", content=b"update ")).text == "update 7"
    assert (await client.get("/hooks/wecom/app?nonce=9")).text == "9"


async def test_another_method_is_refused_at_the_address_itself(client) -> None:
    assert (await client.get("/hooks/telegram")).status_code == 405


async def test_every_other_path_is_the_pages(client) -> None:
    for path in ("/", "/hooks", "/hooks/telegram/", "/hooks/slack", "/chat"):
        assert (await client.get(path)).text == f"page {path}"
