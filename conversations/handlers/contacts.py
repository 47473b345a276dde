"""Customers' people who come and leave: an invitation with its links and picture, and one line for who has left."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from conversations.customers.links import qr_picture
from conversations.dialogs.asking import Option, choose, confirm
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.reply import Reply, say
from store.messages import Fact, FileRef, Phrase, Secret
from store.operations import people as staff
from store.operations.identities import contact_left
from store.operations.notes import NewFile, keep_file
from store.refusals import Invalid

_FOR_GOOD = re.compile(
    r"离职|辞职|不干|调走|调岗|换人|退休|不负责|离开公司|被开"
    r"|(?i:\b(?:left (?:the company|us)|resign|quit|retire|no longer|(?:does not|doesn't) work|replaced|moved on))"
)


def invitation(conv: Conversation, person: Fact, code: str) -> tuple[tuple[Phrase, ...], tuple[FileRef, ...]]:
    """What goes with a code: a line for each way in that is set up, and the likeliest as a picture to scan."""
    ways = conv.links.invite(code)
    says = tuple(
        Phrase("invite.link", {"channel": Phrase(f"invite.channel.{channel}"), "url": Secret(url)})
        for channel, url in ways
    )
    words = conv.words.say(Phrase("invite.bind", {"code": code}))
    content = ways[0][1] if ways else words
    name = f"{conv.words.fact(person)}.png"
    kept = keep_file(conv.book, NewFile(name, "image/png", qr_picture(content)))
    return (*says, Phrase("invite.qr")), (kept,)


def left(conv: Conversation, args: Args) -> Reply:
    """Somebody has left: a customer's contact at once, a colleague once it is confirmed."""
    keys = [key for key in (*(args.get("contact") or ()), *(args.get("person") or ())) if key in conv.company.people]
    clients = set(args.get("customer") or ())
    keys = list(dict.fromkeys(key for key in keys if not clients or conv.company.people[key].customer in clients))
    if not keys:
        if args.get("contact_said") or args.get("person_said"):
            raise Invalid("contact.who_unknown", said=args.get("contact_said") or args.get("person_said"))
        return choose(conv, "contact.left", args, "contact", Phrase("contact.who_left"), _mine(conv, clients))
    if len(keys) > 1:
        options: list[Option] = [(_called(conv, key), [key]) for key in keys[:6]]
        return choose(conv, "contact.left", {"customer": None}, "contact", Phrase("contact.who_left"), options)
    human = conv.company.people[keys[0]]
    facts: dict[str, Any]
    if human.is_contact and not args.get("confirmed") and not _FOR_GOOD.search(conv.message.text):
        accounts = len(human.accounts)  # «李工走了» may mean that he has gone home
        facts = {"person": human.name.raw, "customer": _customer(conv, human.customer), "count": accounts}
        going = {"contact": [human.key]}
        return confirm(conv, "contact.left", going, Phrase("contact.left_draft", facts)).in_private()
    if human.is_contact:
        count = contact_left(conv.book, human.key)
        facts = {"person": human.name.raw, "customer": _customer(conv, human.customer), "count": count}
        return say("contact.left", **facts).in_private()
    if not args.get("confirmed"):
        cover = staff.who_takes_over(conv.book, human.key)
        facts = {"person": human.name.raw, "cover": conv.name(cover)}
        return confirm(conv, "contact.left", {"person": [human.key]}, Phrase("contact.left_staff", facts)).in_private()
    done = staff.leave_company(conv.book, human.key)
    facts = {"person": human.name.raw, "cover": conv.name(done.cover), "count": len(done.steps)}
    return say("contact.left_staff_done", **facts).in_private()


def _mine(conv: Conversation, clients: set[str]) -> list[Option]:
    """The contacts of the customers named, else of one's own."""
    own = clients or {one.key for one in conv.company.customers.values() if one.salesperson == conv.me.key}
    return [(_called(conv, one.key), [one.key]) for one in conv.company.people.values() if one.customer in own][:6]


def _called(conv: Conversation, key: str) -> Phrase:
    human = conv.company.people[key]
    return Phrase("contact.option", {"person": human.name.raw, "customer": _customer(conv, human.customer)})


def _customer(conv: Conversation, key: str | None) -> Fact:
    return conv.company.customers[key].name.raw if key and key in conv.company.customers else None


def valid_until(conv: Conversation) -> datetime:
    """When a code that is made now lapses."""
    return conv.now + conv.company.codes.valid
