"""What staff wrote down about the cast, and whom they called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..models import Mention, Note, NoteVersion, OrderStatus, Record, RefundStatus
from ._chance import Chance
from ._story import Person

Row = tuple[type[Record], dict[str, Any]]
_S = OrderStatus


@dataclass(frozen=True)
class Written:
    """`calls` is the name of whom the text calls."""

    by: str
    text: str
    calls: str | None = None
    pinned: bool = False
    phi: bool = False


_ON_ORDERS = {
    _S.ON_HOLD: Written(
        "Lee Okafor",
        "They are moving this week. @sam please ring on Monday for the new address, then we can let it go.",
        calls="Sam Rivera",
        pinned=True,
    ),
    _S.MANUAL_INTERVENTION: Written(
        "Sam Rivera",
        "Rang them: the address is right, the house number is 12b. @lee can the pharmacy try again?",
        calls="Lee Okafor",
    ),
    _S.RETURNED: Written(
        "Sam Rivera", "The parcel came back because they were away. They write when to send it again."
    ),
    _S.IN_REVIEW: Written(
        "Dr. Ada Lindqvist", "A rash after an earlier retinoid. Asked for a photo before I decide.", phi=True
    ),
}
_ON_FAILED_REFUNDS = Written(
    "Finn Marsh",
    "The card is closed. @sam please ask them how they would like to get the money.",
    calls="Sam Rivera",
)


def notes_on(person: Person, who: Mapping[str, str], until: datetime) -> Iterator[tuple[Row, list[str]]]:
    """Each row with what the note is about; the first of a note is the note itself."""
    if not person.of_the_cast:
        return
    for order in person.orders:
        if written := _ON_ORDERS.get(order.status):
            at = min(order.since + timedelta(hours=2), until - timedelta(minutes=5))
            yield from _rows(written, "orders", order.id, [order.id, person.id], at, who)
        for payment in order.payments:
            for refund in payment.refunds:
                if refund.status is RefundStatus.FAILED:
                    at = min(refund.settled_at + timedelta(hours=3), until - timedelta(minutes=5))
                    about = [refund.id, payment.id, order.id, person.id]
                    yield from _rows(_ON_FAILED_REFUNDS, "refunds", refund.id, about, at, who)


def _rows(
    written: Written, noun: str, subject: str, about: list[str], at: datetime, who: Mapping[str, str]
) -> Iterator[tuple[Row, list[str]]]:
    chance = Chance("note", subject)
    note_id = chance.our_id("nte", at)
    row = {
        "id": note_id, "created_at": at, "subject_noun": noun, "subject_id": subject, "about": sorted(about),
        "text": written.text, "version": 1, "phi": written.phi, "pinned": written.pinned, "by": written.by,
        "by_id": who[written.by], "trace_id": chance.our_id("trc", at),
    }  # fmt: skip
    yield (Note, row), [*about, note_id]
    version = {
        "id": chance.our_id("ntv", at),
        "created_at": at,
        "note_id": note_id,
        "number": 1,
        "text": written.text,
    }
    yield (NoteVersion, {**version, "phi": written.phi}), []
    if written.calls:
        told = {
            "id": chance.our_id("mnt", at),
            "created_at": at,
            "note_id": note_id,
            "staff_id": who[written.calls],
        }
        yield (Mention, {**told, "read_at": None}), []
