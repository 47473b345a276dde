"""Real `gendan serve` processes, a Bot API on the far side of the wire, and a company in which much falls due.

far = FarSide(accounts); one = Serving(url, far, folder); one.start(); one.kill(); far.deliver(one_of, updates)
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import uvicorn
from sqlalchemy import text
from sqlmodel import col, select

from bot.clocks import HandClock
from bot.sentlog import beside
from reminders import Planner
from store.book import Actor
from store.company.loading import apply_company
from store.company.reading import read_company
from store.operations.orders import place_orders
from store.tables import Order, Outbox, Reminder
from store.units import Units, open_engine
from tests.fakes.telegram import TOKEN, Telegram
from tests.support.orders import draft

SECRET = "far-side"
SELLERS = ("anna", "boris")
DUE = re.compile(r"Due now: (SO-\d+)")

_PRELOAD = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>
static const long OFF = %d;
int clock_gettime(clockid_t id, struct timespec *at) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int found = real(id, at);
  if (id == CLOCK_REALTIME) at->tv_sec += OFF;
  return found;
}
int gettimeofday(struct timeval *at, void *zone) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  at->tv_sec = now.tv_sec; at->tv_usec = now.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *at) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (at) *at = now.tv_sec;
  return now.tv_sec;
}
"""


def false_clock(folder: Path, seconds: int) -> Path | None:
    """A library that sets a process's wall clock off; None where nothing can be compiled."""
    if not sys.platform.startswith("linux") or shutil.which("cc") is None:
        return None
    source, library = folder / "off.c", folder / "off.so"
    source.write_text(_PRELOAD % seconds)
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return library


def company(workers: int) -> str:
    """Works around the clock, so that the suite may run at any hour; each worker has one kind of order to himself."""
    people = "\n".join(
        f"  - {{key: w{n}, name: W{n}, department: team, identities: {{telegram: '{10_000 + n}'}}}}"
        for n in range(workers)
    )
    sellers = "\n".join(
        f"  - {{key: {key}, name: {key.title()}, department: team, roles: [sales], identities: {{telegram: '{9000 + n}'}}}}"
        for n, key in enumerate(SELLERS)
    )
    flows = "\n".join(
        f"  - key: f{n}\n    name: f{n}\n    default: {'true' if n == 0 else 'false'}\n"
        f"    steps: [{{key: work, name: work, owner: w{n}, within: 60m}}]\n"
        f"    reminders: {{before: 2h, repeat: 20h, ladder: []}}"
        for n in range(workers)
    )
    return f"""
company: {{name: X, language: en, timezone: UTC, currency: EUR, order_number: "SO-{{seq:05}}"}}
calendar: {{week: [mon, tue, wed, thu, fri, sat, sun], hours: ["00:00-24:00"], quiet: "00:00-00:00"}}
pushes: {{per_day: 1000}}
departments: [{{key: team, name: team, head: boss}}]
people:
  - {{key: boss, name: Boss, roles: [manager, coordinator, admin], identities: {{telegram: '8999'}}}}
{sellers}
{people}
customers:
  - {{key: c1, name: Northwind, salesperson: anna}}
  - {{key: c2, name: Southgate, salesperson: boris}}
products: [{{sku: P-1, name: Pump, unit: pcs, price: 10}}]
flows:
{flows}
"""


def prepare(url: str, *, workers: int, count: int, first_due: datetime, apart: timedelta) -> list[str]:
    """A book in which `count` steps fall due from `first_due` on; nobody is left to be told of their beginning."""
    clock = HandClock(first_due - timedelta(minutes=60))
    units = Units(open_engine(url, synchronous="OFF"), clock=clock, planner=Planner())

    def _load(book):
        apply_company(book.session, read_company(company(workers)), now=book.now)
        book.forget_company()

    units.write(_load)
    numbers = []
    for n in range(count):
        clock.move(first_due - timedelta(minutes=60) + n * apart)
        order = draft("c1", "P-1", 1, promise=first_due.date() + timedelta(days=30), fields={}, flow=f"f{n % workers}")
        numbers.append(units.write(lambda book, order=order: place_orders(book, [order])[0].number, Actor("anna")))

    def _told(book):
        for row in book.session.exec(select(Outbox).where(Outbox.status == "pending")):
            row.status, row.sent_at = "sent", book.now
            book.session.add(row)

    units.write(_told)
    units.close()
    return numbers


