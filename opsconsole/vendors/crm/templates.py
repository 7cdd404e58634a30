"""Our template codes, as the CRM knows them: the event that starts each campaign, and its values.

What each says in words stands in `services/messages/templates.py`. All of it is neutral: no diagnosis,
no drug, no photo.
"""

from __future__ import annotations

from . import Template

TEMPLATES = {
    "refund_issued": Template("refund_issued", frozenset({"amount", "order_number"})),
    "order_delayed": Template("order_delayed", frozenset({"order_number"})),
    "card_needed": Template("card_needed", frozenset({"order_number"})),
    "tracking_changed": Template("tracking_changed", frozenset({"order_number"})),
    "save_card": Template("save_card"),
    "order_canceled": Template("order_canceled", frozenset({"order_number"})),
    "call_us": Template("call_us"),
    "answers_awaited": Template("answers_awaited"),
    "clinician_answered": Template("clinician_answered"),
    "clinician_asks": Template("clinician_asks"),
    "renewal_soon": Template("renewal_soon", frozenset({"date"})),
    "trial_ends": Template("trial_ends", frozenset({"date"})),
    "price_changes": Template("price_changes", frozenset({"date"})),
    "pause_ends": Template("pause_ends", frozenset({"date"})),
    "renewal_moved": Template("renewal_moved", frozenset({"date"})),
    "renewal_off": Template("renewal_off", frozenset({"date"})),
    "card_declined_soft": Template("card_declined_soft"),
    "card_declined_hard": Template("card_declined_hard"),
    "payment_last_call": Template("payment_last_call", frozenset({"date"})),
    "subscription_paused": Template("subscription_paused"),
    "subscription_canceled": Template("subscription_canceled"),
    "check_in_due": Template("check_in_due"),
}
