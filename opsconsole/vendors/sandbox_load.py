"""Putting many objects into the sandbox at once. Only demo data and benchmarks do it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

TRIES = 6
PATIENCE = 120  # seconds for one answer
_direct = build_opener(ProxyHandler({}))  # the sandbox is on this machine or next to it


class NotLoaded(Exception):
    """The sandbox did not take the objects; the sentence says why."""


def load(
    sandbox_url: str, objects: Iterable[Mapping[str, Any]] | bytes, vendor: str = "stripe"
) -> dict[str, int]:
    """Load Stripe's customers and payments, Customer.io's people, EasyPost's trackers, FHIR resources or a pharmacy's
    orders, given as objects or as their JSON lines; returns {"loaded": n, "unchanged": n}.

    What is there already stays as it is, so that a load whose answer was lost is simply sent again.
    Raises NotLoaded.
    """
    body = objects if isinstance(objects, bytes) else "\n".join(map(json.dumps, objects)).encode()
    url = f"{sandbox_url}/_sandbox/{vendor}/load"
    request = Request(url, body, {"Content-Type": "application/x-ndjson"})
    for tries in range(1, TRIES + 1):
        try:
            with _direct.open(request, timeout=PATIENCE) as answer:
                return dict(json.load(answer))
        except HTTPError as refusal:
            if refusal.code < 500:
                raise NotLoaded(
                    f"The sandbox refuses the demo data: {refusal.read().decode()[:300]}"
                ) from None
            problem: Exception = refusal
        except (OSError, HTTPException, ValueError) as failure:
            problem = failure
        if tries < TRIES:
            time.sleep(0.2 * 2**tries)
    raise NotLoaded(f"The sandbox at {sandbox_url} does not answer ({problem}).")
