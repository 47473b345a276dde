"""/chat: one person's conversation, signed in by a personal link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nicegui import app, ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from adapters.web.channel import WebChannel
from adapters.web.chat_view import ChatView
from adapters.web.files import FileLinks
from adapters.web.look import dress, words
from conversations.channels import Receive
from store.book import Book
from store.operations.identities import token_person
from store.tables import Person
from store.units import Units

SIGNED_IN = "person"
"""Where a browser session keeps who is signed in."""
_WHY = {"used": "link_used", "unknown": "account_unknown"}


def add_chat_page(units: Units, channel: WebChannel, receive: Receive, links: FileLinks) -> None:
    """Add /chat, /chat/enter/TOKEN and /chat/leave to NiceGUI's application."""

    @app.get("/chat/enter/{token}", include_in_schema=False)
    async def _enter(token: str) -> Response:
        person = await units.look(lambda book: _person_of(book, token))
        if person is None:
            return RedirectResponse("/chat?link=used", 303)
        app.storage.user.clear()  # one person a browser session: whoever was signed in before is out
        app.storage.user[SIGNED_IN] = person
        return RedirectResponse("/chat", 303)

    @app.get("/chat/leave", include_in_schema=False)
    async def _leave() -> Response:
        app.storage.user.clear()
        return RedirectResponse("/chat", 303)

    @ui.page("/chat")
    async def _chat(request: Request, link: str = "") -> None:
        said = words("zh" if request.headers.get("accept-language", "zh").startswith("zh") else "en")
        dress(said["title"])
        person = app.storage.user.get(SIGNED_IN)
        if person is None or not await units.look(lambda book: is_active(book, person)):
            signed_out(said, link)
            return
        staff = await units.look(lambda book: is_staff(book, person))
        with ui.element("div").classes("gd-full"):
            await ChatView(units, channel, receive, person, link=links.address, board=staff).build()


def _person_of(book: Book, token: str) -> str | None:
    person = token_person(book, token, "page")
    return person.key if person is not None and person.active else None


def signed_out(said: Mapping[str, Any], link: str = "") -> None:
    """What a page says to whoever is not signed in; `link`: what was wrong with the one he came by (used, unknown)."""
    ui.label(said[_WHY.get(link, "signed_out")]).classes("gd-empty gd-full")


def is_active(book: Book, key: str) -> bool:
    """Whether somebody is still here and may open pages."""
    people = book.company.people
    if key in people:
        return True
    row = book.session.get(Person, key)
    return row is not None and row.active


def is_staff(book: Book, key: str) -> bool:
    """Whether somebody is of the company's own people, and still here."""
    human = book.company.people.get(key)
    return human is not None and not human.is_contact
