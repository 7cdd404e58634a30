"""What comes first when several causes hold, written down once more and by hand: the console's own order is not asked.

Each class stands before those below it; within a class the earlier stage does. What stands in one bracket is of one class
and one stage: which of those comes first is not laid down.
"""

from __future__ import annotations

PRECEDENCE: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = (
    ("something that must never be", (("PAY.DISPUTE",), ("RX.DUP_LIVE",))),
    ("an outside system is down", (("SYS.OUTAGE", "SYS.SIGNATURE"),)),
    ("nobody knows where money is", (("PAY.PAID_NO_ORDER",), ("REF.UNKNOWN",))),
    ("a dead letter", (("SYS.DEAD",),)),
    (
        "a vendor says that something is wrong",
        (
            ("PAY.FINALIZE", "PAY.HARD", "PAY.REVIEW", "PAY.SOFT"),
            (
                "RX.CANCEL_DENIED", "RX.CLARIFY", "RX.COVERAGE", "RX.MISMATCH", "RX.TOO_SOON", "RX.TX_ERROR",
                "RX.UNMAPPED",
            ),
            ("PHA.ON_HOLD", "PHA.OOS", "PHA.REJECTED"),
            ("SHP.EXCEPTION", "SHP.NOT_RECEIVED", "SHP.RETURNING"),
            ("REF.FAILED", "REF.FUNDS"),
        ),
    ),
    (
        "what should have come did not",
        (
            ("PAY.ORDER_UNPAID", "PAY.PROCESSING"),
            ("RX.CANCEL_WAIT", "RX.NOT_CREATED", "RX.NO_VERIFY"),
            ("PHA.DRIFT", "PHA.FILL_LONG", "PHA.NO_ACK"),
            ("SHP.NO_SCAN", "SHP.NO_TRACKING", "SHP.STALLED"),
            ("REF.PROCESSING",),
            ("PAY.DRIFT", "SUB.NOTICE"),
        ),
    ),
    (
        "somebody of ours has to do something",
        (
            ("INT.STATE",),
            ("PAY.HELD",),
            ("CLI.FLAG", "CLI.NOT_APPLIED", "CLI.NO_LICENCE", "CLI.OVERDUE", "CLI.UNASSIGNED"),
            ("RX.EXPIRED", "RX.NO_REFILL", "RX.UNSIGNED"),
            ("PHA.ADDRESS", "PHA.HOLD", "PHA.NOT_SUBMITTED", "PHA.NO_ROUTE"),
            ("SHP.LATE",),
            ("REF.APPROVAL",),
            ("SUB.RESUME",),
        ),
    ),
    (
        "the patient has to",
        (
            ("INT.CONSENT", "INT.INCOMPLETE"),
            ("PAY.ACTION",),
            ("CLI.WAIT_PATIENT",),
            ("RX.RENEWAL",),
            ("SUB.DUN_END",),
        ),
    ),
    ("late, and nobody knows why", (("SYS.UNKNOWN",),)),
)  # fmt: skip
PLACE = {
    code: (kind, stage)
    for kind, (_, stages) in enumerate(PRECEDENCE)
    for stage, codes in enumerate(stages)
    for code in codes
}


def first(one: str, other: str) -> str | None:
    """Which of two causes is told; None where nothing says so."""
    if PLACE[one] == PLACE[other]:
        return one if one == other else None
    return min(one, other, key=lambda code: PLACE[code])
