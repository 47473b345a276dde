"""Numbers, quantities, money and discounts in Chinese and English.

    values.py       what is found: Number, Quantity, Money, Discount
    scan.py         one pass that finds every numeral and tells codes from numbers; scan() may be shared by the readers
    han.py          numerals in digits and Chinese characters
    words.py        numerals in English words, fractions
    numbers.py      read_numbers
    units.py        units by name
    quantities.py   read_quantities: numbers with units
    money.py        read_money: amounts, unit prices, totals, tax; its patterns are compiled in terms.py
    discounts.py    read_discounts
    data/           the words: numerals per language, units, currencies, words around amounts

All readers take normalised text (conversations.understanding.normalise) and give spans in it.
"""

from .discounts import read_discounts
from .money import read_money
from .numbers import read_numbers
from .quantities import read_quantities
from .scan import Numeral, scan
from .units import counted_alike
from .values import Discount, Money, Number, Quantity

__all__ = [
    "Discount",
    "Money",
    "Number",
    "Numeral",
    "Quantity",
    "counted_alike",
    "read_discounts",
    "read_money",
    "read_numbers",
    "read_quantities",
    "scan",
]
