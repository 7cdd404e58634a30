"""Answers no vendor should give: what a broken proxy or a bad day puts in the place of JSON."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from typing import Any

from flask import Response

from ._faults import Fault

HTML = "<!doctype html><title>Service</title><h1>We will be right back</h1>"
CHUNK = b'{"padding": "' + b" " * 65536


def spoil(fault: Fault, status: int, body: str) -> Response:
    """The answer of this profile. `huge` and `gzip_bomb` have `fault.bytes`, `drip` sends a byte a second."""
    if fault.profile == "html200":
        return Response(HTML, 200, content_type="text/html")
    if fault.profile == "redirect":
        return Response("", 302, {"Location": "http://169.254.169.254/latest/meta-data/"})
    if fault.profile == "huge":
        return Response(_endless(fault.bytes), 200, content_type="application/json")
    if fault.profile == "gzip_bomb":
        return _gzip_bomb(fault.bytes)
    if fault.profile == "drip":
        return Response(_drip(body.encode(), fault.seconds), status, content_type="application/json")
    text = {"bad_json": '{"id": "re_', "null": "null", "list": "[]", "nan": "NaN"}.get(fault.profile)
    if text is None:
        text = json.dumps(_twisted(json.loads(body), fault.profile))
    return Response(text, 200, content_type="application/json")


def _twisted(answer: dict[str, Any], profile: str) -> dict[str, Any]:
    if answer.get("object") == "list":
        return {**answer, "data": [_twisted(item, profile) for item in answer["data"]]}
    if profile == "missing_id":
        return {name: value for name, value in answer.items() if name != "id"}
    return {name: _other_type(value) for name, value in answer.items()}


def _other_type(value: Any) -> Any:
    return [value] if isinstance(value, (str, int, bool)) or value is None else "not an object"


def _endless(size: int) -> Iterator[bytes]:
    for _ in range(0, size, len(CHUNK)):
        yield CHUNK


def _gzip_bomb(size: int) -> Response:
    """Small on the wire, `size` bytes once unpacked."""
    packed = gzip.compress(b" " * min(size, 2**28), 9)
    return Response(packed, 200, {"Content-Encoding": "gzip"}, content_type="application/json")


def _drip(body: bytes, seconds: float) -> Iterator[bytes]:
    for byte in body:
        yield bytes([byte])
        time.sleep(seconds)
