"""Text cut into tokens: numbers, known words and phrases of either language, signs; everything else is a gap."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from .numerals import han_number, is_guess
from .words import NUMERALS, Lexeme, Words

MOST_TOKENS = 4000
"""More is not read: what bounds the work on a text made to be slow."""

_NOTHING: Lexeme = {}
SIGNS = r"~–—～:：./,，@()（）<>&'’"
_LATIN = r"[ap]\. ?m(?![a-z])\.?|c\.o\.b(?![a-z])\.?|w/[ce](?![a-z])|[qh][0-9](?![a-z0-9])|[a-z]+(?:['’][a-z]+)?"


@dataclass(slots=True)
class Token:
    """A piece of the text; `lex` says what it can be, `num` its value where it is a number."""

    start: int
    end: int
    text: str
    lex: Lexeme
    num: int | None = None
    gap: bool = False
    line: bool = False
    han: bool = False
    loose: bool = False


@dataclass(slots=True)
class Tokens:
    """A text's tokens, with an end token behind the last that matches nothing, and the lexicon they came from.

    `chinese`: whether the whole text, of which this may be a piece, holds Chinese words.
    """

    text: str
    words: Words
    chinese: bool = False
    items: list[Token] = field(default_factory=list)
    steps: int = 0
    count: int = 0

    def at(self, index: int) -> Token:
        """The token there; the end token beyond the last and before the first."""
        return self.items[index]

    def get(self, index: int, category: str) -> Any:
        """The value of that category at that token, None where it is not of it."""
        return self.items[index].lex.get(category)

    def has(self, index: int, category: str) -> bool:
        """Whether the token can be of that category."""
        return category in self.items[index].lex

    def glued(self, index: int) -> bool:
        """Whether nothing stands between the token and the one before it."""
        return self.items[index - 1].end == self.items[index].start

    def rest(self, index: int, length: int = 12) -> str:
        """The raw text from that token on."""
        start = self.items[index].start
        return self.text[start : start + length]


_END = Token(1 << 30, (1 << 30) + 1, "", _NOTHING, line=True)
_PADDING = 24
"""End tokens behind the last, more than any rule looks ahead; they also stand before the first (index -1)."""


@lru_cache(maxsize=8)
def _scanner(firsts: tuple[str, ...]) -> re.Pattern[str]:
    han = "".join(sorted({*firsts, *NUMERALS}))
    return re.compile(
        rf"(?P<digits>[0-9]+)|(?P<latin>{_LATIN})|(?P<han>[{han}])|(?P<space>[ \t\u3000\xa0]+)|(?P<line>[\r\n]+)"
        rf"|(?P<sign><=|>=|< =|> =|--|——|[-{SIGNS}])|(?P<other>[^\s0-9A-Za-z{han}{SIGNS}-]+|.)",
        re.IGNORECASE,
    )


def tokenise(text: str, words: Words, *, chinese: bool = False) -> Tokens:
    """The text's tokens, at most MOST_TOKENS of them."""
    tokens = Tokens(text, words, chinese)
    if words.scanner is None:
        words.scanner = _scanner(tuple(words.han))
    scan = words.scanner
    items = tokens.items
    position, length = 0, len(text)
    gap = line = True
    while position < length and len(items) < MOST_TOKENS:
        match = scan.match(text, position)
        if match is None:
            position += 1
            continue
        kind, end = match.lastgroup, match.end()
        if kind == "space":
            gap = True
        elif kind == "line":
            gap = line = True
        else:
            token = _token(kind or "other", match, text, words)
            token.gap, token.line = gap, line
            gap = line = False
            items.append(token)
            end = token.end
        position = end
    items.extend([_END] * _PADDING)
    tokens.items = _phrases(items, words)
    tokens.count = len(tokens.items) - _PADDING
    return tokens


def _token(kind: str, match: re.Match[str], text: str, words: Words) -> Token:
    start, end = match.span()
    if kind == "digits":
        lexeme = _NOTHING
        return Token(start, end, match.group(), lexeme, int(match.group()) if end - start <= 15 else None)
    if kind == "latin":
        return Token(start, end, match.group().lower().replace("’", "'"), _NOTHING)
    if kind == "han":
        return _han(text, start, words)
    if kind == "sign":
        sign = match.group()
        return Token(start, end, sign, words.signs.get(sign, _NOTHING))
    return Token(start, end, match.group(), _NOTHING)


def _han(text: str, start: int, words: Words) -> Token:
    run = start
    while run < len(text) and run - start < 12 and text[run] in NUMERALS:
        run += 1
    for word, lexeme in words.han.get(text[start], ()):
        end = start + len(word)
        if (
            text.startswith(word, start)
            and end >= run
            and not _is_name(text, end, words)
            and not _counted(text, end, lexeme)
        ):
            if end > run:
                return Token(start, end, word, lexeme, han=True)
            return Token(start, end, word, lexeme, han_number(word), han=True)
    if run > start:
        raw = text[start:run]
        return Token(start, run, raw, _NOTHING, han_number(raw), han=True, loose=is_guess(raw))
    return Token(start, start + 1, text[start], _NOTHING, han=True)


def _is_name(text: str, end: int, words: Words) -> bool:
    return text.startswith(words.names, end - 1) if words.names else False


def _counted(text: str, end: int, lexeme: Lexeme) -> bool:
    """周一百件 is a hundred in the week, not a Monday."""
    return "weekday" in lexeme and text[end : end + 1] in {"百", "千", "万"}


def _phrases(items: list[Token], words: Words) -> list[Token]:
    """Joins the Latin words of a phrase into one token and looks up single ones."""
    joined: list[Token] = []
    index, count = 0, len(items)
    while index < count:
        token = items[index]
        first = token.text
        if first not in words.latin:
            joined.append(token)
            index += 1
            continue
        end, lexeme = _longest(items, index, words)
        if first == "the" and index + 1 < count and _longest(items, index + 1, words)[0] >= end:
            end = index + 1  # "the day" must not break up "day after tomorrow"
            lexeme = _single(words, "the")
        if end:
            text = token.text if end == index + 1 else " ".join(item.text for item in items[index:end])
            token = Token(token.start, items[end - 1].end, text, lexeme, gap=token.gap, line=token.line)
        joined.append(token)
        index = max(end, index + 1)
    return joined


def _longest(items: list[Token], index: int, words: Words) -> tuple[int, Lexeme]:
    """(index behind the longest phrase at that token, what it can be); (0, nothing) where none stands there."""
    known = words.latin.get(items[index].text)
    if known is None:
        return 0, _NOTHING
    second = items[index + 1]
    if second.text in {"-", ".", ","}:
        second = items[index + 2]
    for phrase, lexeme in known.phrases.get(second.text, ()):
        end = _phrase_end(items, index, phrase)
        if end:
            return end, lexeme
    return (index + 1, known.alone) if known.alone is not None else (0, _NOTHING)


def _single(words: Words, word: str) -> Lexeme:
    known = words.latin.get(word)
    return known.alone or _NOTHING if known is not None else _NOTHING


def _phrase_end(items: list[Token], index: int, phrase: tuple[str, ...]) -> int:
    """The index behind the phrase that begins at `index`, 0 if it does not stand there."""
    at = index
    for number, word in enumerate(phrase):
        if number:
            if items[at].text in {"-", ".", ","} and not items[at].gap and items[at + 1].start == items[at].end:
                at += 1
            if items[at].line:
                return 0
        if items[at].text != word:
            return 0
        at += 1
    return at
