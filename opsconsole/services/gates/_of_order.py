"""The eight gates of an order that has not gone to a pharmacy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import or_, select

from ...db import db, instant
from ...models import (
    AddressVerdict,
    Banner,
    BannerStatus,
    Hold,
    Order,
    OrderLine,
    OrderPaymentStatus,
    OrderStatus,
    Prescription,
)
from .. import banners
from ..orders import Holder, in_our_hands_still
from ._asked import Asked
from ._blocker import Blocker, Fix
from ._check import Checked, check
from ._clinical import born

_S = OrderStatus


class Stands(StrEnum):
    """How a gate stands."""

    OPEN = "open"
    CLOSED = "closed"
    UNNEEDED = "unneeded"


@dataclass(frozen=True)
class Gate:
    """`says` is why it stands as it stands, in one sentence; `blockers` are what keeps it closed, `overridden` what would,
    had no clinician said otherwise."""

    code: str
    label: str
    stands: Stands
    says: str
    blockers: Sequence[Blocker] = field(default_factory=tuple)
    overridden: Sequence[Blocker] = field(default_factory=tuple)


@dataclass(frozen=True)
class Gates:
    """An order's gates. `prescriptions` says from which prescription each product is filled that needs one, by sku."""

    all: Sequence[Gate] = ()
    prescriptions: Mapping[str, Prescription] = field(default_factory=dict)

    @property
    def blockers(self) -> list[Blocker]:
        """Everything that keeps it from going to a pharmacy, in the order of its gates."""
        return [blocker for gate in self.all for blocker in gate.blockers]

    @property
    def overridden(self) -> list[Blocker]:
        """What would keep it here, had no clinician said otherwise."""
        return [blocker for gate in self.all for blocker in gate.overridden]


def of_order(order: Order, at: datetime, lines: Sequence[OrderLine] | None = None) -> Gates:
    """The order's gates as they stand at an instant (`day_of` says which day that is); none for one that has left our hands
    or is over. `lines` are the order's, where they are known already."""
    if not in_our_hands_still(order):
        return Gates()
    checked = check(Asked.of(order, at, lines))
    return Gates([_gate(order, checked, *gate) for gate in _GATES], checked.prescriptions)


Own = Callable[[Order, Checked], Blocker | None]


def _gate(order: Order, checked: Checked, code: str, label: str, own: Own | None) -> Gate:
    wrong = [one for one in checked.blockers if one.gate == code]
    if own and (found := own(order, checked)):
        wrong = [found, *wrong]
    lifted = [one for one in checked.overridden if one.gate == code]
    if wrong:
        return Gate(code, label, Stands.CLOSED, " ".join(one.says for one in wrong), wrong, lifted)
    if code in ("approved", "prescription", "clinical") and not checked.needs_prescription:
        return Gate(code, label, Stands.UNNEEDED, _unneeded(checked))
    said = [_OPEN[code](order, checked), *(_lifted(one) for one in lifted)]
    return Gate(code, label, Stands.OPEN, " ".join(said), (), lifted)


def _lifted(one: Blocker) -> str:
    assert one.override
    return f"{one.override.by} lets it through until {one.override.until_on:%-d %b %Y}: {one.override.why.lower()}."


def _unneeded(checked: Checked) -> str:
    if checked.unknown:
        return f"{', '.join(checked.unknown)} is not in the registry: whether it needs one, only the pharmacy can say."
    return "Nothing of it needs a prescription."


_UNPAID = (OrderPaymentStatus.UNPAID, OrderPaymentStatus.PARTIALLY_PAID)


def _unpaid(order: Order, _: Checked) -> Blocker | None:
    if not order.total or order.payment_status not in _UNPAID:
        return None
    words = f"{order.total_money} is to be paid. {order.payment.help}"
    return Blocker("unpaid", "paid", words, Holder.PATIENT)


_CARE = {
    _S.DRAFT: ("The customer has not finished checking out.", Holder.PATIENT),
    _S.AWAITING_VISIT: ("The customer has to answer the questionnaire.", Holder.PATIENT),
    _S.IN_REVIEW: ("A clinician reviews the answers.", Holder.CLINIC),
}


def _unapproved(order: Order, checked: Checked) -> Blocker | None:
    held = Hold.on(order.id) if order.status == _S.ON_HOLD else None
    told = _CARE.get(_S(held.returns_to if held else order.status))
    if told is None or not checked.needs_prescription:
        return None
    return Blocker("unapproved", "approved", *told)


def _held(order: Order, _: Checked) -> Blocker | None:
    if order.status == _S.ON_HOLD:
        held = Hold.on(order.id)
        words = (
            f"{held.by} holds it until {held.until_on:%-d %b}: {held.why.lower()}."
            if held
            else "Somebody holds it."
        )
        fix = Fix("orders.release", f"{order.url}/release", "Release it")
        return Blocker("on_hold", "hold", words, Holder.US, fix)
    query = select(Banner).where(
        Banner.status == BannerStatus.STANDING,
        Banner.kind.in_(banners.blockers("fills.submit")),
        or_(Banner.set_aside_until.is_(None), Banner.set_aside_until <= instant()),
        Banner.subject_id.in_([order.id, order.customer_id]),
    )
    found = list(db.session.scalars(query.order_by(Banner.created_at, Banner.id)))
    if not found:
        return None
    fix = Fix("banners.set_aside", found[0].url, "See the banner")
    return Blocker("banner", "hold", banners.why(found), Holder.US, fix)


def _prescriptions(_: Order, checked: Checked) -> str:
    told = (
        f"{sku}: until {rx.expires_on:%-d %b %Y}" if rx.expires_on else f"{sku}: no end"
        for sku, rx in checked.prescriptions.items()
    )
    return f"It can be filled. {'; '.join(told)}."


def _clinical(order: Order, checked: Checked) -> str:
    asks = any(product.min_age for product in checked.products.values())
    unknown = asks and born(order.customer_id) is None
    return "No flag stands." + (" Nobody told a birth date: age was not checked." if unknown else "")


def _address(order: Order, _: Checked) -> str:
    assert order.ships_to
    if order.address == AddressVerdict.OVERRIDDEN:
        how = f" Accepted unverified by {order.address_by}."
    else:
        how = f" {order.address.help}" if order.address.vouched_for else ""
    return f"It ships to {order.ships_to.state}.{how}"  # the state alone: where somebody lives is masked for many


_GATES: Sequence[tuple[str, str, Own | None]] = (
    ("paid", "Paid", _unpaid),
    ("approved", "Approved", _unapproved),
    ("clinical", "Clinical check", None),
    ("prescription", "Prescription", None),
    ("address", "Address", None),
    ("licence", "Licences", None),
    ("stock", "Stock", None),
    ("hold", "No hold", _held),
)
_OPEN: dict[str, Callable[[Order, Checked], str]] = {
    "paid": lambda order, _: f"{order.total_money} is paid." if order.total else "There is nothing to pay.",
    "approved": lambda order, _: "A clinician approved it.",
    "clinical": _clinical,
    "prescription": _prescriptions,
    "address": _address,
    "licence": lambda order, _: "Prescriber and pharmacy are licensed there.",
    "stock": lambda order, _: "A pharmacy that may ship there has it.",
    "hold": lambda order, _: "Nothing holds it.",
}
