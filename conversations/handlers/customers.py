"""Customers: approved answers, questions passed to the salesperson, complaints, scores. Nothing changes by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz
from sqlmodel import col, select

from conversations.customers import Said, asks_progress, clauses_of, read_customer
from conversations.dialogs.asking import ask, confirm
from conversations.dialogs.context import by_goods, from_context, in_sight, open_orders
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.reading import args_of
from conversations.dialogs.reply import Reply, button, join, say
from conversations.handlers.accepting import may_be_accepting, open_proposals, take_acceptance
from conversations.handlers.attending import window_says
from conversations.understanding.intents import Intent
from store.messages import Letter, Phrase
from store.operations import frame as facts_of
from store.operations.accepting import DELIVERY
from store.operations.exceptions import COMPLAINT, open_case
from store.operations.isolation import slowed_until
from store.operations.notes import NewFile, keep_file
from store.operations.promises import drop_notice, send_notice
from store.operations.questions import answer_question, pass_on
from store.operations.surveys import record_score
from store.reads.seeing import find_order
from store.refusals import NotFound
from store.tables import Order, Outbox, Request

FOR_CONTACTS = frozenset({
    "order.show", "order.list", "order.urge", "order.follow", "order.unfollow", "account.link", "account.page",
    "person.language", "person.quiet", "person.channel", "who_am_i", "help", "thanks", "greeting", "small_talk", "yes",
    "no", "leave", "skip", "number", "answer", "score", "complaint", "customer.words", "undo", "tracking.share",
})  # fmt: skip
"""What a customer may do himself; everything else he says goes to his salesperson."""

_ALIKE = 86
_TALK = frozenset({"help", "small_talk", "greeting", "thanks"})  # beside an order's number these ask where it is
_CLEAR = 0.85
_SHORT = 24  # characters: what is this short and speaks of sending or arriving is about the order at hand
_WISHES = frozenset({"order.place", "order.change", "order.cancel", "order.hold", "order.resume"})
_BESIDE = frozenset({"wish", "other", "complaint"})  # beside these a question for status is answered as well
_NUMBERS = 3  # so many orders in work are named to the salesperson when the words are about none of them
_BLANK = re.compile(r"[\W_]+")


def first_look(conv: Conversation, text: str) -> Reply | None:
    """What a contact asks for beyond status and urging; None leaves his words to the grammar."""
    conv.understood = conv.understood or conv.read(text)
    if too_fast(conv):
        return None
    known = approved(conv, text, whole=True)
    if known is not None:
        return say("question.approved", answer=known)
    said = read_customer(text, proposal=may_be_accepting(conv))
    if said is None:
        named = named_order(conv) if all(one.name in _TALK for one in conv.understood.intents) else None
        return None if named is None else conv.go_on("order.show", {"orders": [named.number]})
    reply = _taken(conv, said, text)
    rest = _status_beside(conv, said.rest) if said.kind in _BESIDE else None
    return reply if rest is None else join([rest, reply])


def _taken(conv: Conversation, said: Said, text: str) -> Reply:
    match said.kind:
        case "assistant":
            return say("customer.assistant")
        case "salesperson":
            return _who_looks_after(conv)
        case "human":
            return passed(conv, text, kind="human")
        case "complaint":
            return _complaint(conv, text)
        case "wish" | "condition":
            return passed(conv, text, kind="wish")
        case "link":
            return conv.go_on("tracking.share", {})
        case "other":
            return words(conv, {"text": text})
        case "urge":
            return conv.go_on("order.urge", _about(conv))
        case "progress":
            return conv.go_on("order.show", _about(conv))
        case "fine":
            return say("customer.all_right")
        case "received":
            order = order_of(conv)
            left = order is not None and any(line.shipped for line in facts_of.lines(conv.book, order))
            waits = left or any(one.what == DELIVERY for one in open_proposals(conv))
            return take_acceptance(conv, said.kind, text, order) if waits else passed(conv, text)
    return take_acceptance(conv, said.kind, text, named_order(conv))


def _about(conv: Conversation) -> Args:
    """The orders that a message names, each as it was said; else the one it is about, if that is clear."""
    entities = conv.understood.entities if conv.understood else None
    named = [one.value for one in entities.of("order")] if entities is not None else []
    said = [str(ref) for value in named for ref in (value if isinstance(value, tuple) else (value,))]
    about = None if said else order_of(conv)
    return {"orders": said} if said else {"orders": [about.number]} if about is not None else {}


def _who_looks_after(conv: Conversation) -> Reply:
    """Who the contact's salesperson is."""
    client = conv.company.customers.get(conv.me.customer or "")
    if client is None or client.salesperson not in conv.company.people:
        return passed(conv, conv.message.text)
    return say("customer.your_salesperson", who=conv.name(client.salesperson))


