"""Notes and files on an order: kept with who, when and, for files, size and sha256."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from store.book import Book
from store.messages import FileRef
from store.operations.permits import order_for
from store.refusals import Invalid
from store.tables import Blob, Note, NoteFile

MAX_TEXT = 4000
MAX_BYTES = 25_000_000


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that somebody sent; `type` is its media type."""

    name: str
    type: str
    content: bytes


def add_note(book: Book, number: str, text: str, files: Sequence[NewFile] = (), *, public: bool = False) -> Note:
    """Keep a remark, its files, or both.

    Raises:
        NotFound: no such order, or hidden.
        Invalid: refused.note_empty; refused.note_too_long (facts limit); refused.file_too_large (facts name, limit).
    """
    order = order_for(book, "order.note", number)
    said = text.strip()
    if not said and not files:
        raise Invalid("refused.note_empty", number=order.number)
    if len(said) > MAX_TEXT:
        raise Invalid("refused.note_too_long", limit=MAX_TEXT)
    note = Note(order_id=order.id or 0, text=said, by=book.by.key, at=book.now, public=public)
    book.session.add(note)
    book.session.flush()
    kept = []
    for file in files:
        ref = keep_file(book, file)
        size = len(file.content)
        row = NoteFile(note_id=note.id or 0, name=ref.name, type=ref.type, size=size, sha256=ref.sha256)
        book.session.add(row)
        kept.append({"name": ref.name, "size": size, "sha256": ref.sha256})
    after = {"text": said, "files": kept}
    book.record("note.added", order=order, subject=f"note:{note.id}", after=after, undoable=True)
    return note


def keep_file(book: Book, file: NewFile) -> FileRef:
    """Keep a file's bytes, once per content. Raises Invalid (refused.file_too_large)."""
    if len(file.content) > MAX_BYTES:
        raise Invalid("refused.file_too_large", name=file.name, limit=MAX_BYTES // 1_000_000)
    sha256 = hashlib.sha256(file.content).hexdigest()
    if book.session.get(Blob, sha256) is None:
        book.session.add(Blob(sha256=sha256, size=len(file.content), content=file.content))
        book.session.flush()
    return FileRef(file.name, file.type, sha256)
