"""Reading a customer from outside before the act that takes it in: a stored quote, with no transaction open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select

from ... import vendors
from ...db import db, instant
from ...models import Customer, Profile, Quote
from .. import cases
from .._transaction import transaction
from ..outbox import breaker
from ._mirror import confirm
from ._systems import System

EVERY = timedelta(
    seconds=10
)  # one read of a customer and system; asked sooner, the last quote is shown again
HOLDS = timedelta(minutes=10)  # how long what was seen may be accepted
PATIENCE = 2.5  # seconds: somebody is looking at the page


def ask(customer_id: str, system: System) -> Quote | None:
    """What the system says of the customer now, as a quote; None when it knows them under no id.

    At most one read in ten seconds, none while the vendor's breaker is open. What goes wrong is told by the
    quote. A read that finds nothing new confirms the mirror.
    """
    quote, due = _claim(customer_id, system)
    if quote is None or not due:
        return quote
    id, external_id = quote.id, quote.external_id
    db.session.rollback()
    try:
        with vendors.deadline(PATIENCE):
            found = getattr(vendors.port(system.port), system.reads.fetch)(external_id)
    except vendors.Unavailable as failure:
        return _record(id, system, outcome=Quote.FAILED, words=failure.words, failure=failure)
    except vendors.Declined as no:
        return _record(id, system, outcome=Quote.FAILED, words=no.words)
    if found is None:
        return _record(id, system, outcome=Quote.MISSING, words=f"{system.name} does not know this customer.")
    return _record(id, system, outcome=Quote.FOUND, facts=system.reads.facts(found))


def _claim(customer_id: str, system: System) -> tuple[Quote | None, bool]:
    """The quote to fill, and whether it is ours to fill; the last one when it is too soon for another."""
    with transaction(lock_timeout="500ms"):
        lock = func.hashtextextended(f"quote {customer_id} {system.code}", 0)
        db.session.execute(select(func.pg_advisory_xact_lock(lock)))
        now = db.session.scalar(select(instant()))
        last = Quote.newest(customer_id, system.code).get(system.code)
        if last and now - last.fetched_at < EVERY:  # type: ignore[operator]
            return last, False
        external_id = system.id_of(Customer.require(customer_id))
        if external_id is None:
            return None, False
        _sweep_out(customer_id, system)
        quote = Quote(
            subject_id=customer_id, source=system.code, external_id=external_id,
            fetched_at=now, expires_at=now + HOLDS,  # type: ignore[operator]
        ).add()  # fmt: skip
        admitted = breaker.admits(system.port, system.reads.fetch)
        if not admitted:
            quote.outcome = Quote.FAILED
            quote.words = f"{system.name} has not answered for a while; it is asked again when it does."
    return quote, admitted


def _sweep_out(customer_id: str, system: System) -> None:
    """What can be accepted no more is of no use: a customer has a handful of quotes at most."""
    db.session.execute(
        delete(Quote)
        .where(Quote.subject_id == customer_id, Quote.source == system.code, Quote.expires_at < instant())
        .execution_options(synchronize_session=False)
    )


def _record(
    quote_id: str, system: System, *, failure: vendors.Unavailable | None = None, **answer: Any
) -> Quote:
    """Write the answer down, for the breaker too."""
    with transaction():
        quote = Quote.lock(quote_id)
        for name, value in answer.items():
            setattr(quote, name, value)
        if failure:
            _no_answer(quote, system, failure)
        elif breaker.answered(system.port, system.reads.fetch):
            cases.close_when_solved("vendor_refuses_credentials", system.port, "the vendor answers again")
        if quote.outcome == Quote.FOUND:
            _confirm(quote)
    return quote


def _no_answer(quote: Quote, system: System, failure: vendors.Unavailable) -> None:
    breaker.failed(
        system.port, system.reads.fetch, quote.subject_id, failure.words, at_once=failure.credentials
    )
    if failure.credentials:
        cases.open_case(
            "vendor_refuses_credentials",
            system.port,
            says=f"{failure.words} Nothing of {system.name} can be read until the key is put right.",
        )


def _confirm(quote: Quote) -> None:
    query = select(Profile).where(Profile.customer_id == quote.subject_id, Profile.system == quote.source)
    profile = db.session.scalar(query.with_for_update())
    if profile and profile.facts == quote.facts and profile.fetched_at < quote.fetched_at:
        confirm(profile, quote.external_id, quote.fetched_at)
