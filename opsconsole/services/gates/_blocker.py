"""One reason why something may not leave, and what opens the way."""

from __future__ import annotations

from dataclasses import dataclass

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
    anything but wait."""

    code: str
    gate: str
    says: str
    who: Holder
    fix: Fix | None = None
