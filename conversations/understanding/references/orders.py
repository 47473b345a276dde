"""Order numbers in full, without dashes, short, several, ranges: SO-2611-0001, #12, 12号单, 单子12, 12-15号单."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from conversations.understanding.numbers import han
from conversations.understanding.numbers.units import units

from .lexicon import data, either
from .values import OrderRef, Span

MOST = 200
"""Orders in one range; a longer one is no range of orders."""
_APART = 30  # orders in a range with blanks around its dash; more are two numbers
_FIELD = re.compile(r"\{(yyyy|yy|mm|dd|seq)(?::0?(\d+))?\}")
_DIGITS = {"yyyy": r"20\d\d", "yy": r"[2-9]\d", "mm": r"(?:0[1-9]|1[0-2])", "dd": r"(?:0[1-9]|[12]\d|3[01])"}
_BARE = re.compile(
    r"(?<![A-Za-z0-9_./:¥$€£%-])(?<!\d,(?=\d{3}(?!\d)))(\d{1,6})(?!,\d{3}(?!\d))(?![./:%-]*\d|[A-Za-z_%])"
)
_DIGIT = "零一二三四五六七八九〇幺"
_VALUE = {char: at % 10 for at, char in enumerate(_DIGIT)}  # 〇 is zero as 零 is, 幺 one as 一 is
_HAN_DIGITS = re.compile(rf"(?<![{_DIGIT}两十百千万])([零〇][{_DIGIT}]{{2,5}})(?![{_DIGIT}两十百千万])")
_BARE_RANGE = re.compile(r"(?<![\w.,:/¥$€£%+-])(\d{2,4})\s?[-~]\s?(\d{2,4})(?![\w.:/%-]*\d|[A-Za-z_%])")
_IN_HAN = re.compile(
    r"(?<![第零〇一二两三四五六七八九十百千万\d])([一二三四五六七八九十百]{1,6})号(?:的?(?:订单|单子|单号|单)|那单|这单)(?![价位据独元证])"
)
_SHORT = r"\d{1,6}"


@dataclass(frozen=True, slots=True)
class Form:
    """A company's template as patterns.

    Attributes:
        full: a whole number, with or without its separators.
        short: one whose count lacks the noughts in front, 2611-12; None where nothing stands between it and a date.
        pieces: how to write it again: literals and names of groups.
        prefix: the letters in front, «so».
        width: how many digits the last count has at least.
    """

    full: re.Pattern[str]
    short: re.Pattern[str] | None
    pieces: tuple[str, ...]
    prefix: str
    width: int


@lru_cache(maxsize=32)
def form(pattern: str) -> Form:
    """The patterns of a template such as "SO-{yy}{mm}-{seq:04}". One without {seq} is taken to end in it."""
    if "{seq" not in pattern:
        pattern += "{seq:04}"
    parts: list[str] = []
    pieces: list[str] = []
    done, width, dated, apart = 0, 1, False, False
    for number, field in enumerate(_FIELD.finditer(pattern)):
        _literal(pattern[done : field.start()], parts, pieces, first=number == 0)
        apart = "-" in pattern[done : field.start()]
        name = f"f{number}"
        if field[1] == "seq":
            width = int(field[2] or 1)
            parts.append(rf"(?P<{name}>\d{{{width},{width + 3}}})")
        else:
            dated = True
            parts.append(f"(?P<{name}>{_DIGITS[field[1]]})")
        pieces.append(f"<{name}>")
        done = field.end()
    _literal(pattern[done:], parts, pieces, first=False)
    prefix = re.match(r"[A-Za-z]*", pattern)
    letters = prefix.group().lower() if prefix else ""
    head = re.escape(letters) if letters else ""
    body = "".join(parts)
    optional = rf"(?:{head}[-_/. ]?)" + ("?" if dated and width > 2 else "")
    begins, ends = rf"(?<![A-Za-z0-9]){optional if head else ''}", r"(?![A-Za-z0-9])(?![-/.]\d)"
    full = rf"{begins}{body}(?![A-Za-z0-9])(?![-/]\d)"
    short = None
    if dated and apart and width > 1 and pattern.endswith("}") and (head or "yyyy" not in pattern):
        begins = rf"(?<![A-Za-z0-9])(?:{head}[-_/. ]?)" if "yyyy" in pattern else begins  # 2026-12 is a month
        count = parts[-1].replace(rf"\d{{{width},{width + 3}}}", rf"\d{{1,{width - 1}}}")
        short = re.compile(rf"(?<![-/.])(?<![:¥$]){begins}{''.join(parts[:-2])}-{count}{ends}", re.IGNORECASE)
    return Form(re.compile(full, re.IGNORECASE), short, tuple(pieces), letters, width)


def _literal(text: str, parts: list[str], pieces: list[str], *, first: bool) -> None:
    """Take a literal into the pattern: separators may be missing or be blanks; the letters in front are added later."""
    pieces.append(text)
    if first:
        text = re.sub(r"^[A-Za-z]+", "", text)
        text = re.sub(r"^[-_/. ]+", "", text)
    parts.extend(r"[-_/. ]?" if char in "-_/. " else re.escape(char) for char in text)


def read_order_refs(text: str, *, pattern: str) -> tuple[OrderRef, ...]:
    """All mentions of orders in a normalised text, in order, none overlapping.

    Args:
        text: in plain spelling.
        pattern: the company's `order_number`, such as "SO-{yy}{mm}-{seq:04}".
    """
    shape = form(pattern)
    found: list[OrderRef] = []
    taken: list[Span] = []
    for ref in _all(text, shape):
        if all(ref.span[1] <= start or end <= ref.span[0] for start, end in taken[-40:]):
            found.append(ref)
            taken.append(ref.span)
    return tuple(_joined(text, sorted(found, key=lambda ref: ref.span)))


def _all(text: str, shape: Form) -> Iterator[OrderRef]:
    """Mentions by rule, the surer rules first."""
    for hit in shape.full.finditer(text):
        written = "".join(hit[piece[1:-1]] if piece.startswith("<") else piece for piece in shape.pieces)
        yield OrderRef(hit.span(), (written,), "full")
    for hit in shape.short.finditer(text) if shape.short else ():
        if not _counted(text, hit):
            written = "".join(hit[piece[1:-1]] if piece.startswith("<") else piece for piece in shape.pieces[:-2])
            yield OrderRef(hit.span(), (f"{written}{hit[shape.pieces[-2][1:-1]]:0>{shape.width}}",), "short")
    for rule, (cue, pattern) in _patterns(shape.prefix, shape.width).items():
        if cue is not None and not cue.search(text):
            continue
        for hit in pattern.finditer(text):
            last = hit["last"] if "last" in pattern.groupindex else None
            numbers = _range(hit["first"], last)
            if last is not None and " - " in hit[0] and len(numbers) > _APART:
                yield OrderRef((hit.start(), hit.end("first")), (hit["first"],), rule)
                continue
            if numbers and not (rule != "padded" and _counted(text, hit)):
                yield OrderRef(hit.span(), numbers, rule)
    for hit in _HAN_DIGITS.finditer(text):
        yield OrderRef(hit.span(), ("".join(str(_VALUE[char]) for char in hit[1]),), "spoken")
    yield from _bare(text)
    for hit in _IN_HAN.finditer(text):
        read = han.read(text, hit.start())
        if read is not None and read[0] == hit.end(1) and not read[1] % 1:
            yield OrderRef(hit.span(), (str(int(read[1])),), "behind")


def _bare(text: str) -> Iterator[OrderRef]:
    """Numbers that may be orders': 12-15, 12 beside 15号单, 12."""
    for hit in _BARE_RANGE.finditer(text):
        numbers = _range(hit[1], hit[2])
        if " " in hit[0] and len(numbers) > _APART:
            continue  # 31 - 120 counted
        if len(numbers) > 1 and _may_be_order(text, hit):
            yield OrderRef(hit.span(), numbers, "bare range", weak=True)
    for hit in _BARE.finditer(text):
        if _numbered_on(text, hit.end()):
            yield OrderRef((hit.start(), hit.end() + 1), (hit[1],), "bare", weak=True)  # 12号和15号单
        elif _may_be_order(text, hit):
            yield OrderRef(hit.span(), (hit[1],), "bare", weak=True)


