"""A state's rule from a day on: written down by one person, agreed to by another."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Invalid, Refused
from ...models import STATES, Modality, StateRule
from .._act import act, performing, say, warn
from .._actor import Actor

SECOND = "How care is given in a state is never changed by one person alone."
OLDEST, LONGEST = 120, 3_650  # years, days


class HasRuleFrom(Refused):
    """The state has a rule from that day on already."""


class SameRule(Refused):
    """Exactly this counts there on that day already."""


@act(second=SECOND)
def record(
    *,
    state: str,
    modality: str,
    min_age: int,
    id_check: bool,
    prescription_days: int,
    effective_from: date,
    effective_to: date | None,
    source: str,
    signed_off_by: str,
    by: Actor,
) -> StateRule:
    """Write down what counts in a state from a day on, at the earliest today: the rule before it ends the day before. With
    `effective_to` the state is not served after it. Earlier decisions stay. Raises Invalid, HasRuleFrom, SameRule.
    """
    today = performing().now.date()
    _check(
        state,
        modality,
        min_age,
        prescription_days,
        effective_from,
        effective_to,
        source,
        signed_off_by,
        today,
    )
    known = _rules(state)
    if any(rule.effective_from == effective_from for rule in known):
        raise HasRuleFrom(f"{state} has a rule from that day on already.", field="effective_from")
    before = StateRule.of(state, effective_from)
    made = StateRule(
        state=state,
        modality=modality,
        min_age=min_age,
        id_check=id_check,
        prescription_days=prescription_days,
        effective_from=effective_from,
        effective_to=effective_to,
        source=source.strip(),
        signed_off_by=signed_off_by.strip(),
        created_at=performing().now,
    )
    if before and _asks(before) == _asks(made) and before.effective_to == effective_to:
        raise SameRule(f"Exactly this counts in {state} on that day already.")
    made.add()
    if before:
        before.effective_to = effective_from - timedelta(days=1)
    else:
        warn(f"{state} is not served before.")
    if later := next((rule for rule in known if rule.effective_from > effective_from), None):
        warn(f"From {later.effective_from:%-d %b %Y} on a later rule counts there.")
    say(
        f"{state} from {effective_from:%-d %b %Y} on: {Modality(modality).value.replace('_', ' ')}, from age {min_age}"
    )
    return made


def _check(
    state: str,
    modality: str,
    min_age: int,
    prescription_days: int,
    effective_from: date,
    effective_to: date | None,
    source: str,
    signed_off_by: str,
    today: date,
) -> None:
    wrong = {}
    if state not in STATES:
        wrong["state"] = ["Write two capital letters of a state or territory, like CA."]
    if modality not in [one.value for one in Modality]:
        wrong["modality"] = [f"Choose one of: {', '.join(Modality)}."]
    if not 0 <= min_age <= OLDEST:
        wrong["min_age"] = [f"From 0 to {OLDEST}."]
    if not 0 < prescription_days <= LONGEST:
        wrong["prescription_days"] = [f"From 1 to {LONGEST:,}."]
    if effective_from < today:
        wrong["effective_from"] = [
            "A rule counts from today on at the earliest: what was decided stays as it was."
        ]
    if effective_to and effective_to < effective_from:
        wrong["effective_to"] = ["It would end before it begins."]
    if not 0 < len(source.strip()) <= 300:
        wrong["source"] = ["Write where the rule stands, in at most 300 characters."]
    if not 0 < len(signed_off_by.strip()) <= 120:
        wrong["signed_off_by"] = ["Write who signed it off."]
    if wrong:
        raise Invalid(wrong)


def _rules(state: str) -> list[StateRule]:
    """All of the state's rules in order, locked: one change at a time."""
    query = select(StateRule).where(StateRule.state == state).order_by(StateRule.effective_from)
    return list(db.session.scalars(query.with_for_update()))


def _asks(rule: StateRule) -> tuple[object, ...]:
    return rule.modality, rule.min_age, rule.id_check, rule.prescription_days, rule.source, rule.signed_off_by
