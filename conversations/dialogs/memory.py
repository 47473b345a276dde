"""What a conversation remembers: open questions and drafts as frames, innermost last, kept in the Dialog row.

One scope a person (a draft begun on one platform is finished on another), one an unlinked account, one a person in a
group. A frame's nonce is on its buttons: a button of a frame that has been closed finds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlmodel import Session

from store.columns import UtcDateTime, type_json
from store.plain import table_of
from store.prepared import Prepared
from store.tables import Dialog

_ROW = table_of(Dialog).columns
_READ = Prepared(select(_ROW.state, _ROW.orders, _ROW.spoken_at).where(_ROW.scope == bindparam("scope")))
_WRITE = Prepared(
    text(
        "INSERT INTO dialog (scope, state, orders, spoken_at, updated_at) "
        "VALUES (:scope, :state, :orders, :spoken, :now) "
        "ON CONFLICT (scope) DO UPDATE SET state = excluded.state, orders = excluded.orders, "
        "spoken_at = excluded.spoken_at, updated_at = excluded.updated_at"
    ).bindparams(
        bindparam("state", type_=type_json),
        bindparam("orders", type_=type_json),
        bindparam("spoken", type_=UtcDateTime()),
        bindparam("now", type_=UtcDateTime()),
    )
)
"""Past the session: every message reads this row and writes it, and nobody else does meanwhile."""

_DEPTH = 4  # open matters kept at once; the oldest is forgotten first


@dataclass
class Frame:
    """An open matter: `kind` names who takes the answer, `expects` what would fit, `data` is plain JSON."""

    kind: str
    nonce: str
    expects: str | None = None
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def card(self) -> str:
        """Its card in the outbox, so that its message loses its buttons when the matter is settled."""
        return f"dialog:{self.nonce}"


class Memory:
    """The Dialog row of a scope, read once and written once a message."""

    def __init__(self, session: Session, scope: str, now: datetime) -> None:
        self.scope = scope
        self._session = session
        self._now = now
        state, orders, spoken_at = _READ.first(session.connection(), scope=scope) or ({}, (), None)
        self._count = int(state.get("count", 0))
        self.frames = [
            Frame(entry["kind"], entry["nonce"], entry.get("expects"), dict(entry.get("data", {})))
            for entry in state.get("frames", ())
        ]
        self.notes: dict[str, Any] = dict(state.get("notes", {}))
        self.orders: list[str] = list(orders)
        self.spoken_at: datetime | None = spoken_at
        self.closed: list[Frame] = []

    @property
    def top(self) -> Frame | None:
        """The innermost open matter."""
        return self.frames[-1] if self.frames else None

    def find(self, nonce: str) -> Frame | None:
        """The open matter with this nonce."""
        return next((frame for frame in self.frames if frame.nonce == nonce), None)

    def of_kind(self, kind: str) -> Frame | None:
        """The innermost open matter of a kind."""
        return next((frame for frame in reversed(self.frames) if frame.kind == kind), None)

    def open(self, kind: str, *, expects: str | None = None, **data: Any) -> Frame:
        """Open a matter on top of the others; a question of the same kind is replaced, drafts are stacked."""
        if kind != "draft":
            self.close(*(frame for frame in self.frames if frame.kind == kind))
        self._count += 1
        prefix = "g" if self.scope.startswith("group:") else "d"
        frame = Frame(kind, f"{prefix}{self._count}", expects, data)
        self.frames.append(frame)
        self.close(*self.frames[:-_DEPTH])
        return frame

    def renew(self, frame: Frame) -> None:
        """Give a changed matter a new nonce and the top place: buttons that showed its old state are stale."""
        self.closed.append(Frame(frame.kind, frame.nonce))
        self._count += 1
        frame.nonce = f"{frame.nonce[0]}{self._count}"
        self.frames = [entry for entry in self.frames if entry is not frame] + [frame]

    def close(self, *frames: Frame) -> None:
        """Settle matters; their cards lose their buttons."""
        for frame in frames:
            if frame in self.frames:
                self.frames.remove(frame)
                self.closed.append(frame)

    def speak_of(self, numbers: Iterable[str]) -> None:
        """Remember the orders that were just spoken of."""
        mentioned = list(dict.fromkeys(numbers))
        if mentioned:
            self.orders, self.spoken_at = mentioned, self._now

    def keep(self) -> None:
        """Write the row."""
        state = {
            "count": self._count,
            "frames": [
                {"kind": frame.kind, "nonce": frame.nonce, "expects": frame.expects, "data": frame.data}
                for frame in self.frames
            ],
            "notes": self.notes,
        }
        values = {
            "scope": self.scope,
            "state": state,
            "orders": self.orders,
            "spoken": self.spoken_at,
            "now": self._now,
        }
        _WRITE.count(self._session.connection(), **values)
