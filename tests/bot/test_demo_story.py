"""The demonstration's weeks: everything goes in as messages, and everything that is said is understood."""

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from adapters.web.channel import WebChannel
from bot.clocks import wall_clock
from bot.demo.clockwork import RunningClock
from bot.demo.story import opening_moment, tell_story
from bot.wiring import Assistant
from conversations.channels import Channel
from store.book import Book
from store.company import apply_company, read_company
from store.messages import unpack_letter
from store.tables import Order, Outbox, Step
from store.units import open_engine
from tests.support.companies import load
from tests.support.scenarios import COMPANIES

BEGIN = datetime.fromisoformat("2026-11-23T08:00:00+08:00")
AT_A_LOSS = {"desk.no_such_button", "desk.not_understood", "desk.did_you_mean", "desk.stale", "desk.failed"}


async def test_three_days_of_it_place_and_finish_and_nobody_is_at_a_loss(sqlite_url: str) -> None:
    clock = RunningClock(wall_clock, BEGIN)
    channels: dict[str, Channel] = {}
    assistant = Assistant(open_engine(sqlite_url), clock, channels, ("web",))
    channels["web"] = WebChannel(assistant.units)
    company = read_company(Path(COMPANIES / "pump.yaml").read_text("utf-8"), "pump.yaml")
    assistant.units.write(lambda book: apply_company(book.session, company, now=book.now))
    days: list[int] = []
    await tell_story(assistant, channels["web"], clock, BEGIN + timedelta(days=3), lambda day, _of: days.append(day))
    try:
        said, orders, done = assistant.units.read(_told)
    finally:
        assistant.close()
    assert days == [0, 1, 2, 3]
    assert orders >= 3
    assert done >= 2
    assert {key: count for key, count in said.items() if key in AT_A_LOSS or key.startswith("refused.")} == {}


async def test_colleagues_off_stage_do_their_work_while_a_visitor_plays(sqlite_url: str) -> None:
    clock = RunningClock(wall_clock, BEGIN)
    channels: dict[str, Channel] = {}
    assistant = Assistant(open_engine(sqlite_url), clock, channels, ("web",))
    channel = channels["web"] = WebChannel(assistant.units)
    load(assistant.units, (COMPANIES / "pump.yaml").read_text("utf-8"))
    clock.move(BEGIN + timedelta(hours=2))
    story = await tell_story(assistant, channel, clock, clock(), lambda _day, _of: None)
    await story.open_to(("wangli", "heping", "malong", "tangwei"), on_leave="luojun")
    told = (
        ("wangli", "新单 华东机械 A型阀200件 12月18日交 送苏州园区"),
        ("wangli", "确认"), ("heping", "通过"), ("malong", "生产完成"),
    )  # fmt: skip
    for person, text in told:
        await assistant.worker.receive(channel.update(person, {"text": text}))
        await assistant.settle()
    await story.live_until(BEGIN + timedelta(days=1, hours=4))
    try:
        steps = assistant.units.read(lambda book: {one.key: one for one in book.session.exec(select(Step))})
    finally:
        assistant.close()
    assert {key for key, one in steps.items() if one.status == "done"} == {"review", "make", "inspect", "papers"}
    assert (steps["pack"].status, steps["pack"].owner) == ("active", "tangwei")


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ("2026-11-24T11:20:00+08:00", "2026-11-24T11:20:00+08:00"),
        ("2026-11-24T23:00:00+08:00", "2026-11-24T10:00:00+08:00"),
        ("2026-11-24T03:00:00+08:00", "2026-11-23T10:00:00+08:00"),
        ("2026-11-29T12:00:00+08:00", "2026-11-27T10:00:00+08:00"),
        ("2026-10-05T12:00:00+08:00", "2026-09-30T10:00:00+08:00"),
    ],
)
def test_a_visitor_at_night_or_on_a_holiday_finds_the_company_at_work(units, now: str, found: str) -> None:
    load(units)
    company = units.read(lambda book: book.company)
    assert opening_moment(datetime.fromisoformat(now), company) == datetime.fromisoformat(found)


def _told(book: Book) -> tuple[Counter[str], int, int]:
    answers = book.session.exec(select(Outbox).where(col(Outbox.kind) == "answer")).all()
    said = Counter(phrase.key for row in answers for phrase in unpack_letter(row.body).says)
    orders = book.session.exec(select(func.count()).select_from(Order)).one()
    done = book.session.exec(select(func.count()).select_from(Step).where(Step.status == "done")).one()
    return said, orders, done
