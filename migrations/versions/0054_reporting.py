"""The schema `reporting`: views for reports, without health data and without people.

Columns are named one by one, so that a column that is added to a table later is shown to nobody by itself. How a column
that a view reads is changed later stands in docs/adding.md. `opsconsole migrate` grants the views to the role.
"""

from __future__ import annotations

from alembic import op

revision = "0054"
down_revision = "0053"

ROLE = "opsconsole_reporting"

VIEWS = {
    "orders": """
        select id, reference, customer_id, kind, status, status_since, payment_status, currency, subtotal, shipping, tax,
               discount, total, placed_at, created_at, parent_order_id, pharmacy_id, address_verdict
        from public.orders
    """,
    "order_events": """
        select m.id, o.id as order_id, o.customer_id, m.at, m.before as status_before, m.after as status_after, m.cause,
               m.trace_id
        from public.status_moves m join public.orders o on o.id = m.record_id collate "C"
    """,
    "refunds": """
        select id, order_id, payment_id, customer_id, external_id, status, status_since, raw_status, currency, amount,
               reason, pending_reason, failure_reason, created_at, fetched_at, trace_id
        from public.refunds
    """,
    "payments": """
        select id, order_id, customer_id, external_id, charge_id, status, status_since, raw_status, currency, amount,
               captured, disputed, dispute, dispute_due_at, fraud_warning, fraud_warned_at, card_brand, created_at,
               fetched_at
        from public.payments
    """,
    "stuck_spells": """
        select id, subject_noun, subject_id, order_id, customer_id, code, status, ball, team, vendor, pharmacy_id, since,
               began_at, warn_at, breach_at, ended_at, ended as ended_how, ended_at <= breach_at as in_time, behind_id,
               incident_id, case_id
        from public.stuck
    """,
    "recipe_runs": """
        select id, stuck_id, code, act, suggested, made_id, created_at, trace_id
        from public.recipe_runs
    """,
    "cases": """
        select id, reason, subject_id, status, status_since, owner_id is not null as owned, outcome, incident_id,
               created_at, resolved_at, trace_id
        from public.cases
    """,
    "vendor_calls": """
        select p.id as promise_id, a.id as attempt_id, p.kind, coalesce(a.vendor, p.port) as vendor, p.method,
               p.subject_id, p.status as promise_status, p.created_at, p.due_at, p.attempts, a.round, a.started_at,
               a.ended_at, a.outcome, a.maybe_done, a.code, a.http_status, p.trace_id
        from public.promises p left join public.attempts a on a.promise_id = p.id
    """,
    "incidents": """
        select id, port as vendor, status, status_since, array_to_string(because, ' ') as because,
               array_to_string(methods, ' ') as methods, holds, opened_at, draining_at, drained_by, ended_at,
               expected_back_at, waited, reopened, trace_id
        from public.incidents
    """,
    "subscriptions": """
        select id, customer_id, external_id, status, status_since, raw_status, effective, currency, started_at,
               period_start, period_end, next_charge_at, pause_behavior, pauses_until, trial_start, trial_end, cancel_at,
               cancel_at_period_end, canceled_at, ended_at, cancel_reason, replaces_id, created_at, fetched_at
        from public.subscriptions
    """,
    "invoices": """
        select id, customer_id, subscription_id, replaces_id, external_id, number, status, status_since, raw_status,
               billing_reason, currency, subtotal, tax, total, due, paid, remaining, credited_before, credited_after,
               auto_advance, finalizes_at, finalized_at, paid_at, voided_at, due_at, next_try_at, tried, out_of_band,
               error_code, period_start, period_end, created_at, fetched_at
        from public.invoices
    """,
    "prescriptions_pipeline": """
        select rx.id, rx.customer_id, rx.status, rx.status_since, rx.source_status, rx.written_on, rx.expires_on,
               rx.refills_authorised + 1 as fills_authorised, rx.fills_used, asked.kind as request_kind,
               asked.status as request_status, asked.created_at as requested_at, rx.created_at, rx.fetched_at
        from public.prescriptions rx
        left join lateral (
            select kind, status, created_at from public.prescription_requests
            where prescription_id = rx.id order by created_at desc, id desc limit 1
        ) asked on true
    """,
    "visits_pipeline": """
        select id, kind, customer_id, order_id, prescription_id, patient_state, status, status_since, asks, created_at,
               submitted_at, claimed_at, due_at, waiting_since, waited_seconds, escalated_at, escalated_why,
               opinion_asked_at, decided_at
        from public.visits
    """,
}


def making(role: str) -> str:
    """SQL that makes the role unless it is there, and goes on where that is not allowed: whoever may makes it then."""
    return f"""
        do $$ begin
            if not exists (select from pg_roles where rolname = '{role}') then create role {role} nologin; end if;
        exception when insufficient_privilege or duplicate_object or unique_violation then null;
        end $$
    """


def upgrade() -> None:
    op.execute("create schema reporting")
    for name, query in VIEWS.items():
        op.execute(f"create view reporting.{name} as {query}")
    op.execute(making(ROLE))


def downgrade() -> None:
    op.execute("drop schema reporting cascade")  # the role is the server's, and may be another database's too
