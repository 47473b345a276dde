"""What every side of a metric shares: CPU and wall time of a stretch of work, memory, and the one line it prints.

A side is a script run as a fresh process; its last line of output is a JSON object with `value` (what the ratio is
made of, lower is better unless the metric says otherwise) and whatever else is worth keeping.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


def cpu_s() -> float:
    """User and system time of this process and of its ended children, in seconds."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def rss_mb(pid: int | str = "self") -> float:
    """Resident memory of a process now, in MiB."""
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@dataclass
class Stretch:
    """CPU and wall seconds of a measured stretch, filled when it ends."""

    cpu: float = 0.0
    wall: float = 0.0
    each: list[float] = field(default_factory=list)  # wall seconds of single pieces, where they were noted

    def percentile(self, share: float) -> float:
        """A percentile of the pieces, in milliseconds."""
        return percentile(self.each, share) * 1000


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of all lies; 0.0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


@contextmanager
def measured() -> Iterator[Stretch]:
    """Measure what happens inside."""
    found = Stretch()
    cpu, wall = cpu_s(), time.perf_counter()
    yield found
    found.cpu, found.wall = cpu_s() - cpu, time.perf_counter() - wall


def tell(value: float, **more: Any) -> None:
    """Print a side's result as its last line."""
    sys.stdout.write(json.dumps({"value": value, "rss_mb": round(rss_mb(), 1), **more}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def tell_cpu(stretch: Stretch, count: int, **more: Any) -> None:
    """Print CPU microseconds a piece as the value."""
    tell(round(1e6 * stretch.cpu / count, 2), unit="us CPU", count=count, wall_s=round(stretch.wall, 3), **more)
