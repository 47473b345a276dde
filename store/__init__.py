"""The order book: everything that is remembered, and the operations that change it.

    tables/       the tables (SQLModel); columns.py their types; migrations/ how a database gets there (Alembic)
    units.py      units of work on SQLite and PostgreSQL; book.py what an operation holds in its hand
    session.py    the session of a unit; known.py what it has read of its orders; waiting.py units that wait for a turn
    operations/   what people do: plain functions of a Book
    reads/        what people see: the API's documents, status, lists, timeline, stock
    rules/        flow, owners, due moments, rights, forms, stock, money: pure
    calendars/    working days, shifts, public holidays, quiet hours: pure
    company/      the company file: reading, checking, loading, writing; the company as one picture
    messages.py   what is said, as phrase keys and facts; refusals.py what is refused
    word_index.py which orders hold which words
    audit.py      the chain of changes; undoing.py what an act changed, row by row

Nothing here knows a platform, a clock or another package of ours.
"""
