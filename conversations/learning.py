"""Aliases learnt by confirmation: who always says 老华 for 华东机械 is asked once whether to keep it as its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from conversations.dialogs.conversation import Args, Conversation
from conversations.dialogs.drafts import Draft, exact
from conversations.dialogs.reply import Reply, button, say
from conversations.understanding.lexicon import lexicon
from store.messages import Phrase
from store.operations import wordings
from store.tables import Wording


def learn(conv: Conversation, orders: Iterable[Draft]) -> list[Reply]:
    """Count the names that the confirmed orders used; what was used often enough is proposed, one question a name."""
    known = lexicon().words
    found = []
    for kind, key, said in dict.fromkeys(name for draft in orders for name in _said(conv, draft)):
        if said.strip().lower() not in known:  # a word of everyday use shall mean no customer
            row = wordings.used(conv.book, kind, key, said)
            found += [_proposal(conv, row)] if row is not None else []
    return found


def _said(conv: Conversation, draft: Draft) -> Iterator[tuple[str, str, str]]:
    """(kind, key, as said) of what was called by a name that it does not have."""
    company = conv.company
    customer, products = _first_words(conv, draft)
    if draft.customer and customer and not exact(company.customers[draft.customer], customer):
        yield "customer", draft.customer, customer
    for line, said in zip(draft.lines, products, strict=False):
        if line.sku and said and not exact(company.products[line.sku], said):
            yield "product", line.sku, said


def _first_words(conv: Conversation, draft: Draft) -> tuple[str | None, list[str | None]]:
    """What the customer and the products were called at first, before it was asked who or what is meant."""
    first = [one for one in conv.read(draft.words).intents if one.name == "order.place"] if draft.words else []
    if len(first) != 1:
        return draft.customer_said, [line.said for line in draft.lines]
    named, lines = first[0].value("customer"), first[0].value("lines") or ()
    products = [line.product.value.said if line.product is not None else None for line in lines]
    return (named.said if named is not None else None), products if len(products) == len(draft.lines) else []


def _facts(conv: Conversation, row: Wording) -> dict[str, Any]:
    things = conv.company.customers if row.kind == "customer" else conv.company.products
    return {"said": row.said, "name": things[row.key].name.raw, "uses": row.uses}


def _proposal(conv: Conversation, row: Wording) -> Reply:
    choices = (
        button("button.alias_take", f"alias.take:{row.id}"),
        button("button.alias_drop", f"alias.drop:{row.id}"),
    )
    return Reply((Phrase("alias.propose", _facts(conv, row)),), choices)


def taken(conv: Conversation, args: Args) -> Reply:
    """«记住»: the name becomes an alias."""
    row = wordings.take(conv.book, int(args["wording"]))
    return say("alias.taken", **_facts(conv, row))


def dropped(conv: Conversation, args: Args) -> Reply:
    """«不要»: it is never proposed again."""
    row = wordings.decline(conv.book, int(args["wording"]))
    return say("alias.dropped", **_facts(conv, row))
