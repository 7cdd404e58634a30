"""A key by which somebody else names a product, and that our registry does not know yet."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import db
from ._classes import public
from ._record import Stateful, Status, one_of


class UnmappedStatus(Status):
    OPEN = "open", "Nobody has said yet which product it is: what names it waits."
    MAPPED = "mapped", "Somebody said which product it is; what waited has gone on."
    IGNORED = "ignored", "It is none of our products: what names it is left alone."


_S = UnmappedStatus


class UnmappedKey(Stateful):
    """`system` and `key` as in ProductKey. `named` is what the other system calls it: of the catalogue, about nobody."""

    __tablename__ = "unmapped_keys"
    __table_args__ = (
        one_of("status", UnmappedStatus),
        UniqueConstraint("system", "key"),
        Index("unmapped_keys_created_idx", "created_at", "id"),
        Index("unmapped_keys_status_created_idx", "status", "created_at", "id"),
    )
    PREFIX, PLURAL = "umk", "unmapped-keys"
    TOLD = ("status", "product_id")
    BELONGS_TO = ("product_id",)
    STATUS = UnmappedStatus
    MOVES = {
        _S.OPEN: {_S.MAPPED, _S.IGNORED},
        _S.IGNORED: {_S.OPEN, _S.MAPPED},
        _S.MAPPED: set(),
    }

    system: Mapped[str] = mapped_column(String(100))
    key: Mapped[str] = mapped_column(String(255))
    named: Mapped[str] = public(String(200), default="")
    product_id: Mapped[str | None] = mapped_column(ForeignKey("products.id"))

    @classmethod
    def of(cls, system: str, key: str) -> UnmappedKey | None:
        return db.session.scalar(select(cls).where(cls.system == system, cls.key == key))
