"""The floor for four sweepers: one plain statement that claims the thousand due of so many. `claim_pg.py [STEPS]`."""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import psycopg
from due_book import AT, DUE
from due_postgres import book_on_postgres
from measuring import tell

_CLAIM = (
    "UPDATE deadline SET claim = 'w', lease_until = %(now)s FROM (SELECT id FROM deadline WHERE next_at <= %(now)s "
    "ORDER BY next_at, id LIMIT 1000 FOR UPDATE SKIP LOCKED) found WHERE deadline.id = found.id "
    "RETURNING deadline.id, subject_key, owner"
)


def main() -> None:
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with book_on_postgres(steps) as url, psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT count(*) FROM deadline WHERE next_at <= %s", [AT])
        began = time.perf_counter()
        rows = connection.execute(_CLAIM, {"now": AT}).fetchall()
        wall = time.perf_counter() - began
    tell(round(1000 * wall, 1), unit="ms wall", count=len(rows), right=len({row[0] for row in rows}) == DUE)


if __name__ == "__main__":
    main()
