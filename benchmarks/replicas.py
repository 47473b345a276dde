"""Ours: four processes sweep one PostgreSQL in which a thousand of so many steps are due. `replicas.py [STEPS] [kill]`.

Wall time until all thousand are in the outbox, none twice. With `kill` one of the four dies in the middle of its first
sweep: what it held is the others' at once.
"""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from due_book import AT, DUE
from due_postgres import book_on_postgres
from measuring import cpu_s, tell

SWEEPERS = 4


def sweeper(url: str, *, dies: bool) -> None:
    """One process: says when it is ready, sweeps when it is told to, says how many it dealt with, in how much CPU."""
    from bot import collecting
    from bot.clocks import HandClock
    from reminders import Planner, sweep
    from reminders.clock import get_ready
    from store.units import Units, open_engine

    collecting.seldom()
    clock = HandClock(AT - timedelta(seconds=5))
    units = Units(open_engine(url), clock=clock, planner=Planner())
    units.write(sweep)
    units.read(get_ready)
    collecting.settle()  # as `gendan serve` does when all stands
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    clock.move(AT)
    before = cpu_s()

    def _sweep(book: Any) -> int:
        found = sweep(book)
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)
        return found.count

    done, idle = 0, 0
    while idle < 3:  # others may still hold what they give back
        count = units.write(_sweep)
        done, idle = done + count, 0 if count else idle + 1
        if not count:
            time.sleep(0.02)
    sys.stdout.write(f"{done} in {1000 * (cpu_s() - before):.0f} ms\n")


def main() -> None:
    if sys.argv[1:2] == ["sweeper"]:
        sweeper(sys.argv[2], dies="dies" in sys.argv[3:])
        return
    kill = "kill" in sys.argv[1:]
    steps = next((int(one) for one in sys.argv[1:] if one.isdigit()), 1_000_000)
    with book_on_postgres(steps) as url:
        command = [sys.executable, __file__, "sweeper", url]
        children = [
            subprocess.Popen(
                command + (["dies"] if kill and not n else []), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for n in range(SWEEPERS)
        ]
        for child in children:
            child.stdout.readline()
        began, before = time.perf_counter(), cpu_s()
        for child in children:
            child.stdin.write("go\n")
            child.stdin.flush()
        written = wait_for_all(url)
        wall = time.perf_counter() - began
        done = [child.communicate()[0].strip() for child in children]
        right = written == (DUE, DUE)
    tell(round(1000 * wall, 1), unit="ms wall", right=right, killed=kill, each=json.dumps(done),
         cpu_ms=round(1000 * (cpu_s() - before)))  # fmt: skip


def wait_for_all(url: str) -> tuple[int, int]:
    """Until a thousand steps have their due push in the outbox; (rows, distinct steps)."""
    import psycopg

    query = "SELECT count(*), count(DISTINCT card) FROM outbox WHERE rule = 'due'"
    found, until = (0, 0), time.perf_counter() + 300
    with psycopg.connect(url, autocommit=True) as connection:
        while found[1] < DUE and time.perf_counter() < until:
            found = connection.execute(query).fetchone()
            time.sleep(0.01)
    return found


if __name__ == "__main__":
    main()
