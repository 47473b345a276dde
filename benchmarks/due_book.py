"""The book of the due queue's metrics: so many open steps over ninety days, a thousand of them due at one moment.

Orders of four steps that run side by side, one owner each of fifty. Built in bulk, once a table layout and size; the
bulk writes what placing and starting would have left behind.
"""

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from workload import ROOT, folder

OWNERS, DUE, EACH = 50, 1000, 4
AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)  # Tuesday, ten o'clock in Shanghai: the moment at which they fall due
PLACED = AT - timedelta(days=30)
STEPS = ("buy", "make", "pack", "ship")

COMPANY = """
company: {name: 对照贸易, language: zh, timezone: Asia/Shanghai, currency: CNY, order_number: "SO-{seq:06}"}
calendar: {country: CN, hours: ["09:00-12:00", "13:30-18:00"]}
pushes: {per_day: 200}
departments: [{key: sales, name: 销售部, head: u00}]
products: [{sku: LS-1, name: 螺丝, unit: 箱, price: 120}]
customers:
CUSTOMERS
flows:
  - key: standard
    name: 标准订单
    default: true
    steps:
      - {key: buy, name: 采购, owner: salesperson, after: [], before_promise: 4d}
      - {key: make, name: 生产, owner: salesperson, after: [], before_promise: 3d}
      - {key: pack, name: 打包, owner: salesperson, after: [], before_promise: 2d}
      - {key: ship, name: 发货, owner: salesperson, after: [], before_promise: 0d, ships: true}
people:
  - {key: boss, name: 老板, roles: [manager]}
"""


def company() -> str:
    """The company file."""
    customers = "\n".join(f"  - {{key: c{n:02}, name: 客户{n:02}, salesperson: u{n:02}}}" for n in range(OWNERS))
    people = "\n".join(
        f"  - {{key: u{n:02}, name: 业务员{n:02}, department: sales, roles: [sales], manager: boss, "
        f"backup: u{(n + 1) % OWNERS:02}}}"
        for n in range(OWNERS)
    )
    return COMPANY.replace("CUSTOMERS", customers) + people + "\n"


def build(url: str, steps: int) -> None:
    """Make the book."""
    from sqlalchemy import text

    from bot.clocks import HandClock
    from reminders import Planner
    from store.company.loading import apply_company
    from store.company.reading import read_company
    from store.migrations import upgrade
    from store.operations.leaves import turn_leaves
    from store.units import Units, open_engine

    engine = open_engine(url, synchronous="OFF") if url.startswith("sqlite") else open_engine(url)
    upgrade(engine)
    units = Units(engine, clock=HandClock(PLACED), planner=Planner())

    def _load(book: Any) -> None:
        apply_company(book.session, read_company(company()), now=book.now)
        book.forget_company()
        turn_leaves(book)

    units.write(_load)
    with engine.execution_options(gendan_write=True).begin() as connection:
        for table, rows in _rows(steps):
            connection.execute(table.insert(), rows)
        if engine.dialect.name == "postgresql":
            for name in ("orders", "order_line", "step", "deadline"):
                connection.execute(text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"))
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("VACUUM ANALYZE" if engine.dialect.name == "postgresql" else "ANALYZE"))
    units.close()


def _rows(steps: int) -> Iterator[tuple[Any, list[dict[str, Any]]]]:
    from store.tables import Deadline, Order, OrderLine, Step

    tables = [one.__table__ for one in (Order, OrderLine, Step, Deadline)]
    every = steps // DUE
    for first in range(1, steps // EACH + 1, 5000):
        rows: tuple[list[dict[str, Any]], ...] = ([], [], [], [])
        for order in range(first, min(first + 5000, steps // EACH + 1)):
            for found, more in zip(rows, _order(order, every), strict=True):
                found.extend(more)
        yield from zip(tables, rows, strict=True)


def _order(order: int, every: int) -> tuple[list[dict[str, Any]], ...]:
    owner = f"u{(order * 2654435761 >> 12) % OWNERS:02}"  # the due ones lie far apart, and are many people's
    day = AT + timedelta(days=3 + order * 31 % 87)
    promise = day.date() + timedelta(days=4)
    head = {
        "id": order, "number": f"SO-{order:06}", "seq": order, "customer": f"c{owner[1:]}", "salesperson": owner,
        "placed_by": owner, "changed_by": owner, "status": "open", "promise_date": promise, "currency": "CNY",
        "amount": Decimal(1200), "flow": "standard", "flow_version": 1, "fields": {}, "placed_at": PLACED, "version": 1,
    }  # fmt: skip
    line = {"order_id": order, "position": 1, "sku": "LS-1", "name": "螺丝", "quantity": Decimal(10), "unit": "箱",
            "price": Decimal(120), "shipped": Decimal(0)}  # fmt: skip
    steps, deadlines = [], []
    for place, key in enumerate(STEPS):
        number = (order - 1) * EACH + place + 1
        due = AT if number % every == 0 else day + timedelta(days=place)
        steps.append({
            "id": number, "order_id": order, "position": place, "key": key, "name": key, "status": "active",
            "owner": owner, "due": due, "held_minutes": 0, "started_at": PLACED, "fields": {}, "version": 1,
        })  # fmt: skip
        state = {"started": PLACED.isoformat(), "since": PLACED.isoformat(), "due": due.isoformat(), "nudged": True}
        deadlines.append({"subject": "step", "subject_key": str(number), "order_id": order, "owner": owner,
                          "next_at": due, "episode": 1, "state": state})  # fmt: skip
    return [head], [line], steps, deadlines


def mark() -> str:
    """Names the layout: what was built for another is not used."""
    sources = [Path(__file__), *sorted((ROOT / "store" / "tables").glob("*.py"))]
    return hashlib.sha256(b"".join(one.read_bytes() for one in sources)).hexdigest()[:12]


def book_file(steps: int) -> Path:
    """A fresh copy of the built book: a SQLite file in a folder of its own, which the caller removes."""
    path = folder() / f"due-{steps}-{mark()}.db"
    if not path.exists():
        for old in folder().glob(f"due-{steps}-*"):
            old.unlink(missing_ok=True)
        half = path.with_suffix(".half")
        half.unlink(missing_ok=True)
        build(f"sqlite:///{half}", steps)
        half.rename(path)
    target = Path(tempfile.mkdtemp(dir=folder(), prefix="run-")) / "gendan.db"
    shutil.copy2(path, target)
    return target
