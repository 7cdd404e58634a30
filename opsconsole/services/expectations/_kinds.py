"""Everything that should come back from outside: what, by when, and how one sees that it came. One row each.

A kind begins to be awaited when its subject comes to stand in a certain way, and is met as soon as that subject's own
row stands otherwise, whoever brought the news: a webhook, an answer, a sweep, a person. Nothing has to be remembered.

`rule` says where the limit is from; a limit without a source is a default of ours, looked at with the people who wait.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from ...models import (
    Collection,
    CollectionStatus,
    Dispense,
    DispenseStatus,
    EventStatus,
    Expectation,
    Fill,
    FillStatus,
    InboxEvent,
    Invoice,
    InvoiceStatus,
    Message,
    MessageStatus,
    Order,
    OrderStatus,
    Payment,
    PaymentStatus,
    Payout,
    PayoutStatus,
    Prescription,
    PrescriptionRequest,
    PrescriptionStatus,
    Refund,
    RefundStatus,
    RequestKind,
    RequestStatus,
    Shipment,
    ShipmentStatus,
    Stateful,
    Subscription,
    Visit,
    VisitStatus,
)
from ...models.subscription import LIVE

SECONDS, MINUTES, HOURS, DAYS = (timedelta(**{unit: 1}) for unit in ("seconds", "minutes", "hours", "days"))
AT_ONCE = timedelta(0)

#: Who tells, and the port by which we ask them.
PORTS = {
    "stripe": "payments",
    "customerio": "crm",
    "easypost": "tracking",
    "healthcare": "healthcare",
    "pharmacy-truepill": "pharmacy-truepill",
    "pharmacy-honeybee": "pharmacy-honeybee",
}
#: The event that would tell how a fill stands. Each pharmacy has its own words; any of them makes us fetch the fill.
_OF_FILLS = {"pharmacy-truepill": "ORDER.filling", "pharmacy-honeybee": "RX_UPDATED"}

_TOLD = (
    select(InboxEvent.id)
    .where(
        InboxEvent.object_id == Expectation.object_id,
        InboxEvent.source == Expectation.source,
        InboxEvent.via == "webhook",
        InboxEvent.status == EventStatus.SETTLED.value,
        InboxEvent.created_at > Expectation.asked_at,
    )
    .exists()
)


@dataclass(frozen=True)
class Kind:
    """`says` ends the sentence "We wait for …". `limit(subject)` is by when it should come: how long from now, or an
    instant; None when nothing is awaited of it after all. It begins when one of `watches` changes and the subject then
    stands so that `awaited(subject)` holds, which it did not before.

    `met` is true of a subject for which it came or that awaits it no more; it may speak of the Expectation beside it.
    `object_id` is the vendor's id of what to fetch; while there is none, `reads_list` has the vendor's list of events read,
    and without that there is nobody to ask. It counts as missed `patience` after its limit, and not before it was asked
    about twice. `events` names what would tell of it, for each source.
    """

    name: str
    of: type[Stateful]
    says: str
    rule: str
    events: Mapping[str, str]
    limit: Callable[[Any], timedelta | datetime | None]
    awaited: Callable[[Any], bool]
    met: ColumnElement[bool]
    watches: tuple[str, ...] = ("status",)
    object_id: Any = None
    reads_list: bool = False
    patience: timedelta = AT_ONCE
    again: bool = False  # begins anew whenever what it watches changes

    @property
    def title(self) -> str:
        """What is awaited, as a sentence begins with it."""
        return f"{self.says[0].upper()}{self.says[1:]}"

    def source_of(self, subject: Any) -> str:
        return subject.pharmacy.port if isinstance(subject, Fill) else next(iter(self.events))

    def stand(self) -> Select[Any]:
        """(id, met, object_id, told) of the expectations of this kind, to be narrowed. `told`: a webhook about the object
        came since we asked, and an act took it in."""
        object_id = self.object_id if self.object_id is not None else Expectation.object_id
        return (
            select(Expectation.id, self.met.label("met"), object_id.label("object_id"), _TOLD.label("told"))
            .join(self.of, self.of.id == Expectation.subject_id)
            .where(Expectation.kind == self.name)
        )


def _leaves(
    name: str,
    of: type[Stateful],
    statuses: tuple[str, ...],
    within: timedelta | Callable[[Any], timedelta | datetime | None],
    says: str,
    *,
    events: Mapping[str, str],
    rule: str,
    object_id: Any = None,
    reads_list: bool = False,
    patience: timedelta = AT_ONCE,
) -> Kind:
    """The usual kind: that a subject does not stay in these statuses."""
    limit = within if callable(within) else lambda _: within
    met = of.status.not_in(statuses)
    return Kind(
        name, of, says, rule, events, limit, lambda subject: subject.status in statuses, met,
        object_id=object_id, reads_list=reads_list, patience=patience,
    )  # fmt: skip


def _stripe(event: str) -> Mapping[str, str]:
    return {"stripe": event}


def _healthcare(event: str) -> Mapping[str, str]:
    return {"healthcare": event}


# ---------------------------------------------------------------- money

_PAID_INVOICE = (
    select(Invoice.id).where(Invoice.payments.contains(func.to_jsonb(Payment.external_id))).exists()
)
_PAYMENT_OF_ORDER = (
    select(Payment.external_id)
    .where(Payment.order_id == Order.id)
    .order_by(Payment.created_at.desc())
    .limit(1)
    .scalar_subquery()
)
_DISPUTED = ("open", "warning")


def _dispute_ends(payment: Payment) -> timedelta | datetime:
    """Banks decide within 75 days after the evidence (docs.stripe.com/disputes/how-disputes-work)."""
    return payment.dispute_due_at + 75 * DAYS if payment.dispute_due_at else 75 * DAYS


_MONEY = (
    Kind(
        "payment.claimed", Payment, "the order that was paid for",
        "The shop tells of an order within two minutes of its payment.",
        _stripe("invoice.paid"),
        lambda _: 2 * MINUTES,
        lambda payment: payment.status == PaymentStatus.SUCCEEDED and payment.order_id is None,
        Payment.order_id.is_not(None) | (Payment.status != PaymentStatus.SUCCEEDED) | _PAID_INVOICE,
        watches=("status", "order_id"), reads_list=True,
    ),
    _leaves(
        "payment.confirmed", Payment, (PaymentStatus.REQUIRES_ACTION,), 30 * MINUTES,
        "the customer to confirm the payment with the bank", events=_stripe("payment_intent.succeeded"),
        rule="Nobody takes longer to confirm a card payment while still at the shop.",
        object_id=Payment.external_id, patience=24 * HOURS,
    ),
    _leaves(
        "payment.collected", Payment, (PaymentStatus.PROCESSING,), 1 * HOURS,
        "Stripe to say that the money was collected", events=_stripe("payment_intent.succeeded"),
        rule="Cards take minutes, bank debits up to five days (docs.stripe.com/payments/payment-methods).",
        object_id=Payment.external_id, patience=5 * DAYS,
    ),
    _leaves(
        "payment.captured", Payment, (PaymentStatus.AUTHORISED,), 24 * HOURS,
        "the reserved money to be collected", events=_stripe("charge.captured"),
        rule="A reservation on a card ends after seven days (docs.stripe.com/payments/place-a-hold-on-a-payment-method).",
        object_id=Payment.external_id, patience=5 * DAYS,
    ),
    _leaves(
        "order.paid", Order, (OrderStatus.AWAITING_PAYMENT,), 2 * MINUTES,
        "the payment of the order", events=_stripe("payment_intent.succeeded"),
        rule="A payment is told of within two minutes of its order.",
        object_id=_PAYMENT_OF_ORDER, patience=58 * MINUTES,
    ),
    _leaves(
        "collection.charged", Collection, (CollectionStatus.SUBMITTED, CollectionStatus.PROCESSING), 10 * MINUTES,
        "Stripe to say whether the card was charged", events=_stripe("payment_intent.succeeded"),
        rule="A card's answer comes with the call.", object_id=Collection.external_id, reads_list=True,
    ),
    Kind(
        "dispute.closed", Payment, "the bank to decide the dispute",
        "Banks decide within 75 days after the evidence (docs.stripe.com/disputes/how-disputes-work).",
        _stripe("charge.dispute.closed"),
        _dispute_ends,
        lambda payment: payment.dispute in _DISPUTED,
        Payment.dispute.is_(None) | Payment.dispute.not_in(_DISPUTED),
        watches=("dispute",), object_id=Payment.external_id,
    ),
    _leaves(
        "refund.confirmed", Refund, (RefundStatus.SUBMITTED,), 10 * MINUTES,
        "Stripe to confirm the refund", events=_stripe("refund.created"),
        rule="Stripe makes a refund while it is asked.", object_id=Refund.external_id, reads_list=True,
    ),
    _leaves(
        "refund.settled", Refund, (RefundStatus.PENDING, RefundStatus.REQUIRES_ACTION), 10 * MINUTES,
        "Stripe to say how the refund ended", events=_stripe("refund.updated"),
        rule="Cards are minutes, banks up to five days (docs.stripe.com/refunds#pending-refunds).",
        object_id=Refund.external_id, patience=5 * DAYS,
    ),
    _leaves(
        "payout.paid", Payout, (PayoutStatus.PENDING, PayoutStatus.IN_TRANSIT),
        lambda payout: datetime.combine(payout.arrives_on, time(), UTC) + 36 * HOURS,
        "the payout to arrive at the bank", events=_stripe("payout.paid"),
        rule="Stripe names the day of arrival; a bank may take the next one.",
        object_id=Payout.external_id, patience=1 * DAYS,
    ),
)  # fmt: skip

# ---------------------------------------------------------------- subscriptions and invoices

_AFTER_CHARGE, _AFTER_TRY, _AFTER_DRAFT = 1 * HOURS, 10 * MINUTES, 15 * MINUTES


def _invoice_goes_out(invoice: Invoice) -> datetime | None:
    return invoice.finalizes_at + _AFTER_DRAFT if invoice.finalizes_at else None


def _invoice_is_paid(invoice: Invoice) -> timedelta | datetime:
    """After the next try of the card; what the customer pays by themselves is late after its day."""
    if invoice.next_try_at:
        return invoice.next_try_at + _AFTER_TRY
    return invoice.due_at + 1 * DAYS if invoice.due_at else _AFTER_TRY


_BILLING = (
    Kind(
        "subscription.renewed", Subscription, "Stripe to begin the subscription's next period",
        "Stripe charges on the day that it names itself.",
        _stripe("customer.subscription.updated"),
        lambda one: one.next_charge_at + _AFTER_CHARGE,
        lambda one: one.status in LIVE and one.next_charge_at is not None,
        Subscription.next_charge_at.is_(None)
        | (Subscription.next_charge_at + _AFTER_CHARGE > Expectation.due_at)
        | Subscription.status.not_in(LIVE),
        watches=("next_charge_at", "status"), object_id=Subscription.external_id, again=True,
    ),
    Kind(
        "subscription.invoiced", Subscription, "the subscription's latest invoice",
        "Stripe tells of an invoice when it makes it.",
        _stripe("invoice.created"),
        lambda _: 10 * MINUTES,
        lambda one: one.latest_invoice_id is not None,
        select(Invoice.id).where(Invoice.external_id == Subscription.latest_invoice_id).exists()
        | Subscription.latest_invoice_id.is_(None),
        watches=("latest_invoice_id",), object_id=Subscription.latest_invoice_id, again=True,
    ),
    Kind(
        "invoice.finalized", Invoice, "Stripe to send the draft out",
        "Stripe finalises a draft an hour after it made it (docs.stripe.com/invoicing/integration/workflow-transitions).",
        _stripe("invoice.finalized"),
        _invoice_goes_out,
        lambda one: one.status == InvoiceStatus.DRAFT and one.auto_advance and one.finalizes_at is not None,
        (Invoice.status != InvoiceStatus.DRAFT)
        | Invoice.auto_advance.is_(False)
        | Invoice.finalizes_at.is_(None)
        | (Invoice.finalizes_at + _AFTER_DRAFT > Expectation.due_at),
        watches=("status", "auto_advance", "finalizes_at"), object_id=Invoice.external_id, again=True,
    ),
    Kind(
        "invoice.paid", Invoice, "Stripe to say that the invoice was paid",
        "A card is tried when the invoice goes out, and again when Stripe says.",
        _stripe("invoice.paid"),
        _invoice_is_paid,
        lambda one: one.status == InvoiceStatus.OPEN,
        (Invoice.status != InvoiceStatus.OPEN) | (Invoice.next_try_at + _AFTER_TRY > Expectation.due_at),
        watches=("status", "next_try_at"), object_id=Invoice.external_id, patience=1 * DAYS, again=True,
    ),
)  # fmt: skip

# ---------------------------------------------------------------- pharmacies and carriers

_F, _P = FillStatus, ShipmentStatus


def _scan(shipment: Shipment) -> datetime | timedelta:
    return shipment.last_scan_at + 24 * HOURS if shipment.last_scan_at else 24 * HOURS


_TRACKED = {"easypost": "tracker.updated"}
_GOODS = (
    _leaves(
        "fill.acknowledged", Fill, (_F.SENT,), 30 * MINUTES, "the pharmacy to take the order in", events=_OF_FILLS,
        rule="Pharmacies check an order within minutes; after four hours something is wrong.",
        object_id=Fill.external_id, reads_list=True, patience=3.5 * HOURS,
    ),
    _leaves(
        "fill.filling", Fill, (_F.ACKNOWLEDGED, _F.TRIAGE), 24 * HOURS, "the pharmacy to make it up", events=_OF_FILLS,
        rule="Pharmacies begin on the next working day; what each usually takes is learned (_learn.py).",
        object_id=Fill.external_id, patience=48 * HOURS,
    ),
    _leaves(
        "fill.shipped", Fill, (_F.FILLING, _F.DISPENSED, _F.PARTIAL), 24 * HOURS, "the pharmacy to ship it",
        events=_OF_FILLS, rule="It leaves within a day, mostly; what each pharmacy usually takes is learned (_learn.py).",
        object_id=Fill.external_id, patience=48 * HOURS,
    ),
    _leaves(
        "fill.stopped", Fill, (_F.CANCEL_REQUESTED,), 4 * HOURS, "the pharmacy to say whether it stopped",
        events=_OF_FILLS, rule="Pharmacies answer a wish to stop within hours.", object_id=Fill.external_id,
        patience=20 * HOURS,
    ),
    Kind(
        "fill.tracked", Fill, "the pharmacy to tell the parcel's number", "A parcel has its number when it leaves.",
        _OF_FILLS,
        lambda _: 2 * HOURS,
        lambda fill: fill.status == _F.SHIPPED and not fill.tracking_number,
        Fill.tracking_number.is_not(None) | (Fill.status != _F.SHIPPED),
        object_id=Fill.external_id, patience=22 * HOURS,
    ),
    _leaves(
        "parcel.scanned", Shipment, (_P.LABEL_CREATED,), lambda parcel: parcel.labelled_at + 48 * HOURS,
        "the carrier's first scan", events=_TRACKED, rule="Carriers scan what they fetch within two days.",
        object_id=Shipment.external_id,
    ),
    Kind(
        "parcel.moving", Shipment, "the carrier's next scan", "Nothing moves for a day without a scan; three are a stall.",
        _TRACKED,
        _scan,
        lambda parcel: parcel.status in (_P.IN_TRANSIT, _P.EXCEPTION, _P.UNKNOWN),
        Shipment.status.not_in((_P.IN_TRANSIT, _P.EXCEPTION, _P.UNKNOWN))
        | (Shipment.last_scan_at + 24 * HOURS > Expectation.due_at),
        watches=("status", "last_scan_at"), object_id=Shipment.external_id, patience=48 * HOURS, again=True,
    ),
    _leaves(
        "parcel.delivered", Shipment, (_P.OUT_FOR_DELIVERY,), 12 * HOURS, "the carrier to deliver it", events=_TRACKED,
        rule="What is on the van arrives that day, mostly.", object_id=Shipment.external_id, patience=36 * HOURS,
    ),
    _leaves(
        "parcel.fetched", Shipment, (_P.ATTEMPTED, _P.PICKUP_READY), 24 * HOURS, "the parcel to be handed over",
        events=_TRACKED, rule="Carriers try again the next day and keep a parcel for a week.",
        object_id=Shipment.external_id, patience=6 * DAYS,
    ),
    _leaves(
        "parcel.returned", Shipment, (_P.RETURNING,), 3 * DAYS, "the parcel to be back at the pharmacy", events=_TRACKED,
        rule="The way back takes as long as the way there.", object_id=Shipment.external_id, patience=11 * DAYS,
    ),
)  # fmt: skip

# ---------------------------------------------------------------- the clinic

_Q = RequestStatus
_ASKED = (_Q.SUBMITTED, _Q.REQUESTED, _Q.RECEIVED, _Q.ACCEPTED)
_ANSWERED_IN = {
    RequestKind.PRESCRIBE: 15 * MINUTES,
    RequestKind.TRANSMIT: 24 * HOURS,
    RequestKind.CANCEL: 4 * HOURS,
}
_UNSIGNED = (PrescriptionStatus.DRAFT, PrescriptionStatus.PENDING_SIGNATURE)

_CARE = (
    _leaves(
        "visit.answered", Visit, (VisitStatus.INVITED, VisitStatus.IN_PROGRESS, VisitStatus.NEEDS_INFO), 24 * HOURS,
        "the patient's answers", events=_healthcare("QuestionnaireResponse"),
        rule="Most patients answer within a day; after seven a visit is given up.", reads_list=True, patience=6 * DAYS,
    ),
    _leaves(
        "visit.closed", Visit, (VisitStatus.APPROVED, VisitStatus.DENIED, VisitStatus.REFERRED), 15 * MINUTES,
        "the clinic's system to close the visit", events=_healthcare("Encounter"),
        rule="It closes when it is told of the decision, which waits for its undo.", object_id=Visit.external_id,
        patience=45 * MINUTES,
    ),
    _leaves(
        "order.prescribed", Order, (OrderStatus.AWAITING_RX,), 15 * MINUTES, "the prescription of the order",
        events=_healthcare("MedicationRequest"), rule="An approval writes the prescription.", reads_list=True,
        patience=3.75 * HOURS,
    ),
    _leaves(
        "prescription.signed", Prescription, _UNSIGNED, 4 * HOURS, "the clinician's signature",
        events=_healthcare("MedicationRequest"), rule="Clinicians sign within a working day.",
        object_id=Prescription.external_id, patience=20 * HOURS,
    ),
    _leaves(
        "request.answered", PrescriptionRequest, _ASKED, lambda asked: _ANSWERED_IN[RequestKind(asked.kind)],
        "the pharmacy's answer to what it was asked about a prescription", events=_healthcare("Task"),
        rule="A pharmacy verifies within a day, and answers a cancelation within four hours (NCPDP SCRIPT practice).",
        object_id=PrescriptionRequest.external_id, reads_list=True, patience=20 * HOURS,
    ),
    Kind(
        "prescription.written", PrescriptionRequest, "the prescription that was asked for",
        "It is there when the clinic's system says that it wrote it.",
        _healthcare("MedicationRequest"),
        lambda _: 15 * MINUTES,
        lambda asked: (
            asked.kind == RequestKind.PRESCRIBE and asked.status == _Q.CONFIRMED and asked.made_id is None
        ),
        PrescriptionRequest.made_id.is_not(None) | (PrescriptionRequest.status != _Q.CONFIRMED),
        watches=("status", "made_id"), reads_list=True, patience=3.75 * HOURS,
    ),
    _leaves(
        "dispense.finished", Dispense, (DispenseStatus.PREPARING, DispenseStatus.ON_HOLD), 48 * HOURS,
        "the pharmacy to give the medicine out", events=_healthcare("MedicationDispense"),
        rule="What a pharmacy prepares is given out within two days.", object_id=Dispense.external_id, patience=48 * HOURS,
    ),
)  # fmt: skip

# ---------------------------------------------------------------- messages

_WORDS = (
    _leaves(
        "message.sent", Message, (MessageStatus.SUBMITTED,), 5 * MINUTES, "Customer.io to send the message",
        events={"customerio": "email.sent"}, rule="Customer.io sends what it was asked to within minutes.",
        object_id=Message.external_id, patience=55 * MINUTES,
    ),
    _leaves(
        "message.delivered", Message, (MessageStatus.SENT,), 15 * MINUTES, "the customer's mailbox to take the message",
        events={"customerio": "email.delivered"}, rule="Mailboxes answer within minutes; servers try for a day.",
        object_id=Message.external_id, patience=24 * HOURS,
    ),
)  # fmt: skip

KINDS: dict[str, Kind] = {kind.name: kind for kind in (*_MONEY, *_BILLING, *_GOODS, *_CARE, *_WORDS)}
OF_NOUN: dict[type[Any], list[Kind]] = {}
for _kind in KINDS.values():
    OF_NOUN.setdefault(_kind.of, []).append(_kind)
