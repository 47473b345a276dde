"""/t/TOKEN: an order's public page for those who do not chat; /join/CODE: an invitation opened in a browser.

Plain HTML made on the server: no script, nothing loaded from anywhere, one small file. A page that was taken back, a
mistyped address and one that never was are answered alike. Nothing is shown that `store.reads.public` does not give.
"""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from conversations.phrasebook import LANGUAGES, Phrasebook, book_for
from store.book import Book
from store.messages import Fact, Phrase
from store.operations.identities import Redeemed, looks_like_code, make_token, redeem
from store.operations.tracking import note_view, order_behind, to_note
from store.reads.public import PublicParcel, PublicStatus, public_stages, public_status_of
from store.rules.codes import plain_code
from store.units import Units

_HEADERS = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
}
_PAGE = Template((files("adapters.web") / "tracking.html").read_text("utf-8"))


def tracking_routes(units: Units) -> APIRouter:
    """The public pages."""
    routes = APIRouter()

    @routes.get("/t/{token}", include_in_schema=False)
    async def _track(token: str, request: Request, lang: str = "") -> Response:
        asked = _asked(request, lang)
        page, link = await units.look(lambda book: _page_of(book, token, asked))
        if page is None:
            return _gone(asked or "zh")
        if link is not None:
            await units.run(lambda book: note_view(book, link))
        return _html(page)

    @routes.get("/join/{code}", include_in_schema=False)
    async def _join(code: str, request: Request, lang: str = "") -> Response:
        # a preview robot opens links: the code is used by pressing the button, never by looking
        name = await units.look(lambda book: (book.company.name.raw, book.company.language))
        words = _words(_asked(request, lang) or name[1])
        if not looks_like_code(code):
            return _message(words, "join.title", words.say(Phrase("join.failed")), 404)
        said = escape(words.say(Phrase("join.ask", {"company": name[0]})))
        button = escape(words.say(Phrase("join.button")))
        form = f'<p>{said}</p><form method="post"><button>{button}</button></form>'
        return _html(_framed(words, words.say(Phrase("join.title")), form))

    @routes.post("/join/{code}", include_in_schema=False)
    async def _joined(code: str, request: Request, lang: str = "") -> Response:
        account = f"{request.client.host if request.client else ''}"[:64]
        done = await units.run(lambda book: _redeem(book, code, account))
        if isinstance(done, str):
            return RedirectResponse(f"/chat/enter/{done}", 303, headers={"Referrer-Policy": "no-referrer"})
        words = _words(_asked(request, lang) or "zh")
        said = words.say(done.refused) if done.refused else words.say(Phrase("join.failed"))
        return _message(words, "join.title", said, 404)

    return routes


def _redeem(book: Book, code: str, address: str) -> str | Redeemed:
    """A sign-in link for whoever the code makes of this browser; wrong codes count for the address they come from."""
    found = redeem(book, "web", f"@{address}", plain_code(code), by_key=True)
    if found.person is None:
        return found
    return make_token(book, found.person.key, "page")


def _asked(request: Request, lang: str) -> str | None:
    """The language that the reader chose, else the first one of ours that his browser asks for."""
    if lang in LANGUAGES:
        return lang
    wanted = request.headers.get("accept-language", "").lower()
    found = sorted((wanted.find(one), one) for one in LANGUAGES if one in wanted)
    return found[0][1] if found else None


def _words(language: str) -> Phrasebook:
    return book_for(language, "UTC", datetime.fromtimestamp(0, UTC))


def _page_of(book: Book, token: str, asked: str | None) -> tuple[str | None, str | None]:
    """The page behind a token, and its link's id when the view is to be noted."""
    found = order_behind(book, token)
    if found is None:
        return None, None
    link, order = found
    client = book.company.customers.get(order.customer)
    language = asked or (client.language if client else book.company.language)
    words = book_for(language, book.company.timezone, book.now)
    status = public_status_of(book, order)
    stages = [(stage.name, stage.state) for stage in public_stages(book, order)]
    body = _body(words, status, stages, book.now)
    other = "en" if language == "zh" else "zh"
    switch = f'<a href="?lang={other}">{escape(words.say(Phrase("track.other")))}</a>'
    page = _framed(words, words.say(Phrase("track.title")), body, escape(words.fact(book.company.name.raw)), switch)
    return page, link.id if to_note(link, book) else None


