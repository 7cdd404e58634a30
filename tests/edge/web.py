"""The real web process on its own, and what slow clients do to it."""

from __future__ import annotations

from ..webhooks.test_slow_clients import web

__all__ = ["web"]