def _numbered_on(text: str, end: int) -> bool:
    """Whether 号 and a word that joins more to it stand behind a number: 12号和15号单."""
    link = _link().match(text, end + 1) if text[end : end + 1] == "号" else None
    return link is not None and bool(link.group().strip())


@cache
def _patterns(prefix: str, width: int) -> dict[str, tuple[re.Pattern[str] | None, re.Pattern[str]]]:
    """A pattern a rule, and what must stand somewhere in a text for it to be tried."""
    words = data("words")
    before, behind = either(words["order_before"]), either(words["order_behind"])
    to = rf"\s?{either(words['range_links'])}\s?"
    more = (
        rf"(?:{to}(?:#|{re.escape(prefix)}[- ]?)?(?P<last>{_SHORT}))?" if prefix else rf"(?:{to}#?(?P<last>{_SHORT}))?"
    )
    alone, end = r"(?<![A-Za-z0-9_.,:/¥$第-])", r"(?!\d|[-/.:]\d)(?![A-Za-z])"
    found = {
        "behind": rf"{alone}#?(?P<first>{_SHORT})(?:号(?={to}\d))?{more}\s?{behind}(?![价位据独元证纯个机片\d])",
        "sign": rf"#\s?(?P<first>{_SHORT}){more}{end}",
        "before": rf"{before}\s?(?:号|是|:|no\.?|number|#)*\s?(?P<first>{_SHORT}){more}{end}",
        "padded": rf"(?<![\w.,:/+¥$-])(?P<first>0\d{{{max(2, width - 1)},5}}){more}{end}",
    }
    if prefix:
        found = {"prefix": rf"(?<![A-Za-z0-9]){re.escape(prefix)}[-_# ]{{0,2}}(?P<first>{_SHORT}){more}{end}"} | found
    cues = {"behind": behind, "sign": "#", "before": before, "padded": r"(?<!\d)0\d", "prefix": re.escape(prefix)}
    return {
        rule: (re.compile(cues[rule], re.IGNORECASE), re.compile(pattern, re.IGNORECASE))
        for rule, pattern in found.items()
    }


