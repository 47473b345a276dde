"""Accounts, invitations, leave and covers, quiet hours, language, channel."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Any

from conversations.dialogs import linking
from conversations.dialogs.asking import Option, ask, choose, confirm
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.reading import day_of
from conversations.dialogs.reply import Reply, button, say
from conversations.handlers.contacts import invitation
from conversations.handlers.working import colleague
from store.messages import Phrase, Secret
from store.operations import identities
from store.operations import people as staff
from store.operations.inviting import invite_contact
from store.refusals import Invalid, NotAllowed, NotFound

_UNDO = button("button.undo", "undo")

_ON = re.compile(r"开始|起|\b(?:from|starting|start|as of|beginning)\b", re.IGNORECASE)
_DAY = 1440
"""Minutes."""
_LONGEST_NAME = 30
_BESIDE = (
    r"CUSTOMER(?:那边|公司)?的?\s*([\u4e00-\u9fff·]{2,5}?)(?:进来|进群|加入|绑定|一下|吧)*\s*[。.!]?$",
    r"invite\s+(?:the\s+)?(.{2,30}?)\s+(?:of|from|at|over at)\s+CUSTOMER",
    r"(?:code|link)\s+for\s+(?:the\s+)?(.{2,30}?)\s+(?:of|from|at|over at)\s+CUSTOMER",
)
"""How the name of somebody new stands beside his customer's."""


def link(conv: Conversation, args: Args) -> Reply:
    """A code typed by somebody who is known already: another account of his, or none."""
    code = linking.code_in(str(args.get("code") or "")) or str(args.get("code") or "")
    reply, _person = linking.link(conv.book, conv.message, code, conv.inbox)
    return reply.in_private()


def unlink(conv: Conversation, args: Args) -> Reply:
    """Take accounts away: one's own on this channel, or somebody's, by an administrator."""
    person = (*(args.get("person") or ()), *(args.get("contact") or ()), None)[0]
    if person in {None, conv.me.key}:
        if not args.get("confirmed"):
            return confirm(
                conv, "account.unlink", args, Phrase("desk.unlink_draft", {"channel": conv.message.channel})
            ).in_private()
        gone = identities.unlink(conv.book, conv.me.key, conv.message.channel)
        return say("desk.unlinked", person=conv.me.name.raw, count=gone).in_private()
    if not args.get("confirmed"):
        return confirm(
            conv, "account.unlink", args, Phrase("desk.unlink_other_draft", {"person": conv.name(person)})
        ).in_private()
    gone = identities.unlink(conv.book, person)
    return say("desk.unlinked", person=conv.name(person), count=gone).in_private()


