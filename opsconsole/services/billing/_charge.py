"""Charging or crediting a customer between invoices: small increments, written down here and told to Stripe in sums.

Nothing is promised per increment: they may come many times a second. See _compile.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, tuple_

from ...db import db
from ...lib.money import Money
from ...lib.refusal import Invalid, Refused
from ...models import Adjustment, AdjustmentStatus, Customer, Invoice, InvoiceStatus
from .. import approvals
from .._act import Need, act, concerns, performing, say, warn
from .._actor import Actor
from ._window import next_turn, stripe_id
from .descriptions import why_none_written

MOST_AT_ONCE = 500  # increments in one call
LARGEST = 99_999_999  # minor units: Stripe takes amounts of eight digits
CREDIT_ALONE = 300_00  # cents of US dollars in 7 days to one customer, as an ops lead may refund alone


class AdjustmentDiffers(Refused):
    """That source has sent another increment under the same reference."""


class NotAtStripe(Refused):
    """Stripe does not know the customer, so nobody could bill them."""


class Compiled(Refused):
    """Stripe has it, or is being asked: it cannot be taken away here."""


@dataclass(frozen=True)
class ChargeAsked:
    """One increment: `amount` in minor units of `currency`, negative for credit."""

    amount: int
    currency: str
    description: str
    source: str
    reference: str


@act
def charge(
    customer_id: str,
    *,
    amount: int | None,
    currency: str,
    description: str,
    source: str,
    reference: str,
    charges: Sequence[ChargeAsked] = (),
    by: Actor,
) -> Adjustment | Customer:
    """Write down one increment, or `charges` at once, up to 500. Stripe is told within the hour.

    The same increment again (by source and reference) is the one that is there. Nothing about a customer's health may
    stand in `description`. Raises AdjustmentDiffers, NotAtStripe, Invalid.
    """
    if charges and amount is not None:
        raise Invalid({"charges": ["Either one charge, or a list of them: take one away."]})
    one = None if charges else ChargeAsked(amount or 0, currency, description, source, reference)
    asked = _each_once([one] if one else charges)
    customer = Customer.require(customer_id)
    _check(asked.values(), customer)
    known = _known(asked, customer)
    now = performing().now
    turn = next_turn(customer_id, now)
    if by.human:
        _weigh([new for key, new in asked.items() if key not in known], customer)
    made = [
        Adjustment(
            status=AdjustmentStatus.PENDING, customer_id=customer_id, amount=new.amount, currency=new.currency,
            description=new.description, source=new.source, reference=new.reference, compiles_at=turn, by=by.label,
            by_id=by.id,
            created_at=now,
        )
        for key, new in asked.items() if key not in known
    ]  # fmt: skip
    db.session.add_all(made)
    db.session.flush()
    concerns(customer_id)
    if one:
        [found] = [*made, *known.values()]
        say(f"{_verb(found.amount)} {Money(abs(found.amount), found.currency)}: {found.description}")
        return found
    if known:
        warn(f"{len(known)} of them were here already and are not charged twice.")
    say(f"Wrote down {len(made)} charges and credits")
    return customer


def _verb(amount: int) -> str:
    return "Charge" if amount > 0 else "Credit"


def _each_once(asked: Iterable[ChargeAsked]) -> dict[tuple[str, str], ChargeAsked]:
    found: dict[tuple[str, str], ChargeAsked] = {}
    for one in asked:
        if found.setdefault((one.source, one.reference), one) != one:
            raise AdjustmentDiffers(
                f"{one.reference} of {one.source} is in the list twice, and not the same.", field="charges"
            )
    return found


def _known(
    asked: Mapping[tuple[str, str], ChargeAsked], customer: Customer
) -> dict[tuple[str, str], Adjustment]:
    """Those that are there already, and are the same."""
    query = select(Adjustment).where(tuple_(Adjustment.source, Adjustment.reference).in_([*asked]))
    known = {(one.source, one.reference): one for one in db.session.scalars(query)}
    for key, one in known.items():
        told = asked[key]
        if (one.customer_id, one.amount, one.currency, one.description) != (
            customer.id, told.amount, told.currency, told.description,
        ):  # fmt: skip
            raise AdjustmentDiffers(
                f"{one.reference} of {one.source} was {one.money} for “{one.description}”. Nothing was changed: give what "
                "is new a reference of its own.",
                field="reference",
                more={"adjustment": one.url},
            )
    return known


def _weigh(asked: Iterable[ChargeAsked], customer: Customer) -> None:
    """What people credit by hand is like a refund: much of it needs a second person. Programs send what they computed."""
    credited = Counter[str]()
    for one in asked:
        credited[one.currency] -= min(one.amount, 0)
    if not any(credited.values()):
        return
    Customer.lock(customer.id)  # two at once may not both be the last that is allowed
    earlier = select(Adjustment.currency, -func.sum(Adjustment.amount)).where(
        Adjustment.customer_id == customer.id, Adjustment.amount < 0, Adjustment.by_id.startswith("stf_"),
        Adjustment.created_at > performing().now - timedelta(days=7), Adjustment.status != AdjustmentStatus.WITHDRAWN,
    ).group_by(Adjustment.currency)  # fmt: skip
    for currency, minor in db.session.execute(earlier):
        credited[currency] += int(minor)
    cents = [approvals.cents(Money(minor, currency)) for currency, minor in credited.items()]
    total = sum(one or 0 for one in cents)
    if None in cents or total > CREDIT_ALONE:
        said = f"That makes {Money(total, 'usd')} of credit to this customer in 7 days"
        performing().needs.append(Need(f"{said}; alone anybody may give {Money(CREDIT_ALONE, 'usd')}."))


def _check(asked: Iterable[ChargeAsked], customer: Customer) -> None:
    for one in asked:
        if not 0 < abs(one.amount) <= LARGEST:
            most = Money(LARGEST, one.currency)
            raise Invalid({"amount": [f"Write an amount that is not nothing and at most {most}."]})
    if stripe_id(customer.id) is None:
        raise NotAtStripe("No Stripe id of this customer is known, so nobody could bill them.")
    if why := why_none_written(sorted({one.description for one in asked})):
        raise Invalid({"description": [why]})


# ------------------------------------------------------------------ taking away, moving


@act
def drop_charge(adjustment_id: str, *, by: Actor) -> Adjustment:
    """Take an increment away before it goes to Stripe. Raises Compiled afterwards."""
    one = _still_pending(adjustment_id)
    one.move_to(AdjustmentStatus.WITHDRAWN)
    say(f"Took away {one.money}: {one.description}")
    return one


@act
def move_charge(adjustment_id: str, *, invoice: str | None, by: Actor) -> Adjustment:
    """Have an increment billed on that draft invoice of the customer, or with None on whichever is next.

    Raises Compiled once Stripe has it, Invalid for an invoice that cannot take it."""
    one = _still_pending(adjustment_id)
    draft = None
    if invoice:
        draft = Invoice.get(invoice.rsplit("/", 1)[-1])
        if draft is None or draft.customer_id != one.customer_id:
            raise Invalid({"invoice": ["This customer has no such invoice."]})
        if draft.status != InvoiceStatus.DRAFT:
            raise Invalid({"invoice": ["It is no draft any more, so nothing can be added to it."]})
        if draft.currency != one.currency:
            raise Invalid({"invoice": [f"That invoice is in {draft.currency.upper()}."]})
    one.invoice_id = draft.id if draft else None
    say(f"{one.money} goes on {draft.called_as if draft else 'the next invoice'}")
    return one


def _still_pending(adjustment_id: str) -> Adjustment:
    Customer.lock(Adjustment.require(adjustment_id).customer_id)
    one = Adjustment.lock(adjustment_id)
    found = one.batch().invoice() if one.batch_id else None
    if words := why_not_changed(one, found):
        more = {"batch": f"/adjustment-batches/{one.batch_id}"} if one.batch_id else {}
        raise Compiled(words, more=more | ({"invoice": found.url} if found else {}))
    return one


def why_not_changed(one: Adjustment, found: Invoice | None = None) -> str | None:
    """Why an increment can no longer be taken away or moved; None while it can. `found` is the invoice that it is on."""
    if one.status == AdjustmentStatus.PENDING:
        return None
    if one.status == AdjustmentStatus.WITHDRAWN:
        return "It was taken away already."
    if found:
        return f"It is on {found.called_as}: change it there, or charge or credit the difference."
    return "It has gone to Stripe with others: charge or credit the difference instead."
