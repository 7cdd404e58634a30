"""Approving, as it was asked for or with changes: prescriptions are to be written, and the order waits for them alone."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from ...lib import canonical
from ...models import DecisionKind, Order, OrderStatus, Visit, VisitStatus
from .. import gates, prescriptions
from .._act import act, cannot_undo, performing, say, tell_change, warn
from .._actor import Actor
from ._deciding import UNDO, Decided, begin, end, tell_money, tell_subscriptions
from ._flags import none_blocks, resolve
from ._goes_on import go_on_if_prescribed
from ._prescribes import Changed, ToPrescribe, as_asked, same_face, with_changes
from ._served import may_be_approved
from ._sign import sign


@act(undo=UNDO, private=("words", "flag_words", "sig"))
def approve(
    visit_id: str,
    *,
    words: str = "",
    of: str | None = None,
    sku: str | None = None,
    quantity: Decimal | None = None,
    days: int | None = None,
    refills: int | None = None,
    sig: str | None = None,
    flags: Sequence[str] = (),
    flag_outcome: str = "no_action",
    flag_words: str = "",
    provider: str | None = None,
    by: Actor,
) -> Visit:
    """Prescribe what is asked for, or with changes: another product of the registry, another quantity (a fill), days,
    refills (the first fill comes on top) or directions; `of` says which of several is changed.

    `flags` are those that the clinician dealt with, `flag_words` what they found. `provider` is for programs alone: in whose
    name they hand it in. Raises FlagsOpen, NotServed, NotPrescribable, NotToDecide, Taken, NotLicensed, NotAClinician, Invalid, and
    what prescriptions.prescribe raises.
    """
    decided = begin(visit_id, provider, by)
    visit, today = decided.visit, decided.today
    found = resolve(visit, flags, flag_outcome, flag_words, by=by)
    none_blocks(visit)
    may_be_approved(visit)
    asked = as_asked(visit, today)
    wanted = with_changes(asked, Changed(of, sku, quantity, days, refills, sig), visit, today)
    same = len(asked) == len(wanted) and all(
        same_face(one.face, other.face) for one, other in zip(asked, wanted, strict=True)
    )
    kind = DecisionKind.APPROVE if same else DecisionKind.APPROVE_WITH_CHANGES
    sign(
        visit, kind, by=by, provider=decided.provider, licence=decided.licence, words=words, flags=found,
        prescribes=[_told(one) for one in wanted],
    )  # fmt: skip
    end(decided, VisitStatus.APPROVED)
    for one in wanted:
        tell_change(visit, f"prescription {one.sku}", "", one.says.partition(": ")[2])
        prescriptions.prescribe(
            customer=decided.customer, provider=decided.provider, face=one.face, sku=one.sku, prior=one.prior,
            visit_id=visit.id, says=f"The healthcare system writes a prescription: {one.says}",
        )  # fmt: skip
    if decided.order:
        _order_goes_on(decided, decided.order, wanted)
    tell_subscriptions(decided)
    say(f"{kind.words}, signed by {decided.provider.name}")
    return visit


def _order_goes_on(decided: Decided, order: Order, wanted: Sequence[ToPrescribe]) -> None:
    if order.status == OrderStatus.IN_REVIEW:
        order.move_to(OrderStatus.AWAITING_RX)
        if not wanted and go_on_if_prescribed(order):
            cannot_undo()
            warn("All that is needed is prescribed already: the order goes on at once.")
    elif order.status == OrderStatus.ON_HOLD:
        warn(f"Order {order.reference} is held: it goes on once somebody releases it.")
    tell_money(order)
    if order.ships_to and order.ships_to.state != decided.visit.patient_state:
        warn(
            f"Order {order.reference} ships to {order.ships_to.state}, the patient is in {decided.visit.patient_state}."
        )
    for blocker in gates.check(gates.Asked.of(order, performing().now)).blockers:
        if blocker.gate != "prescription":
            tell_change(order, f"stays blocked: {blocker.code.replace('_', ' ')}", "", blocker.says)


def _told(one: ToPrescribe) -> dict[str, Any]:
    """What the signed record keeps of a prescription."""
    face = canonical.plain(one.face)
    return {
        "sku": one.sku,
        "face": face | {"quantity": None if one.face.quantity is None else str(one.face.quantity)},
        "instead_of": one.prior.external_id if one.prior else None,
    }
