"""The board as a picture: as wide as a phone, bars as long as their piles, and drawn without a Chinese font too."""

import io

import pytest
from PIL import Image

from conversations import pictures
from conversations.pictures import WIDTH, Bar, Board, Gauge, draw


def board(*bars: Bar, percent: float | None = 50) -> Board:
    gauge = Gauge("步骤准时率", "50%", percent, "按时 1 / 共 2")
    return Board("华东泵业 看板", "11月23日 至 11月29日", (gauge,), (("谁手上最多", bars),), ("未到期", "逾期"))


def pixels(png: bytes, colour: str) -> int:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    wanted = tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return sum(count for count, found in picture.getcolors(picture.width * picture.height) if found == wanted)


def test_a_board_is_a_png_as_wide_as_a_phone_and_as_high_as_what_it_shows() -> None:
    small, large = draw(board(Bar("何平", 2, 1))), draw(board(*(Bar(f"第{n}人", n, 0) for n in range(1, 6))))
    first, second = (Image.open(io.BytesIO(one)) for one in (small, large))
    assert (first.format, first.width, second.width) == ("PNG", WIDTH, WIDTH)
    assert second.height > first.height
    assert len(large) < 60_000


def test_what_is_late_is_drawn_as_late() -> None:
    def late(behind: int) -> int:
        return pixels(draw(board(Bar("何平", 10, behind))), pictures._LATE)

    assert late(0) < late(2) < late(9)


@pytest.mark.parametrize("percent", [None, 0, 100])
def test_a_rate_fills_its_bar_as_far_as_it_goes(percent: float | None) -> None:
    drawn = pixels(draw(board(percent=percent)), pictures._GOOD) - pixels(draw(board(percent=None)), pictures._GOOD)
    assert (drawn > 5000) is (percent == 100)


def test_a_long_name_is_cut_to_its_column() -> None:
    assert pictures._short("Northern Agricultural Development") == "Northern Agricult…"
    assert pictures._short("北原农业开发有限公司总部") == "北原农业开发有限…"
