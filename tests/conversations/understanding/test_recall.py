"""What was understood before never changes what is understood now."""

import random
import re
from datetime import timedelta
from pathlib import Path

import pytest

from conversations.understanding.recall import Recall
from conversations.understanding.understander import Understander
from tests.support.understanding import NOW, pump

TEXTS = [
    line.split(" => ")[0]
    for file in sorted(Path(__file__).parent.glob("*.txt"))
    for line in file.read_text("utf-8").splitlines()
    if line and line[0] not in "#[@"
]
SENTENCES = (
    "帮我查一下订单{}现在什么状态", "标记订单{}已验货", "{}推迟到下周五", "where is {}?", "{} 备注 客户要木箱", "催一下{}",
    "把{}的数量改成300件", "{}改成12月5日交", "订单{}缺料，密封圈断货", "{}", "{}和0012到哪了", "取消{} 客户不要了", "请在{}发货",
    "建议{}这样的单子先看库存", "告诉李工{}已经发了", "提个建议，{}这种情况要提前说", "suggestion: orders like {} should be checked first",
)  # fmt: skip


def order(chance: random.Random) -> str:
    return f"SO-26{chance.randint(1, 12):02}-{chance.randint(1, 9999):04}"


def test_a_message_is_understood_alike_whatever_was_said_before() -> None:
    chance = random.Random(9)
    vocabulary = pump().vocabulary
    remembering = Understander(vocabulary)
    texts = [re.sub(r"(?<![\w-])0\d{3}(?![\w-])", lambda _: order(chance), text) for text in TEXTS[::4]]
    texts += [sentence.format(order(chance)) for sentence in SENTENCES for _ in range(3)]
    texts += [text for text in texts if chance.random() < 0.5]
    for at, text in enumerate(texts):
        now = NOW + timedelta(hours=at % 9)
        assert remembering.understand(text, now=now) == Understander(vocabulary).understand(text, now=now), text


def test_the_same_words_mean_another_day_on_another_day() -> None:
    understander = Understander(pump().vocabulary)
    for days in (0, 3, 8):
        now = NOW + timedelta(days=days)
        (intent,) = understander.understand("SO-2611-0012延到下周五", now=now).intents
        assert intent.value("until").due.date() == (now - timedelta(days=now.weekday()) + timedelta(days=11)).date()


@pytest.mark.parametrize(
    ("text", "remembered"),
    [
        ("SO-2611-0012到哪了", True),
        ("ＳＯ-2611-0012到哪了", False),
        ("SO-２６１１-0012到哪了", False),
        ("到哪了" * 40, False),
    ],
)
def test_what_had_to_be_put_right_and_what_is_long_is_not_remembered(text, remembered) -> None:
    understander = Understander(pump().vocabulary)
    recall = Recall("SO-{yy}{mm}-{seq:04}")
    asked = recall.asked(text, NOW, contact=False)
    if asked is not None:
        recall.keep(asked, understander.understand(text, now=NOW), "", ())
        assert (recall.find(text, asked, lambda _: []) is not None) is remembered
    else:
        assert not remembered
