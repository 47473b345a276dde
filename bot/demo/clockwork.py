"""The demonstration's clock: it runs like any other, and can be pushed forward past everything due on the way."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.serving import Service
from bot.wiring import Assistant

_MORNING = time(9, 0)


class RunningClock:
    """The machine's time plus what it was pushed forward by; held still while a story is made.

    Args:
        wall: the machine's clock.
        start: where it stands until `release`.
    """

    def __init__(self, wall: Callable[[], datetime], start: datetime) -> None:
        self._wall = wall
        self._held: datetime | None = start
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """What time it is in the demonstration."""
        return self._held or self._wall() + self._ahead

    def move(self, moment: datetime) -> None:
        """Forward to that moment; an earlier one changes nothing."""
        if self._held is not None:
            self._held = max(self._held, moment)
        else:
            self._ahead += max(timedelta(), moment - self())

    def release(self) -> None:
        """Let it run from where it stands."""
        if self._held is not None:
            self._ahead = self._held - self._wall()
            self._held = None


class DemoClockwork:
    """What the buttons above the phones do.

    Args:
        assistant: whose moments come on the way.
        service: stands still meanwhile.
        clock: what is moved.
        live: lets the company live until a moment, colleagues off stage and reminders alike.
        zone: the company's, for "next morning".
    """

    def __init__(
        self,
        assistant: Assistant,
        service: Service,
        clock: RunningClock,
        live: Callable[[datetime], Awaitable[None]],
        zone: ZoneInfo,
    ) -> None:
        self._assistant, self._service, self._clock, self._zone = assistant, service, clock, zone
        self._live = live

    def now(self) -> datetime:
        """The demonstration's time."""
        return self._clock()

    async def push(self, how: str) -> bool:
        """Move on by "hour", "half_day", "next_morning" or to the "next_event"; False if nothing is due any more."""
        async with self._service.pause():
            target = await self._target(how)
            if target is not None:
                await self._live(target)
        return target is not None

    async def _target(self, how: str) -> datetime | None:
        now = self._clock()
        if how == "next_event":
            moment = await self._assistant.next_moment()
            return moment and max(moment, now)
        if how == "next_morning":
            local = now.astimezone(self._zone)
            day = local.date() + timedelta(days=local.time() >= _MORNING)
            return datetime.combine(day, _MORNING, self._zone)
        return now + {"hour": timedelta(hours=1), "half_day": timedelta(hours=4)}[how]
