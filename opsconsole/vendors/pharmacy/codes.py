"""What can be wrong with a fill: every pharmacy's own codes in ours, in one table, with who may put it right.

The codes are a Truepill order error (E), a Truepill triage (T), an NCPDP SCRIPT change request (X) or a Honeybee
exception (H). Whatever stands on the face of a prescription (drug, strength, sig, quantity, supply, refills, dates,
prescriber) only a clinician changes, by a new prescription.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Fixer(StrEnum):
    OPS = "ops"
    OPS_LEAD = "ops_lead"
    CLINICIAN = "clinician"
    PHARMACY = "pharmacy"


@dataclass(frozen=True)
class Problem:
    """`words` is a sentence for staff: neutral, no drug. `fixer` is who may put it right."""

    code: str
    words: str
    fixer: Fixer
    errors: tuple[str, ...] = ()
    triage: tuple[str, ...] = ()
    script: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()


_O, _L, _C, _P = Fixer.OPS, Fixer.OPS_LEAD, Fixer.CLINICIAN, Fixer.PHARMACY
_ALL = (
    Problem("rx_missing", "The pharmacy has no prescription for it.", _O, ("PC",), (), (), ("RX_MISSING",)),
    Problem("pharmacy_declined", "The pharmacy does not fill for this patient or plan.", _O,
            ("R003", "R005", "R5"), (), (), ("CLOSED_NETWORK",)),
    Problem("sig_unclear", "The directions on the prescription are unclear.", _C,
            ("R022",), ("T013",), ("S",), ("RX_CLARIFICATION",)),
    Problem("quantity_mismatch", "The quantity on the prescription is missing or does not fit.", _C,
            ("R026", "R015"), (), (), ("QUANTITY",)),
    Problem("refill_too_soon", "It is too soon to fill it again.", _O, ("79",), ("T009",), (), ("REFILL_TOO_SOON",)),
    Problem("no_refills", "The prescription has no fill left.", _C, ("NR",), (), (), ("NO_REFILLS",)),
    Problem("rx_expired", "The prescription has expired.", _C, ("R024",), (), (), ("RX_EXPIRED",)),
    Problem("duplicate_order", "The pharmacy has this order already.", _O, ("R1",), (), (), ("DUPLICATE_ORDER",)),
    Problem("duplicate_therapy", "The pharmacist sees that the patient has something like it already.", _C,
            ("DT",), (), (), ("DUPLICATE_THERAPY",)),
    Problem("interaction", "The pharmacist sees something that speaks against it.", _C,
            ("DI",), (), ("D",), ("DUR",)),
    Problem("therapy_change", "The pharmacist proposes something else than was prescribed.", _C,
            (), (), ("T", "G"), ("SUBSTITUTION",)),
    Problem("patient_mismatch", "Name or date of birth are not those on the prescription.", _O,
            ("62", "09"), ("T045",), (), ("PATIENT_MISMATCH",)),
    Problem("bad_address", "The pharmacy cannot ship to this address.", _O,
            ("R2",), ("T001",), (), ("ADDRESS",)),
    Problem("prescriber_id_problem", "The prescriber's identifiers are not accepted.", _L,
            (), (), ("U",), ("PRESCRIBER",)),
    Problem("out_of_stock", "The pharmacy has run out of it.", _O,
            ("R3",), ("T005",), ("OS",), ("OOS", "BACKORDERED")),
    Problem("prior_auth", "The pharmacy asks for a coverage that we do not use.", _O,
            ("75", "12", "R004", "R009"), ("T003",), ("P",), ("PA_REQUIRED", "NOT_COVERED", "HIGH_COPAY")),
    Problem("md_outreach", "The pharmacist has to speak to the prescriber.", _C, (), ("T006",), (), ("MD_OUTREACH",)),
    Problem("returned_to_sender", "The parcel came back to the pharmacy.", _O, ("R4",), (), (), ("RETURNED",)),
    Problem("unknown_problem", "The pharmacy uses a code that we do not know.", _L),
)  # fmt: skip
UNKNOWN = "unknown_problem"
PROBLEMS = {problem.code: problem for problem in _ALL}

ERRORS = {word: problem.code for problem in _ALL for word in problem.errors}
TRIAGE = {word: problem.code for problem in _ALL for word in problem.triage}
SCRIPT = {word: problem.code for problem in _ALL for word in problem.script}
EXCEPTIONS = {word: problem.code for problem in _ALL for word in problem.exceptions}


def words_of(code: str | None) -> str:
    """Our sentence for a code of ours."""
    return PROBLEMS[code if code in PROBLEMS else UNKNOWN].words
