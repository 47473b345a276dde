"""A clock that stands still until a test moves it."""

from datetime import datetime, timedelta


class Clock:
    """What time it is: call it. `at` sets it, `pass_by` moves it forward."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def at(self, moment: str) -> datetime:
        """Set it to an ISO moment with its offset."""
        self.now = datetime.fromisoformat(moment)
        assert self.now.tzinfo is not None
        return self.now

    def pass_by(self, **span: float) -> datetime:
        """Move it forward by a span, as timedelta takes it."""
        self.now += timedelta(**span)
        return self.now
