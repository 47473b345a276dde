"""The board: where orders stand and where they are stuck, a lane a step; a tap shows an order's whole way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from nicegui import app, ui
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from adapters.web.channel import WebChannel
from adapters.web.look import dress, words
from adapters.web.pages import SIGNED_IN, is_active, is_staff, signed_out
from conversations.channels import Receive
from conversations.messages import Phrase
from conversations.phrasebook import Phrasebook, book_for
from store.book import Actor, Book
from store.messages import Fact, WorkTime
from store.operations import frame
from store.reads.board import Board, Card, Lane, Stage, Wanted, read_board, stages
from store.reads.seeing import see
from store.reads.timeline import timeline
from store.refusals import NotFound
from store.units import Units

FRESH_S = 5.0
_EVENTS = 12


@dataclass(frozen=True, slots=True)
class Sight:
    """What a person's board shows at a moment, and in which words."""

    board: Board
    words: Phrasebook
    now: datetime


@dataclass(frozen=True, slots=True)
class OrderSight:
    """One order opened: its lines and way, and what befell it lately, newest first."""

    number: str
    customer: Fact
    promise_date: Fact
    items: tuple[str, ...]
    stages: tuple[Stage, ...]
    events: tuple[Phrase, ...]


Talk = Callable[[str, str], Awaitable[None]]
"""(person, order number): go on about this order in the person's chat."""


def add_board_page(
    units: Units, channel: WebChannel, receive: Receive, *, at: tuple[str, ...] = ("/", "/board")
) -> None:
    """Add the board for whoever of the staff is signed in."""

    async def _talk(person: str, number: str) -> None:
        await receive(channel.update(person, {"text": number}))
        ui.navigate.to("/chat")

    async def _board(request: Request) -> Response | None:
        said = words("zh" if request.headers.get("accept-language", "zh").startswith("zh") else "en")
        dress(said["board"])
        person = app.storage.user.get(SIGNED_IN)
        if person is None or not await units.look(lambda book: is_active(book, person)):
            signed_out(said)
            return None
        if not await units.look(lambda book: is_staff(book, person)):
            return RedirectResponse("/chat", 303)  # a customer has his conversation, and no board
        await BoardView(units, person, _talk).build()
        return None

    for path in at:
        ui.page(path)(_board)


def add_open_board(units: Units, person: str) -> None:
    """Add /board as this person sees it, for everybody: for a demonstration only."""

    @ui.page("/board")
    async def _board() -> None:
        dress("")
        await BoardView(units, person, None).build()


