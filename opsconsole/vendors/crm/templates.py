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
}
