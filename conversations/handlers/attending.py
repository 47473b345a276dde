"""A colleague talks with a customer's contact himself: taking over, words both ways, giving back."""

from __future__ import annotations

from conversations.dialogs.asking import Option, choose
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.reading import plain
from conversations.dialogs.reply import Reply, say
from store.messages import Phrase
from store.operations.attending import attended, begin_talk, end_talk, pass_in, pass_out, talks_of
from store.operations.notes import NewFile, keep_file
from store.reads.windows import window_of
from store.refusals import Invalid

_TALK = "talk:"


def silenced(conv: Conversation) -> bool:
    """Whether a colleague has this contact's talk; if so his words are passed on and nothing is answered."""
    if not conv.is_contact or conv.message.press is not None or conv.message.start:
        return False
    row = attended(conv.book, conv.me.key)
    if row is None:
        return False
    good = [file for file in conv.message.files if file.content is not None]
    refs = [keep_file(conv.book, NewFile(file.name, file.type, file.content or b"")) for file in good]
    text = conv.words.say(Phrase("talk.wordless")) if conv.message.wordless else conv.message.text
    pass_in(conv.book, row, text, refs)
    return True


def talk_quoted(conv: Conversation) -> str | None:
    """The contact whose passed-on words were quoted by a colleague."""
    card = conv.quoted.card if conv.quoted is not None else None
    if conv.is_contact or not card or not card.startswith(_TALK):
        return None
    return card.removeprefix(_TALK)


def passed_out(conv: Conversation, contact: str, text: str) -> Reply:
    """A colleague's words, to the contact."""
    pass_out(conv.book, contact, text)
    return say("talk.relayed", person=conv.name(contact)).also(*window_says(conv, contact))


def window_says(conv: Conversation, *contacts: str) -> tuple[Phrase, ...]:
    """What whoever writes to contacts should know of their WeChat window, and what else he could do when it is shut."""
    says = []
    for contact in contacts:
        window = window_of(conv.book, contact)
        if window is None:
            continue
        left = window.left - 1  # what has just been written to him goes out after this was counted
        facts = {"person": conv.name(contact), "left": max(left, 0), "until": window.until}
        says.append(Phrase("window.left" if window.left else "window.closed", facts))
    return tuple(says)


def tell(conv: Conversation, args: Args) -> Reply:
    """«告诉李工：…»: words for a contact, said in one line."""
    contact = _contact(conv, "contact.tell", args)
    if isinstance(contact, Reply):
        return contact
    return passed_out(conv, contact, str(args.get("text") or ""))


def begin(conv: Conversation, args: Args) -> Reply:
    """«我来跟李工聊»: the bot keeps silent."""
    contact = _contact(conv, "contact.talk", args)
    if isinstance(contact, Reply):
        return contact
    row = begin_talk(conv.book, contact, _minutes(args.get("minutes")))
    return say("talk.begun", person=conv.name(contact), minutes=row.minutes).in_private()


def end(conv: Conversation, args: Args) -> Reply:
    """«李工聊完了»: the bot answers again."""
    mine = talks_of(conv.book, conv.me.key)
    if not args.get("contact") and len(mine) == 1:
        args = {**args, "contact": [mine[0].contact]}
    contact = _contact(conv, "contact.release", args, [one.contact for one in mine])
    if isinstance(contact, Reply):
        return contact
    end_talk(conv.book, contact)
    return say("talk.ended", person=conv.name(contact)).in_private()


def _contact(conv: Conversation, act: str, args: Args, among: list[str] | None = None) -> str | Reply:
    """The contact who is named, or the question which."""
    keys = [key for key in (*(args.get("contact") or ()), *(args.get("person") or ()))
            if (one := conv.company.people.get(key)) is not None and one.is_contact]  # fmt: skip
    clients = set(args.get("customer") or ())
    if clients:
        keys = [key for key in keys if conv.company.people[key].customer in clients] or [
            key for client in clients for key in conv.company.customers[client].contacts if key in conv.company.people
        ]
    if len(keys) == 1:
        return str(keys[0])
    near = keys or among or []
    if not near:
        mine = {one.key for one in conv.company.customers.values() if one.salesperson == conv.me.key}
        near = [one.key for one in conv.company.people.values() if one.customer in mine]
    if not near:
        raise Invalid("talk.not_on", person=None)
    options: list[Option] = [(Phrase("desk.option.named", {"name": conv.name(key)}), [key]) for key in near[:6]]
    return choose(conv, act, {**args, "customer": None}, "contact", Phrase("talk.who"), options)


def _minutes(value: object) -> int | None:
    """A length of time as minutes; None for none."""
    found = plain(value)
    if isinstance(found, dict):
        found = found.get("duration") or found.get("minutes")
    return int(found) if isinstance(found, int) and not isinstance(found, bool) else None
