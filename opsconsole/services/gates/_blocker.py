"""One reason why something may not leave, and what opens the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...models import GateOverride
from ..orders import Holder


@dataclass(frozen=True)
class Fix:
    """`act` is an act's name or "" for a page to look at, `url` where it is done, `label` what its link says."""

    act: str
    url: str
    label: str


@dataclass(frozen=True)
class Blocker:
    """`gate` is the gate that it keeps closed, `says` is for Sam, `who` has to move. `fix` is None where nobody here can do
    anything but wait. `override` is the clinician's word by which it closes nothing any more; None while it does."""

    code: str
    gate: str
    says: str
    who: Holder
    fix: Fix | None = None
    override: GateOverride | None = None

    @property
    def as_json(self) -> dict[str, Any]:
        """{"code", "gate", "says", "who", "fix": {"act", "url", "label"} or None}: as programs are told of it."""
        fix = (
            {"act": self.fix.act or None, "url": self.fix.url, "label": self.fix.label} if self.fix else None
        )
        return {"code": self.code, "gate": self.gate, "says": self.says, "who": self.who.value, "fix": fix}
