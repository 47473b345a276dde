"""Several phones side by side, wired to the real assistant, and a clock that can be pushed forward."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from nicegui import ui

from adapters.web.channel import WebChannel
from adapters.web.chat_view import ChatView
from adapters.web.files import FileLinks
from adapters.web.look import dress, words
from conversations.channels import Receive
from conversations.phrasebook import book_for
from store.units import Units


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone of the demonstration: whose it is, what he does, what he might say."""

    person: str
    role: str
    hints: tuple[str, ...] = ()


class Clockwork(Protocol):
    """The demonstration's clock, as the page drives it (met by bot/)."""

    def now(self) -> datetime:
        """The demonstration's time."""
        ...

    async def push(self, how: str) -> bool:
        """Move on by "hour", "half_day", "next_morning" or to the "next_event"; False if there is none."""
        ...


Cast = Callable[[str], Sequence[Phone]]
"""language -> the phones to show."""


def add_demo_page(
    units: Units, channel: WebChannel, receive: Receive, links: FileLinks, clock: Clockwork, cast: Cast,
    speak: Callable[[str], Awaitable[None]], zone: str,
) -> None:  # fmt: skip
    """Add the demonstration at "/".

    Args:
        units: the book.
        channel: the web channel.
        receive: keeps what is typed.
        links: addresses of files.
        clock: what the buttons above the phones move.
        cast: the phones.
        speak: makes everybody speak a language from now on.
        zone: the company's zone, for the clock's face.
    """

    @ui.page("/", response_timeout=15)
    async def _demo(lang: str = "zh") -> None:
        language = lang if lang in {"zh", "en"} else "zh"
        said = words(language)
        dress(said["title"])
        await speak(language)
        phones = cast(language)
        frames: dict[str, ui.element] = {}
        tabs: dict[str, ui.element] = {}
        with ui.element("div").classes("gd-demo"):
            _top(said, clock, language, zone)
            with ui.element("div").classes("gd-tabs"):
                for phone in phones:
                    tabs[phone.person] = _tab(phone, frames)
            with ui.element("div").classes("gd-phones"):
                for phone in phones:
                    with ui.element("section").classes("gd-phone") as frame:
                        frames[phone.person] = frame
                        view = ChatView(
                            units, channel, receive, phone.person, link=links.address, role=phone.role,
                            hints=phone.hints, on_push=_lighter(frame, tabs[phone.person]),
                        )  # fmt: skip
                        await view.build()


def _lighter(frame: ui.element, tab: ui.element) -> Callable[[], None]:
    """Lights a phone up when something new has come in."""

    def _light() -> None:
        with frame:
            ui.run_javascript(
                f"for (const e of [getHtmlElement({frame.id}), getHtmlElement({tab.id})]) if (e) {{"
                "e.classList.remove('lit'); void e.offsetWidth; e.classList.add('lit');"
                "setTimeout(() => e.classList.remove('lit'), 4000); }"
            )

    return _light


def _tab(phone: Phone, frames: dict[str, ui.element]) -> ui.element:
    tab = ui.element("button").props("type=button")

    def _show() -> None:
        ui.run_javascript(f"getHtmlElement({frames[phone.person].id}).scrollIntoView({{inline: 'center'}})")

    tab.on("click", _show)
    with tab:
        ui.label(phone.role)
    return tab


def _top(said: Any, clock: Clockwork, language: str, zone: str) -> None:
    with ui.element("header").classes("gd-top"):
        with ui.element("div").classes("gd-brand"):
            ui.html(f"{said['title']}<small>{said['subtitle']}</small>", sanitize=False)
        with ui.element("div").classes("gd-clock"):
            face = ui.label().classes("gd-now")

            def _show() -> None:
                now = clock.now()
                face.set_text(book_for(language, ZoneInfo(zone), now).fact(now))

            async def _push(how: str) -> None:
                face.set_text(said["moving"])
                if not await clock.push(how):
                    ui.notify(said["nothing_next"])
                _show()

            for how in ("hour", "half_day", "next_morning", "next_event"):
                button = ui.element("button").props("type=button")
                button.on("click", lambda _event, how=how: _push(how))
                with button:
                    ui.label(said[how])
            _show()
            ui.timer(5.0, _show)
        ui.link(said["to_board"], "/board", new_tab=True).classes("gd-lang")
        other = "en" if language == "zh" else "zh"
        ui.link(said["language"], f"/?lang={other}").classes("gd-lang")
