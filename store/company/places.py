"""Walking through the raw document of a company file, whatever is or is not in it, with the path at hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from store.company.problems import Path


@dataclass(frozen=True, slots=True)
class Place:
    """A map of the document and where it is; whatever has another shape than expected counts as not there."""

    data: dict[str, Any]
    path: Path = ()

    def text(self, key: str) -> str | None:
        """The text under a key."""
        value = self.data.get(key)
        return value if isinstance(value, str) else None

    def flag(self, key: str) -> bool:
        """Whether a yes stands under a key."""
        return str(self.data.get(key)).lower() in {"true", "yes"}

    def has(self, key: str) -> bool:
        """Whether anything stands under a key."""
        return self.data.get(key) is not None

    def at(self, key: str | int) -> Path:
        """The path of a key."""
        return (*self.path, key)

    def inside(self, key: str) -> Place:
        """The map under a key; an empty one if there is none."""
        value = self.data.get(key)
        return Place(value if isinstance(value, dict) else {}, self.at(key))

    def each(self, key: str) -> Iterator[Place]:
        """The maps in the list under a key."""
        value = self.data.get(key)
        for number, one in enumerate(value if isinstance(value, list) else ()):
            if isinstance(one, dict):
                yield Place(one, (*self.path, key, number))

    def texts(self, key: str) -> Iterator[tuple[Path, str]]:
        """The texts in the list under a key, or the one that stands there without a list."""
        value = self.data.get(key)
        if isinstance(value, str):
            yield self.at(key), value
        for number, one in enumerate(value if isinstance(value, list) else ()):
            if isinstance(one, str):
                yield (*self.path, key, number), one

    def labels(self) -> list[str]:
        """Everything it is called besides its key: the name in each language, and aliases."""
        name = self.data.get("name")
        names = name.values() if isinstance(name, dict) else [name]
        return [*(one for one in names if isinstance(one, str)), *(one for _, one in self.texts("aliases"))]
