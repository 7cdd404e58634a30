"""What must be known of a customer or an order before anything is done, and what must not be done meanwhile."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ._classes import phi
from ._record import Stateful, Status, one_of


class BannerStatus(Status):
    STANDING = "standing", "It stands: what it blocks is refused, unless somebody has set it aside."
    LOWERED = "lowered", "What it warned of is over."


class Banner(Stateful):
    """`subject_id` is the customer or the order on which it stands, `customer_id` whose that is. `due_at` is when
    somebody else expects an answer. Until `set_aside_until` it is shown and blocks nothing."""

    __tablename__ = "banners"
    __table_args__ = (
        one_of("status", BannerStatus),
        Index(
            "banners_standing_key", "subject_id", "kind", unique=True, postgresql_where="status = 'standing'"
        ),
        Index("banners_standing_idx", "customer_id", postgresql_where="status = 'standing'"),
        Index("banners_created_idx", "created_at", "id"),
    )
    PREFIX, PLURAL = "ban", "banners"
    TOLD = ("kind", "status", "reason", "set_aside_reason", "lowered_reason")
    BELONGS_TO = ("subject_id", "customer_id")
    STATUS = BannerStatus
    MOVES = {BannerStatus.STANDING: {BannerStatus.LOWERED}, BannerStatus.LOWERED: set()}

    kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str] = mapped_column(String(40, collation="C"))
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id"))
    reason: Mapped[str] = phi(Text)
    by: Mapped[str] = mapped_column(String(120))
    due_at: Mapped[datetime | None]
    set_aside_until: Mapped[datetime | None]
    set_aside_by: Mapped[str | None] = mapped_column(String(120))
    set_aside_reason: Mapped[str | None] = phi(Text)
    lowered_by: Mapped[str | None] = mapped_column(String(120))
    lowered_reason: Mapped[str | None] = phi(Text)

    def is_aside(self, now: datetime) -> bool:
        """Has somebody set it aside for now?"""
        return self.set_aside_until is not None and now < self.set_aside_until
