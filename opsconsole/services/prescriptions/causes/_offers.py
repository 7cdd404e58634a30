"""What is offered again and again, and how a fill's trouble is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ....models import Fill, Order, Prescription
from ....vendors.pharmacy.codes import words_of
from ._finding import ASK, Evidence, Offer, Waits
from ._seen import ASKING, FAILED, Seen


def ask(seen: Seen, code: str, rx: Prescription | None = None) -> Offer:
    """A clinician is asked: of whatever stands on a prescription's face, nobody else decides."""
    rx = rx or (seen.prescriptions[0] if seen.prescriptions else None)
    doctor = seen.prescriber()
    whom = f"{doctor.name} or a colleague" if doctor else "a clinician"
    where = f" licensed in {seen.state}" if seen.state else ""
    does = f"It waits in the clinic’s queue for somebody{where}, who decides. What changes, changes by a new prescription."
    subject = rx.id if rx else (seen.order or seen.subject).id
    return Offer(ASK, subject, f"Send it to {whom}", does, {"asks": code})


def answer(fill: Fill, answer: str, label: str, does: str) -> Sequence[Offer]:
    """Telling the pharmacy what it waits for, where it waits for something."""
    if fill.status not in ASKING or fill.answer:
        return ()
    return (Offer("fills.answer", fill.id, label, does, {"answer": answer}),)


def resend(seen: Seen, fill: Fill, label: str = "Send the fill again") -> Sequence[Offer]:
    """The same pharmacy once more, where it could not take it and is allowed to by now."""
    if fill.status not in FAILED or (fill.due_on and fill.due_on > seen.on):
        return ()
    return (
        Offer("fills.resend", fill.id, label, f"{fill.pharmacy.name} gets it once more.", {"pharmacy": ""}),
    )


def send_elsewhere(seen: Seen, fill: Fill) -> Sequence[Offer]:
    """Another pharmacy that may ship there, where the first has let go of it."""
    if fill.status not in FAILED or not (other := seen.elsewhere(fill)):
        return ()
    name = other.pharmacy.name
    does = f"{name} is licensed in {seen.state}, and makes it up instead of {fill.pharmacy.name}."
    return (Offer("fills.resend", fill.id, f"Send it to {name}", does, {"pharmacy": other.pharmacy.id}),)


def readdress_customer(seen: Seen) -> Offer:
    """Where a customer lives is the healthcare system's: it is asked to change it, on a page of its own."""
    does = "The healthcare system keeps where parcels go. In another state, licences count anew."
    return Offer("customers.readdress", seen.customer_id, "Change the customer’s address", does, within=False)


def waits_for(fill: Fill) -> Waits | None:
    """The pharmacy was answered, and has to go on."""
    return (
        Waits(f"{fill.pharmacy.name} was answered, and has to go on from there.", fill.url)
        if fill.answer
        else None
    )


def of_fill(fill: Fill) -> list[Evidence]:
    """What the pharmacy says of it, in our words and its own code."""
    found = [Evidence(f"{fill.pharmacy.name} says", words_of(fill.code), fill.url)]
    if fill.vendor_code:
        found.append(Evidence("Its code", fill.vendor_code))
    return [*found, Evidence("Since", on_day(fill.status_since))]


def of_order(order: Order | None) -> list[Evidence]:
    return [Evidence("Order", order.reference, order.url)] if order else []


def of_rx(rx: Prescription, label: str = "Prescription") -> Evidence:
    return Evidence(label, f"{rx.external_id}, {rx.status.replace('_', ' ')}", rx.url)


def on_day(at: datetime) -> str:
    return f"{at:%-d %b %Y, %H:%M} UTC"
