"""What the clock does by itself. Each run is claimed in Postgres, so two clocks do it once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

import structlog
from flask import current_app
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from ..db import db, instant
from ..models import ScheduledRun
from ..services import (
    CLOCK,
    approvals,
    billing,
    cases,
    expectations,
    fills,
    harm,
    inbox,
    incidents,
    lifecycle,
    messages,
    orders,
    payments,
    payouts,
    phi,
    prescriptions,
    reconciliation,
    renewals,
    replacements,
    review_flags,
    shipments,
    staff,
    stuck,
    subscriptions,
    transaction,
    visits,
)

log = structlog.get_logger("schedule")


@dataclass(frozen=True)
class Scheduled:
    """`at` is the time of day (UTC) at which something that happens once a day does; a new console waits for the first."""

    name: str
    every: timedelta
    run: Callable[[], object]
    at: time | None = None


def _sweep_stripe() -> None:
    if not inbox.read_lately("stripe"):
        inbox.sweep_nightly("stripe", by=CLOCK)


def _look_for_orders() -> None:
    for payment_id in payments.unclaimed():
        payments.miss(payment_id, by=CLOCK)


def _chase_messages() -> None:
    for message_id in messages.overdue():
        messages.chase(message_id, by=CLOCK)


def _watch_parcels() -> None:
    for shipment_id in shipments.overdue():
        shipments.watch(shipment_id, by=CLOCK)


def _sweep_parcels() -> None:
    shipments.sweep_nightly(by=CLOCK)


def _expire_requests() -> None:
    for approval_id in approvals.expired():
        approvals.expire(approval_id, by=CLOCK)


def _tell_of_holds() -> None:
    for order_id in orders.held_too_long():
        orders.overrun(order_id, by=CLOCK)


def _escalate_fills() -> None:
    for fill_id in fills.unanswered():
        fills.escalate(fill_id, by=CLOCK)


def _sweep_hourly() -> None:
    for source in inbox.listed():
        if source.startswith(("pharmacy-", "healthcare")) and not inbox.read_lately(source):
            inbox.sweep_nightly(source, by=CLOCK)


def _submit_what_is_ready() -> None:
    if current_app.config["SETTINGS"].submit_fills:
        for order_id in orders.unchecked():
            orders.check_first(order_id, by=CLOCK)
        for order_id in fills.ready():
            fills.dispatch(order_id, by=CLOCK)


def _resume_replacements() -> None:
    for replacement_id in replacements.prescribed_anew():
        replacements.resume(replacement_id, by=CLOCK)


def _resume_subscriptions() -> None:
    for change in subscriptions.due():
        card = payments.ask_card(change.customer_id) if change.customer_id else None
        subscriptions.take_up(change.id, card=card, by=CLOCK)


def _hold_back_subscriptions() -> None:
    for subscription_id, customer_id in subscriptions.resuming_soon():
        card = payments.ask_card(customer_id) if customer_id else None
        subscriptions.hold_back(subscription_id, card=card, by=CLOCK)


def _carry_on_swaps() -> None:
    for change_id in subscriptions.waiting_swaps():
        subscriptions.carry_on(change_id, by=CLOCK)


def _remind_of_reviews() -> None:
    for broken_glass_id in phi.overdue():
        phi.remind(broken_glass_id, by=CLOCK)


def _compile_charges() -> None:
    for customer_id in billing.due():
        billing.compile_(customer_id, by=CLOCK)


def _let_invoices_go() -> None:
    for hold_id in billing.forgotten():
        billing.let_go(hold_id, by=CLOCK)


def _compare() -> None:
    reconciliation.begin(fix=True, by=CLOCK)


def _guard_subscriptions() -> None:
    if subscriptions.to_guard():
        subscriptions.guard(by=CLOCK)


def _read_balance() -> None:
    payouts.pull(by=CLOCK)


def _tie_out() -> None:
    for pull_id in payouts.unfinished():
        for day in payouts.to_tie():
            payouts.tie(day=day, by=CLOCK)
        payouts.finish(pull_id, by=CLOCK)


def _go_on_dunning() -> None:
    for dunning_id in lifecycle.to_spare():
        lifecycle.spare(dunning_id, by=CLOCK)
    for dunning_id in lifecycle.due():
        lifecycle.step(dunning_id, by=CLOCK)


def _send_notices() -> None:
    for notice_id in lifecycle.due_notices():
        lifecycle.notify(notice_id, by=CLOCK)


def _look_for_notices() -> None:
    found, after = lifecycle.out_of_date()
    while True:
        db.session.rollback()
        for subscription_id in found:
            lifecycle.look(subscription_id, by=CLOCK)
        if not after:
            return
        found, after = lifecycle.out_of_date(after)


def _track_renewals() -> None:
    while found := renewals.to_track():
        for prescription_id in found:
            renewals.track(prescription_id, by=CLOCK)


def _drip_renewals() -> None:
    for renewal_id in renewals.due():
        renewals.step(renewal_id, by=CLOCK)


def _hold_uncovered_charges() -> None:
    for invoice_id in renewals.unheld():
        renewals.hold_charge(invoice_id, by=CLOCK)
    for hold_id in renewals.covered():
        renewals.let_charge_go(hold_id, by=CLOCK)


def _look_for_harm() -> None:
    harm.sweep_nightly(by=CLOCK)


def _remind_patients() -> None:
    for visit_id in visits.to_remind():
        visits.remind(visit_id, by=CLOCK)


def _look_after_visits() -> None:
    for visit_id in visits.held_without_licence():
        visits.reassign(visit_id, by=CLOCK)
    for visit_id in visits.idle():
        visits.free(visit_id, by=CLOCK)
    for visit_id in visits.overdue():
        visits.run_late(visit_id, by=CLOCK)


def _expire_prescriptions() -> None:
    for prescription_id in prescriptions.expiring():
        prescriptions.expire(prescription_id, by=CLOCK)


def _escalate_requests() -> None:
    for request_id in prescriptions.unanswered():
        prescriptions.escalate(request_id, by=CLOCK)
    for unknown_patient_id in prescriptions.recognised():
        prescriptions.recognise(unknown_patient_id, by=CLOCK)


def _look_after_cases() -> None:
    for case_id in cases.to_bring_back():
        cases.bring_back(case_id, by=CLOCK)
    for case_id in cases.idle():
        cases.free(case_id, by=CLOCK)
    for flag_id in review_flags.overdue():
        review_flags.run_late(flag_id, by=CLOCK)


def _look_for_what_is_stuck() -> None:
    stuck.look()


SCHEDULE = (
    Scheduled("vendors in trouble", timedelta(seconds=5), incidents.watch),
    Scheduled("cases put away or left alone", timedelta(minutes=1), _look_after_cases),
    Scheduled("patients to remind", timedelta(minutes=1), _remind_patients),
    Scheduled("visits without a clinician", timedelta(minutes=1), _look_after_visits),
    Scheduled("forgotten passwords", timedelta(seconds=5), staff.answer_asks),
    Scheduled("what should have come back", timedelta(seconds=15), expectations.look),
    Scheduled("what came back before it was due", timedelta(minutes=1), expectations.came),
    Scheduled("how long pharmacies usually take", timedelta(minutes=10), expectations.learn),
    Scheduled("orders that are ready", timedelta(seconds=15), _submit_what_is_ready),
    Scheduled("pharmacies' events we missed", timedelta(hours=1), _sweep_hourly),
    Scheduled("charges for Stripe", timedelta(seconds=15), _compile_charges),
    Scheduled("requests nobody decided", timedelta(minutes=1), _expire_requests),
    Scheduled("payments without an order", timedelta(seconds=15), _look_for_orders),
    Scheduled("orders held too long", timedelta(minutes=5), _tell_of_holds),
    Scheduled("fills nobody looked at", timedelta(minutes=5), _escalate_fills),
    Scheduled("prescriptions whose last day has passed", timedelta(hours=1), _expire_prescriptions),
    Scheduled("pharmacies that do not answer", timedelta(minutes=1), _escalate_requests),
    Scheduled("messages not sent", timedelta(minutes=1), _chase_messages),
    Scheduled("invoices that were not paid", timedelta(minutes=1), _go_on_dunning),
    Scheduled("notices that are due", timedelta(minutes=1), _send_notices),
    Scheduled("notices worked out anew", timedelta(days=1), _look_for_notices),
    Scheduled("parcels that are late", timedelta(minutes=5), _watch_parcels),
    Scheduled("parcels that moved unheard", timedelta(days=1), _sweep_parcels),
    Scheduled("replacements that were prescribed anew", timedelta(minutes=1), _resume_replacements),
    Scheduled("swaps that wait for a prescription", timedelta(minutes=1), _carry_on_swaps),
    Scheduled("subscriptions to resume", timedelta(minutes=1), _resume_subscriptions),
    Scheduled("subscriptions that Stripe is about to resume", timedelta(hours=1), _hold_back_subscriptions),
    Scheduled("invoices held for too long", timedelta(minutes=1), _let_invoices_go),
    Scheduled("emergencies nobody reviewed", timedelta(minutes=1), _remind_of_reviews),
    Scheduled("events we missed", timedelta(hours=1), _sweep_stripe),
    Scheduled("double and unknown subscriptions", timedelta(hours=1), _guard_subscriptions),
    Scheduled("payouts and balance read", timedelta(days=1), _read_balance),
    Scheduled("days tied out", timedelta(minutes=1), _tie_out),
    Scheduled("prescriptions to renew", timedelta(days=1), _track_renewals, at=time(1, 0)),
    Scheduled("check-ins nobody answered", timedelta(minutes=5), _drip_renewals),
    Scheduled("charges that no prescription covers", timedelta(minutes=1), _hold_uncovered_charges),
    Scheduled("what must never be", timedelta(days=1), _look_for_harm, at=time(3, 30)),
    Scheduled("pharmacies and carriers compared", timedelta(days=1), _compare, at=time(2, 30)),
    Scheduled(
        "what does not go on", timedelta(seconds=10), _look_for_what_is_stuck
    ),  # last: it looks at what the others have done
)


def run_due() -> None:
    """Run what is due. A failing one is logged and comes round again; the others go on."""
    for scheduled in SCHEDULE:
        try:
            if _claim(scheduled):
                scheduled.run()
        except Exception:
            log.exception("schedule", scheduled=scheduled.name)


def _claim(scheduled: Scheduled) -> bool:
    """Is it due, and are we the one to run it? One statement, so that of two clocks one gets the row."""
    first = insert(ScheduledRun).values(name=scheduled.name, last_at=instant())
    with transaction():
        if scheduled.at:
            db.session.execute(first.on_conflict_do_nothing())
            before = ScheduledRun.last_at < _last(scheduled.at)
        else:
            before = ScheduledRun.last_at <= instant() - scheduled.every
        claim = first.on_conflict_do_update(
            index_elements=["name"], set_={"last_at": instant()}, where=before
        )
        return db.session.scalar(claim.returning(ScheduledRun.name)) is not None


def _last(at: time) -> datetime:
    """When it was that time of day last."""
    now: datetime = db.session.scalar(select(instant()))  # type: ignore[assignment]
    today = datetime.combine(now.astimezone(UTC).date(), at, UTC)
    return today if today <= now else today - timedelta(days=1)
