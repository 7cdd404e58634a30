"""Getting in by OAuth2 client credentials: a token is asked for once and used until a minute before it ends."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

from .. import Unavailable
from .._asking import Failures, json_of
from .._wire import Answer, Exchange, NoAnswer, is_loopback

#: What is read there; what is written too is marked.
_KINDS = {
    "Patient": True, "Practitioner": False, "PractitionerRole": False, "MedicationRequest": True, "Medication": False,
    "MedicationDispense": False, "Task": True, "Encounter": True, "Questionnaire": True,
    "QuestionnaireResponse": False, "Binary": False, "Flag": False,
}  # fmt: skip
SCOPE = " ".join(
    f"system/{kind}.{may}" for kind, writes in _KINDS.items() for may in ("read", "write")[: 1 + writes]
)
_GRANT = re.compile(r"system/(\*|[A-Za-z]+)\.([a-z]+|\*)(?:\?.*)?")
_WITHOUT = ("PractitionerRole.read", "Medication.read")  # only where a reference leads to them
EARLY = 60  # seconds before its end at which a token is used no more
USUAL = 300  # seconds that a token is good for when nobody says how long

FAILURES = Failures(
    "The healthcare system",
    keys="credentials",
    forbids="Our credentials may not do this at the healthcare system.",
)


class Token:
    """The bearer token of one client. Where it is asked for stands in SMART's configuration of the server.

    https://hl7.org/fhir/smart-app-launch/conformance.html, https://www.rfc-editor.org/rfc/rfc6749#section-4.4
    """

    def __init__(
        self, base: str, client_id: str, client_secret: str, wire: Exchange, now: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        self._base, self._wire, self._now = base, wire, now
        named = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
        self._basic = f"Basic {base64.b64encode(named.encode()).decode()}"
        self._named = {"client_id": client_id, "client_secret": client_secret}
        self._in_body = False  # the server wants the credentials there, and says so
        self._known: tuple[str, float] | None = None
        self._granted = ""
        self._endpoint: str | None = None

    def header(self) -> str:
        """The Authorization header for a call. Raises Unavailable."""
        token, until = self._known or ("", 0.0)
        if not token or self._now() >= until:
            asked_at = self._now()
            token, seconds = self._asked()
            self._known = (token, asked_at + max(seconds - EARLY, 0))
        return f"Bearer {token}"

    def lacks(self) -> list[str]:
        """What we need and the last token does not allow, as "Task.write"; nothing where that was not told."""
        granted = [one for one in map(_GRANT.fullmatch, self._granted.split()) if one]
        may = {(one[1], right) for one in granted for right in _rights(one[2])}
        needed = [one for one in SCOPE.replace("system/", "").split() if granted and one not in _WITHOUT]
        return [one for one in needed if not {tuple(one.split(".")), ("*", one.split(".")[1])} & may]

    def forget(self) -> None:
        """It was refused: the next call asks for another, and where to ask."""
        self._known = self._endpoint = None
        self._granted = ""

    def _asked(self) -> tuple[str, float]:
        where = self._where()
        answer = self._ask(where, SCOPE)
        if answer.status == 400 and _told(answer).get("error") == "invalid_scope":
            answer = self._ask(where, None)  # it names scopes otherwise, and gives what this client has
        told = _told(answer)
        if answer.status in (400, 401, 403):  # invalid_client, unauthorized_client …
            raise Unavailable(
                "The healthcare system refuses our credentials.", maybe_done=False, code="credentials",
                credentials=True, http_status=answer.status,
            )  # fmt: skip
        token, seconds = told.get("access_token"), told.get("expires_in", USUAL)
        good = isinstance(token, str) and token.isascii() and token.isprintable() and " " not in token
        if answer.status != 200 or not token or not good:
            raise _failed(f"It gave no token (HTTP {answer.status}).", http_status=answer.status)
        self._granted = str(told.get("scope") or "")
        return token, float(seconds) if isinstance(seconds, int | float) else float(USUAL)

    def _ask(self, where: str, scope: str | None) -> Answer:
        asked = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        asked |= self._named if self._in_body else {}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if not self._in_body:
            headers["Authorization"] = self._basic
        return self._exchange("POST", where, headers, urlencode(asked).encode())

    def _where(self) -> str:
        """The token endpoint that the server names; its usual place when it names none."""
        if self._endpoint is None:
            url = f"{self._base}/.well-known/smart-configuration"
            answer = self._exchange("GET", url, {"Accept": "application/json"})
            if answer.status >= 500 or answer.status == 429:
                raise _failed(
                    f"It does not tell how to get in (HTTP {answer.status}).", http_status=answer.status
                )
            told = _told(answer) if answer.status == 200 else {}
            named, ways = told.get("token_endpoint"), told.get("token_endpoint_auth_methods_supported")
            ways = ways if isinstance(ways, list) else []
            self._in_body = "client_secret_post" in ways and "client_secret_basic" not in ways
            usual = f"{self._base}/oauth2/token"
            self._endpoint = urljoin(f"{self._base}/", named) if isinstance(named, str) and named else usual
        parts = urlsplit(self._endpoint)
        if (
            parts.scheme != "https"
            and not is_loopback(parts.hostname)
            and parts.netloc != urlsplit(self._base).netloc
        ):
            self._endpoint = None
            raise _failed("It would have us send our secret over plain HTTP.")
        return self._endpoint or ""

    def _exchange(self, method: str, url: str, headers: Mapping[str, str], body: Any = None) -> Answer:
        try:
            return self._wire.exchange(method, url, headers, body)
        except NoAnswer as failure:
            raise FAILURES.silence(failure, changes=False) from None


def _rights(granted: str) -> set[str]:
    """As SMART 1 writes them, or as SMART 2 does: cruds, of which some letters may be left out."""
    if granted in ("read", "write"):
        return {granted}
    if granted == "*":
        return {"read", "write"}
    return {right for right, letters in (("read", "r"), ("write", "cu")) if {*letters} & {*granted}}


def _failed(words: str, **told: Any) -> Unavailable:
    return Unavailable(
        f"The healthcare system did not let us in. {words}", maybe_done=False, code="no_token", **told
    )


def _told(answer: Answer) -> Mapping[str, Any]:
    told = json_of(answer.body)
    return told if isinstance(told, dict) else {}
