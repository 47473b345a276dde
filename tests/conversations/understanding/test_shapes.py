"""What is remembered of a message's shape never changes what a message of that shape is read as."""

import random
import re
from pathlib import Path

import pytest

from conversations.understanding.entities import EntityReader
from conversations.understanding.naming import Names
from conversations.understanding.shapes import Shapes, shape
from conversations.understanding.vocabulary import Name
from tests.support.understanding import NOW, pump

FILES = Path(__file__).parent
TEXTS = [
    line.split(" => ")[0].lower()
    for file in sorted(FILES.glob("*.txt"))
    for line in file.read_text("utf-8").splitlines()
    if line and line[0] not in "#[@"
]
OTHERS = (
    "华强永",
    "恒泰金机械",
    "五一机械",
    "三通阀业",
    "天海",
    "中天日月贸易",
    "华东电机",
    "苏州华东",
    "法兰50",
    "两百年",
    "新单",
)


def names() -> Names:
    more = (Name("customer", f"x{place}", name) for place, name in enumerate(OTHERS))
    return Names((*pump().vocabulary.names, *more))


def variants(text: str, chance: random.Random) -> list[str]:
    """The text with other counts, and with other customers."""
    known = sorted({one.spelling.lower() for one in pump().vocabulary.names if not one.spelling.isascii()}, key=len)
    found = []
    for _ in range(4):
        said = re.sub(r"\d+", lambda hit: str(chance.choice((2, 7, 12, 31, 50, 64, 100, 120, 365, 999))), text)
        for name in known[::-1]:
            if name in said:
                said = said.replace(name, chance.choice((*OTHERS, *known)), 1)
                break
        found.append(said)
    return found


def test_a_message_is_read_alike_whatever_was_read_before() -> None:
    found, chance = names(), random.Random(5)
    units, pattern = pump().vocabulary.units, pump().vocabulary.order_pattern
    reader = EntityReader(found, units, pattern)
    for text in TEXTS[::3]:
        for said in (text, *variants(text, chance)):
            afresh = EntityReader(found, units, pattern).read(said, now=NOW)
            assert reader.read(said, now=NOW) == afresh, said


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ("登记订单恒泰金机械12箱螺丝", "登记订单中天日月贸57箱螺丝", False),
        ("新单 恒泰金机械 12箱", "新单 恒泰金机械 57箱", True),
        ("5个点优惠", "12个点优惠", False),
        ("12到15号单", "12到90号单", False),
        ("每12件300", "每57件300", False),
        ("法兰50件", "法兰80件", False),
    ],
)
def test_counts_share_a_shape_only_where_their_size_changes_nothing(first, second, alike) -> None:
    found = names()
    keys = [shape(text, found.standing(text, found.exact(text)), found.numbered).key for text in (first, second)]
    assert (keys[0] == keys[1]) is alike


@pytest.mark.parametrize(("unit", "one"), [("箱", 1), ("罗", 144)])
def test_a_shape_holds_the_counts_of_its_own_text(unit, one) -> None:
    reader = EntityReader(names(), ())
    read = [reader.read(f"{said}{unit}", now=NOW) for said in ("三通阀业12", "五一机械57", "五一机械84")]
    counts = [[entity.value.value for entity in found if entity.kind == "quantity"] for found in read]
    assert counts == [[12 * one], [57 * one], [84 * one]]


def test_a_name_that_begins_a_longer_one_stands_for_no_other() -> None:
    found = Names((Name("customer", "a", "恒泰金机"), Name("customer", "b", "恒泰金机械设备制造安装有限公司")))
    for text, standing in (("登记恒泰金机的12箱", ["恒泰金机"]), ("登记恒泰金机械设备制造安装12箱", [])):
        assert [text[one.start : one.end] for one in found.standing(text, found.exact(text))] == standing


def test_hostile_shapes_do_not_fill_the_memory() -> None:
    held = Shapes()
    for number in range(5_000):
        text = f"第{number:05}"
        held.keep(shape(text, (), {}), text, (), dated=False)
    assert len(held) <= 1_501
