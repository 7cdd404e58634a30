"""Opening a case, once per reason and subject, and closing it when the world has moved on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from ...db import db, instant
from ...lib import ids
from ...lib.cause import current
from ...models import Case, CaseStatus, locate

# Each reason in plain words, as a heading on the case. The codes are those of the domain's list.
REASONS = {
    "vendor_rejected": "The vendor said no",
    "vendor_unavailable_exhausted": "The vendor gave no answer for a day",
    "unknown_outcome": "We do not know whether it happened",
    "vendor_refuses_credentials": "The vendor refuses our key",
    "vendor_down": "A system outside is in trouble",
    "signature_refused": "A system's messages are not accepted",
    "refund_failed": "A refund did not reach the customer",
    "charge_failed": "A charge of a saved card came to nothing",
    "invoice_not_finalised": "An invoice cannot be sent",
    "hold_forgotten": "A held invoice was forgotten",
    "reference_used_twice": "One payment stands for two invoices",
    "notice_missed": "A customer was not told in time",
    "message_bounced": "An e-mail did not reach the customer",
    "message_not_sent": "The CRM took a message in and never sent it",
    "payment_without_order": "A payment that no order claims",
    "double_subscription": "A customer pays twice for the same",
    "subscription_without_customer": "A subscription of somebody nobody knows",
    "poison_payload": "An event we cannot digest",
    "hold_overdue": "An order was held for too long",
    "drift": "We and somebody outside differ",
    "our_fault": "A fault of ours",
    "break_glass": "Somebody broke the glass",
    "vendor_status_unknown": "The vendor uses a word we do not know",
    "parcel_late": "A parcel takes longer than it should",
    "parcel_exception": "Something went wrong with a parcel",
    "parcel_came_back": "A parcel arrived and came back",
    "parcel_order_mismatch": "A parcel and its order disagree",
    "parcel_not_followed": "The parcel of a fill is not followed",
    "parcel_renumbered": "A pharmacy put another label on a parcel",
    "lost_parcel_arrived": "A parcel that was given up arrived",
    "replacement_needs_rx": "A replacement has no prescription",
    "replaced_parcel_arrived": "A replaced parcel arrived",
    "wrong_strength_sent": "The wrong strength was sent",
    "refunded_beyond_paid": "More was given back than was paid",
    "does_not_tie_out": "The money of a day does not tie out",
    "payout_failed": "A payout came back from the bank",
    "address_unverifiable": "Nobody finds an address",
    "no_pharmacy": "No pharmacy may fill an order",
    "exception_unanswered": "What a pharmacy asks stands for too long",
    "cancel_denied": "The pharmacy would not stop or cancel it",
    "two_copies": "Two copies of a fill at a pharmacy",
    "shipped_after_cancel": "A parcel left though it was to be stopped",
    "intercept": "A carrier has to be asked to stop a parcel",
    "refunded_but_ships": "The money went back, and the parcel goes out",
    "clinically_rejected": "A clinician declined, and the customer has paid",
    "rx_not_replaced": "A clinician will not prescribe it anew",
    "answers_incomplete": "Answers are called complete and are not",
    "form_unknown": "A patient answered a form that is not ours",
    "form_not_asked": "The healthcare system does not ask our form",
    "state_not_served": "A patient is where nobody is served",
    "visit_closed_elsewhere": "A visit was closed and nobody decided here",
    "visit_overdue": "No clinician decided in time",
    "opinions_differ": "Two clinicians differ",
    "swap_needs_prescription": "A swap waits for a prescription",
    "resume_blocked": "A subscription was held back from resuming",
    "clinical_pause": "A pause that a clinician has to know of",
    "not_stopped": "A plan could not stop an order",
    # what must never be: the guards of services/harm
    "harm_two_copies": "Two live copies of one medicine at pharmacies",
    "harm_shipped_after_deny": "Something ships though a clinician said no",
    "harm_charged_uncovered": "A charge for what no prescription covers",
    "harm_resumed_uncovered": "A subscription resumes without a prescription",
    "harm_written_after_opt_out": "A reminder to somebody who opted out",
    "harm_refunded_beyond_paid": "More given back than was paid",
    "harm_subscribed_twice": "Two live subscriptions for one product",
    "patient_unknown": "A prescription for a patient nobody knows",
    "product_mismatch": "A prescription names no one product of ours",
    "two_prescriptions": "Two live prescriptions for one product",
    "pharmacy_silent": "A pharmacy does not answer about a prescription",
    "rx_not_transmitted": "A prescription did not get through to its pharmacy",
    # what can be wrong with a fill: the codes of vendors/pharmacy/codes.py
    "rx_missing": "The pharmacy has no prescription",
    "pharmacy_declined": "The pharmacy does not fill it",
    "sig_unclear": "The prescription's directions are unclear",
    "quantity_mismatch": "The prescription's quantity does not fit",
    "refill_too_soon": "It is too soon to fill it again",
    "no_refills": "The prescription has no fill left",
    "rx_expired": "The prescription has expired",
    "duplicate_order": "The pharmacy has the order already",
    "duplicate_therapy": "The pharmacist asks: two of a kind",
    "interaction": "The pharmacist asks: something speaks against it",
    "therapy_change": "The pharmacist proposes a change",
    "patient_mismatch": "The patient is not the prescription's",
    "bad_address": "The pharmacy cannot ship to an address",
    "prescriber_id_problem": "The prescriber's identifiers are not accepted",
    "out_of_stock": "The pharmacy has run out of it",
    "prior_auth": "The pharmacy asks for a coverage",
    "md_outreach": "The pharmacist has to speak to the prescriber",
    "returned_to_sender": "A parcel came back to the pharmacy",
    "unknown_problem": "The pharmacy uses a code that we do not know",
}


@dataclass(frozen=True)
class Remedy:
    """How what stands behind a case is mended. Each takes (id, ...) and joins the open transaction.

    With `instead`, its words, another act alone ends the case. Without `retry` nothing can be sent again.

    `retry(id, fix)`, `settle(id, external_id, reason)`, `dismiss(id, reason)`; `fixable(id)` names the
    fields that a retry may change; `unknown(id)`: may the vendor have done it, and nobody knows?
    """

    retry: Callable[..., Any] | None
    settle: Callable[..., Any]
    dismiss: Callable[..., Any]
    fixable: Callable[[str], tuple[str, ...]]
    unknown: Callable[[str], bool] = lambda _: False
    instead: str = ""


_REMEDIES: dict[str, Remedy] = {}


def remedy(prefix: str, how: Remedy) -> None:
    """Register how records whose ids start with `prefix` are mended."""
    _REMEDIES[prefix] = how


def behind(case: Case) -> Remedy | None:
    return _REMEDIES.get(case.behind_id.partition("_")[0]) if case.behind_id else None


def allowed(case: Case) -> tuple[str, ...]:
    """The fields a retry of this case may change."""
    how = behind(case)
    return how.fixable(case.behind_id) if how and case.behind_id else ()


def open_case(
    reason: str,
    subject_id: str,
    *,
    says: str,
    behind_id: str | None = None,
    suggests: dict[str, str] | None = None,
    about: Iterable[str] = (),
) -> Case:
    """The open case of this reason and subject, made if there is none. One problem is one case.

    `suggests` is the next act with its label; without a "url" it is an act on the case itself.
    """
    found = db.session.scalar(
        select(Case)
        .where(Case.reason == reason, Case.subject_id == subject_id, Case.status == CaseStatus.OPEN)
        .with_for_update()
    )
    if found:
        found.says, found.behind_id = says, behind_id or found.behind_id
        return found
    cause = current()
    id = ids.new(Case.PREFIX)
    if suggests and "url" not in suggests:
        suggests = {**suggests, "url": f"{locate(id)}/{suggests['act'].partition('.')[2]}"}
    return Case(
        id=id,
        status=CaseStatus.OPEN,
        reason=reason,
        subject_id=subject_id,
        behind_id=behind_id,
        says=says,
        suggests=suggests,
        trace_id=cause.trace if cause else ids.new("trc"),
        entry_id=cause.parent if cause else None,
        about=sorted({subject_id, *about}),
    ).add()


def close_when_solved(reasons: str | Set[str], subject_id: str, outcome: str) -> None:
    """The world has solved it by itself: close the cases of these reasons that are open."""
    wanted = {reasons} if isinstance(reasons, str) else reasons
    for case in db.session.scalars(
        select(Case).where(
            Case.subject_id == subject_id, Case.reason.in_(wanted), Case.status == CaseStatus.OPEN
        )
    ):
        resolve(case, outcome)


def resolve(case: Case, outcome: str) -> None:
    case.outcome = outcome
    case.resolved_at = instant()
    case.move_to(CaseStatus.RESOLVED)
