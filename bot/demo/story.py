"""Weeks of orders, made by driving the real assistant with a moving clock: people type and press, nothing is inserted.

Chance decides who orders what and who is late, always the same way (one seed). Everything goes in as messages of the
web channel; what comes of it is what the assistant makes of it.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from sqlmodel import col, select

from bot.demo.clockwork import RunningClock
from bot.wiring import Assistant
from conversations.channels import RawUpdate
from store.book import Book
from store.company import Company
from store.company.models import FieldPart
from store.tables import ExceptionCase, Order, OrderLine, Outbox, Step

_SEED = 7
_ORDERS_A_DAY = (1, 1, 2)
_LATE = 0.12
_SOON = (50, 150)
"""Minutes that colleagues off stage take while a visitor plays: he waits for nobody."""
_TROUBLE = 0.07
_SHORT_OF = ("密封圈断货", "铸件没到", "轴承缺货")
_CARRIERS = ("顺丰SF13", "德邦DPK3", "中通ZT78")


_OPEN = time(9, 30), time(16, 30)
_MORNING = time(10, 0)


def opening_moment(now: datetime, company: Company) -> datetime:
    """The moment at which a visitor finds the company: now in working hours, else the last working morning before.

    At night or on a holiday nobody's phone would light up, and a visitor would think that nothing works.
    """
    local = now.astimezone(company.zone)
    day = local.date()
    if company.calendar.is_working_day(day) and _OPEN[0] <= local.time() <= _OPEN[1]:
        return now
    if local.time() < _MORNING:
        day -= timedelta(days=1)
    while not company.calendar.is_working_day(day):
        day -= timedelta(days=1)
    return datetime.combine(day, _MORNING, company.zone)


def begin_at(now: datetime, weeks: int) -> datetime:
    """When the story begins: so many weeks before now."""
    return now - timedelta(weeks=weeks)


async def tell_story(
    assistant: Assistant, channel: Any, clock: RunningClock, until: datetime, progress: Callable[[int, int], None]
) -> Story:
    """Let the company work from where the clock stands until a moment; the story can be gone on with.

    Args:
        assistant: on an empty book with the company loaded.
        channel: the web channel, through which everybody speaks.
        clock: the assistant's clock, still held.
        until: where the story ends.
        progress: told how many days are done, of how many.
    """
    company = assistant.units.read(lambda book: book.company)
    story = Story(assistant, channel, clock, company, random.Random(_SEED))  # noqa: S311  # a story, not a secret
    first, last = clock().date(), until.date()
    for day in _days(first, last):
        if company.calendar.is_working_day(day):
            story.plan_day(day)
        progress((day - first).days, (last - first).days + 1)
        await story.live_until(min(datetime.combine(day + timedelta(1), time(), company.zone), until))
    return story


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days) for days in range((last - first).days + 1))


@dataclass(order=True)
class _Act:
    """Somebody does something at a moment."""

    at: datetime
    turn: int
    do: Callable[[], Any] = field(compare=False)


class Story:
    """The company at work."""

    def __init__(
        self, assistant: Assistant, channel: Any, clock: RunningClock, company: Company, chance: random.Random
    ) -> None:
        self._assistant, self._channel, self._clock = assistant, channel, clock
        self._company, self._chance = company, chance
        self._acts: list[_Act] = []
        self._turns = itertools.count()
        self._seen: set[tuple[str, int | None]] = set()
        self._stage: frozenset[str] = frozenset()

    async def open_to(self, stage: Iterable[str], on_leave: str) -> None:
        """From now on visitors speak for those on stage; the others do their work soon after it came to them.

        Args:
            stage: whose phones are shown.
            on_leave: who takes leave, so that what might have come to him comes to somebody on stage.
        """
        self._stage, self._acts, self._seen = frozenset(stage), [], set()
        await self._say(on_leave, "我请假一周")
        await self._say(on_leave, "确认")

    def plan_day(self, day: date) -> None:
        """Decide which orders are placed today."""
        for _ in range(self._chance.choice(_ORDERS_A_DAY)):
            hour, minute = self._chance.choice((9, 10, 11, 14, 15, 16)), self._chance.randrange(0, 60, 5)
            moment = datetime.combine(day, time(hour, minute), self._company.zone)
            if moment > self._clock():
                self._at(moment, partial(self._order, day))

    async def live_until(self, moment: datetime) -> None:
        """Play what was decided, in order, with everything that falls due between."""
        await self._plan_work()
        while self._acts and self._acts[0].at <= moment:
            act = heapq.heappop(self._acts)
            await self._move(act.at)
            await act.do()
            await self._assistant.settle()
            await self._plan_work()
        await self._move(moment)

    def _at(self, moment: datetime, do: Callable[[], Any]) -> None:
        heapq.heappush(self._acts, _Act(max(moment, self._clock()), next(self._turns), do))

    async def _move(self, moment: datetime) -> None:
        async def _set(to: datetime) -> None:
            self._clock.move(to)

        await self._assistant.advance(_set, moment)

    async def _say(self, person: str, text: str = "", *, press: str | None = None) -> Outbox | None:
        """Type or press; returns the answer."""
        payload = {"text": text, "press": press} if press else {"text": text}
        update: RawUpdate = self._channel.update(person, payload)
        await self._assistant.worker.receive(update)
        await self._assistant.settle()
        return await self._assistant.units.look(lambda book: _newest(book, person))

    async def _order(self, day: date) -> None:
        chance, company = self._chance, self._company
        sellers = [one for one in company.staff() if "sales" in one.roles]
        seller = chance.choice(sellers)
        customers = [one for one in company.customers.values() if one.salesperson == seller.key]
        items = [one for one in company.products.values() if one.price is not None]
        if not customers or not items:
            return
        customer, item = chance.choice(customers), chance.choice(items)
        promise = company.calendar.next_working_day(day + timedelta(chance.randrange(9, 24)))
        quantity = chance.choice((10, 20, 50, 80, 100, 150, 200))
        name = customer.aliases[0] if customer.aliases else customer.name.say("zh")
        text = f"新单 {name} {item.sku} {quantity}{item.unit or '件'} {promise.month}月{promise.day}日交 送{name}仓库"
        answer = await self._say(seller.key, text)
        for _ in range(4):  # what the order form still asks for
            action = _confirming(answer)
            if action is not None:
                await self._say(seller.key, press=action)
                return
            answer = await self._say(seller.key, f"{name}仓库")

    async def _plan_work(self) -> None:
        """Decide when each newly active step or newly opened exception is dealt with."""
        for kind, row_id, due, owner in await self._assistant.units.look(_open_work):
            if (kind, row_id) in self._seen or owner in self._stage:
                continue
            self._seen.add((kind, row_id))
            now = self._clock()
            left = (due - now) if due is not None and due > now else timedelta(hours=6)
            share = (
                self._chance.uniform(1.05, 1.4) if self._chance.random() < _LATE else self._chance.uniform(0.2, 0.85)
            )
            calendar = self._company.calendar_of(owner)
            ack = calendar.next_open(now + timedelta(minutes=self._chance.randrange(5, 50)))
            soon = timedelta(minutes=self._chance.randrange(*_SOON))
            done = calendar.next_open(now + (soon if self._stage else left * share))
            act = {"step": self._finish, "exception": self._solve}[kind]
            self._at(ack, partial(self._take_note, kind, row_id))
            self._at(done, partial(act, row_id))
            if kind == "step" and not self._stage and self._chance.random() < _TROUBLE:
                self._at(ack + timedelta(minutes=20), partial(self._trouble, row_id))

    async def _take_note(self, kind: str, row_id: int) -> None:
        work = await self._assistant.units.look(lambda book: _work_of(book, row_id)) if kind == "step" else None
        if work is None or not work.review:  # a review is judged, its card has no such button
            await self._press("ack", kind, row_id)

    async def _press(self, verb: str, kind: str, row_id: int) -> None:
        held = await self._assistant.units.look(lambda book: _holder(book, kind, row_id))
        if held is not None:
            owner, version = held
            await self._say(owner, press=f"{kind}.{verb}:{row_id}.{version}")

    async def _finish(self, row_id: int) -> None:
        work = await self._assistant.units.look(lambda book: _work_of(book, row_id))
        if work is None:
            return
        if work.review:
            await self._review(work)
            return
        await self._say(work.owner, f"{work.number} {work.name}完成 {work.form}".strip())
        for _ in range(3):
            if await self._assistant.units.look(lambda book: _work_of(book, row_id)) is None:
                return
            await self._say(work.owner, work.form or "好了")

    async def _review(self, work: _Work) -> None:
        await self._say(work.owner, press=f"review.approve:{work.row}.{work.order_version}")
        for figure in work.figures:  # asked for one by one when the amount is large
            if await self._assistant.units.look(lambda book: _work_of(book, work.row)) is None:
                return
            await self._say(work.owner, figure)

    async def _trouble(self, row_id: int) -> None:
        work = await self._assistant.units.look(lambda book: _work_of(book, row_id))
        if work is not None and not work.review:
            await self._say(
                work.owner, f"{work.number} 缺料 {self._chance.choice(('密封圈断货', '铸件没到', '轴承缺货'))}"
            )

    async def _solve(self, row_id: int) -> None:
        case = await self._assistant.units.look(lambda book: book.session.get(ExceptionCase, row_id))
        if case is not None and case.status == "open":
            await self._press("close", "exception", row_id)
            await self._say(case.handler, "已从外协调货,明天到")


@dataclass(frozen=True, slots=True)
class _Work:
    """An active step, and what its owner has to say to finish it."""

    row: int
    number: str
    name: str
    owner: str
    review: bool
    order_version: int
    form: str
    figures: tuple[str, ...]


def _open_work(book: Book) -> list[tuple[str, int, datetime | None, str]]:
    steps = book.session.exec(select(Step).where(Step.status == "active")).all()
    cases = book.session.exec(select(ExceptionCase).where(ExceptionCase.status == "open")).all()
    return [("step", row.id or 0, row.due, row.owner) for row in steps] + [
        ("exception", row.id or 0, row.due, row.handler) for row in cases
    ]


def _holder(book: Book, kind: str, row_id: int) -> tuple[str, int] | None:
    """Who holds an open step or exception, and its version."""
    if kind == "step":
        step = book.session.get(Step, row_id)
        return (step.owner, step.version) if step is not None and step.status == "active" else None
    case = book.session.get(ExceptionCase, row_id)
    return (case.handler, case.version) if case is not None and case.status == "open" else None


def _work_of(book: Book, row_id: int) -> _Work | None:
    step = book.session.get(Step, row_id)
    order = book.session.get(Order, step.order_id) if step else None
    if step is None or order is None or step.status != "active" or order.status != "open":
        return None
    part = book.company.flow(order.flow, order.flow_version).step(step.key)
    lines = book.session.exec(select(OrderLine).where(OrderLine.order_id == order.id)).all()
    quantity = sum((line.quantity for line in lines), Decimal(0))
    promise = f"{order.promise_date.month}月{order.promise_date.day}日"
    wanted = {"amount": f"{order.amount:f}", "quantity": f"{quantity.normalize():f}", "promise_date": promise}
    figures = tuple(wanted[name] for name in part.fields or () if name in wanted)
    said = [_filled(entry, order, row_id) for entry in part.form or ()]
    return _Work(row_id, order.number, part.name.say("zh"), step.owner, part.kind == "review", order.version,
                 " ".join(said), figures)  # fmt: skip


def _filled(entry: FieldPart, order: Order, row_id: int) -> str:
    if entry.choices:
        return str(entry.choices[row_id % len(entry.choices)])
    if entry.field in {"carrier", "tracking"}:
        return "" if entry.field == "carrier" else f"{_CARRIERS[row_id % len(_CARRIERS)]}{row_id:010d}"
    return {"money": f"{order.amount:f}", "integer": "1", "decimal": "1", "check": "是"}.get(entry.type, "合格")


def _newest(book: Book, person: str) -> Outbox | None:
    rows = select(Outbox).where(Outbox.person == person, Outbox.kind == "answer").order_by(col(Outbox.id).desc())
    return book.session.exec(rows.limit(1)).first()


def _confirming(answer: Outbox | None) -> str | None:
    """The action of the button that confirms, if the answer has one."""
    choices = answer.body.get("choices", ()) if answer else ()
    return next((action for _label, action in choices if action.startswith("dialog.confirm")), None)
