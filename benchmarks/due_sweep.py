"""The sweep beside bare SQL doing the same, in one run: `due_sweep.py [sqlite|postgres] [STEPS]`.

A thousand steps of so many are due: find them, claim them, write the outbox, the evidence and the next moment, in
batches of two hundred, a commit each. Prints the ratio of wall time (and of CPU), and what a sweep with nothing due
costs. Bare SQL writes a letter that is ready made and a next moment that is the same for all; ours works both out.
"""

import json
import sys
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from due_book import AT, DUE, book_file
from measuring import measured, tell
from workload import remove

BATCH = 200
_FIND = (
    "SELECT d.id, d.subject_key, d.order_id, d.owner FROM deadline d "
    "JOIN step s ON s.id = CAST(d.subject_key AS BIGINT) "
    "WHERE d.next_at <= :now AND d.subject = 'step' AND s.status = 'active' ORDER BY d.next_at, d.id LIMIT :batch"
)
_LETTER = (
    "INSERT INTO outbox (person, kind, rule, urgent, body, card, order_id, orders, created_at, send_at, status, "
    "attempts, tried, buttons_live) VALUES (:owner, 'push', 'due', FALSE, :body, :card, :order, '[]', :now, :now, "
    "'pending', 0, '[]', FALSE) RETURNING id"
)
_EVIDENCE = (
    "INSERT INTO reminder (subject, subject_key, episode, rule, turn, person, order_id, moment, made_at, outbox_id) "
    "VALUES ('step', :key, 1, 'due', 0, :owner, :order, :now, :now, :letter)"
)
_NEXT = "UPDATE deadline SET next_at = :next, state = :body WHERE id = :id"
_BODY = json.dumps({"says": [["reminder.due", {"x": "y" * 300}]], "choices": [], "files": []})


@contextmanager
def book(kind: str, steps: int):
    if kind == "postgres":
        from due_postgres import book_on_postgres

        with book_on_postgres(steps) as url:
            yield url
        return
    path = book_file(steps)
    try:
        yield f"sqlite:///{path}"
    finally:
        remove(path)


def bare(engine: Any) -> int:
    """The same by SQL alone; how many."""
    from sqlalchemy import text

    postgres = engine.dialect.name == "postgresql"
    now = AT if postgres else AT.strftime("%Y-%m-%d %H:%M:%S.000000")
    after = AT + timedelta(hours=4) if postgres else (AT + timedelta(hours=4)).strftime("%Y-%m-%d %H:%M:%S.000000")
    # SQLite is told to begin with the queue in its order: bare SQL is to be at its best.
    begin = _FIND.replace("JOIN", "CROSS JOIN").replace("d.subject =", "+d.subject =")
    find = text(_FIND + " FOR UPDATE OF d SKIP LOCKED" if postgres else begin)
    done = 0
    while True:
        with engine.execution_options(gendan_write=True).begin() as connection:
            rows = connection.execute(find, {"now": now, "batch": BATCH}).all()
            for row in rows:
                facts = {"owner": row.owner, "order": row.order_id, "now": now, "key": row.subject_key}
                letter = connection.execute(text(_LETTER), {**facts, "body": _BODY, "card": f"step:{row.subject_key}"})
                connection.execute(text(_EVIDENCE), {**facts, "letter": letter.scalar_one()})
            if rows:
                connection.execute(text(_NEXT), [{"next": after, "body": "{}", "id": row.id} for row in rows])
        done += len(rows)
        if not rows:
            return done


def until_dry(sweep: Callable[[], int]) -> int:
    """Call it until there is nothing left; how many it dealt with."""
    done = 0
    while count := sweep():
        done += count
    return done


def main() -> None:
    kind = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    steps = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    from bot.clocks import HandClock
    from reminders import Planner, sweep
    from store.units import Units, open_engine

    def _units(url: str, at: Any) -> Units:
        return Units(open_engine(url), clock=HandClock(at), planner=Planner())

    with book(kind, steps) as url:
        early = _units(url, AT - timedelta(seconds=5))
        early.write(sweep)  # the company's picture is made, statements are put together
        with measured() as idle:
            for _ in range(100):
                early.write(sweep)
        early.close()
        units = _units(url, AT)
        with measured() as ours:
            done = until_dry(lambda: units.write(lambda unit: sweep(unit, limit=BATCH)).count)
        units.close()
    with book(kind, steps) as url:
        engine = open_engine(url)
        with measured() as theirs:
            bare_done = bare(engine)
        engine.dispose()
    tell(
        round(ours.wall / theirs.wall, 2),
        unit="our wall ÷ bare SQL's",
        steps=steps,
        database=kind,
        right=done == bare_done == DUE,
        cpu_ratio=round(ours.cpu / max(theirs.cpu, 1e-6), 2),
        ours_ms=round(1000 * ours.wall),
        bare_ms=round(1000 * theirs.wall),
        ours_cpu_ms=round(1000 * ours.cpu),
        idle_sweep_ms=round(10 * idle.wall, 3),
        idle_sweep_cpu_ms=round(10 * idle.cpu, 3),
    )


if __name__ == "__main__":
    main()
