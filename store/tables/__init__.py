"""The tables of the order book.

    company.py   people, departments, customers, products, flows with versions, settings: the loaded company file
    orders.py    orders, lines, steps, exceptions, notes, files, changes, requests, urges, followers
    talk.py      inbox, outbox, dialogs: what came in, what goes out, where each conversation stands
    customers.py shipments, tracking links, talks with a human, numbers asked in vain, the house's own keys
    trust.py     identities, binding codes, tokens, audit entries and the head of their chain
    time.py      deadlines (the due queue) and reminders (what was pushed, once per rule and rung)

Keys of the company file (people, departments, customers, products, flows) are the primary keys: the book, the API
and the audit name everything alike.
"""

from store.tables.company import Away, CompanySetting, Customer, Department, FlowVersion, Person, Product
from store.tables.customers import AskedInVain, Attendance, Secret, Shipment, TrackingLink
from store.tables.orders import (
    Blob,
    Change,
    ExceptionCase,
    Follow,
    Note,
    NoteFile,
    Order,
    OrderLine,
    OrderWord,
    Request,
    Step,
    Suggestion,
    Urge,
)
from store.tables.row import Row
from store.tables.talk import Dialog, Inbox, Outbox
from store.tables.time import Deadline, Heartbeat, Reminder
from store.tables.trust import AuditEntry, AuditHead, BindingCode, Counter, Identity, LinkAttempt, Token, UndoRecord
from store.tables.wording import Wording

__all__ = [
    "AskedInVain",
    "Attendance",
    "AuditEntry",
    "AuditHead",
    "Away",
    "BindingCode",
    "Blob",
    "Change",
    "CompanySetting",
    "Counter",
    "Customer",
    "Deadline",
    "Department",
    "Dialog",
    "ExceptionCase",
    "FlowVersion",
    "Follow",
    "Heartbeat",
    "Identity",
    "Inbox",
    "LinkAttempt",
    "Note",
    "NoteFile",
    "Order",
    "OrderLine",
    "OrderWord",
    "Outbox",
    "Person",
    "Product",
    "Reminder",
    "Request",
    "Row",
    "Secret",
    "Shipment",
    "Step",
    "Suggestion",
    "Token",
    "TrackingLink",
    "UndoRecord",
    "Urge",
    "Wording",
]
