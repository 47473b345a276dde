"""References to things outside the sentence: orders, parcels, telephones, binding codes, customers' numbers.

    values.py   what is found
    orders.py   read_order_refs, by the company's own template
    parcels.py  read_tracking, find_carrier, tracking_url
    others.py   read_phones, read_codes, read_po_numbers
    addresses.py  read_addresses: streets with a number
    data/       carriers and words

All readers take normalised text and give spans in it.
"""

from .addresses import read_addresses
from .orders import form, read_order_refs
from .others import read_codes, read_phones, read_po_numbers
from .parcels import carrier_name, find_carrier, read_tracking, tracking_url
from .values import Code, OrderRef, Phone, PoNumber, Tracking

__all__ = [
    "Code",
    "OrderRef",
    "Phone",
    "PoNumber",
    "Tracking",
    "carrier_name",
    "find_carrier",
    "form",
    "read_addresses",
    "read_codes",
    "read_order_refs",
    "read_phones",
    "read_po_numbers",
    "read_tracking",
    "tracking_url",
]
