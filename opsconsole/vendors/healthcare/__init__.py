"""The healthcare port: whoever keeps patients, prescribers, prescriptions, visits and what patients answered.

It holds health data of all kinds: what is not needed is not read out of an answer, and no word of it gets into a message,
a promise, a log or an error. What is read and tells of somebody's health is marked `repr=False`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol

from .. import Call
from .._postal import PostalAddress as PostalAddress

#: Statuses in our words. What a vendor says and nobody has mapped is "unknown", with its own word in `raw_status`.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Seen:
    """What every record of the vendor tells: its id there, the version that a change must name, and when it changed."""

    id: str
    version: str
    updated_at: datetime | None = None


@dataclass(frozen=True)
class PatientFacts:
    """A patient as the vendor has them now. `version` is what a change must name; `address` is where their parcels go,
    None where none is kept; `active` is False for a record that is not used any more."""

    id: str
    version: str
    address: PostalAddress | None
    active: bool = True
    updated_at: datetime | None = None
    birth_date: date | None = field(default=None, repr=False)


@dataclass(frozen=True)
class LicenceFacts:
    """One state's licence to prescribe. `status` is active, pending, expired, suspended, surrendered or unknown."""

    state: str
    number: str
    status: str
    starts_on: date | None
    expires_on: date | None


@dataclass(frozen=True)
class PractitionerFacts(Seen):
    """`npi` is the National Provider Identifier, ten digits; None where none is kept."""

    npi: str | None = None
    name: str = ""
    credential: str = ""
    active: bool = True
    licences: tuple[LicenceFacts, ...] = ()


@dataclass(frozen=True)
class DrugKey:
    """A key by which the vendor names what is prescribed: `system` is rxnorm, ndc, compound (the vendor's or our own
    formula), or the vendor's own URI where it is none of them. An NDC has its eleven digits: 42192-0151-01."""

    system: str
    code: str


@dataclass(frozen=True)
class Face:
    """What stands on a prescription: only a clinician decides on it, and nobody edits it afterwards.

    `drug` is with its strength and form, `sig` what the patient is told to do with it. `quantity` is in `unit` a fill.
    `refills` does not count the first fill (FHIR's numberOfRepeatsAllowed). `expires_on` is the last day to fill it.
    """

    drug: str
    keys: tuple[DrugKey, ...]
    sig: str
    quantity: Decimal | None
    unit: str
    days_supply: int | None
    refills: int
    written_on: date | None
    expires_on: date | None


@dataclass(frozen=True)
class PrescriptionFacts(Seen):
    """A MedicationRequest. `status`: draft, pending_signature, active, on_hold, depleted, discontinued, cancelled,
    entered_in_error or unknown. `prior` is the prescription that it takes the place of; `visit`, `patient` and
    `prescriber` are ids there. `ref` is ours, where we asked for it."""

    status: str = UNKNOWN
    raw_status: str = ""
    patient: str | None = None
    prescriber: str | None = None
    visit: str | None = None
    prior: str | None = None
    status_reason: str | None = field(default=None, repr=False)  # a code, which may tell of their health
    ref: str | None = None
    face: Face = field(default=Face("", (), "", None, "", None, 0, None, None), repr=False)


@dataclass(frozen=True)
class DispenseFacts(Seen):
    """A MedicationDispense: one fill, as the vendor heard of it. `status`: preparing, on_hold, dispensed, canceled,
    entered_in_error or unknown. `ref` is our fill's id where the pharmacy was given it."""

    status: str = UNKNOWN
    raw_status: str = ""
    prescription: str | None = None
    patient: str | None = None
    quantity: Decimal | None = None
    days_supply: int | None = None
    dispensed_at: datetime | None = None
    pharmacy: str | None = None
    ref: str | None = None


@dataclass(frozen=True)
class TaskFacts(Seen):
    """A Task: something that is asked about a prescription. `kind`: transmit (to its pharmacy), cancel, change (somebody
    asks a clinician for another one), renew, or other. `status`: requested, received, accepted, in_progress, on_hold,
    completed, rejected, failed, cancelled, entered_in_error or unknown. `business_status` is the vendor's own word (eRxSent,
    PharmacyVerified), `reason` a code for a no, else for the asking. `reason` and `words` may tell of somebody's health."""

    status: str = UNKNOWN
    raw_status: str = ""
    kind: str = "other"
    raw_code: str = ""
    prescription: str | None = None
    patient: str | None = None
    owner: str | None = None
    business_status: str = ""
    reason: str | None = field(default=None, repr=False)
    asked_at: datetime | None = None
    ref: str | None = None
    words: str = field(default="", repr=False)


@dataclass(frozen=True)
class VisitFacts(Seen):
    """An Encounter. `status`: planned, in_progress, finished, cancelled, entered_in_error or unknown. `kind`: initial,
    renewal, follow_up, rx_request or unknown."""

    status: str = UNKNOWN
    raw_status: str = ""
    kind: str = UNKNOWN
    patient: str | None = None
    practitioner: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    ref: str | None = None


