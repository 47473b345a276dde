"""A platform on the far side of the wire: takes what it is sent, or fails as it is told; strict about lengths."""

from typing import Any

from conversations.channels import Abilities, Rejected, SendFailure
from conversations.messages import FileIn, Message, Outgoing


class Platform:
    """Keeps what was sent; `failures` are raised first, one a send."""

    def __init__(self, name: str, *, edits: bool = True, max_text: int = 4000) -> None:
        self.name = name
        self.abilities = Abilities(buttons=10, edits=edits, files=True, max_text=max_text)
        self.sent: list[Outgoing] = []
        self.failures: list[SendFailure] = []

    def translate(self, payload: Any) -> Message | None:
        if "text" not in payload:
            raise ValueError("an update without text")
        return Message(channel=self.name, account=payload["from"], conversation=payload["from"], text=payload["text"])

    async def fetch(self, file: FileIn) -> bytes:
        raise Rejected(file.name)

    async def send(self, message: Outgoing) -> str | None:
        if self.failures:
            raise self.failures.pop(0)
        if len(message.text) > self.abilities.max_text:
            raise Rejected("too long")
        self.sent.append(message)
        return f"{self.name}-{message.key}"

    async def working(self, account: str, conversation: str | None) -> None:
        pass
