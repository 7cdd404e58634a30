"""What opens the sandbox's two pharmacies, and what the one that signs signs with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PharmacyKeys:
    truepill: str = field(default="truepill_sandbox", repr=False)
    honeybee: str = field(default="honeybee_sandbox", repr=False)
    honeybee_webhook_secret: str = field(default="honeybee_signing_sandbox", repr=False)

    @classmethod
    def of_environment(cls, environ: Mapping[str, str]) -> PharmacyKeys:
        """PHARMACY_*, as the console reads them; what is not set is the sandbox's own."""
        named = {
            "truepill": environ.get("PHARMACY_TRUEPILL_API_KEY"),
            "honeybee": environ.get("PHARMACY_HONEYBEE_API_KEY"),
            "honeybee_webhook_secret": environ.get("PHARMACY_HONEYBEE_WEBHOOK_SECRET"),
        }
        return cls(**{name: value for name, value in named.items() if value})
