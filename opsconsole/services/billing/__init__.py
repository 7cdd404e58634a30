"""What customers are billed between and on invoices: charge -> compile -> applied; and their own pages at Stripe."""

from ._adjustments import ADJUSTMENTS, sums
from ._charge import (
    LARGEST,
    MOST_AT_ONCE,
    AdjustmentDiffers,
    ChargeAsked,
    NotAtStripe,
    charge,
    drop_charge,
    move_charge,
    why_not_changed,
)
from ._compile import compile_, compiled, due, uncompiled
from ._portal import FLOWS, OPENS_WITHIN, LinkNotKept, NoLink, bring_up_to_date, link, portal
from ._sync import NothingToSync, Waiting, sync, wait, waiting

__all__ = [
    "ADJUSTMENTS", "FLOWS", "LARGEST", "MOST_AT_ONCE", "OPENS_WITHIN", "AdjustmentDiffers", "ChargeAsked", "LinkNotKept",
    "NoLink", "NotAtStripe", "NothingToSync", "Waiting", "bring_up_to_date", "charge", "compile_", "compiled",
    "drop_charge", "due", "link", "move_charge", "portal", "sums", "sync", "uncompiled", "wait", "waiting",
    "why_not_changed",
]  # fmt: skip
