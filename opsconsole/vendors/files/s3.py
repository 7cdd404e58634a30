"""The files port over S3 and what speaks like it: PUT and GET of single objects, signed by AWS Signature Version 4.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from .. import Unavailable
from .._wire import Answer, Exchange, NoAnswer, Wire, deadline

_NAME = re.compile(r"[A-Za-z0-9_]+(\.[a-z0-9]+)?")
_SECONDS = 20.0


class S3:
    """`endpoint` is https://host, `bucket` is named in the path. What is kept is sealed before it gets here."""

    name = "s3"

    def __init__(
        self,
        *,
        endpoint: str,
        bucket: str,
        region: str,
        key: str,
        secret: str,
        prefix: str = "",
        wire: Exchange | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._endpoint, self._bucket, self._prefix = endpoint.rstrip("/"), bucket, prefix.strip("/")
        self._region, self._key, self._secret = region, key, secret
        self._wire = wire or Wire(body_limit=16 * 1024 * 1024)
        self._now = now

    def put(self, name: str, content: bytes) -> None:
        answer = self._ask("PUT", name, content)
        if answer.status != 200:
            raise _failure(answer)

    def get(self, name: str) -> bytes | None:
        answer = self._ask("GET", name)
        if answer.status == 404:
            return None
        if answer.status != 200:
            raise _failure(answer)
        return answer.body

    def health(self) -> Mapping[str, Any]:
        reachable, words = True, "Files can be kept."
        try:
            self.get("health")
        except Unavailable as failure:
            reachable, words = failure.http_status is not None, failure.words
        return {"base_url": self._endpoint, "reachable": reachable, "words": words, "sandbox": False}

    def _ask(self, method: str, name: str, content: bytes = b"") -> Answer:
        if not _NAME.fullmatch(name):
            raise ValueError("This is no name that we give to files.")
        path = "/" + quote("/".join(filter(None, (self._bucket, self._prefix, name))))
        headers = self._signed(method, path, content)
        try:
            with deadline(_SECONDS):
                return self._wire.exchange(method, self._endpoint + path, headers, content or None)
        except NoAnswer as failure:
            words = "The store of files does not answer."
            raise Unavailable(words, maybe_done=failure.sent, code="no_answer") from None

    def _signed(self, method: str, path: str, content: bytes, query: str = "") -> dict[str, str]:
        at = self._now().astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        digest = hashlib.sha256(content).hexdigest()
        signed = {"host": urlsplit(self._endpoint).netloc, "x-amz-content-sha256": digest, "x-amz-date": at}
        names = ";".join(signed)
        lines = [
            method,
            path,
            query,
            *(f"{name}:{value}" for name, value in signed.items()),
            "",
            names,
            digest,
        ]
        scope = f"{at[:8]}/{self._region}/s3/aws4_request"
        asked = "\n".join(
            ["AWS4-HMAC-SHA256", at, scope, hashlib.sha256("\n".join(lines).encode()).hexdigest()]
        )
        key = f"AWS4{self._secret}".encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, asked.encode(), "sha256").hex()
        authorization = (
            f"AWS4-HMAC-SHA256 Credential={self._key}/{scope},SignedHeaders={names},Signature={signature}"
        )
        return {"Authorization": authorization, "x-amz-content-sha256": digest, "x-amz-date": at}


def _failure(answer: Answer) -> Unavailable:
    if answer.status in (401, 403):
        words = "The store of files refuses our key."
        return Unavailable(
            words, maybe_done=False, code="credentials", credentials=True, http_status=answer.status
        )
    words = f"The store of files had an error (HTTP {answer.status})."
    return Unavailable(words, maybe_done=True, code="server_error", http_status=answer.status)
