"""Dates and times in Chinese and English, read from what people type; pure, the caller hands in now.

    data/        the words of each language, the frame of the calendar, the festivals
    words.py     the lexicon; tokens.py cuts a text by it; numerals.py its numbers
    atoms.py, ordinals.py, numeric.py, clock.py   what single words say: a weekday, a day of a month, an hour
    fields.py, phrases.py                         atoms side by side, in any order, make one phrase
    resolve.py, daytime.py, festivals.py, periods.py   a phrase and now make a period
    lengths.py, ranges.py, limits.py, grammar.py  lengths of time, from-to, and the words that make a limit
    explicit.py  dateparser for explicit forms that the grammar does not cover

Enter by read_dates(text, now=...). Every reading names its rule and says whether it is sure.
"""

from .reader import plausible, read_dates
from .values import DateReading, OfficeWeek, WorkingDays

__all__ = ["DateReading", "OfficeWeek", "WorkingDays", "plausible", "read_dates"]
