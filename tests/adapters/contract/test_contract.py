"""What every adapter keeps to, whatever its platform: the same suite for all, against the strict far side of each.

A platform that cannot do a thing at all does not say so in its far side's `can`; everything else must pass.
"""

import re
from pathlib import Path

import pytest

from conversations.channels import EditGone, Rejected, RetryAfter, SendFailure, Unavailable, Unknown, Unreachable
from conversations.messages import Button, FileIn, FileOut, Letter, Outgoing, Phrase
from conversations.phrasebook import book_for
from conversations.rendering import render, split
from store.messages import Choice
from store.units import Units, open_engine
from tests.support.far import FARS, Clock
from tests.support.far.base import FAILURES

# Telegram's library warns of itself whenever it is asked for patience.
pytestmark = pytest.mark.filterwarnings("ignore::telegram.warnings.PTBDeprecationWarning")
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
XLSX = b"PK\x03\x04" + b"x" * 20
BUTTONS = (Button("确认", "step.ack:42.1"), Button("有问题", "step.problem:42.1"))
HOSTILE = "A<b>粗</b> & *星* _线_ `码` <!channel> @everyone [这里](https://evil.test) ~删~"
MEANS = {"limited": RetryAfter, "blocked": Unreachable, "refused": Rejected, "unclear": Unknown, "down": Unavailable}
DRAWS = {name for name, far in FARS.items() if far.can & {"buttons", "draws"}}


class Kept:
    """A Receive in memory."""

    def __init__(self):
        self.updates, self.calls = {}, 0

    async def __call__(self, update):
        self.calls += 1
        key = (update.channel, update.account, update.message_id)
        new = key not in self.updates
        self.updates.setdefault(key, update)
        return new


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture(params=FARS)
async def far(request, kept, tmp_path: Path):
    kind = FARS[request.param]
    units = None
    if kind.name == "web":
        units = Units(open_engine(request.getfixturevalue("sqlite_url")), clock=request.getfixturevalue("clock"))
    made = kind(kept, Clock(), units) if units else kind(kept, Clock())
    async with made:
        made.folder = tmp_path
        yield made
    if units is not None:
        units.close()


def needs(far, *abilities):
    if not far.can.issuperset(abilities):
        pytest.skip(f"{far.name} has no {', '.join(abilities)}")


def message(far, text="请确认", key="7", **more):
    return Outgoing(key=key, account=more.pop("account", far.account), text=text, **more)


def heard(far, kept):
    """What was kept, as messages, in order."""
    return [far.channel.translate(one.payload) for one in kept.updates.values()]


# --- outwards -----------------------------------------------------------------------------------------------------


async def test_a_text_arrives_as_it_is_written_and_nothing_in_it_is_markup(far):
    if far.name not in DRAWS:
        pytest.skip("messages are read from the book")
    await far.channel.send(message(far, HOSTILE))
    assert far.sent[0].text == HOSTILE


async def test_a_card_s_buttons_come_back_as_they_were_sent_and_name_their_message(far, kept):
    needs(far, "buttons")
    made = await far.channel.send(message(far, "请确认裁床排期", buttons=BUTTONS))
    card = next(one for one in far.sent if one.buttons)
    assert [action for _, action in card.buttons] == [one.action for one in BUTTONS]
    assert all(label for label, _ in card.buttons)
    await far.presses(card, "step.problem:42.1")
    pressed = heard(far, kept)[-1]
    assert (pressed.press, pressed.account) == ("step.problem:42.1", far.account)
    assert pressed.press_on in {made, None}


async def test_choices_that_are_too_many_for_buttons_are_numbered_in_the_text(far, clock):
    abilities = far.channel.abilities
    choices = tuple(
        Choice(Phrase("list.button", {"number": f"SO-{n}", "name": None}), f"order.show:SO-{n}") for n in range(1, 31)
    )
    letter = Letter((Phrase("list.title", {"what": Phrase("list.mine"), "total": 30}),), choices)
    pages = render(letter, book_for("zh", "Asia/Shanghai", clock()), abilities)
    assert len(pages[-1].buttons) == min(30, abilities.buttons)
    if abilities.buttons < 30:
        assert all(f"{n}. " in "".join(page.text for page in pages) for n in (1, 17, 30))
    for place, page in enumerate(pages):
        await far.channel.send(message(far, page.text, key=f"n{place}", buttons=page.buttons))
    if "buttons" in far.can:
        assert len([one for one in far.sent if one.buttons][-1].buttons) == len(pages[-1].buttons)


