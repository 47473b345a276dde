"""What a handler says back, before it becomes a letter in the outbox."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from store.messages import Choice, Fact, FileRef, Letter, Phrase


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: phrases, buttons, files.

    Attributes:
        orders: numbers of the orders it speaks of, for «这单» afterwards.
        card: the condition it shows ("step:42", "dialog:7"), so that it can be edited when that changes.
        private: personal matter; said in a group, it goes out as a direct message.
        public: holds nothing but what the customer it speaks of may know; only this is said in a customer's group.
    """

    says: tuple[Phrase, ...] = ()
    choices: tuple[Choice, ...] = ()
    files: tuple[FileRef, ...] = ()
    orders: tuple[str, ...] = ()
    card: str | None = None
    private: bool = False
    public: bool = False

    def __bool__(self) -> bool:
        return bool(self.says or self.files)

    def letter(self) -> Letter:
        """As the outbox keeps it."""
        return Letter(self.says, self.choices, self.files)

    def also(self, *phrases: Phrase) -> Reply:
        """The same with further phrases at the end."""
        return replace(self, says=self.says + phrases)

    def about(self, *numbers: str) -> Reply:
        """The same, speaking of these orders."""
        return replace(self, orders=tuple(dict.fromkeys(self.orders + numbers)))

    def offering(self, *choices: Choice) -> Reply:
        """The same with further buttons, none twice."""
        return replace(self, choices=_without_repeats((*self.choices, *choices)))

    def as_card(self, card: str) -> Reply:
        """The same, as the card of a condition."""
        return replace(self, card=card)

    def for_customers(self) -> Reply:
        """The same, fit for the ears of the customer it speaks of."""
        return replace(self, public=True)

    def in_private(self) -> Reply:
        """The same, never shown to a group."""
        return replace(self, private=True)


def say(key: str, **facts: Fact) -> Reply:
    """A reply of one phrase."""
    return Reply((Phrase(key, facts),))


def button(label: str, action: str, **facts: Fact) -> Choice:
    """A button; `label` is a phrase key."""
    return Choice(Phrase(label, facts), action)


def join(replies: Iterable[Reply]) -> Reply:
    """Several replies to one message as one."""
    says: list[Phrase] = []
    choices: list[tuple[Choice, tuple[str, ...]]] = []
    files: list[FileRef] = []
    orders: list[str] = []
    card, private, public = None, False, True
    for reply in replies:
        says += reply.says if any(phrase not in says for phrase in reply.says) else ()
        choices += [(choice, reply.orders) for choice in reply.choices]
        files += reply.files
        orders += reply.orders
        card, private, public = reply.card or card, private or reply.private, public and reply.public
    return Reply(
        tuple(says),
        _told_apart(choices),
        tuple(files),
        tuple(dict.fromkeys(orders)),
        card,
        private,
        public and bool(says),
    )


def _told_apart(choices: Iterable[tuple[Choice, tuple[str, ...]]]) -> tuple[Choice, ...]:
    """None twice; where one label would do different things for several orders, each with its order's number."""
    each = {choice.action: (choice, orders) for choice, orders in choices}
    labels = [choice.label for choice, _ in each.values()]
    return tuple(
        replace(choice, label=Phrase("button.of", {"label": choice.label, "number": orders[0]}))
        if labels.count(choice.label) > 1 and len(orders) == 1
        else choice
        for choice, orders in each.values()
    )


def _without_repeats(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    return tuple({choice.action: choice for choice in choices}.values())