class FarSide:
    """Telegram's servers: they answer, count, and bring updates until they are told that they were taken."""

    def __init__(self, workers: int) -> None:
        self.api = Telegram(clock=time.time)
        self.api.chats |= dict.fromkeys(
            [8999, *(9000 + n for n in range(len(SELLERS))), *(10_000 + n for n in range(workers))], "private"
        )
        self.port = free_port()
        config = uvicorn.Config(self.api.app, host="127.0.0.1", port=self.port, log_level="critical")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def says(self, account: int, words: str, number: int) -> dict:
        """An update: somebody writes."""
        return self.api.says(words, account=account) | {"update_id": number}

    def deliver(self, doors, updates, stop: threading.Event) -> int:
        """Bring updates in order, each until one of the doors takes it; how often one had to be brought again."""
        again = 0
        with httpx.Client(timeout=5) as client:
            for turn, update in enumerate(updates):
                while not stop.is_set():
                    door = doors[(turn + again) % len(doors)]
                    try:
                        answer = client.post(
                            f"http://127.0.0.1:{door.port}/hooks/telegram", json=update,
                            headers={"x-telegram-bot-api-secret-token": SECRET},
                        )  # fmt: skip
                        assert answer.status_code < 500, "a platform's update must never cause a 5xx"
                        if answer.status_code == 200:
                            break
                    except httpx.HTTPError:
                        pass
                    again += 1
                    time.sleep(0.05)
        return again

    def dues(self) -> Counter:
        """How often each order's due push has arrived, alone or in a merged message."""
        return Counter(number for message in list(self.api.sent) for number in DUE.findall(message.get("text", "")))

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)


class Serving:
    """One `gendan serve`."""

    def __init__(self, url: str, far: FarSide, folder: Path, clock: Path | None = None) -> None:
        self.url, self.far, self.folder, self.clock = url, far, folder, clock
        self.port = free_port()
        self.process: subprocess.Popen | None = None
        self.log = folder / f"serve-{self.port}.log"

    def start(self, *, wait: bool = True) -> None:
        keep = {name: value for name, value in os.environ.items() if not name.startswith("GENDAN_")}
        settings = {
            "GENDAN_HTTP": f"127.0.0.1:{self.port}", "GENDAN_HOME": str(self.folder),
            "GENDAN_TELEGRAM_TOKEN": TOKEN, "GENDAN_TELEGRAM_API": f"http://127.0.0.1:{self.far.port}",
            "GENDAN_TELEGRAM_WEBHOOK_SECRET": SECRET, "GENDAN_PUBLIC_URL": "https://gendan.test",
        }  # fmt: skip
        if self.clock is not None:
            settings["LD_PRELOAD"] = str(self.clock)
        command = [sys.executable, "-m", "bot", "serve", "--database", self.url]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, env=keep | settings, stdout=log, stderr=log)
        while wait and not self.answers():
            assert self.process.poll() is None, self.said()
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether its web server takes requests."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/health/live", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def said(self) -> str:
        return self.log.read_text(errors="replace")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def end_leases(url: str) -> None:
    """As if the lease of a process that was killed had ended: the suite need not wait for it."""
    engine = open_engine(url)
    with engine.connect().execution_options(gendan_write=True) as connection, connection.begin():
        connection.execute(text("UPDATE outbox SET lease_until = created_at WHERE status = 'claimed'"))
    engine.dispose()


def look(url: str, work):
    """Read something in the book."""
    units = Units(open_engine(url), clock=HandClock(datetime.now().astimezone()))
    try:
        return units.read(work)
    finally:
        units.close()


class Unclear:
    """Due pushes that the platform had taken when the process died, and whose answer nobody had noted anywhere."""

    def __init__(self, url: str, far: FarSide) -> None:
        self.url, self.far = url, far
        self.arrived: Counter = Counter()
        self.count = 0

    def look(self) -> None:
        """Just after a kill: what has arrived, and is neither in the book nor in the notes beside it."""
        log = beside(open_engine(self.url))
        notes = {(one.row, one.claim) for one in log.left()} if log is not None else set()
        rows = look(self.url, lambda book: list(book.session.exec(select(Outbox).where(Outbox.rule == "due"))))
        noted = {
            number
            for row in rows
            for number in row.orders
            if row.status in {"sent", "merged"} or (row.id, row.claim) in notes
        }
        for number, times in self.far.dues().items():
            if number not in noted and times > self.arrived[number]:
                self.count += 1
                self.arrived[number] = times


def orders_of(url: str) -> list[Order]:
    return look(url, lambda book: list(book.session.exec(select(Order).order_by(col(Order.id)))))


def pushed(url: str) -> set[tuple[str, str, str, int, str, datetime]]:
    """What the rules pushed: (subject, key, rule, turn, person, moment)."""
    rows = look(url, lambda book: list(book.session.exec(select(Reminder))))
    return {(row.subject, row.subject_key, row.rule, row.turn, row.person, row.moment) for row in rows}
