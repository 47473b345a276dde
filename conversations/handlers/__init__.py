"""Who answers what: one table from what is wanted to a function, one from a button's verb to a function.

    showing.py     where is it, timeline, why late          listing.py    lists, paged for a phone
    placing.py     new orders                                files.py      order files, attachments
    changing.py    change, cancel, hold, resume              noting.py     note, follow, urge
    working.py     one's own steps                           trouble.py    problems
    claiming.py    a colleague's step, taken oneself
    reviewing.py   approve, return, requests, undo           people.py     accounts, leave, settings
    ledger.py      stock, money, figures, suggestions        customers.py  questions, complaints, scores, notices
    helping.py     who, help, how, small talk                unclear.py    what was not understood
    accepting.py   a customer's words as evidence            attending.py  a colleague talks himself
    contacts.py    customers' people who come and leave      tracking.py   public pages of orders
    flows.py       changing a flow, by four eyes             buttons.py    what a button's arguments mean
    acknowledging.py  what is taken note of

HANDLERS has every intent of understanding.intents, and beyond them the acts that only buttons and questions lead to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from conversations import learning
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.reply import Reply
from conversations.handlers import (
    accepting,
    acknowledging,
    attending,
    changing,
    claiming,
    contacts,
    customers,
    files,
    flows,
    helping,
    ledger,
    listing,
    noting,
    people,
    placing,
    reviewing,
    showing,
    tracking,
    trouble,
    unclear,
    working,
)
from conversations.handlers.buttons import ACTIONS

Handler = Callable[[Conversation, Args], Reply]

HANDLERS: Mapping[str, Handler] = {
    "order.place": placing.place,
    "order.show": showing.show,
    "order.change": changing.change,
    "order.cancel": changing.cancel,
    "order.hold": changing.hold,
    "order.resume": changing.resume,
    "order.note": noting.note,
    "order.attach": files.keep_attachments,
    "order.follow": noting.start_following,
    "order.unfollow": noting.stop_following,
    "order.urge": noting.hurry,
    "order.list": listing.listed,
    "order.timeline": showing.story,
    "order.why_late": showing.late,
    "step.acknowledge": acknowledging.take_note,
    "step.complete": working.complete,
    "step.filled": working.filled,
    "step.postpone": working.put_off,
    "step.snooze": working.rest,
    "step.claim": claiming.claim,
    "step.hand_over": working.hand_over,
    "problem.report": trouble.report,
    "problem.solve": trouble.solve,
    "problem.tick": trouble.note_taken,
    "review.approve": reviewing.approve,
    "review.return": reviewing.send_back,
    "undo": reviewing.undo,
    "handover.accept": reviewing.accept,
    "handover.decline": reviewing.decline,
    "account.link": people.link,
    "account.unlink": people.unlink,
    "account.invite": people.invite,
    "account.page": people.page,
    "person.away": people.away,
    "person.back": people.back,
    "person.quiet": people.quiet,
    "person.language": people.language,
    "person.channel": people.channel,
    "who_am_i": helping.who,
    "help": helping.assist,
    "how": helping.how,
    "suggest": ledger.propose,
    "suggestion.second": ledger.support,
    "alias.take": learning.taken,
    "alias.drop": learning.dropped,
    "stock.show": ledger.stock,
    "money.show": ledger.money,
    "money.receive": ledger.receive,
    "figures": ledger.figures,
    "flow.change": flows.change,
    "flow.publish": flows.publish,
    "complaint": customers.complain,
    "customer.words": customers.words,
    "customer.accept": accepting.accepted,
    "contact.talk": attending.begin,
    "contact.release": attending.end,
    "contact.tell": attending.tell,
    "contact.left": contacts.left,
    "tracking.share": tracking.give_link,
    "tracking.revoke": tracking.take_back,
    "question.draft": customers.draft,
    "score": customers.score,
    "question.answer": customers.answer,
    "notice.send": customers.send,
    "notice.drop": customers.drop,
    "thanks": helping.thanks,
    "greeting": helping.greeting,
    "small_talk": helping.small_talk,
    "yes": reviewing.said_yes,
    "no": reviewing.said_no,
    "leave": helping.nothing_open,
    "skip": helping.nothing_open,
    "number": showing.show,
    "answer": helping.nothing_open,
    "suggested": unclear.suggested,
}

__all__ = ["ACTIONS", "HANDLERS", "Handler"]
