"""Changing what is on a draft: lines added, changed and taken off, in one act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...lib.money import Money
from ...lib.refusal import Invalid
from ...models import Change, Invoice
from .. import changes
from .._act import act, say, tell_change, warn
from .._actor import Actor
from ._chain import Step, follow_step, plan_steps
from ._settle import changed
from ._stands import in_time, ready_for
from ._weigh import weigh
from .descriptions import why_not_written

# Why, with the words that people choose by.
REASONS = {
    "correction": "Something on it is wrong",
    "goodwill": "Goodwill",
    "agreed": "It was agreed with the customer",
    "missed_delivery": "A delivery did not arrive",
    "next_time": "It belongs on the next invoice",
    "other": "Something else",
}
MOST_LINES = 20  # at once
asks_add = changes.keeps("billing.add_lines", "billing.add_lines", then=changed)
asks_change = changes.keeps("billing.change_line", "billing.change_line", then=changed)
asks_remove = changes.keeps("billing.remove_lines", "billing.remove_lines", then=changed)
for kept in (asks_add, asks_change, asks_remove):
    changes.when_ended(kept.name, follow_step)


@act(undo=60, private=("note",))
def adjust(
    invoice_id: str,
    *,
    add: Sequence[Mapping[str, Any]],
    change: Sequence[Mapping[str, Any]],
    remove: Sequence[str],
    keep: bool,
    reason: str,
    note: str = "",
    by: Actor,
) -> Change:
    """Change a draft's lines. `add` are {"amount", "description"}, `change` {"line", "amount"?, "description"?}, in minor
    units, negative is credit; `remove` are ids of lines. With `keep` what was added by hand waits for the next invoice.

    Stripe is asked step by step: off, changed, added. By how much the total moves is weighed against the actor's limits.
    Raises NotADraft, GoesOutSoon, OverLimit, Invalid.
    """
    if reason not in REASONS:
        raise Invalid({"reason": [f"Choose one of: {', '.join(REASONS)}."]})
    if reason == "other" and not note.strip():
        raise Invalid({"note": ["Say why in the note."]})
    invoice = ready_for("adjust", invoice_id)
    in_time(invoice)
    asked = _Asked(invoice, add, change, remove, keep)
    moved = asked.moves()
    weighs = weigh(Money(abs(moved), invoice.currency), invoice, by=by)
    total = Money(invoice.total + moved, invoice.currency)
    tell_change(invoice, "total", str(invoice.money("total")), str(total))
    if invoice.tax:
        warn("That is with the tax as it is now: Stripe works it out anew.")
    if total.minor < 0:
        warn(
            f"Nothing is charged then, and {Money(-total.minor, invoice.currency)} becomes the customer's credit."
        )
    say(
        f"Change what is on {invoice.called_as}, {invoice.money('total')} to {total}: {REASONS[reason].lower()}"
    )
    return plan_steps(
        invoice,
        asked.steps(),
        reason=reason,
        note=note,
        details={"from": str(invoice.money("total")), "to": str(total), "weighs": weighs},
    )


class _Asked:
    """What is asked of a draft's lines. Made, it is sound: raises Invalid."""

    def __init__(
        self,
        invoice: Invoice,
        add: Sequence[Mapping[str, Any]],
        change: Sequence[Mapping[str, Any]],
        remove: Sequence[str],
        keep: bool,
    ) -> None:
        self.invoice, self.keep = invoice, keep
        self.held = {line["id"]: line for line in invoice.lines}
        self.add, self.remove = [*add], [*dict.fromkeys(remove)]
        self.change = [{**one, **self._really(one)} for one in change]
        self._check()
        self._tell()

    def _really(self, one: Mapping[str, Any]) -> dict[str, Any]:
        """What of a change is none: the form sends every line as it is."""
        line = self.held.get(one["line"], {})
        same = {name for name in ("amount", "description") if one.get(name) == line.get(name)}
        return dict.fromkeys(same)

    def _check(self) -> None:
        errors: dict[str, list[str]] = {}
        unknown = [id for id in (*(one["line"] for one in self.change), *self.remove) if id not in self.held]
        if unknown:
            raise Invalid({"lines": [f"There is no line {unknown[0][:60]} on it: look again."]})
        gone = {*self.remove}
        self.change = [
            one
            for one in self.change
            if one["line"] not in gone
            and (one.get("amount") is not None or one.get("description") is not None)
        ]
        if not (self.add or self.change or self.remove):
            errors["add"] = ["Add a line, or change or take off one that is there."]
        if len(self.add) + len(self.change) > MOST_LINES:
            errors["add"] = [f"At most {MOST_LINES} lines at once."]
        for one in (*self.add, *self.change):
            said = one.get("description")
            if said is not None and (why := why_not_written(said)):
                errors["description"] = [why]
        if any(one["amount"] == 0 for one in self.add):
            errors["amount"] = ["A line of nothing changes nothing."]
        if self.keep and any(self.held[id]["item"] is None for id in self.remove):
            errors["keep"] = ["Only what was added by hand can wait for the next invoice."]
        if errors:
            raise Invalid(errors)

    def moves(self) -> int:
        """By how much the total moves, in minor units, before tax."""
        off = sum(self.held[id]["amount"] for id in self.remove)
        other = sum(
            one["amount"] - self.held[one["line"]]["amount"]
            for one in self.change
            if one.get("amount") is not None
        )
        return int(sum(one["amount"] for one in self.add) + other - off)

    def steps(self) -> list[Step]:
        invoice = {"invoice": self.invoice.external_id}
        name = self.invoice.called_as
        found = []
        if self.remove:
            waits = ", which then wait for the next one" if self.keep else ""
            says = f"Stripe takes {_lines(self.remove)} off {name}{waits}"
            found.append(Step(asks_remove, says, {**invoice, "lines": self.remove, "keep": self.keep}))
        for one in self.change:
            asked = {"line": one["line"], "amount": one.get("amount"), "quantity": None}
            says = f"Stripe changes a line of {name}{self._to(one.get('amount'))}"
            found.append(Step(asks_change, says, {**invoice, **asked, "description": one.get("description")}))
        if self.add:
            says = (
                f"Stripe adds {_lines(self.add)} to {name}{self._to(sum(one['amount'] for one in self.add))}"
            )
            lines = [{"amount": one["amount"], "description": one["description"].strip()} for one in self.add]
            found.append(Step(asks_add, says, {**invoice, "lines": lines}))
        return found

    def _to(self, amount: int | None) -> str:
        return "" if amount is None else f": {Money(amount, self.invoice.currency)}"

    def _tell(self) -> None:
        """Line by line, in the preview."""
        invoice = self.invoice
        place = {line["id"]: number for number, line in enumerate(invoice.lines, 1)}
        for id in self.remove:
            became = "waits for the next invoice" if self.keep else "taken off"
            tell_change(invoice, f"line {place[id]}", self._told(self.held[id]), became)
        for one in self.change:
            line: dict[str, Any] = self.held[one["line"]]
            after = {**line, **{key: value for key, value in one.items() if value is not None}}
            tell_change(invoice, f"line {place[one['line']]}", self._told(line), self._told(after))
        for number, new in enumerate(self.add, 1):
            tell_change(invoice, f"new line {number}", "", self._told(new))

    def _told(self, line: Mapping[str, Any]) -> str:
        return f"{line['description'] or 'no words'}, {Money(line['amount'], self.invoice.currency)}"


def _lines(of: Sequence[Any]) -> str:
    return "a line" if len(of) == 1 else f"{len(of)} lines"