def _status_beside(conv: Conversation, rest: str) -> Reply | None:
    """A question for status that stands beside something else is answered too."""
    if not rest:
        return None
    intents = [one for one in conv.read(rest).intents if one.name == "order.show" and one.confidence >= _CLEAR]
    return conv.go_on("order.show", args_of(intents[0])) if intents else None


def too_fast(conv: Conversation) -> bool:
    """Whether this contact has asked for too many numbers in vain and names one again."""
    understood = conv.understood
    if not conv.is_contact or understood is None or slowed_until(conv.book, conv.me.key) is None:
        return False
    numbers = any({"orders", "n", "po_number"} & set(one.slots) for one in understood.intents)
    return numbers or bool(understood.entities.of("order", "po"))


def for_contact(intents: Sequence[Intent]) -> Sequence[Intent] | None:
    """What a contact may have of what was read; None when his words are for his salesperson.

    Words that staff say of their own work («收到», «发了») are nothing beside a question for status.
    """
    theirs = [one for one in intents if one.name in FOR_CONTACTS]
    others = [one for one in intents if one.name not in FOR_CONTACTS]
    if not others:
        return intents
    asks = any(one.name in {"order.show", "order.urge", "order.list"} for one in theirs)
    return theirs if asks and all(one.name in _STAFF_TALK for one in others) else None


_STAFF_TALK = frozenset({"step.acknowledge", "step.complete", "step.snooze", "review.approve", "money.receive"})


def words(conv: Conversation, args: Args) -> Reply:
    """A customer's words: an approved answer if there is one, a status that was meant, else on to the salesperson."""
    text = str(args.get("text") or conv.message.text)
    known = approved(conv, text)
    if known is not None:
        return say("question.approved", answer=known)
    named = named_order(conv)
    if named is None and len(text) <= _SHORT and (unknown := _own_number(conv)) is not None:
        raise NotFound(what=unknown)
    order = named or (order_of(conv) if len(text) <= _SHORT else None)
    bare = named is not None and len(_BLANK.sub("", text)) <= len(_BLANK.sub("", named.po_number or "")) + 4
    if order is not None and (bare or asks_progress(text)) and read_customer(text, proposal=False) is None:
        return conv.go_on("order.show", {"orders": [order.number]})
    wishes = conv.understood is not None and any(one.name in _WISHES for one in conv.understood.intents)
    return passed(conv, text, kind="wish" if wishes else "question")


def approved(conv: Conversation, text: str, *, whole: bool = False) -> object | None:
    """The company's approved answer to a question in about these words; `whole`: they ask nothing besides."""
    said = _BLANK.sub("", text.casefold())
    best, answer = 0.0, None
    for one in conv.company.answers:
        for wording in one.ask:
            asked = _BLANK.sub("", wording.casefold())
            score = 100.0 if asked in said and not whole else fuzz.ratio(asked, said)
            if score > best:
                best, answer = score, one.answer.raw
    return answer if best >= _ALIKE else None


def passed(conv: Conversation, text: str, files: tuple[NewFile, ...] = (), *, kind: str = "question") -> Reply:
    """On to the salesperson, with the order it is about if it is the customer's.

    `kind`: question, wish (the salesperson may have a draft made of it) or human (he is asked to talk himself).
    """
    order = order_of(conv)
    others = [] if order is not None else [one.number for one in open_orders(conv, limit=_NUMBERS + 1)]
    request = pass_on(conv.book, text, order, kind=kind, others=others if len(others) <= _NUMBERS else [])
    if files:
        refs = tuple(keep_file(conv.book, file) for file in files)
        facts = {"person": conv.me.name.raw}
        conv.book.tell(
            request.asked_of, Letter((Phrase("question.files", facts),), (), refs), rule="question", order=order
        )
    reply = say(_PASSED[kind], who=conv.name(request.asked_of))
    return reply.about(order.number) if order is not None else reply