def _body(words: Phrasebook, status: PublicStatus, stages: list[tuple[Fact, str]], now: datetime) -> str:
    def _say(key: str, **facts: Fact) -> str:
        return escape(words.say(Phrase(key, facts)))

    parts = [f"<h1>{_say('track.order', number=status.number)}</h1>"]
    if status.po_number:
        parts.append(f"<p class=soft>{_say('track.po', po=status.po_number)}</p>")
    parts.append(f"<p class=stage>{escape(words.fact(_stage(status)))}</p>")
    if status.delivered_at is not None:
        parts.append(f"<p>{_say('public.delivered', at=status.delivered_at)}</p>")
    elif status.status in {"open", "on_hold"}:
        parts.append(f"<p>{_say('track.promise')} <strong>{escape(words.fact(status.promise_date))}</strong></p>")
    if stages:
        items = "".join(
            f"<li class={state}{' aria-current=step' if state == 'now' else ''}>{escape(words.fact(name))}"
            f"<span class=soft> · {_say(f'track.{state}')}</span></li>"
            for name, state in stages
        )
        parts.append(f"<h2>{_say('track.stages')}</h2><ol>{items}</ol>")
    parts.append(f"<h2>{_say('track.goods')}</h2><ul>{''.join(_lines(words, status))}</ul>")
    if status.shipped == "part":
        parts.append(f"<p>{_say('public.rest', on=status.rest_on)}</p>")
    if status.parcels:
        items = "".join(_parcel(words, one) for one in status.parcels)
        parts.append(f"<h2>{_say('track.shipments')}</h2><ul>{items}</ul>")
    fields = [(label, value) for label, value in status.fields
              if all((label, value) not in one.fields for one in status.parcels)]  # fmt: skip
    parts += [f"<p>{_say('card.field', field=label, value=value)}</p>" for label, value in fields]
    if status.confirmed_at:
        parts.append(f"<p class=soft>{_say('track.confirmed', at=status.confirmed_at)}</p>")
    parts.append(f"<p class=soft>{_say('track.shown', at=now)}</p>")
    return "\n".join(parts)


def _stage(status: PublicStatus) -> Fact:
    if status.status in {"on_hold", "cancelled"}:
        return Phrase(f"public.{status.status}")
    return status.stage or Phrase("public.received")


def _lines(words: Phrasebook, status: PublicStatus) -> list[str]:
    found = []
    for line in status.lines:
        key = "public.line_part" if status.shipped == "part" else "card.line"
        facts: dict[str, Any] = {"product": line.name, "quantity": line.quantity, "unit": line.unit}
        facts |= {"shipped": line.shipped} if status.shipped == "part" else {}
        found.append(f"<li>{escape(words.say(Phrase(key, facts)).removeprefix('· '))}</li>")
    return found


def _parcel(words: Phrasebook, parcel: PublicParcel) -> str:
    goods = [Phrase("public.goods", {"product": name, "quantity": count, "unit": unit})
             for name, count, unit in parcel.goods]  # fmt: skip
    fields = [value for _, value in parcel.fields]
    said = words.say(Phrase("public.parcel", {"at": parcel.at, "goods": goods, "fields": fields})).removeprefix("· ")
    link = (
        f' <a href="{escape(parcel.url, quote=True)}" rel="noopener noreferrer nofollow">'
        f"{escape(words.say(Phrase('track.follow')))}</a>"
        if parcel.url
        else ""
    )
    return f"<li>{escape(said)}{link}</li>"


def _framed(words: Phrasebook, title: str, body: str, house: str = "", switch: str = "") -> str:
    return _PAGE.substitute(language=words.language, title=escape(title), house=house, switch=switch, body=body)


def _html(page: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(page, status, headers=_HEADERS)


def _message(words: Phrasebook, title: str, said: str, status: int) -> HTMLResponse:
    head = words.say(Phrase(title))
    return _html(_framed(words, head, f"<h1>{escape(head)}</h1><p>{escape(said)}</p>"), status)


def _gone(language: str) -> HTMLResponse:
    words = _words(language)
    return _message(words, "track.gone", words.say(Phrase("track.gone_why")), 404)
