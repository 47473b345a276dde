"""Several platforms at once, with people who are on more than one of them."""

import io
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import select

from store.tables import Identity
from tests.support.far.base import Far
from tests.support.far.playing import OnPlatforms
from tests.support.scenarios import COMPANIES, HERE

_PATIENCE = timedelta(seconds=40)


class Several:
    """A company on several platforms.

    Args:
        url: the book.
        kinds: the platforms by name.
        places: on which of them each person has an account; on the web everybody is known anyhow.
        company: the company file.
    """

    def __init__(self, url: str, kinds: Mapping[str, type[Far]], places: Mapping[str, tuple[str, ...]], company="pump"):
        file = COMPANIES / f"{company}.yaml"
        self.house = OnPlatforms(url, file.read_text("utf-8"), str(file), io.StringIO(), HERE)
        self.kinds, self.places = kinds, places
        self.accounts: dict[tuple[str, str], str] = {}

    async def __aenter__(self):
        await self.house.move_in(self.kinds, {})
        self.fars = self.house.fars
        return self

    async def __aexit__(self, *_problem):
        await self.house.move_out()
        self.house.close()

    async def begin(self, at: str):
        """The first moment; everybody is linked where he is, and nowhere else."""
        await self.house.begin(datetime.fromisoformat(at))
        for person, names in self.places.items():
            for name in names:
                self.accounts[person, name] = self.fars[name].admit(person)
        if "web" in self.fars:
            self.accounts |= {(person, "web"): person for person in self.places}

        def _link(book):
            for row in book.session.exec(select(Identity)):
                book.session.delete(row)
            book.session.flush()
            for (person, name), account in self.accounts.items():
                if name != "web":
                    channel = self.fars[name].platform
                    book.session.add(Identity(channel=channel, account=account, person=person, linked_at=book.now))
            book.forget_company()

        await self.house.units.run(_link)

    async def says(self, person: str, where: str, text: str):
        await self.fars[where].says(text, account=self.accounts[person, where])
        await self.settle()

    async def presses(self, person: str, where: str, label: str):
        """Press the newest button of that label that somebody sees in a place."""
        account = self.accounts[person, where]
        card, action = next(
            (one, action)
            for one in reversed(self.fars[where].sent)
            for shown, action in one.buttons
            if one.to == account and shown == label
        )
        await self.fars[where].presses(card, action, account)
        await self.settle()

    async def settle(self):
        """Answers are out; what was too fast has gone as well."""
        await self.house.assistant.settle()
        await self.house.advance(self.house.clock() + _PATIENCE)

    async def until(self, at: str):
        await self.house.advance(datetime.fromisoformat(at))

    def seen(self, person: str, where: str):
        """What somebody was sent in a place."""
        return [one for one in self.fars[where].sent if one.to == self.accounts[person, where]]

    def renewed(self, person: str, where: str):
        """What has become of messages that somebody was sent there."""
        return [one for one in self.fars[where].edited if one.to == self.accounts[person, where]]
