"""From the clock on the wall of a zone to the moment in UTC, through both changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)


def moment_of(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The moment at which the zone's clock shows so many minutes after midnight of that day (1440: the next day).

    Never runs backwards: a time that the clock skips is the moment of the skip, one that it shows twice is the first.
    """
    ahead, within = divmod(minutes, 24 * 60)
    local = datetime.combine(day + timedelta(days=ahead), time(within // 60, within % 60), tzinfo=zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    return _skip(local, zone)


def _skip(local: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the zone's clock jumps over `local`, to the minute."""
    before, after = local.utcoffset(), local.replace(fold=1).utcoffset()
    if before is None or after is None:  # pragma: no cover - a ZoneInfo always has an offset
        return local.astimezone(UTC)
    bare = local.replace(tzinfo=None)
    low, high = (bare - after).replace(tzinfo=UTC), (bare - before).replace(tzinfo=UTC)
    while high - low > _MINUTE:
        middle = low + ((high - low) // _MINUTE // 2) * _MINUTE
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high if low.astimezone(zone).utcoffset() == before else low
