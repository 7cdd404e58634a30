"""Refreshing a customer from one system: what was just read there, seen first, becomes our mirror."""

from __future__ import annotations

from ...db import db, instant
from ...lib.refusal import Invalid, Refused
from ...models import Customer, Profile, Quote
from .._act import act, say
from .._actor import Actor
from ._mirror import changed, take_in
from ._systems import System, named


class NotReadable(Refused):
    """The system gave no answer, or does not know the customer. What we have stays as it is."""


class BeingRead(Refused):
    """Somebody is asking the system right now."""


class QuoteTooOld(Refused):
    """What was seen was read too long ago, or later news has come in since."""


@act
def refresh(customer_id: str, *, system: str, quote: str | None, by: Actor) -> Customer:
    """Take in what `ask` has read of a customer: exactly what that quote says, and only while it is fresh.

    Facts that are the same are confirmed and not written. Raises NotReadable, BeingRead, QuoteTooOld, Invalid.
    """
    source = named(system)
    customer = Customer.lock(customer_id)
    if quote is None:
        raise NotReadable(f"No {source.name} id of this customer is known, so there is nothing to read.")
    read = _usable(Quote.get(quote), customer, source)
    known = Profile.of(customer.id).get(source.code)
    differ = changed(known.facts if known else {}, read.facts or {})
    if not take_in(customer, source, read.external_id, read.facts or {}, fetched_at=read.fetched_at):
        raise QuoteTooOld(f"Later news of this customer came from {source.name} since. Look again.")
    labels = [source.reads.labels.get(name, name).lower() for name in differ]
    say(f"Took in from {source.name}: {', '.join(labels)}" if labels else f"In sync with {source.name}")
    return customer


def _usable(read: Quote | None, customer: Customer, source: System) -> Quote:
    if read is None or (read.subject_id, read.source) != (customer.id, source.code):
        raise Invalid({"quote": [f"Nothing of this id was read from {source.name}. Look again."]})
    if read.outcome is None:
        raise BeingRead(f"{source.name} is being asked right now. Look again in a few seconds.")
    if read.outcome != Quote.FOUND:
        raise NotReadable(f"{read.words} Everything here stays as it was.")
    if read.expires_at < db.session.scalar(instant().select()):
        raise QuoteTooOld("What you saw was read more than ten minutes ago. Look again.")
    return read
