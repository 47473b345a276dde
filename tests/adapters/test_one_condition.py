"""One condition is one card, wherever it was shown: acting on any copy changes all of them, on every platform."""

import asyncio
from datetime import timedelta

import pytest

from tests.support.far import AppFar, RobotFar, SlackFar, TelegramFar, WebFar
from tests.support.far.several import Several

pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
KINDS = {"telegram": TelegramFar, "slack": SlackFar, "wecom": AppFar, "web": WebFar}
DONE = "✓ SO-2611-0001 生产 已完成"
EVERYWHERE = ("telegram", "slack", "wecom", "web")


def house(url, places, kinds=KINDS):
    return Several(url, kinds, {"wangli": (), "heping": ()} | places)


async def produce(one, *, on):
    """An order whose production begins: its owner's card goes to the first place he names."""
    await one.begin("2026-11-23T09:00:00+08:00")
    await one.says("wangli", "web", "新单 华东机械 A型阀200件 单价35 12月11日交 送苏州园区")
    await one.presses("wangli", "web", "确认")
    await one.until("2026-11-23T09:20:00+08:00")
    await one.says("malong", on[0], f"以后发到{on[0]}")
    await one.presses("heping", "web", "通过")


async def remind_everywhere(one):
    """The same step is shown on one platform after the other, as reminders come and he changes his mind."""
    for place, at in (("slack", "07T20:30"), ("企业微信", "07T22:30"), ("网页", "08T17:00")):
        await one.says("malong", "telegram", f"以后发到{place}")
        await one.until(f"2026-12-{at}:00+08:00")


def cards(one, person, place):
    """The copies of the step's card that stand in a place, by the platform's own id."""
    return [seen for seen in one.seen(person, place) if any(label == "完成" for label, _ in seen.buttons)]


@pytest.mark.parametrize(
    "pressed",
    [name if name in {"slack", "wecom"} else pytest.param(name, marks=pytest.mark.long) for name in EVERYWHERE],
)
def test_the_same_person_s_copies_on_four_platforms_end_together(sqlite_url, pressed):
    async def work():
        async with house(sqlite_url, {"malong": ("telegram", "slack", "wecom")}) as one:
            await produce(one, on=("telegram",))
            await remind_everywhere(one)
            shown = {place: len(cards(one, "malong", place)) for place in EVERYWHERE}
            assert all(shown.values()), shown
            await one.presses("malong", pressed, "完成")
            assert {place: len(one.renewed("malong", place)) for place in EVERYWHERE} == shown
            for place in EVERYWHERE:
                assert all(seen.text.startswith(DONE) and not seen.buttons for seen in one.renewed("malong", place)), (
                    place
                )
            assert sum(one.fars[place].floods for place in EVERYWHERE) == 0

    asyncio.run(work())


def test_what_is_taken_note_of_on_one_platform_and_done_on_another_ends_on_wecom_as_well(sqlite_url):
    """WeCom lets a card be changed once without a press: that once is kept for its end."""

    async def work():
        async with house(sqlite_url, {"malong": ("telegram", "slack", "wecom")}) as one:
            await produce(one, on=("telegram",))
            await remind_everywhere(one)
            await one.presses("malong", "slack", "收到")
            assert not one.renewed("malong", "wecom")
            assert ["完成" in dict(seen.buttons) for seen in one.renewed("malong", "telegram")] == [True]
            await one.presses(
                "malong", "wecom", "完成"
            )  # the buttons of the copy that stayed as it was still do what they say
            states = [seen.text.startswith(DONE) for seen in one.renewed("malong", "wecom")]
            assert states == [True] * len(cards(one, "malong", "wecom"))
            assert not any(seen.buttons for seen in one.renewed("malong", "wecom"))

    asyncio.run(work())


def test_several_people_s_copies_of_one_condition_end_together(sqlite_url):
    async def work():
        places = {
            "malong": ("telegram",),
            "zhou": ("slack",),
            "dengyan": ("wecom",),
            "wangli": ("slack",),
            "liu": ("wecom",),
        }
        async with house(sqlite_url, places) as one:
            await produce(one, on=("telegram",))
            await one.says("malong", "telegram", "0001缺料 密封圈断货")
            copies = {
                (person, place): [
                    seen for seen in one.seen(person, place) if "密封圈断货" in seen.text and seen.buttons
                ]
                for person, place in one.accounts
                if person != "malong"
            }
            had = {where for where, found in copies.items() if found}
            assert {place for _, place in had} >= {"slack", "wecom"}, had
            assert len({person for person, _ in had}) >= 2
            await one.says("dengyan", "wecom", "0001缺料解决了")
            await one.says("dengyan", "wecom", "从常州调了50套")
            for where in had:
                ended = [seen for seen in one.renewed(*where) if "50套" in seen.text or "已解决" in seen.text]
                assert [seen.buttons for seen in ended] == [()], where

    asyncio.run(work())


def test_a_card_that_can_be_changed_no_more_says_so_when_it_is_pressed_and_then_loses_its_buttons(sqlite_url):
    async def work():
        async with house(sqlite_url, {"malong": ("telegram", "wecom")}) as one:
            await produce(one, on=("wecom",))
            await one.until("2026-11-27T10:00:00+08:00")  # 72 hours have gone by
            before = len(one.seen("malong", "wecom"))
            await one.says("malong", "telegram", "0001生产完了")
            assert not one.renewed("malong", "wecom")
            assert len(one.seen("malong", "wecom")) == before  # he did it himself: no word besides
            await one.presses("malong", "wecom", "完成")
            assert [seen.buttons for seen in one.renewed("malong", "wecom")] == [()]
            assert "已" in one.seen("malong", "wecom")[-1].text

    asyncio.run(work())


@pytest.mark.parametrize(("kind", "days"), [(AppFar, 4), (RobotFar, 0)])
def test_who_did_not_act_himself_hears_once_what_became_of_a_card_that_cannot_be_changed(sqlite_url, kind, days):
    async def work():
        kinds = {"telegram": TelegramFar, "wecom": kind, "web": WebFar}
        async with house(sqlite_url, {"malong": ("wecom",), "liu": ("telegram",)}, kinds) as one:
            await produce(one, on=("wecom",))
            await one.house.advance(one.house.clock() + timedelta(days=days))
            before = len(one.seen("malong", "wecom"))
            await one.says("liu", "telegram", "0001生产完了")  # a coordinator, for him
            told = [seen for seen in one.seen("malong", "wecom")[before:] if seen.text.startswith(DONE)]
            assert [seen.buttons for seen in told] == [()]
            assert one.renewed("malong", "wecom") == []

    asyncio.run(work())
