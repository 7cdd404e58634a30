"""What happens to an invoice whose payment failed: when it is tried again, and what comes of it in the end.

`Dunning` is the account's setting (https://docs.stripe.com/billing/revenue-recovery). A manual try never moves the
schedule; a bank that says never to try this card again ends the tries.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from .._agenda import Agenda
from . import _invoice_life
from ._banks import No
from ._periods import DAY
from ._turn import Facts, Turn, show

DUE = "stripe invoice retry"
GIVES_UP = "stripe invoice given up"
SETTING = "dunning"
ENDS = ("cancel", "unpaid", "past_due")


@dataclass(frozen=True)
class Dunning:
    """`days` after the first try for each further one; `end` is what becomes of the subscription after the last."""

    days: tuple[int, ...] = (3, 5, 7)
    end: str = "cancel"

    def __post_init__(self) -> None:
        good = all(type(day) is int and 1 <= day <= 60 for day in self.days)
        if not good or list(self.days) != sorted(set(self.days)) or len(self.days) > 8:
            raise ValueError(
                "days must be up to eight whole numbers from 1 to 60, each more than the one before"
            )
        if self.end not in ENDS:
            raise ValueError(f"end must be one of {', '.join(ENDS)}")


def setting(turn: Turn) -> Dunning:
    kept = turn.find("setting", SETTING)
    return Dunning(tuple(kept["days"]), kept["end"]) if kept else Dunning()


def set_to(turn: Turn, dunning: Dunning) -> None:
    """From the next failure on; what is planned stays planned."""
    facts: Facts = {"id": SETTING, "created": turn.created, **asdict(dunning)}
    if turn.find("setting", SETTING):
        turn.save("setting", facts)
    else:
        turn.add("setting", facts)


def failed(turn: Turn, invoice: Facts, no: No | None, *, automatic: bool) -> bool:
    """Plan the next try, and store it on the invoice. False when this was the last."""
    if not invoice.get("auto_advance"):
        return True
    first = invoice.setdefault("first_attempt_at", turn.created)
    if no is not None and no.advice == "do_not_try_again":
        return _stop_trying(turn, invoice, first)
    if not automatic and invoice.get("next_payment_attempt"):
        return True
    done = invoice["automatic_tries"] = invoice.get("automatic_tries", 0) + automatic
    days = setting(turn).days
    left = [first + day * DAY for day in days[max(0, done - 1) :]]
    if left:
        plan(turn, invoice, left[0])
    else:
        invoice.update(auto_advance=False, next_payment_attempt=None)
    turn.save("invoice", invoice)
    return bool(left)


def plan(turn: Turn, invoice: Facts, at: int) -> None:
    """It is tried again then. Saves nothing of the invoice."""
    invoice["next_payment_attempt"] = at
    Agenda.add(turn.db, at, DUE, invoice["id"])


def was_tried(turn: Turn, invoice: Facts, first: int) -> None:
    """It failed once, then; from now on it is tried again as it would have been."""
    invoice.update(attempted=True, attempt_count=1, automatic_tries=1, first_attempt_at=first)
    later = [first + day * DAY for day in setting(turn).days if first + day * DAY > turn.now]
    if later and invoice["auto_advance"]:
        plan(turn, invoice, later[0])
    turn.save("invoice", invoice)


def _stop_trying(turn: Turn, invoice: Facts, first: int) -> bool:
    """Nobody tries on; the subscription meets its end when the tries would have been over."""
    Agenda.drop(turn.db, invoice["id"])
    invoice["next_payment_attempt"] = None
    turn.save("invoice", invoice)
    last = first + max(setting(turn).days, default=0) * DAY
    Agenda.add(turn.db, max(turn.now, last), GIVES_UP, invoice["id"])
    return True


def leave_alone(turn: Turn, invoice: Facts) -> None:
    """No more automatic tries."""
    before = show("invoice", invoice)
    Agenda.drop(turn.db, invoice["id"])
    invoice.update(auto_advance=False, next_payment_attempt=None, automatically_finalizes_at=None)
    turn.save("invoice", invoice)
    if show("invoice", invoice) != before:
        turn.emit("invoice.updated", "invoice", invoice, before)


def is_tried_again(turn: Turn, id: str) -> None:
    invoice = turn.find("invoice", id)
    if (
        invoice
        and invoice["status"] == "open"
        and invoice.get("auto_advance")
        and invoice.get("next_payment_attempt")
    ):
        invoice["next_payment_attempt"] = None
        _invoice_life.collect(turn, invoice, automatic=True)
