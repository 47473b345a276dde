"""What can be done to orders: plain functions of a Book; each judges the right, changes rows, records, tells.

orders.py       placing: flow, missing fields, repeats      changes.py   changing an order, before and after review
numbers.py      order numbers                               holds.py     cancel, hold, resume
notes.py        notes, files, followers                     urging.py    催办, with its cool-down
taking_back.py  the author's last change, undone            permits.py   who may do it to this order
flow.py         starting steps, going on to the next        steps.py     acknowledge, done, postpone, snooze
reviews.py      approve, return                             exceptions.py  trouble, and how it was solved
handovers.py    passing work on                             promises.py  moving the promise date
people.py       leave, covers, settings                     identities.py  codes, accounts, tokens
cards.py        the letters that show one step, exception or request
"""
