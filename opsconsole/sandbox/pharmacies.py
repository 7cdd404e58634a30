"""What the sandbox's two pharmacies have in common: what opens them, and what their staff and demo data do there."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ._agenda import Agenda
from ._vendor import T, Vendor


@dataclass(frozen=True)
class PharmacyKeys:
    truepill: str = field(default="truepill_sandbox", repr=False)
    honeybee: str = field(default="honeybee_sandbox", repr=False)
    honeybee_webhook_secret: str = field(default="honeybee_signing_sandbox", repr=False)

    @classmethod
    def of_environment(cls, environ: Mapping[str, str]) -> PharmacyKeys:
        """PHARMACY_*, as the console reads them; what is not set is the sandbox's own."""
        named = {
            "truepill": environ.get("PHARMACY_TRUEPILL_API_KEY"),
            "honeybee": environ.get("PHARMACY_HONEYBEE_API_KEY"),
            "honeybee_webhook_secret": environ.get("PHARMACY_HONEYBEE_WEBHOOK_SECRET"),
        }
        return cls(**{name: value for name, value in named.items() if value})


class Pharmacy(Vendor[T]):
    """`ORDERS` is its table of orders, `ID` its column of their numbers."""

    ORDERS: ClassVar[str]
    ID: ClassVar[str]

    @abstractmethod
    def _becomes(self, turn: T, id: str, status: str, code: str | None) -> dict[str, Any]: ...

    @abstractmethod
    def _load(self, turn: T, line: Any) -> bool: ...

    def move(self, id: str, status: str, code: str | None = None) -> dict[str, Any]:
        """What the pharmacy's staff does to an order. Raises ValueError."""
        with self.turn() as turn:
            return self._becomes(turn, id, status, code)

    def amend(self, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """What somebody there writes over an order by hand: `changes` replace its fields, and nobody is told. Raises
        ValueError."""
        with self.turn() as opened:
            turn = self._holding(opened, id)
            for name, value in changes.items():
                turn.db.execute(
                    f"UPDATE {self.ORDERS} SET body = json_set(body, ?, json(?)) WHERE {self.ID} = ?",
                    (f"$.{name}", json.dumps(value), id),
                )
            turn.db.execute(
                f"UPDATE {self.ORDERS} SET status = json_extract(body, '$.status') WHERE {self.ID} = ?", (id,)
            )
            return dict(turn.find(id))

    def forget(self, id: str) -> None:
        """An order is lost there, and nobody is told. Raises ValueError."""
        with self.turn() as opened:
            turn = self._holding(opened, id)
            turn.db.execute(f"DELETE FROM {self.ORDERS} WHERE {self.ID} = ?", (id,))
            Agenda.drop(turn.db, id)

    def _holding(self, turn: Any, id: str) -> Any:
        """The turn, if there is such an order."""
        if turn.find(id) is None:
            raise ValueError(f"There is no order {id!r}.")
        return turn

    def load(self, lines: Iterable[Any]) -> dict[str, int]:
        """Bulk creation of orders as they stand, one a line (see each one's orders.load). Raises ValueError."""
        counts = {"loaded": 0, "unchanged": 0}
        with self.turn() as turn:
            for line in lines:
                counts["loaded" if self._load(turn, line) else "unchanged"] += 1
        return counts

    def counts(self) -> dict[str, int]:
        with self.store.reading() as db:
            rows = db.execute(f"SELECT status, count(*) FROM {self.ORDERS} GROUP BY status ORDER BY status")
            return dict(rows.fetchall())