_PASSED = {"question": "question.passed_on", "wish": "customer.wish_passed", "human": "customer.human_called"}


def named_order(conv: Conversation) -> Order | None:
    """The customer's own order that a message names by number or by his own."""
    entities = conv.understood.entities if conv.understood else None
    if entities is None:
        return None
    for entity in entities.of("order", "po"):
        for said in entity.value if isinstance(entity.value, tuple) else (entity.value,):
            found = in_sight(conv, find_order(conv.book, conv.me.key, str(said)))
            found = found or open_orders(conv, po_number=str(said))
            if len(found) == 1:
                return found[0]
    return _by_own_number(conv)


def _own_number(conv: Conversation) -> str | None:
    """The number of an order, ours or the customer's own, that a message names."""
    entities = conv.understood.entities if conv.understood else None
    found = next(iter(entities.of("po", "order")), None) if entities is not None else None
    if found is None:
        return None
    return str(found.value[0] if isinstance(found.value, tuple) else found.value)


def _by_own_number(conv: Conversation) -> Order | None:
    """The order of which a number stands in the words as people type it: AQ5501 for AQ-5501."""
    said = {_BLANK.sub("", one) for one in _NUMBERED.findall(conv.message.text.casefold())}
    hits = [
        order
        for order in open_orders(conv)
        if order.po_number and any(_BLANK.sub("", order.po_number.casefold()).endswith(one) for one in said)
    ]
    return hits[0] if len(hits) == 1 else None


_NUMBERED = re.compile(r"[a-z]*[-_ ]?\d[a-z0-9-]{2,}")


def order_of(conv: Conversation) -> Order | None:
    """The order that words are about: named, by product, last spoken of, or the only one in work; never one of many."""
    named = named_order(conv)
    if named is not None:
        return named
    entities = conv.understood.entities if conv.understood else None
    products = [key for one in (entities.of("product") if entities else ()) for key in getattr(one.value, "keys", ())]
    if products:
        found = open_orders(conv, products=products, limit=2)
        if len(found) == 1:
            return found[0]
    goods = by_goods(conv, conv.message.text)
    if goods is not None:
        return goods
    numbers = from_context(conv)
    if len(numbers) == 1:
        found = in_sight(conv, find_order(conv.book, conv.me.key, numbers[0]))
        if len(found) == 1:
            return found[0]
    only = open_orders(conv, limit=2)
    return only[0] if len(only) == 1 else None


def complain(conv: Conversation, args: Args) -> Reply:
    """A complaint opens an exception with the salesperson as handler; staff report a problem."""
    text = str(args.get("text") or conv.message.text)
    if not conv.is_contact:
        return conv.go_on("problem.report", {**args, "note": text})
    asked = next((found for one in clauses_of(text) if (found := _status_beside(conv, one)) is not None), None)
    reply = _complaint(conv, text)
    return reply if asked is None else join([asked, reply])


def _complaint(conv: Conversation, text: str) -> Reply:
    order = order_of(conv)
    if order is None:
        return passed(conv, text)
    opened = open_case(conv.book, order, COMPLAINT, text)
    return say("question.complaint", who=conv.name(opened.case.handler), number=order.number).about(order.number)


