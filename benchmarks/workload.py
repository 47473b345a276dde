"""The data and messages that both sides of a metric are given: a trading company, its orders, what its people type.

Everything follows from fixed seeds. The book is built once a table layout and size, kept in the benchmark's folder
(GENDAN_BENCH, by default in the temporary folder) and copied for each side.
"""

import hashlib
import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

REMARK = "出口，要熏蒸木箱"  # on one order in a thousand
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday morning, nine o'clock in Shanghai
ORDERS, CUSTOMERS, OWNERS = 100_000, 10_000, 50
ORDER_SEED, NAME_SEED, TEXT_SEED = 7, 11, 13

_BODY = "华强永盛恒泰金鑫瑞丰德顺兴隆安达嘉信博远宏图中天海润新光明凯利富康龙腾万佳启航正合同方立邦大成亿联卓越创智优品"
_TRADES = ("电子", "五金", "机械", "纺织", "贸易", "包装", "家具", "照明")
_PLACES = ("深圳市", "广州市", "上海", "北京", "杭州", "宁波市", "苏州", "东莞市", "佛山", "青岛", "厦门", "成都", "武汉")  # fmt: skip
_FORMS = ("有限公司", "股份有限公司", "厂", "实业有限公司", "科技有限公司")

COMPANY = """
company: {name: 对照贸易, language: zh, timezone: Asia/Shanghai, currency: CNY, order_number: "SO-{seq:06}"}
calendar: {country: CN, hours: ["09:00-12:00", "13:30-18:00"]}
departments: [{key: sales, name: 销售部, head: u00}]
products: [{sku: LS-1, name: 螺丝, unit: 箱, price: 120}]
flows:
  - key: standard
    name: 标准订单
    default: true
    steps:
      - {key: purchase, name: 采购, owner: salesperson, before_promise: 5d, public: 备货中}
      - {key: inspect, name: 验货, owner: salesperson, before_promise: 2d}
      - {key: ship, name: 发货, owner: salesperson, before_promise: 0d, ships: true, public: 发货中}
"""
_PERSON = (
    "  - {{key: u{0:02}, name: 业务员{0:02}, department: sales, roles: [sales], identities: {{telegram: '{1}'}}}}\n"
)
ACCOUNT = 7000


def folder() -> Path:
    """Where databases lie between runs."""
    found = Path(os.environ.get("GENDAN_BENCH") or Path(tempfile.gettempdir()) / f"gendan-bench-{os.getuid()}")
    found.mkdir(parents=True, exist_ok=True)
    return found


def short_names(count: int = CUSTOMERS, seed: int = NAME_SEED) -> list[str]:
    """What people call the customers: three characters and a trade, none twice."""
    chance = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        found["".join(chance.sample(_BODY, 3)) + chance.choice(_TRADES)] = None
    return list(found)


def full_names(count: int, seed: int = NAME_SEED) -> list[tuple[str, str]]:
    """(registered name, short form) of customers: place, two or three characters, trade, legal form."""
    chance = random.Random(seed)
    found: dict[str, str] = {}
    while len(found) < count:
        short = "".join(chance.sample(_BODY, chance.choice((2, 2, 3)))) + chance.choice(_TRADES)
        found[chance.choice(_PLACES) + short + chance.choice(_FORMS)] = short
    return list(found.items())


def owner_of(order: int) -> int:
    """Which of the owners an order belongs to."""
    return order * 7919 % OWNERS


def number(order: int) -> str:
    """An order's number."""
    return f"SO-{order:06d}"


# --- messages -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """A message: who types it, its kind, the words, and what must be understood of it."""

    owner: int
    kind: str  # where | done | new | move | list | noise
    text: str
    order: int | None = None
    customer: int | None = None
    quantity: int | None = None
    day: date | None = None


DATES = (
    ("下周五", date(2026, 12, 4)),
    ("11月30日", date(2026, 11, 30)),
    ("3天后", date(2026, 11, 26)),
    ("后天", date(2026, 11, 25)),
    ("月底", date(2026, 11, 30)),
)
_NOISE = ("今天食堂的红烧肉不错", "周末一起打球吗", "老王昨天感冒了", "这个手机壳真好看", "晚上看电影去不去")