class BoardView:
    """Somebody's board, kept fresh while the page is open.

    Args:
        units: the book.
        person: whose board; the page has made sure of him.
        talk: opens an order in his chat; None: there is none to go to.
    """

    def __init__(self, units: Units, person: str, talk: Talk | None) -> None:
        self._units, self._person, self._talk = units, person, talk
        self._wanted = Wanted()
        self._shown: Board | None = None

    async def build(self) -> None:
        """Draw the page."""
        sight = await self._units.look(self._look)
        self._words = words(sight.words.language)
        ui.page_title(self._words["board"])
        with ui.element("div").classes("gd-board"):
            self._head()
            self._figures = ui.element("div").classes("gd-figures").props("aria-live=polite")
            self._lanes = ui.element("div").classes("gd-lanes")
        self._dialog = ui.dialog().props("position=right full-height").classes("gd-drawer")
        self._draw(sight)
        ui.timer(FRESH_S, self.refresh)

    async def refresh(self) -> None:
        """Read the board anew; what has not changed is left as it is. Who has left meanwhile is shown nothing more."""
        try:
            self._draw(await self._units.look(self._look))
        except NotFound:
            self._lanes.clear()
            self._figures.clear()

    def _look(self, book: Book) -> Sight:
        if not is_staff(book, self._person):
            raise NotFound(what=self._person)
        human = book.company.people[self._person]
        return Sight(
            read_board(book, self._person, self._wanted), book_for(human.language, human.zone, book.now), book.now
        )

    def _head(self) -> None:
        with ui.element("header").classes("gd-top"):
            ui.label(self._words["board"]).classes("gd-brand")
            with ui.element("div").classes("gd-chips"):
                for name in ("mine", "late"):
                    self._chip(name)
            box = ui.element("input").classes("gd-search")
            box.props(f'type=search placeholder="{self._words["find"]}" aria-label="{self._words["find"]}"')
            box.on("input", self._searched, js_handler="(e) => emit(e.target.value)", throttle=0.3)
            if self._talk is not None:
                ui.link(self._words["to_chat"], "/chat").classes("gd-lang")

    def _chip(self, name: str) -> None:
        chip = ui.element("button").classes("gd-chip").props("type=button aria-pressed=false")

        async def _turn() -> None:
            wanted = self._wanted
            mine, late = wanted.mine ^ (name == "mine"), wanted.late ^ (name == "late")
            self._wanted = replace(wanted, mine=mine, late=late)
            chip.props(f"aria-pressed={str(mine if name == 'mine' else late).lower()}")
            await self.refresh()

        chip.on("click", _turn)
        with chip:
            ui.label(self._words[f"only_{name}"])

    async def _searched(self, event: Any) -> None:
        self._wanted = replace(self._wanted, words=str(event.args or "")[:60])
        await self.refresh()

    # --- the lanes ---

    def _draw(self, sight: Sight) -> None:
        board = sight.board
        if board == self._shown or self._lanes.is_deleted:
            return
        self._shown = board
        self._figures.clear()
        with self._figures:
            for name, count in (("steps", board.steps), ("late_steps", board.late), ("held", board.held)):
                with ui.element("div").classes(f"gd-figure {'bad' if name == 'late_steps' and count else ''}"):
                    ui.label(str(count)).classes("gd-count")
                    ui.label(self._words[name])
        self._lanes.clear()
        with self._lanes:
            if not board.lanes:
                ui.label(self._words["nothing_here"]).classes("gd-empty")
            for lane in board.lanes:
                self._lane(lane, sight.words)

    def _lane(self, lane: Lane, said: Phrasebook) -> None:
        with ui.element("section").classes("gd-lane"):
            with ui.element("div").classes("gd-lane-head"):
                ui.label(said.fact(lane.name))
                ui.label(str(lane.count)).classes("gd-badge")
                if lane.late:
                    ui.label(self._words["so_many_late"].format(n=lane.late)).classes("gd-badge bad")
            for card in lane.cards:
                self._card(card, said)
            if lane.count > len(lane.cards):
                ui.label(self._words["more"].format(n=lane.count - len(lane.cards))).classes("gd-more")

    def _card(self, card: Card, said: Phrasebook) -> None:
        frame = ui.element("button").props("type=button")
        frame.classes(f"gd-card {'late' if card.late else ''} {'held' if card.held else ''}")
        frame.on("click", lambda: self._open(card.number))
        with frame:
            with ui.element("div").classes("gd-card-top"):
                ui.label(card.number).classes("gd-number")
                ui.label(said.fact(card.owner)).classes("gd-owner")
            ui.label(said.fact(card.customer)).classes("gd-customer")
            with ui.element("div").classes("gd-marks"):
                for kind, text in self._marks(card, said):
                    ui.label(text).classes(f"gd-mark {kind}")

    def _marks(self, card: Card, said: Phrasebook) -> list[tuple[str, str]]:
        """(kind, text): when it is due or how late it is, then whatever makes this one different."""
        found: list[tuple[str, str]] = []
        if card.held:
            found.append(("soft", self._words["on_hold"]))
        elif card.late:
            found.append(("bad", self._lateness(card.late, said)))
        elif card.due:
            found.append(("soft", self._words["due"].format(when=said.fact(card.due, "short"))))
        if card.acknowledged_until:
            found.append(("good", self._words["promised"].format(when=said.fact(card.acknowledged_until, "short"))))
        if card.trouble:
            found.append(("bad", f"⚠ {said.fact(card.trouble)}"))
        if card.urges:
            found.append(("warm", self._words["urged"].format(n=card.urges)))
        return found

    def _lateness(self, late: WorkTime, said: Phrasebook) -> str:
        """How late in working time; what fell due outside working hours is not late by any yet."""
        return str(self._words["late_by"].format(time=said.fact(late)) if late.minutes else self._words["just_due"])

    # --- one order ---

    async def _open(self, number: str) -> None:
        try:
            sight = await self._units.look(lambda book: self._look_at(book, number), Actor(self._person, "web"))
        except NotFound:
            return  # it went out of sight since it was drawn
        said = (await self._units.look(self._look)).words
        self._dialog.clear()
        with self._dialog, ui.element("div").classes("gd-order"):
            self._order(sight, said)
        self._dialog.open()

    def _look_at(self, book: Book, number: str) -> OrderSight:
        order = see(book, number)
        human = book.company.people[self._person]
        said = book_for(human.language, human.zone, book.now)
        lines = frame.lines(book, order)
        return OrderSight(
            order.number,
            frame.customer_name(book, order.customer),
            order.promise_date,
            tuple(f"{said.fact(line.name)} × {said.fact(line.quantity)}{line.unit or ''}" for line in lines),
            stages(book, order),
            tuple(one.what for one in timeline(book, order)[-_EVENTS:][::-1]),
        )

    def _order(self, sight: OrderSight, said: Phrasebook) -> None:
        with ui.element("div").classes("gd-order-head"):
            with ui.element("div"):
                ui.label(sight.number).classes("gd-number")
                ui.label(said.fact(sight.customer)).classes("gd-customer")
            close = ui.element("button").classes("gd-close").props(f'type=button aria-label="{self._words["close"]}"')
            close.on("click", self._dialog.close)
            with close:
                ui.icon("close")
        ui.label(self._words["promise"].format(day=said.fact(sight.promise_date))).classes("gd-promise")
        for item in sight.items:
            ui.label(item).classes("gd-item")
        with ui.element("ol").classes("gd-way"):
            for stage in sight.stages:
                self._stage(stage, said)
        if self._talk is not None:
            talk = self._talk
            button = ui.element("button").classes("gd-open").props("type=button")
            button.on("click", lambda: talk(self._person, sight.number))
            with button:
                ui.label(self._words["in_chat"])
        ui.label(self._words["lately"]).classes("gd-lately")
        for what in sight.events:
            ui.label(said.say(what)).classes("gd-event")

    def _stage(self, stage: Stage, said: Phrasebook) -> None:
        with ui.element("li").classes(f"gd-stage {stage.status} {'late' if stage.late else ''}"):
            ui.label(said.fact(stage.name)).classes("gd-stage-name")
            ui.label(" · ".join(part for part in (said.fact(stage.owner), self._when(stage, said)) if part)).classes(
                "gd-stage-more"
            )

    def _when(self, stage: Stage, said: Phrasebook) -> str:
        if stage.status == "skipped":
            return str(self._words["skipped"])
        if stage.done_at is not None:
            return str(self._words["done_at"].format(when=said.fact(stage.done_at, "short")))
        if stage.late:
            return self._lateness(stage.late, said)
        return str(self._words["due"].format(when=said.fact(stage.due, "short"))) if stage.due else ""
