"""The long-running process: takes updates, reminds, delivers, until it is told to stop.

Each part works as long as there is something to do, then rests until a commit or the next due moment wakes it. A part
that fails is logged and tried again; it never takes the others with it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.waking import Waking, address_of
from bot.wiring import Assistant
from reminders import sweep
from reminders.auditing import expect_beats, tell_stalled
from reminders.clock import Clock
from reminders.daily import arm_daily

log = logging.getLogger(__name__)

LONGEST_REST_S = 3.0
_OTHERS_REST_S = 30.0
ALL = frozenset({"inbox", "outbox", "other"})
_AFTER_FAULT_S = 1.0
_WATCH_S = 60.0
_NUDGE_APART_S = 0.5
_SWEEPS_AT_MOST = 50


class Part:
    """Something that works while there is anything to do, and rests until it is woken."""

    def __init__(self, longest_s: float = LONGEST_REST_S) -> None:
        self.woken = asyncio.Event()
        self.resting = False
        self._longest_s = longest_s

    async def rest(self) -> None:
        """Until it is woken, a while at most."""
        self.resting = not self.woken.is_set()
        try:
            await asyncio.wait_for(self.woken.wait(), self._longest_s)
        except TimeoutError:
            return
        finally:
            self.resting = False


class Service:
    """Runs an assistant in the background of an event loop.

    Args:
        assistant: wired and ready.
        workers: how many conversations are answered at a time.
        daily: tell the morning's briefs and yesterday's account.
        watch_s: how often something beside the clock looks whether it still runs.
    """

    def __init__(
        self, assistant: Assistant, workers: int = 2, *, daily: bool = False, watch_s: float = _WATCH_S
    ) -> None:
        self._assistant = assistant
        self._workers = workers
        self._tasks: list[asyncio.Task[None]] = []
        self._parts: dict[str, list[Part]] = {}
        self._paused = asyncio.Lock()
        self._unarmed = daily
        self._watch_s = watch_s
        self._waking: Waking | None = None
        self._nudged_at = 0.0
        self._clock = Clock(assistant.units, self._remind, seconds=LONGEST_REST_S)

    def start(self) -> None:
        """Start the parts; call inside the running loop."""
        loop = asyncio.get_running_loop()

        def _changed(news: frozenset[str]) -> None:
            loop.call_soon_threadsafe(self._written, news)

        address = address_of(self._assistant.units.engine)
        if address is not None:
            self._waking = Waking(address, self._told)
            self._tasks.append(asyncio.create_task(self._waking.run(), name="waking"))
        self._assistant.units.listeners.append(_changed)
        for _ in range(self._workers):
            self._start("inbox", self._assistant.worker.work)
        self._clock.start()
        self._start("outbox", self._deliver)
        self._tasks.append(asyncio.create_task(self._watch(), name="watch"))

    async def stop(self) -> None:
        """Let each part finish what it has in hand."""
        self._clock.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def wake(self, news: frozenset[str] = ALL) -> None:
        """Something has changed: look at once, those whom it concerns; of several that rest one is enough."""
        for name, parts in self._parts.items():
            resting = [part for part in parts if part.resting] if name in news else []
            for part in resting[:1] or (parts if name in news else ()):
                part.woken.set()

    def _written(self, news: frozenset[str]) -> None:
        """This process has written something: it looks at once, and so do the other replicas."""
        self.wake(news)
        if self._waking is not None:
            self._waking.tell()

    def _told(self) -> None:
        """Another replica has written something; the sweep, which looks every few seconds anyhow, not at each word."""
        self.wake()
        moment = asyncio.get_running_loop().time()
        if moment - self._nudged_at > _NUDGE_APART_S:
            self._nudged_at = moment
            self._clock.nudge()

    def pause(self) -> asyncio.Lock:
        """Held, no part begins anything new (a demonstration moves its clock)."""
        return self._paused

    def _start(self, name: str, step: Callable[[], Awaitable[bool]]) -> None:
        others = self._parts.setdefault(name, [])
        part = Part(_OTHERS_REST_S if others else LONGEST_REST_S)  # one of a kind looks around for all
        others.append(part)
        self._tasks.append(asyncio.create_task(self._run(name, step, part), name=name))

    async def _run(self, name: str, step: Callable[[], Awaitable[bool]], part: Part) -> None:
        while True:
            part.woken.clear()
            try:
                async with self._paused:
                    pass
                busy = await step()
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("a part failed", extra={"action": "part_failed", "part": name})
                await asyncio.sleep(_AFTER_FAULT_S)
                continue
            if not busy:
                await part.rest()

    async def _remind(self) -> None:
        async with self._paused:
            if self._unarmed:
                await self._assistant.units.run(arm_daily)
                self._unarmed = False
            for _ in range(_SWEEPS_AT_MOST):
                if not (await self._assistant.units.run(sweep)).count:
                    return

    async def _watch(self) -> None:
        """Notice a clock that stands still, or wakes for nothing: this runs beside it, not in it."""
        expected = False
        while True:
            await asyncio.sleep(self._watch_s)
            try:
                if not expected:
                    await self._assistant.units.run(expect_beats)
                    expected = True
                if await self._assistant.units.run(tell_stalled):
                    self._clock.nudge()
            except Exception:
                log.exception("the watch failed", extra={"action": "part_failed", "part": "watch"})

    async def _deliver(self) -> bool:
        return bool(await self._assistant.delivery.pump())
