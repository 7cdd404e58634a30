"""The happy path, one story for each kind of event that tells of a step of it.

A story sets its scene for a customer, yields, and then the one thing happens that the event would tell of. Told or not, the
world must end the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..fills import scenes as of_fills
from ..house import House, stripe_client
from ..messages.scenes import send
from ..prescriptions import scenes as of_prescriptions
from ..sandbox.clinic import sound
from ..sandbox.wsgi import WsgiClient
from ..scenes import WINDOW, payment_id, processor, sent
from ..shipments.scenes import followed, packed, scan
from ..subscriptions.scenes import DAY, subscribed
from ..visits import form_scenes as of_forms

MINUTE, HOUR = 60, 3600
Story = Callable[[House, str], Iterator[None]]


@dataclass(frozen=True)
class Lost:
    """`event` (a webhook of `vendor`, and whatever else would tell of the same) is dropped while the story happens; it must
    be found within `limit` seconds. `unexpected`: nobody can await it, only the vendor's list of events shows it. `then` is
    how many seconds later both worlds are compared: what was learned late goes on late, and comes to the same end."""

    event: str
    vendor: str
    story: Story
    limit: float
    also: tuple[str, ...] = ()
    unexpected: bool = False
    then: float = 0

    @property
    def id(self) -> str:
        return f"{self.event} ({self.story.__name__})"


# ---------------------------------------------------------------- money


def _intent(house: House, **more: Any) -> Any:
    methods = {"enabled": True, "allow_redirects": "never"}
    asked = {"amount": 6000, "currency": "usd", "automatic_payment_methods": methods, **more}
    return stripe_client(WsgiClient(house.sandbox_app)).v1.payment_intents.create(asked)


def _ordered(house: House, who: str, payment: str | None) -> Any:
    house.orders += 1
    shop = house.api("shop")
    shop.post("/customers", {"reference": who, "name": "Jo Field", "email": f"{who}@example.test"})
    lines = [{"sku": "NC60", "name": "Night cream, 60 days", "quantity": 1, "unit_price": "60.00"}]
    told = {"reference": f"R{house.orders:04}", "customer": who, "total": "60.00", "lines": lines}
    made = shop.post("/orders", told | ({"payment": payment} if payment else {}))
    house.drain()
    return house.api().get(made["subject"])


def pays_at_last(house: House, who: str) -> Iterator[None]:
    """The customer pays a minute after the shop told of the order."""
    intent = _intent(house)
    assert _ordered(house, who, intent.id)["status"] == "awaiting_payment"
    house.later(MINUTE)
    yield
    processor(house).payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    house.drain()


def reserved_money_is_taken(house: House, who: str) -> Iterator[None]:
    intent = _intent(house, capture_method="manual", confirm=True, payment_method="pm_card_visa")
    _ordered(house, who, intent.id)
    yield
    processor(house).payment_intents.capture(intent.id)
    house.drain()


def pays_before_the_order(house: House, who: str) -> Iterator[None]:
    """The payment is made, and the order that names it is told a minute later."""
    yield
    paid = house.pay(6000)
    house.drain()
    house.later(MINUTE)
    _ordered(house, who, paid)


def _pending(house: House, who: str) -> str:
    refund = sent(house, house.order(customer=who))
    house.sandbox.stripe.move_refund(refund["external_id"], status="pending", pending_reason="processing")
    house.drain()
    return str(refund["external_id"])


def money_goes_back(house: House, who: str) -> Iterator[None]:
    refund = _pending(house, who)
    yield
    house.sandbox.stripe.move_refund(refund, status="succeeded")
    house.drain()


def money_does_not_go_back(house: House, who: str) -> Iterator[None]:
    refund = _pending(house, who)
    yield
    house.sandbox.stripe.move_refund(refund, status="failed", failure_reason="declined")
    house.drain()


def refunded_elsewhere(house: House, who: str) -> Iterator[None]:
    order = house.order(customer=who)
    yield
    processor(house).refunds.create({"payment_intent": payment_id(house, order), "amount": 500})
    house.drain()


def disputed(house: House, who: str) -> Iterator[None]:
    order = house.order(customer=who)
    yield
    house.sandbox.stripe.dispute(payment_id(house, order))
    house.drain()


def dispute_ends(house: House, who: str) -> Iterator[None]:
    order = house.order(customer=who)
    dispute = house.sandbox.stripe.dispute(payment_id(house, order))
    house.drain()
    yield
    house.sandbox.stripe.close_dispute(dispute["id"], "won")
    house.drain()


def paid_out(house: House, who: str) -> Iterator[None]:
    house.order(customer=who)
    for _ in range(12):
        house.later(6 * HOUR)
        if house.rows("select 1 from payouts where status = 'in_transit'"):
            break
    yield
    house.later(25 * HOUR)


# ---------------------------------------------------------------- subscriptions


def renews(house: House, who: str) -> Iterator[None]:
    """The next period begins: a draft, an hour later it goes out and is paid."""
    subscribed(house, customer=who, prices=_prices(house))
    house.later(27 * DAY)
    yield
    for _ in range(10):
        house.later(DAY / 2)
        house.later(HOUR + MINUTE)


def _prices(house: House) -> Any:
    """Those of an earlier run, if there was one."""
    known = processor(house).prices.list({"limit": 10}).data
    return {("month", 1): known[-1].id} if known else None


# ---------------------------------------------------------------- pharmacies and parcels


def _asked(house: House, who: str, pharmacy: str, state: str = "NV") -> Any:
    if not house.rows("select 1 from pharmacies"):
        of_fills.pharmacies(house)
    ready = of_fills.order(house, customer=who, state=state)
    [known] = house.rows("select id from pharmacies where adapter = :adapter", adapter=pharmacy)
    return of_fills.submitted(house, ready, pharmacy=known.id)


def truepill_takes_it_in(house: House, who: str) -> Iterator[None]:
    _asked(house, who, "truepill")
    yield
    house.later(WINDOW)
    house.later(10)


def truepill_makes_it_up(house: House, who: str) -> Iterator[None]:
    _asked(house, who, "truepill")
    house.later(WINDOW)
    house.later(10)
    yield
    house.later(HOUR)


def truepill_ships_it(house: House, who: str) -> Iterator[None]:
    _asked(house, who, "truepill")
    house.later(WINDOW)
    house.later(HOUR)
    yield
    house.later(30 * HOUR)


def honeybee_takes_it_in(house: House, who: str) -> Iterator[None]:
    _asked(house, who, "honeybee")
    yield
    house.later(WINDOW)
    house.later(10)


def honeybee_ships_it(house: House, who: str) -> Iterator[None]:
    _asked(house, who, "honeybee")
    house.later(WINDOW)
    house.later(HOUR)
    yield
    house.later(30 * HOUR)


def _parcel(house: House, who: str, *scans: str) -> Any:
    parcel = followed(house, order=packed(house, customer=who))
    for status in scans:
        parcel = scan(house, parcel, status)
    return parcel


def carrier_fetches_it(house: House, who: str) -> Iterator[None]:
    parcel = _parcel(house, who)
    yield
    scan(house, parcel, "in_transit")


def carrier_has_it_on_the_van(house: House, who: str) -> Iterator[None]:
    parcel = _parcel(house, who, "in_transit")
    house.later(6 * HOUR)
    yield
    scan(house, parcel, "out_for_delivery")


def carrier_delivers_it(house: House, who: str) -> Iterator[None]:
    parcel = _parcel(house, who, "in_transit", "out_for_delivery")
    yield
    scan(house, parcel, "delivered")


def carrier_brings_it_back(house: House, who: str) -> Iterator[None]:
    parcel = _parcel(house, who, "in_transit", "return_to_sender")
    house.later(HOUR)  # scans of one second have no order
    yield
    scan(house, parcel, "delivered", detail="return")


# ---------------------------------------------------------------- the clinic


def _clinic(house: House, who: str) -> str:
    if not house.rows("select 1 from products"):
        of_prescriptions.clinic(house)
    return of_forms.patient(house, id=who)


def clinician_signs(house: House, who: str) -> Iterator[None]:
    _clinic(house, who)
    rx = sound(
        "MedicationRequest", id=f"rx-{who}", status="draft", identifier=None, subject={"reference": f"Patient/{who}"},
        authoredOn=of_prescriptions.day(house), encounter=None,
    )  # fmt: skip
    house.sandbox.fhir.load([rx])
    house.sandbox.fhir.set_status(f"rx-{who}", "draft")
    house.drain()
    yield
    house.sandbox.fhir.sign(f"rx-{who}")
    house.drain()


def pharmacy_verifies(house: House, who: str) -> Iterator[None]:
    _clinic(house, who)
    of_prescriptions.prescribed(house, f"rx-{who}", patient=who, encounter=None)
    house.later(2 * MINUTE)
    yield
    for _ in range(5):
        house.later(3 * MINUTE)


def pharmacy_confirms_it_is_canceled(house: House, who: str) -> Iterator[None]:
    _clinic(house, who)
    rx = of_prescriptions.sent(house, f"rx-{who}", patient=who, encounter=None)
    of_prescriptions.cancel(house, rx)
    house.later(of_prescriptions.WINDOW)
    yield
    for _ in range(5):
        house.later(2 * MINUTE)


def pharmacy_gives_it_out(house: House, who: str) -> Iterator[None]:
    """What was in preparation is given out."""
    _clinic(house, who)
    of_prescriptions.sent(house, f"rx-{who}", patient=who, encounter=None)
    made = house.sandbox.fhir.dispense(f"rx-{who}")
    house.sandbox.fhir.set_status(f"MedicationDispense/{made['id']}", "in-progress")
    house.drain()
    yield
    house.sandbox.fhir.set_status(f"MedicationDispense/{made['id']}", "completed")
    house.drain()


def pharmacy_dispenses_by_itself(house: House, who: str) -> Iterator[None]:
    _clinic(house, who)
    of_prescriptions.sent(house, f"rx-{who}", patient=who, encounter=None)
    yield
    house.sandbox.fhir.dispense(f"rx-{who}")
    house.drain()


def _invited(house: House, who: str) -> Any:
    if not house.rows("select 1 from questionnaires where status = 'active'"):
        of_forms.form(house)
        of_forms.served(house)
    return of_forms.invited(house, of_forms.patient(house, id=who))


def patient_answers(house: House, who: str) -> Iterator[None]:
    visit = _invited(house, who)
    yield
    of_forms.answer(house, visit)


def visit_is_called_off_there(house: House, who: str) -> Iterator[None]:
    """Somebody at the clinic calls the visit off."""
    visit = _invited(house, who)
    yield
    house.sandbox.fhir.set_status(f"Encounter/{visit['external_id']}", "cancelled")
    house.drain()


def patient_moves(house: House, who: str) -> Iterator[None]:
    _clinic(house, who)
    yield
    house.sandbox.fhir.move(who, line1="9 Oak St", city="Reno", state="NV", zip="89501")
    house.drain()


# ---------------------------------------------------------------- messages


def _planned(house: House, who: str) -> None:
    order = house.order(customer=who)
    house.contact(str(order["customer"]).rsplit("/", 1)[-1], f"{who}@example.test")
    send(house, order["customer"])


def message_leaves(house: House, who: str) -> Iterator[None]:
    _planned(house, who)
    yield
    house.later(WINDOW)
    house.later(5)


def message_arrives(house: House, who: str) -> Iterator[None]:
    _planned(house, who)
    house.later(WINDOW)
    house.later(2)
    yield
    house.later(MINUTE)


STRIPES_LIST = HOUR  # how often Stripe's, the clinic's and the pharmacies' lists of events are read
LOST = (
    Lost("payment_intent.succeeded", "stripe", pays_at_last, 2 * MINUTE),
    Lost("payment_intent.succeeded", "stripe", pays_before_the_order, 2 * MINUTE),
    Lost("charge.captured", "stripe", reserved_money_is_taken, 24 * HOUR, also=("payment_intent.succeeded",)),
    Lost("refund.updated", "stripe", money_goes_back, 10 * MINUTE, also=("charge.refund.updated",)),
    Lost(
        "refund.failed",
        "stripe",
        money_does_not_go_back,
        10 * MINUTE,
        also=("refund.updated", "charge.refund.updated"),
    ),
    Lost(
        "charge.refunded",
        "stripe",
        refunded_elsewhere,
        STRIPES_LIST,
        also=("refund.*", "charge.refund.*"),
        unexpected=True,
    ),
    Lost(
        "charge.dispute.created",
        "stripe",
        disputed,
        STRIPES_LIST,
        also=("charge.dispute.*",),
        unexpected=True,
    ),
    Lost(
        "charge.dispute.closed",
        "stripe",
        dispute_ends,
        STRIPES_LIST,
        also=("charge.dispute.*",),
        unexpected=True,
    ),
    Lost("payout.paid", "stripe", paid_out, 36 * HOUR, also=("payout.*",)),
    Lost("customer.subscription.updated", "stripe", renews, HOUR),
    Lost("invoice.created", "stripe", renews, 10 * MINUTE),
    Lost("invoice.finalized", "stripe", renews, HOUR, also=("invoice.updated",)),
    Lost(
        "invoice.paid",
        "stripe",
        renews,
        15 * MINUTE,
        also=("invoice.payment_succeeded", "invoice_payment.paid"),
    ),
    Lost("invoice.*", "stripe", renews, HOUR, also=("invoice_payment.*",)),
    Lost("ORDER.success", "truepill", truepill_takes_it_in, 30 * MINUTE),
    Lost("ORDER.filling", "truepill", truepill_makes_it_up, 24 * HOUR),
    Lost("SHIPMENT.TRANSIT", "truepill", truepill_ships_it, 24 * HOUR, also=("ORDER.filled",), then=5 * DAY),
    Lost("RX_RECEIVED", "honeybee", honeybee_takes_it_in, 30 * MINUTE, also=("RX_UPDATED",)),
    Lost("SHIPMENT_UPDATED", "honeybee", honeybee_ships_it, 24 * HOUR, also=("RX_UPDATED",), then=5 * DAY),
    Lost("tracker.updated", "easypost", carrier_fetches_it, 48 * HOUR),
    Lost("tracker.updated", "easypost", carrier_has_it_on_the_van, 24 * HOUR),
    Lost("tracker.updated", "easypost", carrier_delivers_it, 12 * HOUR),
    Lost("tracker.updated", "easypost", carrier_brings_it_back, 3 * DAY),
    Lost("MedicationRequest", "fhir", clinician_signs, 4 * HOUR),
    Lost("Task", "fhir", pharmacy_verifies, 24 * HOUR),
    Lost("Task", "fhir", pharmacy_confirms_it_is_canceled, 4 * HOUR),
    Lost("MedicationDispense", "fhir", pharmacy_gives_it_out, 48 * HOUR),
    Lost("MedicationDispense", "fhir", pharmacy_dispenses_by_itself, HOUR, unexpected=True),
    Lost("QuestionnaireResponse", "fhir", patient_answers, 24 * HOUR),
    Lost("Encounter", "fhir", visit_is_called_off_there, HOUR, unexpected=True),
    Lost("Patient", "fhir", patient_moves, HOUR, unexpected=True),
    Lost("email.sent", "customerio", message_leaves, 5 * MINUTE),
    Lost("email.delivered", "customerio", message_arrives, 15 * MINUTE),
)
