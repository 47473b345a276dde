"""Telegram's limits: what is too much is answered with a penalty for everybody."""

from __future__ import annotations

from adapters.pacing import Limit, Limits

# Telegram's own figures, all in all one a second less and spread over the second: what leaves evenly spaced may
# arrive closer together. One a second into one chat lets short bursts pass: hence three in three seconds, and a little
# more, for one that was long on its way is followed too soon by the next three, and each refusal costs five seconds.
ON_ITS_WAY_S = 0.25
OVERALL = (Limit(29, 1), Limit(2, 2 / 29))
CHAT = (Limit(3, 3 + ON_ITS_WAY_S),)
GROUP = (*CHAT, Limit(20, 60 + ON_ITS_WAY_S))
_EVERYBODY = ""


def limits(chat: str) -> Limits:
    """What a message into this chat counts for. Groups are those whose id is negative."""
    return {_EVERYBODY: OVERALL, chat: GROUP if chat.startswith(("-", "@")) else CHAT}
