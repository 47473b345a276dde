"""What customers say beyond asking where their order is.

    reading.py   words -> what they ask for: a human, a change, an acceptance, a complaint; pure, from words.yaml
    links.py     Links: the addresses that customers are given

What comes of it is in handlers/customers.py and its neighbours.
"""

from conversations.customers.links import Links
from conversations.customers.reading import Said, asks_progress, clauses_of, read_customer

__all__ = ["Links", "Said", "asks_progress", "clauses_of", "read_customer"]
