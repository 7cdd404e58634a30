"""Reading versions of the policy, dunnings and notices."""

from __future__ import annotations

from ...models import (
    Customer,
    Dunning,
    DunningStatus,
    Invoice,
    LifecyclePolicy,
    LifecyclePolicyStatus,
    Notice,
    NoticeStatus,
)  # fmt: skip
from .._find import Listing, among, day, one_of_ours, yes

LIST = Listing(
    LifecyclePolicy,
    {"status": among(LifecyclePolicy.status, LifecyclePolicyStatus, "Which holds, held, or waits.")},
)
find = LIST.find

DUNNINGS = Listing(
    Dunning,
    {
        "status": among(Dunning.status, DunningStatus, "How far it is."),
        "hard": yes(
            (Dunning.hard) & (Dunning.status == DunningStatus.RUNNING),
            "Those that wait for another card.",
        ),
        "created_from": day(Dunning.created_at, "Begun on this day or later, 2026-11-21, UTC."),
        "customer": one_of_ours(Dunning.customer_id, "Whose; an id or its URL."),
        "subscription": one_of_ours(Dunning.subscription_id, "Of which subscription; an id or its URL."),
    },
    shown=(
        Dunning.id,
        Dunning.status,
        Dunning.decline_code,
        Dunning.hard,
        Dunning.next_step_at,
        Dunning.attempts,
        Dunning.customer_id,
        Customer.name.label("customer"),
        Invoice.number,
        Invoice.currency,
        Invoice.remaining,
        Invoice.next_try_at,
        Dunning.created_at,
    ),
    beside={Customer: Customer.id == Dunning.customer_id, Invoice: Invoice.id == Dunning.invoice_id},
)

NOTICES = Listing(
    Notice,
    {
        "status": among(Notice.status, NoticeStatus, "How far it is."),
        "customer": one_of_ours(Notice.customer_id, "Whose; an id or its URL."),
        "subscription": one_of_ours(Notice.subscription_id, "Of which subscription; an id or its URL."),
    },
    shown=(
        Notice.id,
        Notice.status,
        Notice.kind,
        Notice.about_on,
        Notice.opens_on,
        Notice.closes_on,
        Notice.due_at,
        Notice.law,
        Notice.customer_id,
        Customer.name.label("customer"),
        Notice.created_at,
    ),
    beside={Customer: Customer.id == Notice.customer_id},
)
