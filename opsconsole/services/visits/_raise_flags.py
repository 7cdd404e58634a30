"""What the rules that hold find in a visit's answers, as flags that a clinician has to have looked at."""

from __future__ import annotations

from ...models import Customer, FlagRules, Visit
from .. import flag_rules, review_flags


def raise_flags(visit: Visit, customer: Customer) -> None:
    """In an act: one flag for each rule that applies, once. What a clinician has dealt with stays dealt with: they had this
    visit before them when they did."""
    told = flag_rules.gather([visit])[visit.id]
    for rule in flag_rules.applying(FlagRules.active().in_order(), told):
        review_flags.raise_for(
            visit, kind=rule.kind, severity=rule.severity, effect=rule.effect, source=rule.source
        )
