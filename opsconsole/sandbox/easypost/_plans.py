"""How parcels go: which scans, how many hours after they are followed, and how late each becomes known."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stop:
    """A scan `hours` after the label was made, known `late` hours after that."""

    hours: float
    status: str
    detail: str
    message: str
    city: str
    state: str
    late: float = 0


_LABEL = Stop(0, "pre_transit", "label_created", "Shipping label created", "Fresno", "CA")
_TAKEN = Stop(20, "in_transit", "received_at_origin_facility", "Accepted at origin", "Fresno", "CA")
_LEFT = Stop(34, "in_transit", "departed_origin_facility", "Departed", "Fresno", "CA")
_NEAR = Stop(60, "in_transit", "arrived_at_facility", "Arrived at regional facility", "Phoenix", "AZ")
_OUT = Stop(82, "out_for_delivery", "out_for_delivery", "Out for delivery", "Tempe", "AZ")
_THERE = Stop(87, "delivered", "arrived_at_destination", "Delivered, in the mailbox", "Tempe", "AZ")


def _late(stop: Stop, hours: float) -> Stop:
    return Stop(stop.hours, stop.status, stop.detail, stop.message, stop.city, stop.state, hours)


PLANS: dict[str, tuple[Stop, ...]] = {
    "usual": (_LABEL, _TAKEN, _LEFT, _NEAR, _OUT, _THERE),
    "never_scanned": (_LABEL,),
    "stuck": (_LABEL, _TAKEN, _LEFT),
    "late_scans": (_LABEL, _late(_TAKEN, 30), _late(_LEFT, 30), _NEAR, _OUT, _late(_THERE, 20)),
    "out_of_order": (_LABEL, _late(_TAKEN, 75), _LEFT, _late(_NEAR, 40), _OUT, _THERE),
    "lost": (_LABEL, _TAKEN, Stop(90, "failure", "lost", "The parcel cannot be found", "Phoenix", "AZ")),
    "refused": (
        _LABEL, _TAKEN, _NEAR, Stop(84, "return_to_sender", "refused", "Refused by the addressee", "Tempe", "AZ"),
        Stop(160, "delivered", "return", "Delivered to the sender", "Fresno", "CA"),
    ),
    "delivered_then_returned": (
        _LABEL, _TAKEN, _LEFT, _NEAR, _OUT, _THERE,
        Stop(130, "return_to_sender", "return", "Given back to the carrier", "Tempe", "AZ"),
        Stop(200, "delivered", "return", "Delivered to the sender", "Fresno", "CA"),
    ),
}  # fmt: skip

_UNKNOWN = Stop(0, "unknown", "unknown", "No information yet", "", "")
_FAILED = Stop(90, "failure", "damaged", "The parcel is damaged", "Phoenix", "AZ")
_BACK = Stop(90, "return_to_sender", "return", "Returned to the sender", "Fresno", "CA")


def _ended(*stops: Stop) -> tuple[Stop, ...]:
    """A way that lies in the past: its last scan is now."""
    last = stops[-1].hours
    return tuple(
        Stop(one.hours - last, one.status, one.detail, one.message, one.city, one.state) for one in stops
    )


#: EasyPost's test numbers have their status at once: https://docs.easypost.com/docs/trackers#test-tracking-codes
TEST_CODES: dict[str, tuple[Stop, ...]] = {
    "EZ1000000001": (_LABEL,),
    "EZ2000000002": _ended(_LABEL, _TAKEN, _NEAR),
    "EZ3000000003": _ended(_LABEL, _TAKEN, _NEAR, _OUT),
    "EZ4000000004": _ended(_LABEL, _TAKEN, _NEAR, _OUT, _THERE),
    "EZ5000000005": _ended(_LABEL, _TAKEN, _NEAR, _BACK),
    "EZ6000000006": _ended(_LABEL, _TAKEN, _FAILED),
    "EZ7000000007": (_UNKNOWN,),
}