def messages(count: int, *, noise: float = 0.0, seed: int = TEXT_SEED, orders: int = ORDERS) -> Iterator[Said]:
    """The mix: 50 % where is it, 20 % inspected, 15 % log an order, 10 % postpone, 5 % what is late; `noise` beside."""
    chance = random.Random(seed)
    names = short_names()
    unused = list(
        range(1, orders, 2)
    )  # an order is finished once: each odd one is used for one change, while they last
    chance.shuffle(unused)
    for turn in range(count):
        if chance.random() < noise:
            yield Said(turn % OWNERS, "noise", chance.choice(_NOISE))
            continue
        share = chance.random()
        words, day = chance.choice(DATES)
        if share < 0.5:
            order = chance.randrange(1, orders)
            yield Said(owner_of(order), "where", f"帮我查一下订单{number(order)}现在什么状态", order)
        elif share < 0.7:
            order = unused.pop() if unused else 1
            yield Said(owner_of(order), "done", f"标记订单{number(order)}已验货", order)
        elif share < 0.85:
            client, boxes = chance.randrange(len(names)), turn % 90 + 1
            text = f"登记订单{names[client]}{boxes}箱螺丝，{words}交"
            yield Said(client % OWNERS, "new", text, customer=client, quantity=boxes, day=day)
        elif share < 0.95:
            order = unused.pop() if unused else 1
            yield Said(owner_of(order), "move", f"订单{number(order)}推迟到{words}", order, day=day)
        else:
            yield Said(turn % OWNERS, "list", "列出逾期的订单")


def update(turn: int, said: Said) -> bytes:
    """The message as Telegram brings it."""
    account = ACCOUNT + said.owner
    person = {"id": account, "is_bot": False, "first_name": "Li", "username": "li", "language_code": "zh-hans"}
    chat = {"id": account, "type": "private", "first_name": "Li", "username": "li"}
    message = {"message_id": turn + 1, "date": 1_795_395_600, "from": person, "chat": chat, "text": said.text}
    return json.dumps({"update_id": 1000 + turn, "message": message}).encode()


# --- the book -----------------------------------------------------------------------------------------------------


def book_file(orders: int = ORDERS, customers: int = CUSTOMERS) -> Path:
    """A fresh copy of the built book: a SQLite file in a folder of its own that the caller removes."""
    template = _template(orders, customers)
    target = Path(tempfile.mkdtemp(dir=folder(), prefix="run-")) / "gendan.db"
    shutil.copy2(template, target)
    return target


def _template(orders: int, customers: int) -> Path:
    sources = [Path(__file__), *sorted((ROOT / "store" / "tables").glob("*.py"))]
    mark = hashlib.sha256(b"".join(one.read_bytes() for one in sources)).hexdigest()[:12]
    path = folder() / f"book-{orders}-{customers}-{mark}.db"
    if not path.exists():
        for old in folder().glob(f"book-{orders}-{customers}-*.db*"):
            old.unlink(missing_ok=True)
        half = path.with_suffix(".half")
        half.unlink(missing_ok=True)
        build(f"sqlite:///{half}", orders, customers)
        half.rename(path)
    return path


def build(url: str, orders: int, customers: int, *, analyze: bool = True) -> None:
    """Make the book: the company through its own loading, customers and orders in bulk; statistics, if wanted."""
    from sqlalchemy import text

    from store.migrations import upgrade
    from store.units import open_engine

    engine = open_engine(url, synchronous="OFF") if url.startswith("sqlite") else open_engine(url)
    upgrade(engine)
    _load_company(engine, customers)
    with engine.execution_options(gendan_write=True).begin() as connection:
        for table, rows in _orders(orders, customers):
            connection.execute(table.insert(), rows)
        connection.execute(text("insert into counter (name, value) values ('order:', :last)"), {"last": orders})
        if analyze:
            connection.execute(text("ANALYZE"))
    engine.dispose()  # the last connection to a SQLite file writes its log back into it


