"""Which drafts somebody has to look at before they go out: versions of the rules, of which one holds."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from ..lib.money import Money
from ._record import Status
from ._versioned import Versioned, version_moves, version_table


class HoldRulesStatus(Status):
    DRAFT = "draft", "Written down. Invoices are held by it only once a second person agreed."
    ACTIVE = "active", "Invoices are held by these rules."
    SUPERSEDED = "superseded", "Invoices were held by these rules until a newer version took their place."
    WITHDRAWN = "withdrawn", "Taken back before anything was held by it."


class HoldRules(Versioned):
    """One version; a rule that is None, or False, holds nothing. `amount_above` in cents of US dollars; `delta_percent` is
    by how much the total differs from the subscription's last invoice; `first_invoice` holds the customer's first one;
    `lines_above` counts lines. Exactly one version is active, and `number` counts them from 1."""

    __tablename__ = "hold_rules"
    __table_args__ = version_table("hold_rules", HoldRulesStatus)
    PREFIX, PLURAL = "hrl", "hold-rules"
    TOLD = ("status", "amount_above", "delta_percent", "first_invoice", "lines_above", "why")
    STATUS = HoldRulesStatus
    MOVES = version_moves(HoldRulesStatus)

    amount_above: Mapped[int | None]
    delta_percent: Mapped[int | None]
    first_invoice: Mapped[bool] = mapped_column(default=False)
    lines_above: Mapped[int | None]

    @property
    def rules(self) -> tuple[int | None, int | None, bool, int | None]:
        return self.amount_above, self.delta_percent, self.first_invoice, self.lines_above

    @property
    def sentences(self) -> list[str]:
        """Each rule as people read it; none when nothing is held."""
        said = []
        if self.amount_above is not None:
            said.append(f"Its total is above {Money(self.amount_above, 'usd')}")
        if self.delta_percent is not None:
            said.append(
                f"It differs by more than {self.delta_percent} % from its subscription's last invoice"
            )
        if self.first_invoice:
            said.append("It is the customer's first")
        if self.lines_above is not None:
            said.append(f"It has more than {self.lines_above} lines")
        return said

    def tell(self, field: str, value: Any) -> Any:
        if field == "amount_above" and value is not None:
            return str(Money(value, "usd"))
        return super().tell(field, value)
