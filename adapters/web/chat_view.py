"""One phone-sized conversation: bubbles, buttons, files; what is shown is what stands in the book."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from nicegui import background_tasks, events, ui

from adapters.web.bubbles import Bubble, Thread, read_thread
from adapters.web.channel import WebChannel
from adapters.web.look import face_colour, words
from conversations.channels import Receive
from store.units import Units

POLL_S = 3.0
LARGEST_FILE = 20_000_000
FileLink = Callable[[str, str, str], str]
"""(sha256, name, type) -> address under which this page may load the file."""

# An Enter that ends the composition of a Chinese word is no "send".
_TAKE_TYPED = """(e) => { if (e.isComposing || e.keyCode === 229) return;
  e.preventDefault(); emit(e.target.value); e.target.value = ''; }"""
_TAKE_SENT = """(e) => { const box = e.currentTarget.closest('.gd-bar').querySelector('textarea');
  emit(box.value); box.value = ''; box.focus(); }"""
_TO_END = "const t = getHtmlElement(%d); if (t) setTimeout(() => { t.scrollTop = t.scrollHeight; }, 40)"


class ChatView:
    """A person's chat; build it inside a container that gives it height.

    Args:
        units: the book.
        channel: the web channel, which says when to look.
        receive: keeps what is typed.
        person: whose conversation it is; the page has made sure of that.
        role: a line under the name.
        link: makes addresses of files.
        hints: sentences to send with one tap.
        on_push: called when something new has come in.
        board: show the way to the board.
    """

    def __init__(
        self,
        units: Units,
        channel: WebChannel,
        receive: Receive,
        person: str,
        *,
        link: FileLink,
        role: str = "",
        hints: Sequence[str] = (),
        on_push: Callable[[], None] | None = None,
        board: bool = False,
    ) -> None:
        self._units, self._channel, self._receive = units, channel, receive
        self._person, self._role, self._link, self._hints = person, role, link, hints
        self._on_push, self._board = on_push, board
        self._shown: dict[str, tuple[Bubble, ui.element]] = {}
        self._uploads: list[dict[str, Any]] = []
        self._reading = False
        self._again = False
        self._begun = False  # what was there before the page opened lights nothing up

    async def build(self) -> None:
        """Draw the view and keep it fresh while the page is open."""
        thread = await self._units.look(lambda book: read_thread(book, self._person))
        self._words = words(thread.language)
        with ui.element("div").classes("gd-chat"):
            self._head(thread)
            self._thread = ui.element("div").classes("gd-thread").props("role=log aria-live=polite")
            with self._thread:
                self._empty = ui.label(self._words["empty"]).classes("gd-empty")
            self._typing = ui.label("").classes("gd-typing").props("aria-live=polite")
            if self._hints:
                self._hint_row()
            self._bar()
        self._draw(thread)
        self._begun = True
        unwatch = self._channel.watch(self._person, self._wake)
        ui.context.client.on_disconnect(unwatch)
        ui.timer(POLL_S, self.refresh)

    def _head(self, thread: Thread) -> None:
        with ui.element("div").classes("gd-head"):
            ui.label(thread.name[:1]).classes("gd-face").style(f"background: {face_colour(self._person)}")
            with ui.element("div"):
                ui.label(thread.name).classes("gd-who")
                ui.label(self._role).classes("gd-role")
            if self._board:
                ui.link(self._words["to_board"], "/board").classes("gd-lang gd-end")

    def _hint_row(self) -> None:
        with ui.element("div").classes("gd-hints"):
            for hint in self._hints:
                button = ui.element("button").classes("gd-hint").props("type=button")
                button.on("click", lambda _event, text=hint: self.say(text))
                with button:
                    ui.label(hint)

    def _bar(self) -> None:
        with ui.element("div").classes("gd-bar"):
            upload = ui.upload(on_upload=self._uploaded, auto_upload=True, multiple=True, max_file_size=LARGEST_FILE,
                               on_rejected=lambda: ui.notify(self._words["too_large"]))  # fmt: skip
            upload.classes("hidden")
            clip = ui.element("button").classes("gd-clip").props(f'type=button aria-label="{self._words["attach"]}"')
            clip.on("click", lambda: upload.run_method("pickFiles"))
            with clip:
                ui.icon("attach_file")
            box = ui.element("textarea").props(f'rows=1 placeholder="{self._words["placeholder"]}"')
            box.on("keydown.enter.exact", self._typed, js_handler=_TAKE_TYPED)
            send = ui.element("button").classes("gd-send").props(f'type=button aria-label="{self._words["send"]}"')
            send.on("click", self._typed, js_handler=_TAKE_SENT)
            with send:
                ui.icon("send")

    async def _typed(self, event: events.GenericEventArguments) -> None:
        text = str(event.args or "").strip()
        if text or self._uploads:
            await self.say(text)

    async def say(self, text: str) -> None:
        """Send what the person typed, with the files laid ready."""
        files, self._uploads = self._uploads, []
        await self._receive(self._channel.update(self._person, {"text": text, "files": files}))
        await self.refresh()

    async def _press(self, bubble: Bubble, action: str, label: str) -> None:
        payload = {"press": action, "label": label, "on": bubble.id}
        await self._receive(self._channel.update(self._person, payload))
        await self.refresh()

    async def _uploaded(self, event: events.UploadEventArguments) -> None:
        content = await event.file.read()
        self._uploads.append(await self._channel.keep_file(event.file.name, event.file.content_type, content))
        await self.say("")

    def _wake(self) -> None:
        if not self._thread.is_deleted:
            background_tasks.create(self.refresh(), name=f"refresh {self._person}")

    async def refresh(self) -> None:
        """Read the conversation anew and draw what has changed."""
        if self._reading:
            self._again = True
            return
        if self._thread.is_deleted:
            return
        self._reading = True
        try:
            self._draw(await self._units.look(lambda book: read_thread(book, self._person)))
        finally:
            self._reading = False
        if self._again:
            self._again = False
            await self.refresh()

    def _draw(self, thread: Thread) -> None:
        self._typing.set_text(self._words["working"] if thread.waiting else "")
        fresh = False
        with self._thread:
            for bubble in thread.bubbles:
                known = self._shown.get(bubble.id)
                if known is None:
                    row = ui.element("div")
                    self._shown[bubble.id] = (bubble, row)
                    self._fill(row, bubble, thread.zone)
                    fresh = True
                elif known[0] != bubble:
                    self._shown[bubble.id] = (bubble, known[1])
                    known[1].clear()
                    self._fill(known[1], bubble, thread.zone)
            self._empty.set_visibility(not self._shown)
            if fresh:
                ui.run_javascript(_TO_END % self._thread.id)
        if fresh and self._begun and self._on_push and not thread.bubbles[-1].mine:
            self._on_push()

    def _fill(self, row: ui.element, bubble: Bubble, zone: str) -> None:
        kind = "mine" if bubble.mine else "" if bubble.answer else "urgent" if bubble.urgent else "push"
        row.classes(replace=f"gd-row {kind}")
        with row:
            with ui.element("div").classes("gd-bubble"):
                if bubble.text:
                    ui.label(bubble.text)
                for file in bubble.files:
                    address = self._link(file.sha256, file.name, file.type)
                    if file.type.startswith("image/"):
                        ui.element("img").classes("gd-image").props(f'src="{address}" alt="{file.name}"')
                    else:
                        ui.link(f"📎 {file.name}", address, new_tab=True).classes("gd-file")
            if bubble.buttons:
                with ui.element("div").classes("gd-buttons"):
                    for button in bubble.buttons:
                        self._button(bubble, button.label, button.action)
            stamp = f"{bubble.at.astimezone(ZoneInfo(zone)):%m-%d %H:%M}"
            ui.label(f"{stamp} · {self._words['edited']}" if bubble.edited else stamp).classes("gd-stamp")

    def _button(self, bubble: Bubble, label: str, action: str) -> None:
        button = ui.element("button").props("type=button")
        button.on("click", lambda: self._press(bubble, action, label))
        with button:
            ui.label(label)