async def test_long_texts_are_split_at_sentence_ends_within_the_limit_and_nothing_is_lost(far):
    abilities = far.channel.abilities
    sentence = abilities.text_length("第100句:面料到厂,请确认 & 排期。")
    long = "".join(
        f"第{n}句:面料到厂,请确认 & 排期。" for n in range(100, 100 + 5 * abilities.max_text // sentence // 2)
    )
    pieces = list(split(long, abilities.max_text, abilities.text_length))
    assert "".join(pieces) == long
    assert len(pieces) >= 3
    assert all(piece.endswith("。") for piece in pieces)
    if far.name in DRAWS:
        for place, piece in enumerate(pieces):
            await far.channel.send(message(far, piece, key=f"l{place}"))
        assert "".join(one.text for one in far.sent) == long


async def test_what_is_longer_than_the_limit_is_our_fault_and_reaches_nobody(far):
    needs(far, "fails")
    with pytest.raises(Rejected):
        await far.channel.send(message(far, "好" * (far.channel.abilities.max_text * 12)))
    assert far.sent == []


async def test_pictures_and_files_arrive_with_bytes_and_names(far):
    needs(far, "files_out")
    files = (FileOut("图表.png", "image/png", PNG), FileOut("订单 1.xlsx", "application/vnd.ms-excel", XLSX))
    await far.channel.send(message(far, "附上两份文件", files=files))
    if far.name == "console":
        laid = [Path(re.sub(r"^📎 ", "", one.text)) for one in far.sent if one.text.startswith("📎")]
        assert [(path.name, path.read_bytes()) for path in laid] == [(one.name, one.content) for one in files]
        return
    arrived = [file for one in far.sent for file in one.files]
    assert [content for _, content in arrived] == [PNG, XLSX]
    assert "订单" in arrived[1][0]
    assert any(one.text == "附上两份文件" for one in far.sent)


async def test_a_message_is_renewed_in_its_place_and_loses_its_buttons(far):
    if "edits" not in far.can:
        if "fails" in far.can:
            with pytest.raises(EditGone):
                await far.channel.send(message(far, "已确认", key="8", edits="k1" if far.name == "wecom-kf" else "r1"))
        return
    made = await far.channel.send(message(far, "请确认", buttons=BUTTONS))
    before = len(far.sent)
    assert await far.channel.send(message(far, "已由王丽确认", key="8", edits=made)) == made
    assert len(far.sent) == before
    assert (far.edited[-1].buttons, "已由王丽确认" in far.edited[-1].text) == ((), True)


async def test_the_same_edit_twice_is_no_failure(far):
    needs(far, "edits")
    made = await far.channel.send(message(far, "请确认", buttons=BUTTONS))
    for key in ("8", "9"):
        try:
            await far.channel.send(message(far, "已确认", key=key, edits=made))
        except EditGone:
            assert key == "9"  # where an edit can be made once alone


async def test_an_edit_of_what_is_not_there_says_so(far):
    needs(far, "edits", "fails")
    made = {"telegram": f"{far.account}:4711", "slack": "D0ANNA:1.000001", "wecom-app": "g4711-0000"}[far.name]
    with pytest.raises(EditGone):
        await far.channel.send(message(far, "已确认", edits=made))


@pytest.mark.parametrize("kind", FAILURES)
async def test_each_way_of_failing_has_its_class_and_the_next_try_gets_through(far, kind):
    needs(far, "fails")
    if far.name == "wecom-robot" and kind == "unclear":
        far.line.socket._pace = far.line.socket._pace.__class__(heartbeat=5, answer=0.1)
    far.fail(kind)
    with pytest.raises(SendFailure) as raised:
        await far.channel.send(message(far))
    assert type(raised.value) is MEANS[kind]
    if far.name == "wecom-kf" and kind == "blocked":
        return  # until the servicer who has the conversation gives it back
    if kind == "limited":
        assert raised.value.seconds > 0
        far.clock.now += raised.value.seconds
    if far.name == "wecom-robot" and kind == "unclear":
        far.server.mute = False
    await far.channel.send(message(far))
    assert "请确认" in far.sent[-1].text


async def test_somebody_who_is_not_there_is_unreachable(far):
    needs(far, "fails")
    with pytest.raises(Unreachable):
        await far.channel.send(message(far, account=far.gone))


async def test_an_empty_message_is_our_fault(far):
    needs(far, "fails")
    with pytest.raises(Rejected):
        await far.channel.send(message(far, ""))


async def test_a_burst_to_one_receiver_is_never_a_flood(far):
    needs(far, "pacing")
    went = waits = 0
    for number in range(60):
        try:
            await far.channel.send(message(far, f"第{number}条", key=f"b{number}"))
            went += 1
        except RetryAfter:
            waits += 1
    assert far.floods == 0
    assert (went, len(far.sent)) == (60 - waits, went)
    assert waits or far.clock.now > 1_790_000_000.0 + 10


async def test_the_working_sign_never_fails(far):
    await far.channel.working(far.account, None)
    await far.channel.working("nobody at all", "nowhere")


# --- inwards ------------------------------------------------------------------------------------------------------


async def test_who_says_something_is_told_by_the_platform_alone(far, kept):
    await far.says("我是王丽,帮我查 SO-1 <b>&amp;")
    said = heard(far, kept)[-1]
    assert (said.channel, said.account, said.text) == (far.platform, far.account, "我是王丽,帮我查 SO-1 <b>&amp;")
    assert said.person == (far.account if "proves" in far.can else None)
    assert said.group is None
    assert said.mentioned


async def test_an_update_that_comes_again_is_kept_once(far, kept):
    again = await far.says("帮我查 SO-1")
    for _ in range(3):
        await again()
    assert len(kept.updates) == 1
    assert kept.calls >= 1


async def test_the_same_words_said_twice_are_two_updates_in_whatever_order_they_come(far, kept):
    first = await far.says("好")
    await far.says("好")
    await first()
    assert [one.text for one in heard(far, kept)] == ["好", "好"]


async def test_a_press_that_comes_again_is_kept_once(far, kept):
    needs(far, "buttons")
    await far.channel.send(message(far, buttons=BUTTONS))
    again = await far.presses(next(one for one in far.sent if one.buttons), BUTTONS[0].action)
    await again()
    assert len(kept.updates) == 1


async def test_what_nobody_has_heard_of_is_passed_over(far, kept):
    await far.unknown()
    assert [one for one in heard(far, kept) if one is not None and (one.text or one.press or one.files)] == []
    await far.says("好")
    assert heard(far, kept)[-1].text == "好"


async def test_a_place_is_told_as_something_without_words_and_not_passed_over(far, kept):
    needs(far, "places")
    await far.wordless()
    sent = heard(far, kept)[-1]
    assert (sent.wordless, sent.text, sent.files, sent.account) == (True, "", (), far.account)


async def test_a_file_that_is_sent_can_be_fetched(far, kept):
    needs(far, "files_in")
    await far.says("", file=("订单.xlsx", XLSX))
    (file,) = heard(far, kept)[-1].files
    assert isinstance(file, FileIn)
    assert await far.channel.fetch(file) == XLSX
    if far.name != "wecom-kf":  # customer service tells no names
        assert file.name == "订单.xlsx"


async def test_a_file_that_is_gone_is_a_failure_and_no_fault(far):
    needs(far, "files_in")
    ref = {"wecom-robot": 'robot:{"url": "http://127.0.0.1:9/x"}'}.get(
        far.name, "media:gone" if "wecom" in far.name else "gone"
    )
    with pytest.raises(SendFailure):
        await far.channel.fetch(FileIn("a.xlsx", ref=ref))


async def test_an_answer_to_a_message_of_ours_names_it(far, kept):
    needs(far, "quotes")
    made = await far.channel.send(message(far, "请确认"))
    await far.says("完成了", answers=made)
    assert heard(far, kept)[-1].reply_to == made


async def test_in_a_group_only_what_names_the_bot_is_for_it_and_the_answer_goes_there(far, kept):
    needs(far, "groups")
    if far.name != "wecom-robot":  # which is told nothing else
        await far.says("中午吃什么", group=far.group, named=False)
        assert [one for one in heard(far, kept) if one is not None and one.mentioned] == []
    await far.says("SO-1 到哪了", group=far.group)
    asked = heard(far, kept)[-1]
    assert (asked.text, asked.group, asked.mentioned, asked.account) == ("SO-1 到哪了", far.group, True, far.account)
    await far.channel.send(message(far, "在车缝", account=far.group, group=far.group, conversation=asked.conversation))
    assert (far.sent[-1].to, far.sent[-1].text) == (far.group, "在车缝")


async def test_what_one_person_says_and_presses_stays_in_order(far, kept):
    needs(far, "buttons")
    await far.channel.send(message(far, buttons=BUTTONS))
    await far.says("好")
    await far.presses(next(one for one in far.sent if one.buttons), BUTTONS[0].action)
    assert len({one.conversation for one in kept.updates.values()}) == 1


def test_the_page_on_adding_a_platform_names_every_far_side():
    page = (Path(__file__).parents[3] / "docs" / "adapters.md").read_text("utf-8")
    assert [name for name in FARS if name not in page] == []
