"""Numbers that only count the items of a list: 1. … 2. …, (1) … (2) …, one、two."""

import re

_MARK = re.compile(r"(?:(?<=^)|(?<=[\n;；。,，\s]))[(（]?(\d{1,2})(?:[.)）:：、．]|\.\s)(?![\d])")
_LEAST = 4  # characters of an item; 1、2、3 are numbers of orders
_MOST = 60


def without_marks(text: str) -> str:
    """The text with the marks of a list that counts from one as semicolons and blanks, of the same length."""
    marks = list(_MARK.finditer(text))[:_MOST]
    if len(marks) < 2 or [int(mark[1]) for mark in marks] != list(range(1, len(marks) + 1)):
        return text
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    if any(end - mark.end() < _LEAST for mark, end in zip(marks, ends, strict=True)):
        return text
    for mark in marks:
        text = text[: mark.start()] + ";".ljust(mark.end() - mark.start()) + text[mark.end() :]
    return text
