"""The pharmacist has to speak to the prescriber, or proposes something else than was prescribed."""

from __future__ import annotations

from ....vendors.pharmacy.codes import Fixer
from ._finding import Found
from ._offers import answer, ask, of_fill, of_order, waits_for
from ._seen import Seen

TITLE = "The pharmacist has to speak to the prescriber"


def find(seen: Seen) -> Found | None:
    fill = seen.troubled("md_outreach", "therapy_change")
    if fill is None:
        return None
    called = (
        answer(
            fill, "called_back", "Tell them: the prescriber has called", "The pharmacy goes on from there."
        )
        if fill.code == "md_outreach"
        else ()
    )
    says = "The pharmacist has a question that only the prescriber can answer."
    evidence = [*of_fill(fill), *of_order(seen.order)]
    return Found(says, Fixer.CLINICIAN, evidence, [ask(seen, "md_outreach"), *called], waits_for(fill))
