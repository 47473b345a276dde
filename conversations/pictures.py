"""Pictures to send into a chat: the board of figures, as wide as a phone. PNG, drawn with Pillow."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

WIDTH = 750
_MARGIN, _ROW, _BAR = 48, 56, 26
_INK, _FAINT, _LINE, _PAPER = "#1d2733", "#6b7785", "#e3e8ee", "#ffffff"
_GOOD, _LATE = "#2f7d5b", "#c8442f"
# A font with Chinese characters where the machine has one; pinyin stands in for them where it has none.
_CHINESE = (
    "NotoSansCJK-Regular.ttc",
    "NotoSansSC-Regular.otf",
    "SourceHanSansSC-Regular.otf",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "msyh.ttc",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "simhei.ttf",
    "DroidSansFallbackFull.ttf",
)


@dataclass(frozen=True, slots=True)
class Gauge:
    """A rate: its name, the figure as it is said, 0 to 100 or None of nothing, how it was counted."""

    name: str
    said: str
    percent: float | None
    counted: str


@dataclass(frozen=True, slots=True)
class Bar:
    """Somebody's or something's pile: how many, how many of them late."""

    name: str
    count: int
    late: int


@dataclass(frozen=True, slots=True)
class Board:
    """What a board shows, in the receiver's words."""

    title: str
    period: str
    gauges: tuple[Gauge, ...]
    piles: tuple[tuple[str, tuple[Bar, ...]], ...]
    legend: tuple[str, str]


def draw(board: Board) -> bytes:
    """The board as a PNG."""
    from PIL import Image, ImageDraw  # heavy: only who asks for figures pays

    rows = sum(1 + len(bars) for _, bars in board.piles)
    height = 210 + 150 * len(board.gauges) + _ROW * rows + 40 * len(board.piles) + 70
    image = Image.new("RGB", (WIDTH, height), _PAPER)
    pen = _Pen(ImageDraw.Draw(image))
    pen.text(_MARGIN, 44, board.title, 40)
    pen.text(_MARGIN, 104, board.period, 26, _FAINT)
    top = 170
    for gauge in board.gauges:
        top = _gauge(pen, top, gauge)
    most = max((bar.count for _, bars in board.piles for bar in bars), default=1)
    for title, bars in board.piles:
        top = _pile(pen, top, title, bars, most)
    _legend(pen, top + 10, board.legend)
    kept = io.BytesIO()
    image.save(kept, "PNG", optimize=True)
    return kept.getvalue()


class _Pen:
    def __init__(self, on: ImageDraw.ImageDraw) -> None:
        self.on = on

    def text(self, x: int, y: int, text: str, size: int, colour: str = _INK, *, right: bool = False) -> None:
        self.on.text((x, y), _drawable(text), fill=colour, font=_font(size), anchor="ra" if right else "la")

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        if width > 0:
            self.on.rounded_rectangle((x, y, x + width, y + height), min(6, height / 2, width / 2), fill=colour)


def _gauge(pen: _Pen, top: int, gauge: Gauge) -> int:
    pen.text(_MARGIN, top, gauge.name, 28)
    pen.text(WIDTH - _MARGIN, top - 10, gauge.said, 44, _INK if gauge.percent is not None else _FAINT, right=True)
    wide = WIDTH - 2 * _MARGIN
    pen.box(_MARGIN, top + 56, wide, 16, _LINE)
    if gauge.percent:
        pen.box(_MARGIN, top + 56, wide * gauge.percent / 100, 16, _GOOD)
    pen.text(_MARGIN, top + 84, gauge.counted, 22, _FAINT)
    return top + 150


def _pile(pen: _Pen, top: int, title: str, bars: Sequence[Bar], most: int) -> int:
    pen.text(_MARGIN, top, title, 28)
    top += _ROW
    start, wide = 290, WIDTH - 290 - _MARGIN - 70
    for bar in bars:
        pen.text(_MARGIN, top, _short(bar.name), 26)
        timely = wide * (bar.count - bar.late) / most
        pen.box(start, top + 4, timely, _BAR, _GOOD)
        pen.box(start + timely, top + 4, wide * bar.late / most, _BAR, _LATE)
        pen.text(WIDTH - _MARGIN, top, str(bar.count), 26, right=True)
        top += _ROW
    return top + 40


def _legend(pen: _Pen, top: int, legend: tuple[str, str]) -> None:
    x = _MARGIN
    for colour, name in zip((_GOOD, _LATE), legend, strict=True):
        pen.box(x, top + 3, 22, 22, colour)
        pen.text(x + 34, top, name, 22, _FAINT)
        x += 190


def _short(name: str) -> str:
    """As much of a name as its column holds; a Chinese character is as wide as two letters."""
    room, kept = 17, ""
    for char in name:
        room -= 2 if ord(char) > 0x2E80 else 1
        if room < 0:
            return kept + "…"
        kept += char
    return kept


@cache
def _face() -> str | None:
    """The first font with Chinese characters that this machine has."""
    from PIL import ImageFont

    for name in _CHINESE:
        try:
            ImageFont.truetype(name, 20)
        except OSError:
            continue
        return name
    return None


@cache
def _font(size: int) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    from PIL import ImageFont

    face = _face()
    return ImageFont.truetype(face, size) if face else ImageFont.load_default(size)


def _drawable(text: str) -> str:
    if _face() is not None or text.isascii():
        return text
    from pypinyin import lazy_pinyin

    return " ".join(lazy_pinyin(text))
