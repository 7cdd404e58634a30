"""The prescriber's identifiers are not accepted."""

from __future__ import annotations

from ....models import PrescriptionStatus
from ....vendors.pharmacy.codes import Fixer
from ._finding import Evidence, Found
from ._offers import answer, ask, of_fill, of_order, of_rx, resend, waits_for
from ._seen import Seen

TITLE = "The prescriber’s identifiers are not accepted"


def find(seen: Seen) -> Found | None:
    """The pharmacy does not accept them, or we know no prescriber of a signed prescription, or one who has left."""
    fill = seen.troubled("prescriber_id_problem")
    rx = next(
        (
            rx for rx in seen.prescriptions
            if rx.status == PrescriptionStatus.ACTIVE and seen.leaving
            and (rx.provider_id is None or not seen.prescribers[rx.provider_id][0].active)
        ), None,
    )  # fmt: skip
    if fill is None and rx is None:
        return None
    doctor = seen.prescriber()
    evidence = [*(of_fill(fill) if fill else ()), *([of_rx(rx)] if rx else ()), *of_order(seen.order)]
    if doctor:
        evidence.append(Evidence("Prescriber", f"{doctor.name}, NPI {doctor.npi}", doctor.url))
    right = (
        *answer(fill, "identifiers_corrected", "Tell them: the identifiers are right now", "The pharmacy looks once more."),
        *resend(seen, fill, "They are right now: send the fill again"),
    ) if fill else ()  # fmt: skip
    says = "The pharmacy does not accept who prescribed it: an ops lead has the identifiers put right."
    offers = [*right, ask(seen, "prescriber_id_problem")]
    return Found(says, Fixer.OPS_LEAD, evidence, offers, waits_for(fill) if fill else None)
