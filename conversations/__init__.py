"""What a person said, what was understood, and what is said back.

    messages.py       Message in, Outgoing out: the same on every platform
    channels.py       what an adapter offers, and the ways in which sending can fail
    desk.py           Desk.answer: who speaks, what is meant, what comes of it, the answer into the outbox
    understanding/    texts to intents; pure, grammar over data files
    dialogs/          open questions and drafts, which order is meant, which button was pressed
    handlers/         HANDLERS: who answers which intent; ACTIONS: what which button does
    phrasebook.py     phrases to text in the receiver's language; phrases/<language>/*.yaml
    rendering.py      a letter fitted to what a platform can draw: buttons or numbered choices, long texts split

Enter by Desk. Nothing here opens a socket or reads the clock.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conversations.desk import Desk

__all__ = ["Desk"]


def __getattr__(name: str) -> Any:
    """The desk is opened when first asked for: adapters need no more than the shapes of messages."""
    if name != "Desk":
        raise AttributeError(name)
    from conversations.desk import Desk

    return Desk
