"""Making good what did not arrive as it should have: the same again, for nothing. Nothing goes to the payment processor."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from ...db import db
from ...lib.money import Money
from ...lib.refusal import Invalid
from ...models import (
    Attachment,
    Customer,
    Order,
    OrderKind,
    OrderLine,
    OrderStatus,
    Replacement,
    ReplacementPolicy,
    ReplacementStatus,
    ShipTo,
)
from .. import approvals, cases, fills, gates, orders
from .._act import act, performing, say, warn
from .._actor import Actor
from ._gone import Gone, bought, gone
from ._often import weigh
from ._prescription import Use, use_of
from .reasons import REASONS, Evidence, Reason

NEEDS_RX, WRONG_STRENGTH = "replacement_needs_rx", "wrong_strength_sent"  # the reasons of the cases
_LONGEST = 90  # letters of a reference that a number is put behind


@act(undo=60)
def issue(
    order_id: str,
    *,
    reason: str,
    lines: Sequence[str],
    note: str,
    photos: Sequence[str],
    ship_to: ShipTo | None,
    by: Actor,
) -> Replacement:
    """Send lines of an order that has left once more, for nothing: a new order, and its fill at the pharmacy.

    `reason` is a code of REASONS; `lines` are ids of the order's lines, all that were shipped unless given; `photos` are
    attachments of the order; `ship_to` is where it goes if not where the order went. Without a fill left it waits for a
    new prescription. More of them than the policy gives freely need a second person. Raises Invalid, NotSent,
    AlreadyRefunded, AlreadyReplaced, NotTogether, NotReplaceable, and what `fills.submit` raises.
    """
    why = _reason(reason, note)
    customer = Customer.lock(Order.require(order_id).customer_id)
    order = Order.lock(order_id)
    what = gone(order, lines)
    worth = _worth(order, what)
    pictures = _photos(order, photos, why, worth)
    weigh(customer.id, by=by)
    to = ship_to or order.ships_to
    if why.code == "returned_to_sender" and to == order.ships_to:
        warn("It came back from this address. Ask the customer first, or write another one.")
    lines_asked = [gates.Line(line.sku, line.quantity) for line in what.lines]
    asked = gates.Asked(customer.id, lines_asked, to, gates.day_of(to, performing().now), order)
    use = use_of(asked, what.fill, why)
    made = _order(order, what, to, waits=use.waits)
    replacement = Replacement(
        status=ReplacementStatus.AWAITING_RX if use.waits else ReplacementStatus.ORDER_CREATED,
        order_id=order.id, new_order_id=made.id, customer_id=customer.id,
        fill_id=what.fill.id if what.fill else None, lines=what.ids, reason=why.code, note=note, photos=pictures,
        currency=worth.currency, value=worth.minor, uses_fill=use.uses_fill, prescription_use=use.says,
        by=by.label, by_id=by.id, trace_id=performing().trace, created_at=performing().now,
    ).add()  # fmt: skip
    _send(replacement, made, use, by)
    _tell_clinician(replacement, order, why)
    say(f"Order {order.reference} is replaced by {made.reference}: {why.told}")
    return replacement


def _reason(code: str, note: str) -> Reason:
    why = REASONS.get(code)
    if why is None:
        raise Invalid({"reason": [f"Choose one of: {', '.join(REASONS)}."]})
    if code == "other" and not note.strip():
        raise Invalid({"note": ["Say what happened in the note."]})
    return why


def _worth(order: Order, what: Gone) -> Money:
    """What the customer paid for it, be it that what is replaced was a replacement itself."""
    made_by = Replacement.making(order)
    if made_by:
        return made_by.worth
    return Money(sum(line.amount for line in what.lines), order.currency)


def photo_needed(why: Reason, worth: Money) -> bool:
    if why.evidence is Evidence.OVER_VALUE:
        cents = approvals.cents(worth)
        return cents is None or cents > ReplacementPolicy.current().photo_over
    return why.evidence is Evidence.ALWAYS


def _photos(order: Order, asked: Sequence[str], why: Reason, worth: Money) -> list[str]:
    ids = list(dict.fromkeys(id.rsplit("/", 1)[-1] for id in asked))
    found = Attachment.each(ids)
    beside = [
        id for id in ids if id in found and found[id].subject_id == order.id and not found[id].removed_at
    ]
    if beside != ids:
        raise Invalid({"photos": ["There is no such photo beside this order."]})
    if photo_needed(why, worth) and not any(found[id].picture for id in ids):
        raise Invalid({"photos": ["A photo of it is needed: ask the customer for one and add it."]})
    return ids


def _order(order: Order, what: Gone, to: ShipTo | None, *, waits: bool) -> Order:
    """The same again, for nothing."""
    made = Order(
        status=OrderStatus.AWAITING_RX if waits else OrderStatus.READY,
        kind=OrderKind.REPLACEMENT, parent_order_id=order.id, customer_id=order.customer_id,
        reference=_reference(order), currency=order.currency, subtotal=0, shipping=0, tax=0, discount=0, total=0,
        placed_at=performing().now, created_at=performing().now, ship_to=to.as_json if to else None,
    ).add()  # fmt: skip
    for position, line in enumerate(what.lines, 1):
        OrderLine(
            order_id=made.id, position=position, sku=line.sku, name=line.name, quantity=line.quantity,
            currency=line.currency, unit_price=0, amount=0,
        ).add()  # fmt: skip
    orders.have_checked(made)
    return made


def _reference(order: Order) -> str:
    """R0001-R1, and R0001-R2 for the next, be it of R0001-R1."""
    root, number = f"{bought(order).reference[:_LONGEST]}-R", 1
    while db.session.scalar(select(Order.id).where(Order.reference == f"{root}{number}")):
        number += 1
    return f"{root}{number}"


def _send(replacement: Replacement, made: Order, use: Use, by: Actor) -> None:
    if not use.waits and not _addressed(made):
        warn("Its new address is checked first. Then it goes to the pharmacy as every order that is ready.")
        return
    if not use.waits:
        fills.submit(made.id, pharmacy=use.pharmacy_id, prescription=None, by=by)
        return
    warn(f"{use.says} Until then it can be taken back.")
    suggests = {
        "act": "replacements.convert",
        "url": f"{replacement.url}/convert",
        "label": "Refund it instead",
    }
    words = f"{made.reference} replaces a parcel. {use.says} A clinician has to prescribe again."
    cases.open_case(NEEDS_RX, replacement.id, says=words, suggests=suggests, about=replacement.related())


def _addressed(made: Order) -> bool:
    """Does somebody vouch for where it goes, or is there nobody to ask?"""
    return made.address.vouched_for or not orders.being_checked(made)


def _tell_clinician(replacement: Replacement, order: Order, why: Reason) -> None:
    if not why.clinical:
        return
    words = f"Another strength than prescribed went out with order {order.reference}. Ask whether any of it was used."
    suggests = {"act": "cases.dismiss", "label": "Dismiss it once a clinician has looked"}
    cases.open_case(
        WRONG_STRENGTH, replacement.id, says=words, suggests=suggests, about=replacement.related()
    )
