"""Purchase orders photographed or scanned: what stands on a picture, as a table and the words around it.

    reader.py   picture_words: a picture to pieces of text, in a worker process that ends with its memory
    worker.py   that process: `python -m conversations.understanding.photos.worker`
    layout.py   read_page: pieces to lines, a table, and the labelled values above it
    orders.py   page_orders: a page to order.place, every value a guess

Needs the extra gendan[ocr]; without it `available()` is False and pictures are attachments only.
"""

from .layout import Page, Piece, read_page
from .orders import page_orders
from .reader import PictureProblem, available, is_picture, picture_words, words_on

__all__ = [
    "Page",
    "PictureProblem",
    "Piece",
    "available",
    "is_picture",
    "page_orders",
    "picture_words",
    "read_page",
    "words_on",
]
