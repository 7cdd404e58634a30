"""The real adapters over the sandbox in the same process: no sockets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import stripe
from flask import Flask
from requests.structures import CaseInsensitiveDict

from opsconsole.sandbox import AnswerLost, SandboxApp
from opsconsole.vendors._wire import Answer, NoAnswer


class WsgiClient(stripe.HTTPClient):
    """An HTTP client for StripeClient(http_client=...). A lost answer is the SDK's connection error."""

    name = "wsgi"

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._app = app

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        parts = urlsplit(url)
        client = self._app.test_client(use_cookies=False)
        try:
            answer = client.open(
                parts.path,
                query_string=parts.query,
                method=method.upper(),
                headers=dict(headers or {}),
                data=post_data,
            )
        except AnswerLost as lost:
            raise stripe.APIConnectionError("No answer came.", should_retry=True) from lost  # type: ignore[no-untyped-call]
        return answer.get_data(as_text=True), answer.status_code, CaseInsensitiveDict(answer.headers)

    def close(self) -> None:
        """Nothing is open."""


class WsgiWire:
    """The sandbox in this process as a wire."""

    def __init__(self, app: SandboxApp) -> None:
        self._app = app

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: Any = None) -> Answer:
        parts = urlsplit(url)
        try:
            answer = self._app.test_client(use_cookies=False).open(
                parts.path,
                base_url=f"{parts.scheme}://{parts.netloc}",
                query_string=parts.query,
                method=method,
                headers=dict(headers),
                data=body,
            )
        except AnswerLost as lost:
            raise NoAnswer(str(lost), sent=True) from None
        return Answer(answer.status_code, answer.headers, answer.get_data())
