"""Names of customers, products, people and whatever else a company calls by name.

values.py       Entry (what can be named), Hit (a mention), verdict (clear, tie or none)
index.py        NameIndex: add, remove, find (in a sentence), resolve (a name said alone)
search.py       find: exact forms, then parts, misspellings, sounds, initials, titles in what is left
resolve.py      resolve: the same without a sentence around
score.py        how near two spellings are
fold.py         spellings without case, legal form, place; pinyin
addressing.py   小王, 王总, Mr Li
data/           legal forms, places, generic words, titles, unusual readings
"""

from .index import NameIndex
from .values import FLOOR, MARGIN, Entry, Hit, verdict

__all__ = ["FLOOR", "MARGIN", "Entry", "Hit", "NameIndex", "verdict"]
