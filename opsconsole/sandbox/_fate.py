"""What becomes of a fill at a sandbox pharmacy. The second line of its address decides, when it is one of these:

    FATE ERROR R022         it cannot be filled; any error code
    FATE TRIAGE T005        staff resolves something for a day, then goes on
    FATE EXCEPTION OOS      it waits for an answer (a pharmacy without exceptions triages it)
    FATE STATUS NewStatusX  a status that nobody has told of
    FATE DUPLICATE          the same order comes in twice, and the second one is refused
    FATE STALL              it stays as it was taken in
    FATE NEVER              it is canceled by the pharmacy

Every other fill is checked within seconds, made up within the hour and shipped the same day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

CHECKED, MAKING, SHIPPING, ARRIVING = 5.0, 600.0, 6 * 3600.0, 60 * 3600.0  # seconds after the step before
RESOLVING = 24 * 3600.0  # what staff needs
MARK = "FATE "
KINDS = ("ERROR", "TRIAGE", "EXCEPTION", "STATUS", "DUPLICATE", "STALL", "NEVER")


@dataclass(frozen=True)
class Fate:
    """`kind` is one of KINDS or "" for a fill that nothing happens to; `word` is its code or status."""

    kind: str = ""
    word: str = ""

    @classmethod
    def of(cls, address: Mapping[str, object], line: str) -> Fate:
        said = str(address.get(line) or "")
        if not said.startswith(MARK):
            return cls()
        kind, _, word = said.removeprefix(MARK).strip().partition(" ")
        return cls(kind, word) if kind in KINDS else cls()


def tracking_number(seq: int) -> str:
    """A UPS number of this parcel, with its check digit: letters count (code - 3) % 10, weights are 1 and 2."""
    body = f"5R893903{seq % 10_000_000:07d}"
    digits = [int(c) if c.isdigit() else (ord(c) - 3) % 10 for c in body]
    total = sum(digit * (2 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"1Z{body}{-total % 10}"
