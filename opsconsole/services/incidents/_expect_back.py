"""What a vendor told somebody about when it will be back."""

from __future__ import annotations

from datetime import datetime

from ... import vendors
from ...lib.refusal import Refused
from ...models import Incident, IncidentStatus
from .._act import act, performing, say
from .._actor import Actor
from ._open import expected


class AlreadyBack(Refused):
    """It is back, or on its way."""


@act
def expect_back(incident_id: str, *, expected_back_at: datetime | None, words: str, by: Actor) -> Incident:
    """Write down when the vendor expects to be back, None if it cannot say, and in its words. It is shown wherever the
    incident is; nothing is done when the moment comes. Raises Invalid, AlreadyBack."""
    expected(expected_back_at, performing().now)
    incident = Incident.lock(incident_id)
    name = vendors.system_of(incident.port).name
    if incident.status != IncidentStatus.OPEN:
        raise AlreadyBack(f"{name} is back already.")
    incident.expected_back_at = expected_back_at
    incident.expected_words = words
    when = f"{expected_back_at:%-d %b, %H:%M} UTC" if expected_back_at else "a time nobody knows"
    say(f"{name} is expected back at {when}")
    return incident
