"""The desk: who speaks, what is meant, what comes of it, and the answer into the outbox; all in one unit of work.

A button goes to ACTIONS, a text first to the open question it may answer, else to HANDLERS by what was understood;
each thing said in a message is done in a savepoint of its own, and a Refusal of one is told beside what was done of
the others.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Callable
from dataclasses import replace

from sqlmodel import col, select

from conversations.customers import Links
from conversations.dialogs import linking
from conversations.dialogs.asking import NUMERIC
from conversations.dialogs.conversation import Conversation, Reader
from conversations.dialogs.frames import WORDS, drop_guesses, ended, take
from conversations.dialogs.guarding import guarded
from conversations.dialogs.memory import Frame, Memory
from conversations.dialogs.presses import Press, find_press, message_called, typed_label, typed_number
from conversations.dialogs.reading import args_of, things_said
from conversations.dialogs.reply import Reply, join, say
from conversations.dialogs.stale import PAST, present_state, take_buttons
from conversations.handlers import ACTIONS, HANDLERS
from conversations.handlers.attending import passed_out, silenced, talk_quoted
from conversations.handlers.customers import first_look, for_contact, question_of, too_fast
from conversations.handlers.files import order_sheet, pasted, take_files
from conversations.handlers.reviewing import agreed_day, typed_figures
from conversations.handlers.unclear import denied, not_understood
from conversations.messages import Message
from conversations.phrasebook import LANGUAGES, phrases
from conversations.understanding.intents import CHANGING, Intent, Understood
from store.book import Actor, Book
from store.company.views import Company, Group, Human
from store.messages import Phrase
from store.operations.hiding import SECRET, is_secret
from store.operations.identities import note_door
from store.operations.isolation import asked_in_vain, slowed_until
from store.reads.seeing import find_order
from store.refusals import Refusal
from store.tables import Inbox, Outbox

log = logging.getLogger(__name__)

CLEAR = 0.85
"""From this confidence on, words that name an order are taken for what they say rather than for an answer."""

_COMMAND = 8
"""So many characters beside an order's number are a command, no reason."""

WITH_WORDS = frozenset(
    {"order.place", "order.change", "step.complete", "review.approve", "account.invite", "person.away"}
)
"""What is filled from all its words: a form of the company file, the figures of a review, the name of somebody new."""

_CONSENT = frozenset({"yes", "no", "leave", "skip", "answer"})

MOST_INTENTS = 8
"""So many things said in one message are acted upon; the rest is said to be left."""


def understander_for(company: Company) -> Reader:
    """The grammar with this company's names."""
    from conversations.understanding.understander import Understander

    return Understander.for_company(company)


class Desk:
    """Answers messages.

    Args:
        understander_for: makes the reader of a company's texts; asked anew when the company changes.
        links: the addresses that customers are given; whoever opens platforms later may set it.
    """

    def __init__(
        self, understander_for: Callable[[Company], Reader] = understander_for, links: Links | None = None
    ) -> None:
        self.links = links or Links()
        self._understander_for = understander_for
        self._reader: tuple[str, Reader] | None = None

    def get_ready(self, company: Company) -> None:
        """Read what answering needs before anybody asks: the first answer would keep everybody waiting for it."""
        self._reader_for(company)
        for language in LANGUAGES:
            phrases(language)

    def answer(self, book: Book, message: Message, inbox: Inbox) -> None:
        """Do what a message asks for and put the answer into the outbox.

        Args:
            book: the unit of work; it is committed by the caller.
            message: what was said or pressed.
            inbox: its row, which the answer replies to.
        """
        if message.group is not None and not message.mentioned:
            return
        try:
            me = who_is(book.company, message)
        except Refusal as refusal:  # no company was loaded yet
            _post(book, message, inbox, Reply((refusal.phrase,)))
            return
        if message.door is not None:
            note_door(book, message.channel, message.account, shut=message.door == "shut")
            return
        if me is None:
            _send_to_stranger(book, message, inbox)
            return
        if (message.channel, message.account) in me.shut:
            note_door(book, message.channel, message.account, shut=False)
        group = group_of(book.company, message)
        book.by = Actor(me.key, message.channel, message.press or message.text or None)
        if message.group is not None and group is None:
            _send(book, message, inbox, me, None, say("desk.group_unknown").in_private())
            return
        conv = self._conversation(book, message, inbox, me, group)
        if silenced(conv):
            return  # a colleague talks with this customer: his words were passed on, and that is all
        known = {frame.nonce for frame in conv.memory.frames}
        reply = self._reply(conv)
        if conv.missed and conv.is_contact:
            asked_in_vain(book, me.key, conv.missed)
        conv.memory.speak_of(reply.orders or conv.spoken)
        apart = group is not None and (reply.private or not _fit_for(group, me, reply))
        if apart:
            _take_along(conv, known)
        conv.memory.keep()
        _retire(conv)
        _send(book, message, inbox, me, group, reply, apart=apart)
        log.info(
            "answered", extra={"action": "answered", "inbox_id": inbox.id, "phrases": [one.key for one in reply.says]}
        )

    def _conversation(self, book: Book, message: Message, inbox: Inbox, me: Human, group: Group | None) -> Conversation:
        scope = f"group:{group.key}:{me.key}" if group else f"person:{me.key}"
        memory = Memory(book.session, scope, book.now)
        conv = Conversation(
            book, message, inbox, me, memory, self._reader_for(book.company), HANDLERS, group, links=self.links
        )
        if message.reply_to:
            conv.quoted = message_called(conv, message.reply_to)
        return conv

    def _reader_for(self, company: Company) -> Reader:
        if self._reader is None or self._reader[0] != company.mark:
            self._reader = (company.mark, self._understander_for(company))
        return self._reader[1]

    def _reply(self, conv: Conversation) -> Reply:
        message = conv.message
        if message.press is not None:
            return pressed(conv)
        if message.start:
            return guarded(conv, lambda: HANDLERS["account.link"](conv, {"code": message.start}))
        if message.files:
            return guarded(conv, lambda: take_files(conv))
        if message.wordless:
            return say("desk.wordless")
        return said(conv, message.text)


