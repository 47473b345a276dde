"""Customers: approved answers, questions passed to the salesperson, complaints, scores. Nothing changes by itself."""

from __future__ import annotations

import re

from rapidfuzz import fuzz
from sqlmodel import col, select

from conversations.dialogs.asking import ask
from conversations.dialogs.context import from_context, in_sight
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.reply import Reply, button, say
from store.messages import Phrase
from store.operations.exceptions import COMPLAINT, open_case
from store.operations.notes import NewFile, keep_file
from store.operations.promises import drop_notice, send_notice
from store.operations.questions import answer_question, pass_on
from store.operations.surveys import record_score
from store.reads.seeing import find_order
from store.refusals import NotFound
from store.tables import Order, Outbox, Request

FOR_CONTACTS = frozenset({
    "order.show", "order.list", "order.urge", "order.follow", "order.unfollow", "account.link", "person.language",
    "person.quiet", "person.channel", "who_am_i", "help", "thanks", "greeting", "small_talk", "yes", "no", "leave",
    "skip", "number", "answer", "score", "complaint", "customer.words", "undo",
})  # fmt: skip
"""What a customer may do himself; everything else he says goes to his salesperson."""

_ALIKE = 86
_BLANK = re.compile(r"[\W_]+")


def words(conv: Conversation, args: Args) -> Reply:
    """A customer's words: an approved answer if there is one, else on to the salesperson."""
    text = str(args.get("text") or conv.message.text)
    known = approved(conv, text)
    if known is not None:
        return say("question.approved", answer=known)
    return passed(conv, text)


def approved(conv: Conversation, text: str) -> object | None:
    """The company's approved answer to a question in about these words."""
    said = _BLANK.sub("", text.casefold())
    best, answer = 0.0, None
    for one in conv.company.answers:
        for wording in one.ask:
            asked = _BLANK.sub("", wording.casefold())
            score = 100.0 if asked in said else fuzz.ratio(asked, said)
            if score > best:
                best, answer = score, one.answer.raw
    return answer if best >= _ALIKE else None


def passed(conv: Conversation, text: str, files: tuple[NewFile, ...] = ()) -> Reply:
    """On to the salesperson, with the order it is about if it is the customer's."""
    order = order_of(conv)
    request = pass_on(conv.book, text, order)
    if files:
        refs = tuple(keep_file(conv.book, file) for file in files)
        from store.messages import Letter

        facts = {"person": conv.me.name.raw}
        conv.book.tell(
            request.asked_of, Letter((Phrase("question.files", facts),), (), refs), rule="question", order=order
        )
    reply = say("question.passed_on", who=conv.name(request.asked_of))
    return reply.about(order.number) if order is not None else reply


def order_of(conv: Conversation) -> Order | None:
    """The customer's own order that the words are about, if any."""
    said = [str(one) for entity in (conv.understood.entities.of("order") if conv.understood else ())
            for one in (entity.value if isinstance(entity.value, tuple) else (entity.value,))]  # fmt: skip
    for number in (*said, *from_context(conv)):
        found = in_sight(conv, find_order(conv.book, conv.me.key, number))
        if len(found) == 1:
            return found[0]
    return None


def complain(conv: Conversation, args: Args) -> Reply:
    """A complaint opens an exception with the salesperson as handler; staff report a problem."""
    text = str(args.get("text") or conv.message.text)
    if not conv.is_contact:
        return conv.go_on("problem.report", {**args, "note": text})
    order = order_of(conv)
    if order is None:
        return passed(conv, text)
    opened = open_case(conv.book, order, COMPLAINT, text)
    return say("question.complaint", who=conv.name(opened.case.handler), number=order.number).about(order.number)


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
    return say("question.relayed", person=conv.name(done.asked_by))


def send(conv: Conversation, args: Args) -> Reply:
    """The notice of a moved date, in the drafted words or the salesperson's own."""
    if args.get("edit") and not args.get("text"):
        return ask(conv, "notice.send", args, "text", Phrase("question.ask_notice"))
    told = send_notice(conv.book, int(args["request"]), args.get("version"), args.get("text"))
    return say("question.notice_sent", who=[conv.name(key) for key in told])


def drop(conv: Conversation, args: Args) -> Reply:
    """Not now."""
    drop_notice(conv.book, int(args["request"]), args.get("version"))
    return say("question.notice_later")


__all__ = ["FOR_CONTACTS", "answer", "button", "complain", "drop", "passed", "question_of", "score", "send", "words"]