def _load_company(engine: Any, customers: int) -> None:
    from bot.clocks import HandClock
    from store.book import Actor, Book
    from store.company.loading import apply_company
    from store.company.reading import read_company
    from store.tables import Customer
    from store.units import Units

    text = COMPANY + "people:\n" + "".join(_PERSON.format(one, ACCOUNT + one) for one in range(OWNERS))
    company = read_company(text)

    def _load(book: Book) -> None:
        apply_company(book.session, company, now=book.now, by="u00")
        for place, name in enumerate(short_names(customers)):
            key, salesperson = f"c{place:05d}", f"u{place % OWNERS:02}"
            book.session.add(
                Customer(key=key, position=place, name=name + "有限公司", aliases=[name], salesperson=salesperson)
            )

    Units(engine, clock=HandClock(NOW)).write(_load, Actor("u00"))


def _orders(orders: int, customers: int) -> Iterator[tuple[Any, Sequence[dict[str, Any]]]]:
    from store.tables import Deadline, Note, Order, OrderLine, OrderWord, Step

    tables = [one.__table__ for one in (Order, OrderLine, Step, Deadline, Note, OrderWord)]  # type: ignore[attr-defined]
    chance = random.Random(ORDER_SEED)
    for first in range(1, orders + 1, 5000):
        rows: tuple[list[dict[str, Any]], ...] = ([], [], [], [], [], [])
        for order in range(first, min(first + 5000, orders + 1)):
            for found, more in zip(rows, _order_rows(order, chance, customers), strict=True):
                found.extend(more)
        yield from (pair for pair in zip(tables, rows, strict=True) if pair[1])


def _order_rows(order: int, chance: random.Random, customers: int) -> tuple[list[dict[str, Any]], ...]:
    """One order with its line, its steps (the first one done, inspection active), the active one's deadline, remarks."""
    from store.word_index import words_of

    owner = owner_of(order)
    client = chance.randrange(customers // OWNERS) * OWNERS + owner
    late = order % 2 == 0 and order % 1000 < 4  # two in a thousand are late, and nobody has been told
    promise = NOW.date() + timedelta(days=-3 if late else 10 + chance.randrange(80))
    due = datetime(promise.year, promise.month, promise.day, 10, tzinfo=UTC) - timedelta(days=2)
    quantity = chance.randrange(1, 500)
    placed = NOW - timedelta(days=30)
    person = f"u{owner:02}"
    head = {
        "id": order, "number": number(order), "seq": order, "customer": f"c{client:05d}", "salesperson": person,
        "placed_by": person, "changed_by": person, "status": "open", "promise_date": promise, "currency": "CNY",
        "amount": Decimal(quantity * 120), "flow": "standard", "flow_version": 1, "fields": {}, "placed_at": placed, "version": 1,
    }  # fmt: skip
    line = {"order_id": order, "position": 1, "sku": "LS-1", "name": "螺丝", "quantity": Decimal(quantity), "unit": "箱",
            "price": Decimal(120), "shipped": Decimal(0)}  # fmt: skip
    steps = [
        _step(order, 0, "purchase", "采购", "done", person, None, placed),
        _step(order, 1, "inspect", "验货", "active", person, due, placed),
        _step(order, 2, "ship", "发货", "waiting", person, due + timedelta(days=2), None),
    ]
    deadline = {"subject": "step", "subject_key": str(order * 3 - 1), "order_id": order, "owner": person,
                "next_at": None if late else due - timedelta(days=1), "episode": 1, "state": {}}  # fmt: skip
    remarks = (
        [{"order_id": order, "text": REMARK, "by": person, "at": placed, "public": False}] if order % 1000 == 7 else []
    )
    words = [{"word": word, "order_id": order} for one in remarks for word in words_of(one["text"])]
    return [head], [line], steps, [deadline], remarks, words


def _step(
    order: int, position: int, key: str, name: str, status: str, owner: str, due: datetime | None, at: datetime | None
) -> dict[str, Any]:
    done = at if status == "done" else None
    return {
        "id": order * 3 - 2 + position, "order_id": order, "position": position, "key": key, "name": name,
        "status": status, "owner": owner, "due": due, "held_minutes": 0, "started_at": at, "done_at": done,
        "done_by": owner if done else None, "fields": {}, "version": 1,
    }  # fmt: skip


def remove(path: Path) -> None:
    """Remove a copy made by `book_file`."""
    shutil.rmtree(path.parent, ignore_errors=True)