def who_is(company: Company, message: Message) -> Human | None:
    """The verified person behind a message: proven by the adapter, else by the linked account."""
    if message.person is not None:
        return company.people.get(message.person)
    return company.by_account(message.channel, message.account)


def group_of(company: Company, message: Message) -> Group | None:
    """The group of the company file that a message was said in."""
    if message.group is None:
        return None
    account = (message.channel, message.group)
    found = (group for group in company.groups.values() if account in group.accounts)
    return next(found, company.groups.get(message.group))


# --- what was said ------------------------------------------------------------------------------------------------


def said(conv: Conversation, text: str) -> Reply:
    """Answer a text: the open questions first, innermost first, then everything it says."""
    ended(conv)
    question = question_of(conv)
    if question is not None:
        return guarded(conv, lambda: HANDLERS["question.answer"](conv, {"request": question.id, "text": text}))
    talk = talk_quoted(conv)
    if talk is not None:
        return guarded(conv, lambda: passed_out(conv, talk, text))
    typed = _typed_choice(conv, text)
    if typed is not None:
        return typed
    drop_guesses(conv, text)
    top = None if _table(conv, text) else conv.memory.top
    understood = conv.understood = heard(conv, text, top)
    log.info(
        "understood",
        extra={"action": "understood", "inbox_id": conv.inbox.id, "intents": [one.name for one in understood.intents]},
    )
    consent = understood.intent is not None and understood.intent.name in {"yes", "no"}
    for frame in reversed(list(conv.memory.frames) if top is not None else []):
        if consent and frame is not top:
            break  # a bare yes answers what was asked last, never something below it
        mine = understood if frame is top or understood.intents else heard(conv, text, frame)
        reply = guarded(conv, lambda frame=frame, mine=mine: take(conv, frame, mine) or Reply())  # type: ignore[misc]
        if reply:
            return reply
    if conv.is_contact:
        first = guarded(conv, lambda: first_look(conv, text) or Reply())
        if first:
            return first
    reply = everything(conv, understood)
    return reply.also(*_still_open(conv, top))


def heard(conv: Conversation, text: str, top: Frame | None) -> Understood:
    """A text as the open question makes it be read; what speaks of an order by number is no answer in words."""
    if top is not None and (top.expects in WORDS or top.expects == "pick"):
        plain = conv.read(text)
        clear = (one for one in plain.intents if one.name != "order.show" and one.confidence >= CLEAR)
        begun_anew = top.data.get("want") == "name" and any(one.name == top.data["act"] for one in plain.intents)
        if begun_anew or any(_names_another(conv, one, top) for one in clear):
            return plain
    return conv.read(text, top.expects if top else None)


