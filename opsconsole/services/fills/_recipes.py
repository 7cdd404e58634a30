"""What is to be done about each thing that can be wrong with a fill: one recipe for each of our codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...models import Fill
from ...vendors.pharmacy.codes import PROBLEMS, Fixer, words_of

WHO = {
    Fixer.OPS: "Support or ops",
    Fixer.OPS_LEAD: "An ops lead",
    Fixer.CLINICIAN: "A clinician, by a new prescription",
    Fixer.PHARMACY: "The pharmacy's own staff",
}


@dataclass(frozen=True)
class Recipe:
    """`means` is what is wrong and `do` what to do, both for Sam; `answers` are what the pharmacy can be told from here,
    by their codes. What is `clinical` only a clinician answers."""

    code: str
    means: str
    do: str
    fixer: Fixer
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def who(self) -> str:
        return WHO[self.fixer]

    @property
    def clinical(self) -> bool:
        return self.fixer is Fixer.CLINICIAN


_NEW_RX = {"new_rx": "A new prescription is on its way: wait for it"}
_DO: dict[str, tuple[str, dict[str, str]]] = {
    "rx_missing": (
        "Have the signed prescription sent again, then resend the fill. Without one, ask the clinician.",
        {"rx_sent": "The prescription was sent again: look once more"},
    ),
    "pharmacy_declined": ("Resend it to another pharmacy that is licensed in the state.", {}),
    "sig_unclear": ("A clinician writes a new prescription; the old one is canceled.", _NEW_RX),
    "quantity_mismatch": ("A clinician writes a new prescription, unless the order's line is what is wrong.", _NEW_RX),
    "refill_too_soon": (
        "Wait for the day from which it may be filled, and tell the customer.",
        {"fill_when_due": "Fill it on the first day on which it may be filled"},
    ),
    "no_refills": ("Start the renewal: a clinician has to prescribe again.", _NEW_RX),
    "rx_expired": ("A clinician has to prescribe again. Nobody extends the date.", _NEW_RX),
    "duplicate_order": (
        "Look which of the two goes on. Nothing is to be sent again.",
        {"keep_first": "Keep the first one and drop this one"},
    ),
    "duplicate_therapy": ("Send nothing. A clinician decides.", _NEW_RX),
    "interaction": ("Send nothing. A clinician decides.", _NEW_RX),
    "therapy_change": ("A clinician decides whether to prescribe it.", _NEW_RX),
    "patient_mismatch": (
        "Have name and date of birth put right in the patient's record, with proof of who they are; then resend.",
        {"record_corrected": "The patient's record is right now: look once more"},
    ),
    "bad_address": (
        "Ask the customer, and have the address put right. In another state the licences count anew.",
        {"address_is_right": "The address is right: ship it there"},
    ),
    "prescriber_id_problem": (
        "An ops lead has the prescriber's identifiers put right, then the fill is resent.",
        {"identifiers_corrected": "The prescriber's identifiers are right now: look once more"},
    ),
    "out_of_stock": (
        "Wait for it. After an error it can go to another pharmacy. Another product only a clinician prescribes.",
        {"wait": "Wait until it is there again"},
    ),
    "prior_auth": (
        "Say that the patient pays: no coverage is used.",
        {"patient_pays": "The patient pays: use no coverage"},
    ),
    "md_outreach": ("Tell the clinician to call the pharmacist back.", {"called_back": "The prescriber has called back"}),
    "returned_to_sender": ("Ask the customer for the right address, then replace the order or refund it.", {}),
    "unknown_problem": ("Call the pharmacy and ask what they need, and tell engineering of the code.", {}),
}  # fmt: skip
RECIPES = {
    code: Recipe(code, problem.words, _DO[code][0], problem.fixer, _DO[code][1])
    for code, problem in PROBLEMS.items()
}


def recipe_of(fill: Fill) -> Recipe | None:
    """What to do about what is wrong with this fill; None when nothing is."""
    if not fill.code:
        return None
    known = RECIPES.get(fill.code)
    return known or Recipe(fill.code, words_of(fill.code), RECIPES["unknown_problem"].do, Fixer.OPS_LEAD)
