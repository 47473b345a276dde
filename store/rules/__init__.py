"""The rules of the order book, as plain functions: no database, no clock.

flow.py       what waits for what
when.py       whether a step is needed
owners.py     who answers for it: department rules, covers, passing over authors
due.py        when it is due
forms.py      the values of its form
reviewing.py  second humans and figures typed unseen
rights.py     one table: action to who may
"""
