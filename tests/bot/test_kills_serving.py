"""The real `gendan serve` is killed at random moments while people write: no order lost, none doubled, every push out."""

import random
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.delivery import LEASE
from store import audit
from store.tables import Inbox, OrderLine, Outbox
from tests.support.serving import SELLERS, FarSide, Serving, Unclear, end_leases, look, prepare

WORKERS = 20
SETTLED_WITHIN_S = 60
A_MESSAGE_S = 1.6  # Telegram lets about one a second into a chat, and punishes now and then
TAKEN_OVER_WITHIN_S = 30


class Writer(threading.Thread):
    """One seller, who places order after order until he is told to stop; each with a quantity of its own."""

    def __init__(self, far: FarSide, door: Serving, which: int, enough: threading.Event) -> None:
        super().__init__(daemon=True)
        self.far, self.door, self.which, self.enough = far, door, which, enough
        self.quantities: list[int] = []
        self.updates = 0
        self.fault: BaseException | None = None

    def run(self) -> None:
        try:
            self.far.deliver([self.door], self._updates(), threading.Event())
        except Exception as fault:  # noqa: BLE001  told by the thread that waits for it
            self.fault = fault

    def _updates(self):
        chance = random.Random(self.which)
        customer = ("Northwind", "Southgate")[self.which]
        for n in count():
            if self.enough.is_set():
                return
            quantity = 1000 * (self.which + 1) + n
            self.quantities.append(quantity)
            for words in (f"new order {customer} P-1 {quantity} pcs by December 20, 2027", "confirm"):
                self.updates += 1
                yield self.far.says(9000 + self.which, words, 10_000 * (self.which + 1) + self.updates)
            time.sleep(chance.uniform(0, 0.4))


def kill_and_write(url: str, folder: Path, *, kills: int, dues: int, over_s: float, seed: int) -> tuple[Counter, int]:
    """The whole story; how often each due push has arrived, and how many answers were unclear."""
    chance = random.Random(seed)
    first = datetime.now(UTC) + timedelta(seconds=4)
    numbers = prepare(url, workers=WORKERS, count=dues, first_due=first, apart=timedelta(seconds=over_s / dues))
    far, enough = FarSide(WORKERS), threading.Event()
    serving, unclear = Serving(url, far, folder), Unclear(url, far)
    writers = [Writer(far, serving, which, enough) for which in range(len(SELLERS))]
    try:
        for writer in writers:
            writer.start()
        for turn in range(kills):
            serving.start(wait=turn % 4 != 3)  # one in four dies while it starts
            time.sleep(chance.uniform(0.1, 2.5))
            serving.kill()
            unclear.look()
        alone = url.startswith("sqlite")  # whoever starts there knows that he is: nothing waits for a dead one's lease
        if not alone:
            end_leases(url)
        began = datetime.now(UTC)
        serving.start()
        if alone:
            wait_for(lambda: not look(url, lambda book: in_hand_since_before(book, began)), TAKEN_OVER_WITHIN_S)
        enough.set()
        for writer in writers:
            writer.join(4 * SETTLED_WITHIN_S)
            assert writer.fault is None
            assert not writer.is_alive(), "updates are still not taken"
        wait_until_settled(url, far, numbers)
        check(url, writers)
    finally:
        serving.kill()
        far.stop()
    found = far.dues()
    assert set(numbers) <= set(found), "a due push was lost"
    return Counter({number: found[number] for number in numbers}), unclear.count


def wait_for(happened, seconds: float) -> None:
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.2)


def in_hand_since_before(book, moment: datetime) -> list[int]:
    """What a process had in hand that is dead now."""
    query = select(Outbox.id).where(Outbox.status == "claimed", col(Outbox.lease_until) < moment + LEASE)
    return list(book.session.exec(query))


def wait_until_settled(url: str, far: FarSide, numbers: list[str]) -> None:
    """Until nothing is left to answer or to send."""
    until = time.monotonic() + SETTLED_WITHIN_S + A_MESSAGE_S * look(url, _longest)
    while time.monotonic() < until:
        if set(numbers) <= set(far.dues()) and not look(url, _left):
            return
        time.sleep(0.3)
    raise AssertionError(f"left: {look(url, _left)}, dues missing: {sorted(set(numbers) - set(far.dues()))}")


def _left(book):
    waiting = book.session.exec(select(Inbox.status).where(Inbox.status == "new")).all()
    unsent = book.session.exec(select(Outbox.rule).where(col(Outbox.status).in_(("pending", "claimed")))).all()
    return [*waiting, *unsent]


def _longest(book) -> int:
    """How many messages wait for the person for whom most do."""
    unsent = select(Outbox.person).where(col(Outbox.status).in_(("pending", "claimed")))
    return max(Counter(book.session.exec(unsent)).values(), default=0)


def check(url: str, writers: list[Writer]) -> None:
    wanted = Counter(quantity for writer in writers for quantity in writer.quantities)
    lines = look(url, lambda book: list(book.session.exec(select(OrderLine.quantity))))
    assert Counter(int(quantity) for quantity in lines if quantity > 1) == wanted, "an order was lost or doubled"
    inbox = look(url, lambda book: Counter(book.session.exec(select(Inbox.status)).all()))
    assert inbox == {"done": sum(writer.updates for writer in writers)}
    assert look(url, lambda book: list(audit.verify(book.session))) == []
    undelivered = look(
        url, lambda book: list(book.session.exec(select(Outbox).where(Outbox.status == "undeliverable")))
    )
    assert undelivered == []


@pytest.mark.slow
def test_a_server_killed_while_people_write_loses_and_doubles_nothing(sqlite_url, tmp_path):
    arrived, unclear = kill_and_write(sqlite_url, tmp_path, kills=1, dues=40, over_s=5, seed=5)
    assert sum(arrived.values()) - len(arrived) <= 1 + unclear, "more extra copies than kills"


@pytest.mark.long
def test_a_server_killed_thirty_times_while_people_write_loses_and_doubles_nothing(
    database_url, tmp_path, record_property
):
    arrived, unclear = kill_and_write(database_url, tmp_path, kills=32, dues=600, over_s=120, seed=7)
    extra = sum(arrived.values()) - len(arrived)
    record_property("extra", extra)
    record_property("unclear", unclear)
    assert extra <= 32 + unclear, "more extra copies than kills"
