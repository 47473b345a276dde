"""The web server: API, health, chat page; shared by serving and the demonstration."""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from nicegui import ui
from nicegui.storage import Storage
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.web.api import add_api
from adapters.web.board_page import add_board_page
from adapters.web.channel import WebChannel
from adapters.web.files import FileLinks
from adapters.web.health import add_health
from adapters.web.metrics import add_metrics
from adapters.web.pages import add_chat_page
from adapters.web.tracking import tracking_routes
from bot.complaints import fail
from bot.serving import Service
from bot.wiring import Assistant

Pages = Callable[[FastAPI, WebChannel, FileLinks], None]
"""Adds further pages to the application."""


def keep_sessions_in(folder: Path) -> None:
    """Where it is noted who is signed in; by itself the library would take whatever folder it is started in."""
    Storage.path = folder.resolve()


def web_app(assistant: Assistant, service: Service, channel: WebChannel, *, pages: Pages | None = None) -> FastAPI:
    """The application: /api, /files, /chat, /t, /join, /health, /metrics, and the board or what `pages` adds.

    Args:
        assistant: whose book is shown.
        service: started and stopped with the server.
        channel: the web channel.
        pages: adds others in the board's place (a demonstration).
    """

    @asynccontextmanager
    async def _life(_app: FastAPI) -> AsyncIterator[None]:
        service.start()
        yield
        await service.stop()

    app = FastAPI(title="Gendan", version="1", docs_url="/api/docs", openapi_url="/api/openapi.json", redoc_url=None,
                  lifespan=_life)  # fmt: skip
    add_api(app, assistant.units)
    add_health(app, assistant.units)
    add_metrics(app, assistant.units)
    links = FileLinks(assistant.units, secrets.token_bytes(32))
    app.include_router(links.routes())
    app.include_router(tracking_routes(assistant.units))
    add_chat_page(assistant.units, channel, assistant.worker.receive, links)
    if pages is None:
        add_board_page(assistant.units, channel, assistant.worker.receive)
    else:
        pages(app, channel, links)
    ui.run_with(app, title="Gendan", storage_secret=secrets.token_urlsafe(32), show_welcome_message=False)
    return app


def with_hooks(app: ASGIApp, routes: Sequence[Route]) -> ASGIApp:
    """The application with the platforms' addresses before it: they need nothing of what pages need on their way."""
    hooks = {route.path: route for route in routes}  # none has a variable part

    async def _serve(scope: Scope, receive: Receive, send: Send) -> None:
        hook = hooks.get(scope["path"]) if scope["type"] == "http" else None
        await (app if hook is None else hook.handle)(scope, receive, send)

    return _serve


def listen(address: str) -> socket.socket:
    """A socket at HOST:PORT; taken before anything else is begun. Raises Complaint when it cannot be had."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        fail("address_malformed", 2, address=address)
    host = host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, int(port)), family=family)
    except (OSError, OverflowError) as problem:
        fail("address_taken", 1, address=address, reason=getattr(problem, "strerror", None) or problem)


async def serve_until_stopped(app: ASGIApp, at: socket.socket, ready: Callable[[], None]) -> None:
    """Serve at an address of ours (see listen); `ready` is called once requests are taken."""
    running = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    task = asyncio.create_task(running.serve([at]))
    while not running.started and not task.done():  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.05)
    if running.started:
        ready()
    await task


logging.getLogger("httpx").setLevel(logging.WARNING)  # its request log shows addresses, and those carry tokens
