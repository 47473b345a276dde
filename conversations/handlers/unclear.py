"""What was not understood is said plainly, with the nearest things that would be; what is denied is not carried out."""

from __future__ import annotations

from conversations.dialogs.asking import Option, ask
from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.reading import args_of
from conversations.dialogs.reply import Reply, button, say
from conversations.handlers.reviewing import stated_day
from conversations.messages import AdviceWanted
from conversations.understanding.intents import Intent, Understood
from store.messages import Phrase

_NEAREST = 3


def not_understood(conv: Conversation, understood: Understood) -> Reply:
    """The nearest things as buttons; a customer's words go to his salesperson."""
    if conv.is_contact:
        return conv.go_on("customer.words", {"text": understood.raw})
    stated = stated_day(conv, understood)
    if stated is not None:
        return stated
    if conv.message.advice == "" and understood.raw.strip():
        raise AdviceWanted
    options: list[Option] = []
    for intent in (*_advised(conv, understood), *understood.suggestions)[:_NEAREST]:
        if intent.name in conv.acts:
            args = args_of(intent) | {"words": understood.raw}
            numbers = args.get("orders") or None
            options.append(
                (
                    Phrase("desk.suggest", {"what": Phrase(f"intent.{intent.name}"), "numbers": numbers}),
                    [intent.name, args],
                )
            )
    said = understood.raw.strip()
    said = said if len(said) <= 40 else said[:39] + "…"
    if not options:
        return Reply((Phrase("desk.not_understood", {"said": said}),), (button("button.help", "help"),))
    question = Phrase("desk.did_you_mean", {"said": said})
    return ask(conv, "suggested", {}, "intent", question, expects="pick", options=options,
               extra=(button("button.help", "help"),))  # fmt: skip


def _advised(conv: Conversation, understood: Understood) -> tuple[Intent, ...]:
    """What a language model proposes, once asked, if it passes our own checks; an offer like any other."""
    if not conv.message.advice:
        return ()
    from conversations.understanding.proposals import read_proposal
    from conversations.understanding.understander import Understander

    if not isinstance(conv.reader, Understander):
        return ()
    now, days = conv.now.astimezone(conv.me.zone), conv.company.calendar_of(conv.me.key)
    found = read_proposal(conv.message.advice, understood.raw, conv.reader, now=now, days=days)
    return (found,) if found is not None else ()


def suggested(conv: Conversation, args: Args) -> Reply:
    """What was meant after all."""
    name, found = args["intent"]
    return conv.go_on(str(name), dict(found))


def denied(conv: Conversation, intent: Intent) -> Reply:
    """«没发货»: nothing is carried out; it is said so, with the order as it stands."""
    del conv
    numbers = args_of(intent).get("orders") or ()
    reply = say("desk.denied", what=Phrase(f"intent.{intent.name}"))
    return reply.offering(*(button("button.details", f"order.show:{number}") for number in numbers[:3]))