def _names_another(conv: Conversation, intent: Intent, top: Frame) -> bool:
    """Whether an intent names an order that there is and the question is not about: «they want 2 more» does not."""
    asked = {str(one) for one in top.data.get("args", {}).get("orders") or ()}
    found = [find_order(conv.book, conv.me.key, ref) for ref in args_of(intent).get("orders") or ()]
    if top.expects not in WORDS:
        return any(found)
    if intent.name != top.data.get("act") and intent.name in CHANGING and _nothing_else(conv, intent):
        return any(found)
    return any({order.number for order in orders} - asked for orders in found)


def _nothing_else(conv: Conversation, intent: Intent) -> bool:
    """Whether a message is an order's number and a word or two: «0001取消» is no reason for anything."""
    slots = {*intent.slots} - {"orders"}
    return not slots and len(conv.message.text) <= sum(map(len, args_of(intent)["orders"])) + _COMMAND


def _table(conv: Conversation, text: str) -> bool:
    """Whether a text is a table of orders: that answers no question."""
    return "\n" in text and conv.has("sales", "coordinator") and pasted(conv.read(text)) is not None


def _typed_choice(conv: Conversation, text: str) -> Reply | None:
    """What a typed number or label presses: a choice of the quoted message, else of the newest one with choices.

    A number is none where the open question asks for a number. A label counts when it names an order: «收到» alone
    may mean several things, «收到 SO-2611-0001» just one.
    """
    bare = unicodedata.normalize("NFKC", text).strip().rstrip(".)、")
    top = conv.memory.top
    if bare.isdecimal() and len(bare) <= 2:
        quoted = conv.quoted is not None and (top is None or conv.quoted.card != top.card)
        if top is not None and top.expects in NUMERIC and not quoted:
            return None
        press = typed_number(conv, int(bare))
    else:
        press = typed_label(conv, text) if any(char.isdecimal() for char in bare) else None
    return None if press is None else press_of(conv, press)


def _still_open(conv: Conversation, top: Frame | None) -> tuple[Phrase, ...]:
    """After a question in between: the draft is still there."""
    if top is not None and top.kind == "draft" and top in conv.memory.frames:
        return (Phrase("desk.draft_kept" if conv.drafting is None or conv.drafting is top else "desk.draft_below"),)
    return ()


def everything(conv: Conversation, understood: Understood) -> Reply:
    """Each thing said in the message, answered in one reply; a pasted table of orders is taken as a whole."""
    if conv.has("sales", "coordinator") and (sheet := pasted(understood)) is not None:
        return guarded(conv, lambda: order_sheet(conv, sheet))
    if too_fast(conv):
        return say("refused.too_many_unknown", until=slowed_until(conv.book, conv.me.key))
    judged = guarded(conv, lambda: typed_figures(conv, understood) or agreed_day(conv, understood) or Reply())
    if judged:
        return judged
    intents = understood.intents[:MOST_INTENTS]
    if not intents:
        return guarded(conv, lambda: not_understood(conv, understood))
    if conv.is_contact:
        theirs = for_contact(intents)
        if theirs is None:
            return guarded(conv, lambda: HANDLERS["customer.words"](conv, {"text": understood.raw}))
        intents = tuple(theirs)
        if intents and all(intent.name in _CONSENT for intent in intents):
            return say("customer.all_right")  # nothing he was asked waits for a yes or no
    replies: list[Reply] = []
    things = things_said(intents, understood.raw)
    conv.understood = replace(understood, intents=tuple(things))  # words of a part belong to what it is part of
    for intent in things:
        reply = guarded(conv, lambda intent=intent: one_thing(conv, intent))  # type: ignore[misc]
        conv.spoken += [number for number in reply.orders if number not in conv.spoken]
        if conv.drafting is not None and reply.card == conv.drafting.card:  # a draft is shown once, as it ends up
            replies = [one for one in replies if one.card != conv.drafting.card]
        replies.append(reply)
    if len(understood.intents) > MOST_INTENTS:
        replies.append(say("desk.too_much", count=MOST_INTENTS))
    return join(replies)


def one_thing(conv: Conversation, intent: Intent) -> Reply:
    """One thing said. What is denied is not carried out; what is asked about a change is shown instead."""
    args = args_of(intent)
    if intent.name in WITH_WORDS and conv.understood is not None:
        args["words"] = _words_of(conv.understood, intent)
    if intent.name == "number":
        return HANDLERS["order.show"](conv, {"orders": [str(intent.value("n"))]})
    if intent.name in CHANGING and intent.negated:
        return denied(conv, intent)
    if intent.question and intent.name.startswith("step.") and args.get("orders"):
        return HANDLERS["order.show"](conv, {"orders": args["orders"]})
    return HANDLERS[intent.name](conv, args)


