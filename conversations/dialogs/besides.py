"""An answer with more beside it: «12月28日 送宁波 白色» where the promise date was asked for.

A text is taken apart only when each of its parts is plainly something for the draft; otherwise it is read as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from conversations.dialogs.conversation import Conversation
from conversations.dialogs.formwords import said_in, without
from conversations.dialogs.reading import plain
from store.company.models import FieldPart

VALUES = frozenset({"date", "quantity", "price", "number"})
"""What is asked for and has a form of its own, so that the rest of a text is seen to be something else."""
_APART = re.compile(
    r"(?<!\d)[,，;；\n]+|[,，](?!\d{3}(?!\d))|[;；\n]+|\s+(?=[送发寄运][^了出]\S)|\s+(?=(?:ship|send|deliver)\s+to\s)",
    re.IGNORECASE,
)
_MOST = 200
_AROUND = 1
"""A character behind the name of a choice says nothing else: 白色 for 白."""


def answer_in_parts(
    conv: Conversation, expects: str, text: str, form: Sequence[FieldPart]
) -> tuple[Any, list[dict[str, Any]]] | None:
    """The answer and what else is said of the draft, as facts; None if the text is not plainly both.

    Args:
        conv: the conversation.
        expects: what was asked for; one of VALUES.
        text: as typed.
        form: the order form of the draft that was asked about.
    """
    answers: list[Any] = []
    changes: list[dict[str, Any]] = []
    for part in _parts(text, form) if len(text) <= _MOST else ():
        chosen = _chosen(part, form)
        if chosen is not None:
            changes.append(chosen)
            continue
        intents = conv.read(part, expects).intents
        if len(intents) == 1 and intents[0].name == "answer":
            answers.append(plain(intents[0].value("value")))
            continue
        intents = conv.read(part, "yes_no").intents
        if not intents or any(one.name != "order.change" or one.slots.get("orders") for one in intents):
            return None
        changes += [plain(change) for one in intents for change in one.value("changes") or ()]
    return (answers[0], changes) if len(answers) == 1 and changes else None


def _parts(text: str, form: Sequence[FieldPart]) -> Iterator[str]:
    for part in _APART.split(text):
        words = part.split()
        if len(words) > 1 and _chosen(words[-1], form) is not None:
            yield part.rsplit(None, 1)[0]
            yield words[-1]
        elif words:
            yield part.strip()


def _chosen(part: str, form: Sequence[FieldPart]) -> dict[str, Any] | None:
    """The choice of the form that a part is."""
    found = [one for one in said_in(part, [one for one in form if one.type == "choice"]) if not one.named]
    if len(found) != 1 or len(without(part, found)) > _AROUND:
        return None
    return {"field": found[0].part.field, "value": found[0].value, "line": None, "mode": "set"}
