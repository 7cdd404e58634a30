"""What a FHIR server tells of changes: by rest-hook with a payload, or in a list that is asked for."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from .. import NotAuthentic, NotParseable
from .._asking import WrongShape
from .._deliveries import kept, parse
from . import HealthcareDelivery
from ._fhir_elements import ID, instant

#: The kinds of records of which the list of changes tells, one after the other.
KINDS = (
    "Patient", "Practitioner", "Encounter", "Questionnaire", "QuestionnaireResponse", "MedicationRequest",
    "MedicationDispense", "Task", "Flag",
)  # fmt: skip
_SIGNATURE = "x-signature"
_HEX = re.compile(r"[0-9a-f]{64}")
_TYPE = re.compile(r"[A-Z][A-Za-z]{0,63}")


def check_signature(body: bytes, headers: Mapping[str, str], keys: Sequence[bytes]) -> None:
    """Raises NotAuthentic unless one of the keys signed these bytes: X-Signature is the HMAC-SHA256 in hex."""
    found = [value for name, value in headers.items() if name.lower() == _SIGNATURE]
    if len(found) != 1 or not _HEX.fullmatch(found[0]):
        raise NotAuthentic(f"There is not exactly one sound {_SIGNATURE} header.")
    genuine = False
    for key in keys:
        genuine |= hmac.compare_digest(hmac.digest(key, body, "sha256").hex().encode(), found[0].encode())
    if not genuine:
        raise NotAuthentic("No signature matches.")


def delivery(body: bytes, now: datetime) -> HealthcareDelivery:
    """What a rest-hook with a payload sends: the resource itself. Raises NotParseable."""
    return _told(parse(body), body, now)


def listed(resources: Sequence[Mapping[str, Any]]) -> list[HealthcareDelivery]:
    """Resources of one page as if each had been told of, the oldest first."""
    now = datetime.now(UTC)
    try:
        found = [_told(one, json.dumps(one).encode(), now) for one in resources]
    except NotParseable:
        raise WrongShape("an entry that is no resource") from None
    return sorted(found, key=lambda one: one.occurred_at)


def _told(data: Mapping[str, Any], body: bytes, now: datetime) -> HealthcareDelivery:
    """A rest-hook has no id of its own: a version of a record is told of once, and what has none by its bytes."""
    kind, id, meta = data.get("resourceType"), kept(data.get("id")), data.get("meta", {})
    if not isinstance(kind, str) or not _TYPE.fullmatch(kind) or not isinstance(meta, dict):
        raise NotParseable("This is no FHIR resource.")
    if id is not None and not ID.fullmatch(id):
        raise NotParseable("The resource's id is odd.")
    version = kept(meta.get("versionId"))
    named = id and version and ID.fullmatch(version)
    try:
        at = instant(meta.get("lastUpdated"))
    except WrongShape:
        raise NotParseable("The resource's instant is odd.") from None
    return HealthcareDelivery(
        external_id=f"{kind}/{id}/{version}" if named else f"sha256:{hashlib.sha256(body).hexdigest()}",
        kind=kind,
        about=kind.lower(),
        object_id=id,
        occurred_at=at or now,
        body=body,
    )
