"""The forms of a clinician's decisions: what is chosen by a digit stands in a radio field, all else can be left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wtforms import (
    DecimalField,
    Form,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from ..lib.zones import today_in
from ..models import FlagOutcome, Product, ReviewFlag, Visit
from ..services import visits
from ._fields import SelectChoice, required, text

OUTCOMES = {
    FlagOutcome.NO_ACTION: "It does not stand in the way",
    FlagOutcome.RX_CHANGED: "The prescription is changed because of it",
    FlagOutcome.RX_STOPPED: "The prescription is stopped",
    FlagOutcome.PATIENT_CONTACTED: "The patient was spoken to",
    FlagOutcome.REFERRED: "The patient was referred",
}


class Ticks(SelectMultipleField):
    """Several of a list, each with a box; in JSON a list of ids."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class FlagsForm(Form):
    """What a decision says to the flags that stand open."""

    words = TextAreaField("Your words", text(4000), description="Sealed. They stand in the signed record.")
    flags = Ticks("Flags you dealt with", validate_choice=False)
    flag_outcome = SelectField(
        "What came of them",
        choices=[SelectChoice(one.value, words) for one, words in OUTCOMES.items()],
        default=FlagOutcome.NO_ACTION.value,
        validate_choice=False,
    )
    flag_words = TextAreaField("What you found", text(500))
    provider = HiddenField("Prescriber", text(80), description="For programs: in whose name.")

    def offer(self, flags: Sequence[ReviewFlag]) -> None:
        self.flags.choices = [SelectChoice(one.id, one.id) for one in flags]

    def said(self) -> dict[str, Any]:
        return {
            "words": self.words.data or "",
            "flags": self.flags.data or [],
            "flag_outcome": self.flag_outcome.data or FlagOutcome.NO_ACTION.value,
            "flag_words": self.flag_words.data or "",
            "provider": self.provider.data or None,
        }


class ApproveForm(FlagsForm):
    """What is left out is prescribed as it was asked for."""

    of = SelectField("Which of them", validate_choice=False, description="Where several are prescribed.")
    sku = SelectField("Product", validate_choice=False)
    quantity = DecimalField("Quantity a fill", [Optional()])
    days = IntegerField("Days a fill lasts", [Optional()])
    refills = IntegerField("Refills", [Optional()], description="The first fill comes on top.")
    sig = StringField(
        "Directions", text(300), description="Choose one of the texts, or write what the patient is to do."
    )

    def offer(self, products: Sequence[Product], flags: Sequence[ReviewFlag]) -> None:  # type: ignore[override]
        super().offer(flags)
        same = SelectChoice("", "As it was asked for")
        self.sku.choices = [same, *(SelectChoice(one.sku, f"{one.sku}: {one.name}") for one in products)]
        self.of.choices = [SelectChoice("", "The only one")]

    @property
    def changes(self) -> bool:
        fields = (self.of, self.sku, self.quantity, self.days, self.refills, self.sig)
        return any(field.data not in (None, "") for field in fields)

    def inputs(self) -> dict[str, Any]:
        return self.said() | {
            "of": self.of.data or None,
            "sku": self.sku.data or None,
            "quantity": self.quantity.data,
            "days": self.days.data,
            "refills": self.refills.data,
            "sig": (self.sig.data or "").strip() or None,
        }


class DenyForm(FlagsForm):
    reason = RadioField(
        "Why",
        required("Choose why."),
        choices=[SelectChoice(one.value, words) for one, words in visits.DENIALS.items()],
    )

    def inputs(self) -> dict[str, Any]:
        return self.said() | {"reason": self.reason.data}


class AskForm(Form):
    template = RadioField(
        "What you ask",
        [Optional()],
        choices=[
            SelectChoice(code, f"{label}: {words}") for code, (label, words) in visits.QUESTIONS.items()
        ],
        validate_choice=False,
    )
    question = TextAreaField(
        "In your own words", text(3000), description="Sealed; the patient reads it in their account."
    )
    provider = HiddenField("Prescriber", text(80))

    def inputs(self) -> dict[str, Any]:
        return {
            "template": self.template.data or None,
            "question": self.question.data or "",
            "provider": self.provider.data or None,
        }


class ReferForm(Form):
    to = RadioField(
        "To whom",
        required("Choose to whom."),
        choices=[SelectChoice(one.value, one.words) for one in visits.ReferTo],
    )
    words = TextAreaField("Your words", text(4000), description="Sealed. They stand in the signed record.")
    provider = HiddenField("Prescriber", text(80))

    def inputs(self) -> dict[str, Any]:
        return {"to": self.to.data, "words": self.words.data or "", "provider": self.provider.data or None}


def faces_asked(visit: Visit, now: datetime) -> Sequence[visits.ToPrescribe]:
    """What an approval would prescribe; nothing where the registry does not know the product."""
    if visit.decided or not visit.open:
        return []
    try:
        return visits.as_asked(visit, today_in(visit.patient_state, now))
    except visits.NotPrescribable:
        return []