def draft(conv: Conversation, args: Args) -> Reply:
    """A customer's wish as a draft of the salesperson's own, which he confirms or leaves."""
    request = conv.book.session.get(Request, int(args["request"]))
    if request is None or request.kind != "question" or request.asked_of != conv.me.key:
        raise NotFound(what=Phrase("desk.any_question"))
    text = str(request.facts.get("text") or "")
    asker = conv.company.people.get(request.asked_by)
    client = conv.company.customers.get(asker.customer or "") if asker else None
    order = facts_of.order_of(conv.book, request.order_id) if request.order_id is not None else None
    for intent in conv.read(text).intents:
        found = args_of(intent)
        if intent.name == "order.place" and client is not None:
            mine = {"customer": [client.key], "customer_said": next(iter(client.name.all)), "customer_sure": True}
            return conv.go_on("order.place", {**found, **mine})
        if intent.name in _ON_ORDER and order is not None:
            return conv.go_on(intent.name, {"reason": text, **found, "orders": [order.number]})
    special = facts_of.flow_of(conv.book, order).exception(_SPECIAL) if order is not None else None
    if order is not None and special is not None:
        shown = Phrase("question.draft_special", {"number": order.number, "kind": special.name.raw, "text": text})
        going = {"orders": [order.number], "kind": [_SPECIAL], "note": text}
        return confirm(conv, "problem.report", going, shown).about(order.number)
    example = Phrase("question.example_order", {"number": order.number}) if order is not None else Phrase(
        "question.example_new", {"customer": client.name.raw if client else None})  # fmt: skip
    return say("question.no_draft", text=text, example=example)


_SPECIAL = "special"  # the kind of the company file under which a wish that changes no field is kept
_ON_ORDER = frozenset({"order.change", "order.cancel", "order.hold", "order.resume"})


def score(conv: Conversation, args: Args) -> Reply:
    """1 to 5, and a line if the customer likes."""
    order_id = args.get("order") or _asked_about(conv)
    if order_id is None:
        raise NotFound(what=Phrase("desk.any_order"))
    line = args.get("line") or args.get("text")
    done = record_score(conv.book, int(order_id), int(args["n"]), str(line) if line else None)
    if line:
        return say("question.score_line").about(done.order.number)
    bad = Phrase("question.score_bad") if done.case else None
    question = Phrase("question.score_thanks", {"score": done.score, "bad": bad})
    reply = ask(conv, "score", {"order": int(order_id), "n": int(args["n"])}, "line", question)
    return Reply(reply.says, (), (), (done.order.number,), reply.card)


def _asked_about(conv: Conversation) -> int | None:
    query = select(Outbox).where(Outbox.person == conv.me.key, col(Outbox.card).startswith("score:"))
    row = conv.book.session.exec(query.order_by(col(Outbox.id).desc()).limit(1)).first()
    return int(str(row.card).split(":")[1]) if row else None


# --- the salesperson's side ---------------------------------------------------------------------------------------


def question_of(conv: Conversation) -> Request | None:
    """The open question that the quoted message carried, if it was asked of the speaker."""
    card = conv.quoted.card if conv.quoted is not None else None
    if not card or not card.startswith("request:"):
        return None
    request = conv.book.session.get(Request, int(card.split(":")[1]))
    fits = request is not None and request.kind == "question" and request.asked_of == conv.me.key
    return request if fits and request is not None and request.status == "pending" else None


def answer(conv: Conversation, args: Args) -> Reply:
    """The salesperson's words, relayed as his."""
    request_id = int(args["request"])
    if not args.get("text"):
        request = conv.book.session.get(Request, request_id)
        if request is None or request.kind != "question":
            raise NotFound(what=Phrase("desk.any_question"))
        facts = {"person": conv.name(request.asked_by), "text": request.facts.get("text")}
        return ask(conv, "question.answer", {"request": request_id}, "text", Phrase("question.ask_answer", facts))
    done = answer_question(conv.book, request_id, str(args["text"]), args.get("version"))
    return say("question.relayed", person=conv.name(done.asked_by)).also(*window_says(conv, done.asked_by))


def send(conv: Conversation, args: Args) -> Reply:
    """The notice of a moved date, in the drafted words or the salesperson's own."""
    if args.get("edit") and not args.get("text"):
        return ask(conv, "notice.send", args, "text", Phrase("question.ask_notice"))
    told = send_notice(conv.book, int(args["request"]), args.get("version"), args.get("text"))
    return say("question.notice_sent", who=[conv.name(key) for key in told]).also(*window_says(conv, *told))


def drop(conv: Conversation, args: Args) -> Reply:
    """Not now."""
    drop_notice(conv.book, int(args["request"]), args.get("version"))
    return say("question.notice_later")


__all__ = ["FOR_CONTACTS", "answer", "button", "complain", "draft", "drop", "first_look", "passed", "question_of",
           "score", "send", "too_fast", "words"]  # fmt: skip
