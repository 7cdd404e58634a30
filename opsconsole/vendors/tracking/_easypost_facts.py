"""EasyPost's trackers, addresses and events in our words.

Enumerations are open: a status that was added since is `UNKNOWN`, marked as strange, with EasyPost's own word kept.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from .. import NotAuthentic, NotParseable
from .._asking import WrongShape, clean, object_in
from .._deliveries import kept, parse
from . import AddressFacts, ParcelState, PostalAddress, ScanFacts, TrackerFacts, TrackingDelivery, Verdict

# https://docs.easypost.com/docs/trackers, "status". What `status_detail` says more never decides.
STATES = {
    "unknown": ParcelState.UNKNOWN,
    "pre_transit": ParcelState.LABEL_CREATED,
    "in_transit": ParcelState.IN_TRANSIT,
    "out_for_delivery": ParcelState.OUT_FOR_DELIVERY,
    "delivered": ParcelState.DELIVERED,
    "available_for_pickup": ParcelState.PICKUP_READY,
    "return_to_sender": ParcelState.RETURNING,
    "failure": ParcelState.EXCEPTION,
    "error": ParcelState.EXCEPTION,
    "cancelled": ParcelState.VOIDED,
}

_SIGNATURE, _SCHEME = "x-hmac-signature", "hmac-sha256-hex="
_HEX = re.compile(r"hmac-sha256-hex=[0-9a-f]{64}")
_ID = re.compile(r"[a-z]+_[A-Za-z0-9]{1,100}")
_KIND = re.compile(r"[a-z][a-z0-9_.]{0,99}")
_WORD = re.compile(r"[\w .:/-]{0,60}")


# answers


def tracker(data: Mapping[str, Any]) -> TrackerFacts:
    """GET /v2/trackers/:id. Scans come in no order that is promised, so they are put in that of their instants."""
    raw, details = _word(data.get("status")), data.get("tracking_details")
    details = [] if details is None else details
    if not isinstance(details, list):
        raise WrongShape("tracking_details is no list")
    scans = sorted(map(_scan, details), key=lambda scan: (scan.occurred_at, scan.raw_status, scan.place))
    promised, updated = _instant(data.get("est_delivery_date")), _instant(data.get("updated_at"))
    return TrackerFacts(
        id=_id(data, "trk_"),
        carrier=_text(data.get("carrier"), 60),
        tracking_code=_text(data.get("tracking_code"), 100),
        state=STATES.get(raw, ParcelState.UNKNOWN),
        raw_status=raw,
        scans=tuple(scans),
        detail=_word(data.get("status_detail")),
        strange=raw not in STATES,
        promised_on=promised.date() if promised else None,
        updated_at=updated,
    )


def _scan(detail: Any) -> ScanFacts:
    if not isinstance(detail, dict):
        raise WrongShape("a scan is no object")
    at, raw = _instant(detail.get("datetime")), _word(detail.get("status"))
    if at is None:
        raise WrongShape("a scan without an instant")
    where = detail.get("tracking_location") or {}
    if not isinstance(where, dict):
        raise WrongShape("a place is no object")
    return ScanFacts(
        occurred_at=at,
        state=STATES.get(raw, ParcelState.UNKNOWN),
        raw_status=raw,
        detail=_word(detail.get("status_detail")),
        words=_text(detail.get("message"), 200),
        place=", ".join(filter(None, (_text(where.get(name), 60) for name in ("city", "state", "country")))),
        strange=raw not in STATES,
    )


def page(data: Mapping[str, Any]) -> tuple[list[TrackerFacts], bool]:
    """GET /v2/trackers: the trackers of a page, and whether there are more."""
    found, more = data.get("trackers"), data.get("has_more")
    if not isinstance(found, list) or not isinstance(more, bool):
        raise WrongShape("not a page of trackers")
    return [tracker(one) for one in map(object_in, found)], more


def address(data: Mapping[str, Any], *, asked: PostalAddress) -> AddressFacts:
    """POST /v2/addresses with `verify`: what the verification of delivery found."""
    _id(data, "adr_")
    found = object_in(object_in(data.get("verifications")).get("delivery"))
    success = found.get("success")
    if not isinstance(success, bool):
        raise WrongShape("a verification without its outcome")
    if not success:
        return AddressFacts(Verdict.UNVERIFIABLE, words=_said(found.get("errors")), asked=asked)
    names = {"line1": "street1", "line2": "street2", "city": "city", "state": "state", "zip": "zip"}
    told = {ours: _text(data.get(theirs), 100) for ours, theirs in names.items()}
    normal = PostalAddress(**told, country=_text(data.get("country"), 2) or asked.country)
    same = _plain(normal) == _plain(asked)
    return AddressFacts(Verdict.VERIFIED if same else Verdict.CORRECTED, normal, asked=asked)


def _plain(address: PostalAddress) -> tuple[str, ...]:
    """What two writings of one address share. Four digits that the post adds to a ZIP correct nothing."""
    parts = (address.line1, address.line2, address.city, address.state, address.zip[:5])
    return tuple(" ".join(part.casefold().split()) for part in parts)


def _said(errors: Any) -> str:
    found = [
        one.get("message") for one in (errors if isinstance(errors, list) else []) if isinstance(one, dict)
    ]
    return clean(" ".join(word for word in found if isinstance(word, str)))[:300] or "No reason was given."


def _id(data: Mapping[str, Any], prefix: str) -> str:
    id = data.get("id")
    if not isinstance(id, str) or not _ID.fullmatch(id) or not id.startswith(prefix):
        raise WrongShape("an object without its id")
    return id


def _word(value: Any) -> str:
    """A status as EasyPost writes it, whatever it will think of next."""
    if value is None:
        return ""
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise WrongShape("an odd status")
    return value


def _text(value: Any, longest: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise WrongShape("not text")
    return clean(value)[:longest]


def _instant(value: Any) -> datetime | None:
    """ISO 8601, in UTC where it does not say; None for none."""
    if value is None or value == "":
        return None
    try:
        read = datetime.fromisoformat(value)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise WrongShape("an odd instant") from None


# webhooks


def key_of(secret: str) -> bytes:
    """EasyPost signs with the secret in its compatibility decomposition (its own clients do the same)."""
    return unicodedata.normalize("NFKD", secret).encode()


def check_signature(body: bytes, headers: Mapping[str, str], keys: Sequence[bytes]) -> None:
    """Raises NotAuthentic unless one of the keys signed these bytes: https://docs.easypost.com/guides/webhooks-guide"""
    found = [value for name, value in headers.items() if name.lower() == _SIGNATURE]
    if len(found) != 1 or not _HEX.fullmatch(found[0]):
        raise NotAuthentic(f"There is not exactly one sound {_SIGNATURE} header.")
    genuine = False
    for key in keys:
        expected = _SCHEME + hmac.digest(key, body, "sha256").hex()
        genuine |= hmac.compare_digest(expected.encode(), found[0].encode())
    if not genuine:
        raise NotAuthentic("No signature matches.")


def delivery(body: bytes) -> TrackingDelivery:
    """An Event as a TrackingDelivery. Raises NotParseable."""
    event = parse(body)
    kind, id = event.get("description"), kept(event.get("id"))
    if not isinstance(kind, str) or not _KIND.fullmatch(kind) or not id or not _ID.fullmatch(id):
        raise NotParseable("The event's id or description is missing or odd.")
    try:
        at = _instant(event.get("created_at"))
    except WrongShape:
        at = None
    if at is None:
        raise NotParseable("The event's instant is missing or odd.")
    result = event.get("result")
    object_id = kept(result.get("id")) if isinstance(result, dict) else None
    about = "tracker" if kind.startswith("tracker.") and object_id else "other"
    return TrackingDelivery(id, kind, about, object_id, at, body)
