"""What needs a fresh proof of who one is, though one is signed in. Programs never may do these."""

from __future__ import annotations

# Acts by name, or a noun's every act. What a second person agrees to moves the money that one alone may not.
ACTS = ("approvals.approve", "approvals.delegate", "staff.*", "roles.*", "tokens.*", "phi.break_glass")


def needs_fresh_proof(act: str) -> bool:
    return act in ACTS or f"{act.partition('.')[0]}.*" in ACTS
