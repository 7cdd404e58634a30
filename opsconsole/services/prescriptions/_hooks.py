"""Who wants to know when a prescription has changed: what stands above prescriptions."""

from __future__ import annotations

from collections.abc import Callable

from ...models import Prescription

Hook = Callable[[Prescription, str | None], None]
_when_settled: list[Hook] = []


def when_settled(hook: Hook) -> Hook:
    """Mark what is called, within the act that took it in, when the healthcare system told of a prescription and it changed
    here: with the prescription, and its status before (None when it is new)."""
    _when_settled.append(hook)
    return hook


def settled(prescription: Prescription, before: str | None) -> None:
    for hook in _when_settled:
        hook(prescription, before)
