"""What a person may hear when something cannot be done: a key of the phrase files and its facts.

Every refusal descends from Refusal; the desk turns it into a reply, the API into a problem document. Anything else
that is raised is a bug and goes to the log.
"""

from __future__ import annotations

from store.messages import Fact, Phrase


class Refusal(Exception):
    """Something a person asked for is not done; `key` says why, `facts` fill the sentence."""

    key = "refused"
    status = 409  # of the API's problem document

    def __init__(self, **facts: Fact) -> None:
        super().__init__(self.key, facts)
        self.facts = facts

    @property
    def phrase(self) -> Phrase:
        """What to say."""
        return Phrase(self.key, self.facts)


class NotFound(Refusal):
    """Nothing of that name, or nothing this person may see: both are answered alike. Facts: what (as asked)."""

    key = "refused.not_found"
    status = 404


class NotAllowed(Refusal):
    """The person lacks the right. Facts: right (Phrase), who (names of those who have it)."""

    key = "refused.not_allowed"
    status = 403


class Conflict(Refusal):
    """Somebody else changed it meanwhile. Facts: number, who, what (Phrase), at."""

    key = "refused.conflict"


class Invalid(Refusal):
    """A value does not do. `key` is given by the place that found it."""

    key = "refused.invalid"
    status = 422

    def __init__(self, key: str, **facts: Fact) -> None:
        super().__init__(**facts)
        self.key = key