def page(conv: Conversation, _args: Args) -> Reply:
    """The web page, at an address that signs in whoever opens it; it is told to nobody else."""
    if conv.links.web is None:
        return say("desk.page_none").in_private()
    url = conv.links.page(identities.make_token(conv.book, conv.me.key, "page"))
    minutes = int(identities.PAGE_LINK.total_seconds() // 60)
    return say("desk.page", url=Secret(url or ""), minutes=minutes).in_private()


def invite(conv: Conversation, args: Args) -> Reply:
    """A one-time code: for a customer's contact, or for a colleague."""
    people = [key for key in args.get("person") or () if key in conv.company.people]
    contacts = [key for key in (args.get("contact") or ()) if key in conv.company.people]
    if people and not args.get("customer") and not conv.company.people[people[0]].is_contact:
        return _invite_colleague(conv, people[0])
    known = next((key for key in (*contacts, *people) if conv.company.people[key].is_contact), None)
    if known is not None and (not args.get("customer") or conv.company.people[known].customer in args["customer"]):
        human = conv.company.people[known]
        return _invited(conv, human.customer or "", next(iter(human.name.all)))
    customers = list(args.get("customer") or ())
    if not customers:
        if args.get("customer_said"):
            raise NotFound(what=args["customer_said"])
        if args.get("person_said") and not people and not (conv.has("sales") or conv.has("coordinator")):
            raise NotFound(what=args["person_said"])
        return ask(conv, "account.invite", args, "customer", Phrase("desk.ask.invite_customer"), expects="customer",
                   options=_customers(conv)).in_private()  # fmt: skip
    if len(customers) > 1 and not args.get("customer_sure"):
        options: list[Option] = [
            (Phrase("desk.option.named", {"name": conv.company.customers[key].name.raw}), [key])
            for key in customers[:6]
        ]
        return choose(conv, "account.invite", {**args, "customer_sure": True}, "customer",
                      Phrase("desk.ask.which_customer", {"said": args.get("customer_said")}), options)  # fmt: skip
    name = args.get("name") or args.get("contact_said") or args.get("person_said")
    name = name or _name_in(conv, str(args.get("words") or ""), customers[0])
    if not name or len(str(name)) > _LONGEST_NAME:
        return ask(conv, "account.invite", args, "name", Phrase("desk.ask.invite_name")).in_private()
    return _invited(conv, customers[0], str(name))


def _name_in(conv: Conversation, words: str, customer: str) -> str | None:
    """Who is to be invited, where no listed contact is meant: what stands beside the customer's name."""
    client = conv.company.customers.get(customer)
    said = unicodedata.normalize("NFKC", words)
    for name in sorted((*client.name.all, *client.aliases), key=len, reverse=True) if client else ():
        place = re.escape(name)
        for shape in _BESIDE:
            found = re.search(shape.replace("CUSTOMER", place), said, re.IGNORECASE)
            if found is not None and len(found[1].strip()) > 1:
                return found[1].strip()
    return None


def _customers(conv: Conversation) -> list[Option]:
    mine = [one for one in conv.company.customers.values() if one.active and one.salesperson == conv.me.key]
    return [(Phrase("desk.option.named", {"name": one.name.raw}), [one.key]) for one in mine[:6]]


def _invited(conv: Conversation, customer: str, name: str) -> Reply:
    found = invite_contact(conv.book, customer, name)
    facts = {
        "person": found.person.name,
        "customer": conv.company.customers[customer].name.raw if customer in conv.company.customers else customer,
        "code": Secret(found.code or ""),
        "until": conv.now + conv.company.codes.valid,
    }
    if found.already_linked:
        return say("desk.invite_linked", **facts).in_private()
    extra = (Phrase("desk.invite_new", facts),) if found.new else ()
    ways, picture = invitation(conv, found.person.name, found.code or "")
    says = (*extra, Phrase("desk.invite_code", facts), Phrase("desk.invite_forward", facts), *ways)
    return Reply(says, (), picture).in_private()


def _invite_colleague(conv: Conversation, person: str) -> Reply:
    code = identities.make_code(conv.book, person)
    facts = {"person": conv.name(person), "code": Secret(code), "until": conv.now + conv.company.codes.valid}
    ways, picture = invitation(conv, facts["person"], code)
    return Reply(
        (Phrase("desk.colleague_code", facts), Phrase("desk.invite_forward", facts), *ways), (), picture
    ).in_private()


def away(conv: Conversation, args: Args) -> Reply:
    """Leave with a cover; shown first."""
    person = (args.get("person") or [conv.me.key])[0]
    args = _with_length(conv, args)
    first = day_of(conv, args.get("from")) or conv.today
    last = _last_day(conv, args.get("to"))
    if args.get("to") is None and _just_that_day(args):
        args = {**args, "to": first}
        last = first
    if last is not None and last < first:
        args = {**args, "to": None}
        last = None
    cover = None
    if args.get("cover_said") or args.get("cover"):
        found = colleague(conv, "person.away", args, "cover")
        if isinstance(found, Reply):
            return found
        cover = found
    if last is None and args.get("to") is None and not args.get("open_end"):
        return ask(conv, "person.away", args, "to", Phrase("desk.ask.away_until"), expects="date").in_private()
    if not args.get("confirmed"):
        usual = cover or conv.company.people[person].backup
        facts = {"person": conv.name(person), "from_on": first, "to_on": last, "cover": conv.name(usual)}
        going = {
            **args,
            "from": first,
            "to": last,
            "cover": [cover] if cover else [],
            "cover_sure": True,
            "cover_said": None,
        }
        return confirm(conv, "person.away", going, Phrase("desk.away_draft", facts)).in_private()
    done = staff.set_away(conv.book, first, last, cover, person)
    facts = {
        "person": conv.name(person),
        "from_on": done.from_on,
        "to_on": done.to_on,
        "cover": conv.name(done.cover),
        "count": len(done.steps) or None,
    }
    return Reply((Phrase("desk.away", facts),), (_UNDO,)).in_private()


def _with_length(conv: Conversation, args: Args) -> Args:
    """Leave of so many days: working days are counted, weeks are weeks; from today unless another day is said."""
    spans = {name: args.get(name) for name in ("from", "to")}
    said = next((one for one in spans.values() if isinstance(one, dict) and one.get("kind") == "duration"), None)
    days = round(int(said.get("duration") or 0) / _DAY) if said else 0
    if said is None or days < 1:
        return args
    begins = spans["from"] if spans["from"] is not said else None
    first = (day_of(conv, begins) if begins else None) or conv.today
    last = first + timedelta(days - 1)
    if said.get("grain") == "day":
        calendar, last, left = conv.company.calendar_of(conv.me.key), first, days
        left -= calendar.is_working_day(first)
        while left > 0:
            last += timedelta(1)
            left -= calendar.is_working_day(last)
    return {**args, "from": first, "to": last}


def _just_that_day(args: Args) -> bool:
    """Whether only one day was named, and not as the first of several: «明天请假», not «明天开始请假»."""
    begins = args.get("from")
    one = isinstance(begins, dict) and begins.get("kind") == "day" and begins.get("grain") == "day"
    return one and _ON.search(str(args.get("words") or "")) is None


def _last_day(conv: Conversation, reading: Any) -> Any:
    if isinstance(reading, dict) and reading.get("end") and reading.get("kind") == "range":
        end: datetime = reading["end"]
        return (end - timedelta(minutes=1)).astimezone(conv.me.zone).date()
    return day_of(conv, reading)


def back(conv: Conversation, args: Args) -> Reply:
    """Back at work: now, or on a day that was said."""
    on = day_of(conv, args.get("on"))
    done = staff.come_back(conv.book, None, on)
    facts = {"on": on or conv.today, "count": len(done.steps) or None}
    return Reply((Phrase("desk.back", facts),), (_UNDO,)).in_private()


def quiet(conv: Conversation, args: Args) -> Reply:
    """Own quiet hours."""
    if args.get("off"):
        staff.set_quiet(conv.book, "00:00-00:00")
        return Reply((Phrase("desk.quiet_off"),), (_UNDO,)).in_private()
    start, end = _clock(conv, args.get("from")), _clock(conv, args.get("to"))
    if start is None and end is None:
        return ask(conv, "person.quiet", args, "from", Phrase("desk.ask.quiet_from"), expects="date").in_private()
    usual_start, usual_end = str(conv.me.quiet).split("-")
    end = None if end == start else end  # «after eight»: one time was said
    said = f"{start or usual_start}-{end or usual_end}"
    kept = staff.set_quiet(conv.book, said)
    return Reply((Phrase("desk.quiet", {"quiet": kept or said}),), (_UNDO,)).in_private()


def _clock(conv: Conversation, reading: Any) -> str | None:
    if isinstance(reading, dict):
        reading = reading.get("start")
    if isinstance(reading, datetime):
        return f"{reading.astimezone(conv.me.zone):%H:%M}"
    return reading if isinstance(reading, str) and ":" in reading else None


def language(conv: Conversation, args: Args) -> Reply:
    """The language in which somebody is written to, from this answer on."""
    if not args.get("language"):
        options: list[Option] = [(Phrase("language.zh"), "zh"), (Phrase("language.en"), "en")]
        return choose(conv, "person.language", args, "language", Phrase("desk.ask.language"), options).in_private()
    kept = staff.set_language(conv.book, str(args["language"]))
    return say("desk.language", language=Phrase(f"language.{kept}")).in_private()


def channel(conv: Conversation, args: Args) -> Reply:
    """Where somebody is written to first."""
    if not args.get("channel"):
        has = dict.fromkeys([name for name, _ in conv.me.accounts])
        options: list[Option] = [(Phrase("desk.option.named", {"name": name}), name) for name in has]
        return choose(conv, "person.channel", args, "channel", Phrase("desk.ask.channel"), options).in_private()
    order = staff.set_channel(conv.book, str(args["channel"]))
    return Reply(
        (Phrase("desk.channel", {"channel": order[0], "then": list(order[1:]) or None}),), (_UNDO,)
    ).in_private()


__all__ = ["Invalid", "NotAllowed", "away", "back", "channel", "invite", "language", "link", "page", "quiet", "unlink"]
