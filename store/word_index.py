"""Which orders hold which words: remarks, trouble, forms, the customer's own number, word by word in a narrow table.

The same B-tree on both databases, so «the order with the wooden crates» is found among a million as among ten. Chinese
is cut into pairs of neighbouring characters, everything else into words. An entry only points: it may outlive the words
it was made from, which finds an order too many and none too few.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Insert
from sqlmodel import SQLModel, col, select

from store.inserting import insert_for
from store.many import write_many
from store.tables import ExceptionCase, Note, Order, OrderWord, Shipment, Step

Told = tuple[Any, ...]
"""An order's id, and texts of it: a text, a form's fields by name, or nothing."""

MOST = 400
"""So many words of one text are kept."""
_LONGEST = 40
_HAN = r"\u3400-\u9fff\U00020000-\U0003ffff"
_PIECE = re.compile(rf"(?P<han>[{_HAN}]+)|[^\W_{_HAN}]+")


def words_of(text: str) -> frozenset[str]:
    """The words that a text is found by: 木箱包装 gives 木箱, 箱包, 包装; "2 wooden crates" gives 2, wooden, crate."""
    found: list[str] = []
    for piece in _PIECE.finditer(unicodedata.normalize("NFKC", text).casefold()):
        said = piece.group()
        if piece["han"] and len(said) > 1:
            found += (said[at : at + 2] for at in range(len(said) - 1))
        else:
            found.append(_singular(said)[:_LONGEST])
        if len(found) >= MOST:
            break
    return frozenset(found[:MOST])


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def holding(text: str) -> list[ColumnElement[bool]]:
    """Conditions on orders: each word of the text is in one of the order's texts. None of a text without words."""
    found = (select(OrderWord.order_id).where(col(OrderWord.word) == word) for word in sorted(words_of(text)))
    return [col(Order.id).in_(one) for one in found]


def note_words(connection: Connection, rows: Iterable[SQLModel]) -> None:
    """Keep the words of rows that were written. Rows without an order, or without texts, are passed over."""
    keep_words(connection, (_READ[type(row)](row) for row in rows if type(row) in _READ))


def keep_words(connection: Connection, texts: Iterable[Told]) -> None:
    """Keep the words of some orders' texts; those that are known stay."""
    words = {(word, order) for order, *said in texts for text in said for word in words_of(_plain(text))}
    if words:
        values = [{"word": word, "order_id": order} for word, order in sorted(words)]
        write_many(connection, _keeping(connection.dialect.name), values)


@cache
def _keeping(dialect: str) -> Insert:
    return insert_for(dialect, OrderWord).on_conflict_do_nothing()


def _plain(text: str | Mapping[str, Any] | None) -> str:
    if isinstance(text, Mapping):
        return " ".join(value for value in text.values() if isinstance(value, str))
    return text or ""


def _of_form(row: Any) -> Told:
    return row.order_id, row.fields


_READ: Mapping[type, Callable[[Any], Told]] = {
    Order: lambda row: (row.id, row.po_number, row.fields),
    Note: lambda row: (row.order_id, row.text),
    ExceptionCase: lambda row: (row.order_id, row.note, row.solution),
    Step: _of_form,
    Shipment: _of_form,
}
