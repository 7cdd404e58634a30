"""What is found to be wrong with a prescription or an order: in words for Sam, with what shows it and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ....vendors.pharmacy.codes import Fixer

WHO = {
    Fixer.OPS: "Support or ops",
    Fixer.OPS_LEAD: "An ops lead",
    Fixer.CLINICIAN: "A clinician",
    Fixer.PHARMACY: "The pharmacy’s own staff",
}
ASK = "visits.request"  # the act by which a clinician is asked: whatever stands on a prescription's face is theirs


@dataclass(frozen=True)
class Evidence:
    """One thing that shows it. No health data: who may see the record sees more there."""

    label: str
    value: str
    url: str = ""


@dataclass(frozen=True)
class Offer:
    """One act that may put it right: its name, on what, and what of its form is filled in already. What the act's form asks
    besides, who does it fills in. `does` says what comes of it.

    `then` are acts that are done with it, in the same commit: (act, subject, inputs). `second` says why a second person has
    to agree. Not `within`: it is done on its own page, for it needs more than can be shown beside the cause.
    """

    act: str
    subject: str
    label: str
    does: str
    fields: Mapping[str, str] = field(default_factory=dict)
    then: Sequence[tuple[str, str, Mapping[str, Any]]] = ()
    second: str = ""
    within: bool = True

    @property
    def choice(self) -> str:
        """By which it is chosen: an act is offered once on each thing."""
        return f"{self.act}:{self.subject}"

    @property
    def acts(self) -> list[str]:
        return [self.act, *(act for act, _, _ in self.then)]


@dataclass(frozen=True)
class Waits:
    """Something is under way already: what, and where it can be seen. Doing more could do it twice."""

    says: str
    url: str


@dataclass(frozen=True)
class Found:
    """What a cause finds. `says` is one sentence for Sam, `who` has to move. Offers stand with the likeliest first."""

    says: str
    who: Fixer
    evidence: Sequence[Evidence]
    offers: Sequence[Offer]
    waits: Waits | None = None


@dataclass(frozen=True)
class Finding:
    """One of the causes as it stands now. `waits` is what is under way."""

    code: str
    title: str
    says: str
    who: Fixer
    evidence: Sequence[Evidence]
    offers: Sequence[Offer]
    waits: Waits | None

    @property
    def mover(self) -> str:
        """Who has to move, in words."""
        return WHO[self.who]

    def offer(self, choice: str | None) -> Offer | None:
        """The one that was chosen; the first that can be done in the wizard, where nobody chose."""
        if choice is None:
            return next((one for one in self.offers if one.within), None)
        return next((one for one in self.offers if one.choice == choice and one.within), None)


@dataclass(frozen=True)
class Cause:
    """`code` is that of the story file that finds it."""

    code: str
    title: str
    find: Callable[[Any], Found | None]