def _words_of(understood: Understood, intent: Intent) -> str:
    """The words of the message that an intent may draw on: up to the next thing said."""
    later = [one.span[0] for one in understood.intents if one.span[0] > intent.span[0]]
    first = 0 if understood.intents[0] is intent else intent.span[0]
    return understood.raw[first : min(later, default=len(understood.raw))]


# --- what was pressed ---------------------------------------------------------------------------------------------


def pressed(conv: Conversation) -> Reply:
    """Answer a press: on a message that still shows the button it acts; on another one it tells how things stand."""
    return press_of(conv, find_press(conv))


def press_of(conv: Conversation, press: Press) -> Reply:
    """Answer the press of a button that was found."""
    conv.pressed = press.row
    if press.stale or press.action is None:
        return guarded(conv, lambda: present_state(conv, press))
    action = press.action
    reply = guarded(conv, lambda: act_on(conv, action))
    if conv.refusal is not None and conv.refusal.key in PAST and press.row is not None:
        take_buttons(conv, press.row)
    return reply


def act_on(conv: Conversation, action: str) -> Reply:
    """Carry out a button's action: "verb" or "verb:args"."""
    verb, _, rest = action.partition(":")
    log.info("pressed", extra={"action": "pressed", "inbox_id": conv.inbox.id, "verb": verb})
    if verb == "say":
        return said(conv, conv.words.say(Phrase(rest)))
    return ACTIONS[verb](conv, rest)


# --- the answer ---------------------------------------------------------------------------------------------------


def _retire(conv: Conversation) -> None:
    """Messages of matters that were settled or shown anew lose their buttons."""
    cards = {frame.card for frame in conv.memory.closed}
    if not cards:
        return
    query = select(Outbox).where(
        Outbox.person == conv.me.key, col(Outbox.card).in_(cards), col(Outbox.buttons_live).is_(True)
    )
    for row in list(conv.book.session.exec(query)):
        take_buttons(conv, row)


def _take_along(conv: Conversation, known: set[str]) -> None:
    """A question that goes out as a direct message is answered there: its matter moves to the direct chat."""
    moving = [frame for frame in conv.memory.frames if frame.nonce not in known]
    if not moving:
        return
    direct = Memory(conv.book.session, f"person:{conv.me.key}", conv.now)
    direct.frames = [*direct.frames, *moving]
    direct.keep()
    conv.memory.frames = [frame for frame in conv.memory.frames if frame not in moving]


def _send(
    book: Book, message: Message, inbox: Inbox, me: Human, group: Group | None, reply: Reply, *, apart: bool = False
) -> None:
    """The answer, into the group it was asked in or to the person alone."""
    if not reply:
        return
    if group is not None and not apart:
        _post(book, message, inbox, replace(reply, card=None), group=group)
        return
    row = _post(book, message, inbox, reply, person=me.key)
    if message.group is not None:
        row.conversation = None
        if group is not None:
            _post(book, message, inbox, say("desk.told_in_private"), group=group)


def _fit_for(group: Group, me: Human, reply: Reply) -> bool:
    """Whether everybody in the group may read a reply.

    A contact's answers go into groups of his own company only; in a customer's group staff get nothing but what that
    customer may know (the acts look no further than that customer's orders there).
    """
    if me.customer is not None:
        return group.customer == me.customer
    return group.customer is None or reply.public


def _send_to_stranger(book: Book, message: Message, inbox: Inbox) -> None:
    group = group_of(book.company, message)
    if message.group is not None:
        if group is not None:
            _post(book, message, inbox, say("link.in_private"), group=group)
        return
    book.by = Actor(f"{message.channel}:{message.account}", message.channel, None)
    reply, person = linking.stranger(book, message, inbox)
    _post(book, message, inbox, reply, person=person)


def _post(
    book: Book, message: Message, inbox: Inbox, reply: Reply, *, person: str | None = None, group: Group | None = None
) -> Outbox:
    row = book.tell(
        person, reply.letter(), kind="answer", card=reply.card, group=group.key if group else None, send_at=book.now
    )
    row.reply_to = inbox.id
    row.rule = SECRET if is_secret(reply.letter()) else None
    row.channel, row.account = message.channel, None if group else message.account
    row.conversation = message.conversation or None
    row.orders = list(reply.orders)
    return row
