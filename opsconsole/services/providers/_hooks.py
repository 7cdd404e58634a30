"""Who wants to know when the healthcare system has told of a prescriber: what stands above providers."""

from __future__ import annotations

from collections.abc import Callable

from ...models import Provider

Hook = Callable[[Provider], None]
_when_settled: list[Hook] = []


def when_settled(hook: Hook) -> Hook:
    """Mark what is called, within the act that took it in, when the healthcare system told of a prescriber."""
    _when_settled.append(hook)
    return hook


def settled(provider: Provider) -> None:
    for hook in _when_settled:
        hook(provider)