@dataclass(frozen=True)
class AnswersFacts(Seen):
    """A QuestionnaireResponse. `status`: in_progress, completed, amended, entered_in_error, stopped or unknown.

    `questionnaire` is the canonical URL of what was asked and `number` the version of it that was. `answers` is
    {link id: [values]}; a value is True, 3, 1.5, "2026-01-31", "words", {"code": .., "display": ..} or, for a photo,
    {"photo": where it is fetched, "content_type": .., "title": ..}.
    """

    status: str = UNKNOWN
    raw_status: str = ""
    questionnaire: str = ""
    number: str = ""
    patient: str | None = None
    visit: str | None = None
    authored_at: datetime | None = None
    answers: Mapping[str, tuple[Any, ...]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class QuestionnaireFacts(Seen):
    """A Questionnaire as we published it: its canonical URL and its version there."""

    url: str = ""
    number: str = ""
    status: str = UNKNOWN
    raw_status: str = ""


@dataclass(frozen=True)
class FlagFacts(Seen):
    """A Flag that the clinic keeps on a patient. `status`: active, inactive, entered_in_error or unknown. `kind` is one of
    our review flags' (pregnancy, allergy, interaction, adverse_event …), "other" where nobody has mapped it."""

    status: str = UNKNOWN
    raw_status: str = ""
    patient: str | None = None
    visit: str | None = None
    kind: str = field(default="other", repr=False)
    raw_code: str = field(default="", repr=False)


@dataclass(frozen=True)
class Photo:
    """What a patient has sent with an answer."""

    content_type: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class HealthcareDelivery:
    """One thing the vendor told us. `about` is the kind of the record that changed ("patient", "medicationrequest" …), and
    `object_id` its id there. `body` holds health data."""

    external_id: str
    kind: str
    about: str
    object_id: str | None
    occurred_at: datetime
    body: bytes = field(repr=False)
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class HealthcarePage:
    """Some records that changed; `next` is what to ask for after them, None at the end. A page may be empty before it."""

    items: tuple[HealthcareDelivery, ...]
    next: str | None

    @property
    def id(self) -> str:
        return f"{len(self.items)} changes"


class Healthcare(Protocol):
    """Every method ends within 20 s and raises only Unavailable, Declined, NotAuthentic, NotParseable.

    Reading gives None for what the vendor does not have. What is made carries the call's `ref` as an identifier: with
    `ask_first` the vendor is asked for it first, and what is there is adopted, so that nothing is made twice.
    """

    name: str

    def fetch_patient(self, id: str) -> PatientFacts | None: ...

    def fetch_practitioner(self, id: str) -> PractitionerFacts | None: ...

    def fetch_prescription(self, id: str) -> PrescriptionFacts | None: ...

    def fetch_dispense(self, id: str) -> DispenseFacts | None: ...

    def fetch_task(self, id: str) -> TaskFacts | None: ...

    def fetch_visit(self, id: str) -> VisitFacts | None: ...

    def fetch_answers(self, id: str) -> AnswersFacts | None: ...

    def fetch_questionnaire(self, id: str) -> QuestionnaireFacts | None: ...

    def fetch_flag(self, id: str) -> FlagFacts | None: ...

    def fetch_photo(self, where: str) -> Photo | None:
        """A photo of an answer, at most 8 MB; `where` as the answer says it."""
        ...

    def prescriptions_of(self, patient: str) -> tuple[PrescriptionFacts, ...]:
        """Everything that is prescribed to a patient, whatever its status: what a lost webhook may have told of."""
        ...

    def change_address(self, call: Call, *, patient: str, ship_to: Mapping[str, str]) -> PatientFacts:
        """Have a patient's parcels go elsewhere: PostalAddress by names; an addressee is not kept there.

        Nothing else of the patient changes, whatever others change meanwhile. Where it stands so already nothing is
        written. Raises Declined for a patient or an address that the vendor does not take.
        """
        ...

    def prescribe(
        self, call: Call, *, patient: str, prescriber: str, face: Face, visit: str | None, prior: str | None
    ) -> PrescriptionFacts:
        """A new prescription, signed by `prescriber` (ids there). It takes the place of `prior`, which stays until it is
        asked to be canceled. `call.pin` is not used: the face is health data, and the caller's is never changed.

        Raises Declined for a patient, prescriber or face that the vendor does not take.
        """
        ...

    def ask(
        self,
        call: Call,
        *,
        kind: str,
        prescription: str,
        patient: str,
        reason: str | None,
        requester: str | None,
    ) -> TaskFacts:
        """Ask something about a prescription: `kind` is transmit or cancel, `reason` a code. The answer comes later, as a
        change of the task that is given back. Raises Declined."""
        ...

    def open_visit(
        self, call: Call, *, patient: str, kind: str, practitioner: str | None, questionnaire: str | None
    ) -> VisitFacts:
        """A visit that the patient is asked to come to, with the questionnaire (`url|version`) they are to answer."""
        ...

    def close_visit(self, call: Call, *, visit: str, practitioner: str | None, status: str) -> VisitFacts:
        """It is finished or cancelled (`status`), by that practitioner. What stands so already is not written."""
        ...

    def publish(
        self, call: Call, *, url: str, number: str, title: str, status: str, items: list[Mapping[str, Any]]
    ) -> QuestionnaireFacts:
        """A version of a questionnaire: `items` as models/questionnaire.py has them, `status` active or retired. A version
        is published once; only its status changes later."""
        ...

    def events(self, *, since: int, after: str | None = None) -> HealthcarePage:
        """Records of every kind above that changed since (seconds of the epoch), a page at a time, each kind's oldest
        first: what webhooks may have missed, with the `external_id` that the webhook had."""
        ...

    def read(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> HealthcareDelivery:
        """Check a webhook's signature and read it.

        Raises NotAuthentic for a forged or unsigned delivery and NotParseable for an authentic one that is no record.
        Constant-time compare. Signatures carry no instant: what is repeated has the same `external_id`, and what it
        is about is fetched anew.
        """
        ...

    def health(self) -> Mapping[str, Any]:
        """Where calls go and whether the vendor answers: {"base_url", "reachable", "words", "sandbox"}."""
        ...
