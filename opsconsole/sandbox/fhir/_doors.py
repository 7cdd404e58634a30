"""The two doors of a FHIR server: one where a token is given out, one that a token opens."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote

from flask import Response, g, request

from .. import _door
from .._door import Door
from ._rest import A_SCOPE, MIME
from ._turn import Turn, refuse

TOKEN_SECONDS = 300


class FhirDoor(Door):
    """Opened by a bearer token that was given out here. It speaks application/fhir+json and nothing else; what is in a
    Binary is also given as it is."""

    def _opens(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        with self._turn() as turn:
            row = turn.db.execute("SELECT * FROM fhir_grants WHERE token = ?", (token,)).fetchone()
        if scheme != "Bearer" or row is None or row["until"] <= self._clock.now():
            return False
        g.scopes = frozenset(row["scopes"].split())
        return True

    def _given(self) -> dict[str, Any]:
        if not request.accept_mimetypes[MIME] and not self._reads_binary():
            raise refuse(406, "not_acceptable")
        if request.method == "GET":
            return {}
        if request.mimetype != MIME:
            raise refuse(415, "media_type")
        try:
            given = json.loads(request.get_data(), parse_constant=_no_number)
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise refuse(400, "invalid_request")
        return given

    def _answer(self, status: int, body: Mapping[str, Any]) -> Response:
        if status == 200 and body.get("resourceType") == "Binary" and self._reads_binary():
            answer = Response(
                base64.b64decode(body.get("data", "")), status, content_type=body["contentType"]
            )
        else:
            answer = Response(
                json.dumps(self._wanted(status, body)), status, content_type=f"{MIME}; charset=utf-8"
            )
        if (meta := body.get("meta")) and "versionId" in meta:
            answer.headers["ETag"] = f'W/"{meta["versionId"]}"'
            at = datetime.fromisoformat(meta["lastUpdated"])
            answer.headers["Last-Modified"] = formatdate(at.timestamp(), usegmt=True)
            if request.method == "POST":
                place = f"{body['resourceType']}/{body['id']}/_history/{meta['versionId']}"
                answer.headers["Location"] = f"{request.host_url.rstrip('/')}{self.prefix}/{place}"
            if request.method != "GET" and _prefers() == "minimal":
                answer.set_data(b"")
        return answer

    def _wanted(self, status: int, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if request.method == "GET" or status >= 400 or _prefers() != "OperationOutcome":
            return body
        issue = {"severity": "information", "code": "informational", "diagnostics": "Done."}
        return {"resourceType": "OperationOutcome", "issue": [issue]}

    def _reads_binary(self) -> bool:
        """https://hl7.org/fhir/R4/binary.html#rest: who does not ask for FHIR gets the content."""
        asked = request.headers.get("Accept", "")
        return (
            request.method == "GET"
            and request.path.startswith(f"{self.prefix}/Binary/")
            and MIME not in asked
        )


def _no_number(word: str) -> None:
    """Python would take NaN and Infinity for numbers; JSON has none."""
    raise ValueError(word)


def _prefers() -> str:
    """https://hl7.org/fhir/R4/http.html#ops: representation where nothing is said."""
    wishes = [wish.strip() for wish in request.headers.get("Prefer", "").split(";")]
    return next(
        (wish.removeprefix("return=") for wish in wishes if wish.startswith("return=")), "representation"
    )


class OAuthDoor(Door):
    """Open to everybody: what this server is, where a token is given out, and that place itself."""

    def _opens(self, authorization: str) -> bool:
        return True

    def _given(self) -> dict[str, Any]:
        return dict(request.args if request.method == "GET" else request.form)


def token(
    turn: Turn, given: Mapping[str, Any], client_id: str, client_secret: str, allowed: frozenset[str]
) -> dict[str, Any]:
    """POST /oauth2/token, https://www.rfc-editor.org/rfc/rfc6749#section-4.4. It opens what is asked for, as far as the
    client is `allowed` to and there is such a thing here."""
    if request.mimetype != "application/x-www-form-urlencoded":
        raise _door.Refusal(400, {"error": "invalid_request"})
    if given.get("grant_type") != "client_credentials":
        raise _door.Refusal(400, {"error": "unsupported_grant_type"})
    if set(given) - {"grant_type", "scope"}:
        raise _door.Refusal(400, {"error": "invalid_request"})
    ours = f"{client_id}:{client_secret}".encode()
    if not hmac.compare_digest(_basic(request.headers.get("Authorization", "")), ours):
        raise _door.Refusal(401, {"error": "invalid_client"})
    asked = frozenset(str(given.get("scope") or " ".join(allowed)).split())
    if not all(map(A_SCOPE.fullmatch, asked)):
        raise _door.Refusal(400, {"error": "invalid_scope"})
    granted = " ".join(sorted(asked & allowed))
    made = secrets.token_urlsafe(32)
    turn.db.execute("DELETE FROM fhir_grants WHERE until <= ?", (turn.now,))
    turn.db.execute("INSERT INTO fhir_grants VALUES (?, ?, ?)", (made, turn.now + TOKEN_SECONDS, granted))
    return {
        "access_token": made,
        "token_type": "bearer",
        "expires_in": TOKEN_SECONDS,
        "scope": granted,
    }


def _basic(authorization: str) -> bytes:
    scheme, _, coded = authorization.partition(" ")
    try:
        named = base64.b64decode(coded, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return b""
    return ":".join(map(unquote, named.split(":", 1))).encode() if scheme == "Basic" else b""


# How the door's own words read where a token is asked for.
_ERRORS = {"unauthorized": "invalid_client", "forbidden": "unauthorized_client", "not_found": "not_found"}


def refuse_token(status: int, code: str) -> _door.Refusal:
    return _door.Refusal(status, {"error": _ERRORS.get(code, "temporarily_unavailable")})
