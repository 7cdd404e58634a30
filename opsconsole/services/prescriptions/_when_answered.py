"""What is done when it is known how a question about a prescription ends, by those who stand above prescriptions."""

from __future__ import annotations

from collections.abc import Callable

from ...models import PrescriptionRequest

WhenAnswered = Callable[[PrescriptionRequest], None]
_done: list[WhenAnswered] = []


def when_answered(do: WhenAnswered) -> WhenAnswered:
    """Mark what is done, in the same commit, when a request got an answer: confirmed, denied, failed or declined. It refuses
    nothing: the pharmacy has the last word. The request is locked."""
    _done.append(do)
    return do


def answered(request: PrescriptionRequest) -> None:
    for do in _done:
        do(request)
