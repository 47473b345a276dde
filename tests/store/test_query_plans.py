"""What people ask for all day is answered from indexes: the plans of every query on their paths, on both databases."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlmodel import select

from benchmarks.workload import CUSTOMERS, NOW, build, messages, short_names
from bot.wiring import Assistant
from store.book import Book
from store.prepared import watched
from store.reads.board import Wanted, read_board
from store.reads.lists import OrderFilter, StepFilter, list_orders, list_steps
from store.tables import Order
from store.units import open_engine
from tests.support.clock import Clock
from tests.support.platform import Platform

ORDERS = 400
GROWING = (
    "orders", "order_line", "step", "deadline", "inbox", "outbox", "audit_entry", "reminder", "note", "note_file",
    "change", "request", "urge", "follow", "exception_case", "undo_record", "dialog", "shipment",
    "order_word",
)  # fmt: skip
SAID = (
    "帮我查一下订单SO-000007现在什么状态", "列出逾期的订单", "我的待办", "我有哪些事", "华强电子的订单", "SO-000007 时间线",
    "SO-000007为什么晚了", "关注SO-000007", "催一下SO-000007", "SO-000007备注：客户要木箱", "本周到期的订单", "12",
    "标记订单SO-000007已验货", "撤销", "订单SO-000057推迟到下周五", "SO-000057改成20箱", "有什么例外", "收到",
    "搜一下木箱",
)  # fmt: skip


class Asked:
    """Every SELECT that went to the database, with its parameters."""

    def __init__(self, engine: Any) -> None:
        self.queries: dict[str, Any] = {}
        event.listen(engine, "before_cursor_execute", lambda *told: self.note(told[2], told[3], told[5]))

    def note(self, statement, parameters, many) -> None:
        """Keep it, if it asks."""
        if statement.lstrip().upper().startswith("SELECT") and not many:
            self.queries.setdefault(re.sub(r"\s+", " ", statement), (statement, parameters))


@pytest.fixture
def assistant(empty_url: str) -> Iterator[Assistant]:
    build(empty_url, ORDERS, 100, analyze=False)
    channels = {"telegram": Platform("telegram")}
    made = Assistant(open_engine(empty_url), Clock(NOW), channels, at_once=4)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request, tmp_path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/plans.db"
        return
    server = request.getfixturevalue("postgres_server")
    name = server.new_database()
    yield server.url(name)
    server.drop(name)


async def a_day(assistant: Assistant) -> None:
    """What people say and look at, and what the clock does."""
    from conversations.channels import RawUpdate

    for number, words in enumerate(
        (*SAID, *(one.text for one in messages(12, orders=ORDERS)), short_names(CUSTOMERS)[7])
    ):
        account = str(7000 + 7 * 7919 % 50)  # who owns order 7
        await assistant.worker.receive(RawUpdate("telegram", str(number), account, {"from": account, "text": words}))
        await assistant.settle()
    person = f"u{7 * 7919 % 50:02}"
    for look in (
        lambda book: list_orders(book, person, OrderFilter(status="open"), limit=20),
        lambda book: list_orders(book, person, OrderFilter(owner=person, overdue=True), limit=20),
        lambda book: list_steps(book, person, StepFilter(owner=person), limit=20),
        lambda book: list_steps(book, person, StepFilter(owner=person, overdue=True), limit=20),
        lambda book: read_board(book, person),
        lambda book: read_board(book, person, Wanted(mine=True, late=True, words="SO-0000")),
    ):
        assistant.units.read(look)


def sqlite_scans(book: Book, statement: str, parameters: Any) -> list[str]:
    """Growing tables that SQLite would read from end to end."""
    plan = book.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    names = {name: table for table, name in re.findall(r"(?:FROM|JOIN) (\w+)(?: AS (\w+))?", statement) if name}
    found = [re.match(r"SCAN (\w+)", row[3]) for row in plan]
    scanned = [names.get(hit[1], hit[1]) for hit in found if hit]
    return [table for table in scanned if table in GROWING]


def postgres_scans(book: Book, statement: str, parameters: Any) -> list[str]:
    """Growing tables that PostgreSQL has no index for, though a plain scan is made to look dear."""
    connection = book.session.connection()
    connection.execute(text("SET LOCAL enable_seqscan = off"))
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar()
    nodes, found = [plan[0]["Plan"] if not isinstance(plan, str) else json.loads(plan)[0]["Plan"]], []
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if node["Node Type"] == "Seq Scan":
            found.append(node["Relation Name"])
    return [table for table in found if table in GROWING]


@pytest.mark.slow
async def test_no_query_of_a_persons_path_reads_a_growing_table_from_end_to_end(assistant: Assistant) -> None:
    asked = Asked(assistant.units.engine)
    with watched(asked.note):
        await a_day(assistant)
    assert len(asked.queries) > 40
    queries = dict(asked.queries)
    scans = sqlite_scans if assistant.units.engine.dialect.name == "sqlite" else postgres_scans
    found = {
        short: hit
        for short, (statement, parameters) in queries.items()
        if (hit := assistant.units.read(lambda book, s=statement, p=parameters: scans(book, s, p)))
    }
    assert not found, "\n\n".join(f"{hit}: {query}" for query, hit in found.items())


async def test_a_query_without_an_index_would_be_noticed(assistant: Assistant) -> None:
    asked = Asked(assistant.units.engine)
    assistant.units.read(lambda book: book.session.exec(select(Order.id).where(Order.reason == "x")).all())
    scans = sqlite_scans if assistant.units.engine.dialect.name == "sqlite" else postgres_scans
    ((statement, parameters),) = asked.queries.values()
    assert assistant.units.read(lambda book: scans(book, statement, parameters)) == ["orders"]
