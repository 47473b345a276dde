"""Our readings in the form that the public corpus is scored in."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import zhconv

from conversations.understanding.dates import DateReading, read_dates

ZONE = ZoneInfo("Asia/Shanghai")


def _iso(moment: dt.datetime) -> str:
    return moment.replace(tzinfo=None).isoformat()


def answer(reading: DateReading) -> dict[str, Any]:
    """One reading as the scorer takes it: what differs by convention alone is turned round here.

    A limit is a range open to the left, ending where our day begins; "after Friday" begins on Friday there.
    """
    if reading.kind == "duration":
        assert reading.duration is not None
        return {"kind": "duration", "seconds": reading.duration.total_seconds()}
    if reading.kind == "time":
        return {"kind": "time", "value": reading.start.strftime("%H:%M:%S")}
    if reading.deadline and reading.duration is None:
        whole = reading.kind == "range" or reading.rule.endswith(", before")
        edge = reading.end if whole and reading.end is not None else reading.start
        within = reading.rule.endswith("within")
        return {"kind": "range", "end": _iso(edge), **({"start": _iso(reading.start)} if within else {})}
    if reading.kind == "range":
        start = (
            reading.start - dt.timedelta(1)
            if reading.rule.endswith(", after") and reading.grain == "day"
            else reading.start
        )
        return {"kind": "range", "start": _iso(start), **({"end": _iso(reading.end)} if reading.end else {})}
    return {"kind": "point", "value": _iso(reading.start), "grain": "day" if reading.kind == "day" else "time"}


def parse(text: str, ref: dt.datetime, lang: str, future_preferred: bool) -> dict[str, Any] | None:
    """The scorer's contract; the longest reading of the text counts."""
    readings = read_dates(zhconv.convert(text, "zh-cn") if lang == "zh" else text, now=ref.replace(tzinfo=ZONE))
    if not readings:
        return None
    return answer(max(readings, key=lambda reading: reading.span[1] - reading.span[0]))
