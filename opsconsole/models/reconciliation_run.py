"""One comparison of our orders with every pharmacy and every carrier: how far it came, and what it found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from ._classes import public
from ._record import Stateful, Status, one_of

LIST, AGAIN, FETCH, ENDED = "list", "again", "fetch", "ended"  # the steps of a part, in their order


class RunStatus(Status):
    RUNNING = "running", "The outside is being read, a page at a time. What differs appears as it is found."
    DONE = "done", "Everything was compared."
    STOPPED = "stopped", "Somebody outside did not answer for too long. The next comparison begins anew."


@dataclass
class Part:
    """One of those that are compared with. `step` is where it stands, `after` the place in it, `looked` how many of
    their fills or parcels were compared so far."""

    port: str
    step: str
    after: str | None = None
    looked: int = 0


class ReconciliationRun(Stateful):
    """`since` is from when on they are asked what they have; `order_id` is the one order that is compared, None for all
    that are open or recent. `fix`: are our stale copies brought up to date on the way? `parts` is [{"port", "step",
    "after", "looked"}]. Of what was seen to differ, `found` is new, `repaired` came right by this run, `gone` by itself."""

    __tablename__ = "reconciliation_runs"
    __table_args__ = (
        one_of("status", RunStatus),
        Index("reconciliation_runs_created_idx", "created_at", "id"),
        Index("reconciliation_runs_status_created_idx", "status", "created_at", "id"),
        Index(
            "reconciliation_runs_running_key", "status", unique=True,
            postgresql_where="status = 'running' and order_id is null",
        ),
    )  # fmt: skip
    PREFIX, PLURAL = "rcn", "reconciliation"
    TOLD = ("status", "fix")
    BELONGS_TO = ("order_id",)
    STATUS = RunStatus
    MOVES = {
        RunStatus.RUNNING: {RunStatus.DONE, RunStatus.STOPPED},
        RunStatus.DONE: set(),
        RunStatus.STOPPED: set(),
    }

    order_id: Mapped[str | None] = mapped_column(ForeignKey("orders.id"))
    fix: Mapped[bool]
    since: Mapped[datetime]
    parts: Mapped[list[dict[str, Any]]] = public(JSONB)
    found: Mapped[int] = mapped_column(default=0)
    repaired: Mapped[int] = mapped_column(default=0)
    gone: Mapped[int] = mapped_column(default=0)
    by: Mapped[str] = mapped_column(String(120))
    ended_at: Mapped[datetime | None]

    @property
    def called(self) -> str:
        return "comparison"

    def apart(self, field: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
        """Of `fix` people are told what becomes of stale copies."""
        if field != "fix":
            yield from super().apart(field, before, after)
        else:
            words = {None: None, True: "brought up to date", False: "left as they are"}
            yield "stale copies", words[before], words[after]

    @property
    def looked(self) -> int:
        """How many fills and parcels of theirs were compared."""
        return sum(part.looked for part in self.read_parts())

    def read_parts(self) -> list[Part]:
        return [Part(**part) for part in self.parts]

    def write_parts(self, parts: Sequence[Part]) -> None:
        self.parts = [asdict(part) for part in parts]

    def part(self, port: str) -> Part:
        return next(part for part in self.read_parts() if part.port == port)

    def advance(self, port: str, *, step: str, after: str | None, looked: int) -> bool:
        """Write down how far one part came. True when that was the last thing to look at."""
        parts = self.read_parts()
        for part in parts:
            if part.port == port:
                part.step, part.after, part.looked = step, after, part.looked + looked
        self.write_parts(parts)
        return all(part.step == ENDED for part in parts)