def _range(first: str, last: str | None) -> tuple[str, ...]:
    """The numbers from first to last, in the width they were typed; none when it is no range."""
    if last is None:
        return (first,)
    low, high = int(first), int(last)
    if not low <= high < low + MOST:
        return ()
    width = len(first) if first.startswith("0") else 0
    return tuple(f"{number:0{width}}" for number in range(low, high + 1))


def _counted(text: str, hit: re.Match[str]) -> bool:
    """Whether the number counts goods after all: 订单200件."""
    end = hit.end()
    if text[end - 1 : end].isdigit():
        at = end + (text[end : end + 1] == " ")
        return (
            units().at(text, at) is not None
            or re.match(r"\s?(?:元|块|[wkWK万千百]|月|日)", text[end : end + 2]) is not None
        )
    return False


@cache
def _excluded() -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = data("words")
    return (
        re.compile(rf"{either(words['not_order_before'])}\s?[:是为]?\s?$", re.IGNORECASE),
        re.compile(rf"\s?{either(words['not_order_behind'])}", re.IGNORECASE),
    )


def _may_be_order(text: str, hit: re.Match[str]) -> bool:
    """Whether a bare number could be an order: nothing beside it says that it is something else."""
    before, behind = _excluded()
    start, end = hit.span()
    at = end + (text[end : end + 1] == " ")
    if behind.match(text, end) or before.search(text[max(0, start - 12) : start]):
        return False
    if units().at(text, at) is not None or re.match(r"[元块毛角圆w万千百亿k]", text[at : at + 1], re.IGNORECASE):
        return False
    return not re.search(
        r"(?i)(?:[月年周]|dec|jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov)[a-z]*\.?\s?$",
        text[max(0, start - 10) : start],
    )


@cache
def _link() -> re.Pattern[str]:
    return re.compile(rf"(?:\s*{either(data('words')['list_links'])}\s*)+|\s+", re.IGNORECASE)


def _joined(text: str, refs: list[OrderRef]) -> Iterator[OrderRef]:
    """Lists: a bare number linked to a sure one is as sure; 12、15、17号单, 订单12和15."""
    sure = [not ref.weak for ref in refs]
    for order in (range(1, len(refs)), range(len(refs) - 2, -1, -1)):
        step = -1 if order.step == 1 else 1
        for at in order:
            other = at + step
            left, right = (refs[other], refs[at]) if step == -1 else (refs[at], refs[other])
            gap = text[left.span[1] : right.span[0]]
            if not sure[at] and sure[other] and gap.strip() and _link().fullmatch(gap):
                sure[at] = True
    for ref, certain in zip(refs, sure, strict=True):
        yield OrderRef(ref.span, ref.numbers, "list", weak=False) if certain and ref.weak else ref
