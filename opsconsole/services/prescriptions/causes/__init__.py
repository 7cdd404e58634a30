"""What keeps a prescription from being filled: 22 causes, one file each, and who may put each right.

The codes are those of our domain's table of what goes wrong between clinician, network and pharmacy. Everything on the face
of a prescription is a clinician's, and ends in a new one; what stands around it (routing, resending, addresses,
identifiers, mapping, dates, cadence) is ops'. What is offered are names of acts: those that this console does not have
are not offered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import ModuleType

from ....models import Order, Prescription
from ..._act import ACTS
from . import (
    bad_address,
    cancel_denied,
    days_supply_mismatch,
    duplicate_order,
    duplicate_therapy,
    md_outreach,
    no_refills,
    out_of_stock,
    patient_mismatch,
    pharmacy_declined,
    prescriber_id_problem,
    prior_auth,
    product_mismatch,
    quantity_mismatch,
    refill_too_soon,
    returned_to_sender,
    rx_expired,
    rx_missing,
    rx_not_transmitted,
    rx_rejected_by_network,
    state_licence_mismatch,
    wrong_sig,
)
from ._finding import ASK, WHO, Cause, Evidence, Finding, Found, Offer, Waits
from ._seen import Known, Seen
from ._who import who_may


def _cause(module: ModuleType) -> Cause:
    return Cause(module.__name__.rpartition(".")[2], module.TITLE, module.find)


#: What does most harm if it is overlooked comes first, then what blocks most.
_ORDER = (
    duplicate_therapy, product_mismatch, quantity_mismatch, wrong_sig, md_outreach, cancel_denied, duplicate_order,
    patient_mismatch, state_licence_mismatch, prescriber_id_problem, rx_missing, rx_expired, no_refills,
    rx_rejected_by_network, rx_not_transmitted, pharmacy_declined, bad_address, returned_to_sender, out_of_stock,
    prior_auth, refill_too_soon, days_supply_mismatch,
)  # fmt: skip
CAUSES = {cause.code: cause for cause in map(_cause, _ORDER)}


def diagnose(subject: Order | Prescription, now: datetime, known: Known | None = None) -> Sequence[Finding]:
    """What keeps it from being filled, the most harmful first; nothing for what has left and did not come back, or is over.
    `known` is what was read of the order already.
    At most sixteen statements, each made only when a cause asks for what it reads."""
    order, rx = (subject, None) if isinstance(subject, Order) else (None, subject)
    seen = Seen(order, rx, now, known)
    causes = CAUSES.values() if seen.leaving else [CAUSES[name] for name in _AFTER_IT_LEFT]
    return [_finding(seen, cause, found) for cause in causes if (found := cause.find(seen))]


_AFTER_IT_LEFT = ("returned_to_sender",)


def _finding(seen: Seen, cause: Cause, found: Found) -> Finding:
    """With what is under way: a clinician who was asked about it comes before everything else."""
    waits = found.waits
    if visit := seen.asked.get(cause.code):
        waits = Waits(f"A clinician was asked on {visit.created_at:%-d %b %Y} and has to decide.", visit.url)
    offers = [one for one in found.offers if all(act in ACTS for act in one.acts)]
    return Finding(cause.code, cause.title, found.says, found.who, found.evidence, offers, waits)


__all__ = ["ASK", "CAUSES", "WHO", "Evidence", "Finding", "Known", "Offer", "Waits", "diagnose", "who_may"]
