"""What is set for all that happens from now on: what pharmacies answer, and what the client is allowed."""

from __future__ import annotations

from ._turn import Turn

#: dial -> what it can be set to, the usual first; None takes any words
DIALS: dict[str, tuple[str, ...] | None] = {
    "transmit": ("yes", "no"),
    "transmit_answer": ("verified", "rejected_601", "rejected_900", "error_600", "error_602", "silent"),
    "cancel_answer": ("confirm", "deny", "silent"),
    "scopes": None,
}


def value(turn: Turn, name: str) -> str:
    row = turn.db.execute("SELECT value FROM fhir_dials WHERE name = ?", (name,)).fetchone()
    usual = DIALS[name]
    return str(row["value"]) if row else usual[0] if usual else ""


def put(turn: Turn, name: str, wanted: str) -> None:
    """Raises ValueError."""
    if name not in DIALS:
        raise ValueError(f"dial must be one of {', '.join(DIALS)}")
    known = DIALS[name]
    if known and wanted not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}")
    turn.db.execute("INSERT OR REPLACE INTO fhir_dials VALUES (?, ?)", (name, wanted))
