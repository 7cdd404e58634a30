"""The healthcare port over a FHIR R4 server: https://hl7.org/fhir/R4/http.html

FHIR has no idempotency keys: a change names the version it was made from (If-Match), and before anything is written the
patient is read. `docs/vendors/healthcare.md` tells what that means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from .. import Call, Declined, Unavailable
from .._asking import WrongShape, health
from .._wire import DEADLINE_SECONDS, Answer, Exchange, NoAnswer, Wire, deadline
from . import HealthcareDelivery, HealthcarePage, PatientFacts, PostalAddress
from . import _fhir_facts as facts
from ._token import FAILURES, Token

MIME = "application/fhir+json"
PAGE = 100  # patients of one list
LARGEST = 8 * 1024 * 1024  # bytes of an answer: a page of patients, each with all that is kept of them
TRIES = 3  # of one attempt, while others change the same patient
CONFLICT = (409, 412)


class Fhir:
    """Several `webhook_secrets` are accepted at once, for rolling one. `wire` and `seconds` (the deadline of one port
    method) are there for tests."""

    name = "fhir"

    def __init__(
        self,
        *,
        base_url: str,
        client_id: str,
        client_secret: str,
        webhook_secrets: Sequence[str],
        wire: Exchange | None = None,
        seconds: float = DEADLINE_SECONDS,
    ) -> None:
        if not all(webhook_secrets):
            raise ValueError("A webhook secret is empty: anybody could sign with it.")
        self._base = base_url.rstrip("/")
        self._wire = wire or Wire(LARGEST)
        self._token = Token(self._base, client_id, client_secret, self._wire)
        self._keys = tuple(secret.encode() for secret in webhook_secrets)
        self._seconds = seconds

    # patients

    def fetch_patient(self, id: str) -> PatientFacts | None:
        """GET [base]/Patient/[id]"""
        if not facts.ID.fullmatch(id):
            return None
        with deadline(self._seconds):
            try:
                return _patient(self._ask("GET", _place(id)))
            except Declined as no:
                if no.http_status in (404, 410):
                    return None
                raise

    def change_address(self, call: Call, *, patient: str, ship_to: Mapping[str, str]) -> PatientFacts:
        """PUT [base]/Patient/[id] of what was just read, with If-Match. When somebody was faster it is read again, so
        that their change stays."""
        if not facts.ID.fullmatch(patient):
            raise Declined("not-found", "The healthcare system can have no patient of this id.")
        request = call.pin({"patient": patient, "address": PostalAddress.of(ship_to).as_json})
        wanted = PostalAddress.of(request["address"])
        with deadline(self._seconds):
            for _ in range(TRIES):
                read = self._ask("GET", _place(patient))
                now = _patient(read)
                if facts.stands(now, wanted):
                    return now
                changed = self._put(patient, facts.moved(read.body.decode(), wanted), now.version)
                if changed:
                    return changed
        words = "Others are changing this patient just now."
        raise Unavailable(words, maybe_done=False, code="conflict", http_status=412)

    def _put(self, patient: str, text: str, version: str) -> PatientFacts | None:
        """None when the patient has another version by now."""
        headers = {"Content-Type": MIME, "If-Match": f'W/"{version}"', "Prefer": "return=representation"}
        answer = self._ask("PUT", _place(patient), headers=headers, body=text.encode(), allowed=CONFLICT)
        if answer.status in CONFLICT:
            return None
        if not answer.body.strip():  # done, and nothing told of it
            answer = self._ask("GET", _place(patient))
        return _patient(answer, changes=True)

    # what it tells us

    def events(self, *, since: int, after: str | None = None) -> HealthcarePage:
        """GET [base]/Patient?_lastUpdated=gt…, oldest first; then where the Bundle's next link leads."""
        start = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = urlencode({"_lastUpdated": f"gt{start}", "_sort": "_lastUpdated", "_count": str(PAGE)})
        with deadline(self._seconds):
            answer = self._ask("GET", after or f"/Patient?{query}")
        try:
            found, link = facts.page(answer.body.decode("utf-8", "replace"))
            return HealthcarePage(tuple(found), self._inside(link) if link else None)
        except WrongShape as wrong:
            raise FAILURES.nonsense(str(wrong), changes=False) from None

    def _inside(self, link: str) -> str:
        """The part of a link behind our base, where it is asked for whichever host it names: our token goes nowhere
        else."""
        parts, base = urlsplit(link), urlsplit(self._base).path
        path = parts.path if parts.path.startswith("/") else f"{base}/{parts.path}"
        if path != base and not path.startswith(f"{base}/"):
            raise WrongShape("the next page is elsewhere")
        return path.removeprefix(base) + (f"?{parts.query}" if parts.query else "")

    def read(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> HealthcareDelivery:
        facts.check_signature(body, headers, self._keys)
        return facts.delivery(body, now)

    def health(self) -> Mapping[str, Any]:
        """GET [base]/metadata with a fresh token: so it also tells whether we get in, and reads nobody's record."""
        self._token.forget()
        return health(
            FAILURES.label, [self._base], lambda: self._ask("GET", "/metadata"), self._seconds, paths=True
        )

    # asking

    def _ask(
        self, method: str, target: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None,
        allowed: Sequence[int] = (),
    ) -> Answer:  # fmt: skip
        """The answer to one request that went well, or whose status is `allowed`. A token that is refused is renewed
        once. Every failure leaves here as one of the port's two."""
        changes = method != "GET"
        answer = self._answer(method, target, headers or {}, body)
        if answer.status == 401:
            self._token.forget()
            answer = self._answer(method, target, headers or {}, body)
        if answer.status in (200, 201, 204) or answer.status in allowed:
            return answer
        raise _failure(answer, changes=changes)

    def _answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        sent = {"Authorization": self._token.header(), "Accept": MIME, **headers}
        try:
            return self._wire.exchange(method, self._base + target, sent, body)
        except NoAnswer as failure:
            raise FAILURES.silence(failure, changes=method != "GET") from None


def _place(id: str) -> str:
    return f"/Patient/{quote(id, safe='')}"


def _patient(answer: Answer, *, changes: bool = False) -> PatientFacts:
    try:
        return facts.patient(answer.body.decode(), answer.headers.get("ETag") or "")
    except (WrongShape, UnicodeDecodeError) as wrong:
        what = str(wrong) if isinstance(wrong, WrongShape) else "not UTF-8"
        raise FAILURES.nonsense(what, changes=changes) from None


# failures


def _failure(answer: Answer, *, changes: bool) -> Unavailable | Declined:
    if told := FAILURES.status(answer, changes=changes):
        return told
    status = answer.status
    if said := facts.refusal(answer.body):
        return Declined(*said, http_status=status)
    if status in (404, 410):
        return Declined("not-found", "The healthcare system has no such patient.", http_status=status)
    return FAILURES.nonsense(f"HTTP {status}", changes=changes, http_status=status)
