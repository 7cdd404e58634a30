"""Changing the rules: propose -> adopt, by a second person; or withdraw."""

from __future__ import annotations

from typing import Any

from ...lib.refusal import Invalid
from ...models import FlagRules
from .._act import act
from .._actor import Actor
from .._versions import Versions
from ._check import problems
from ._simulate import simulate

RULES = Versions(FlagRules, "the flag rules", lambda version, active: simulate(version, active).says)
SECOND = "What is flagged for a clinician is never changed by one person alone."


@act
def propose(*, rules: list[dict[str, Any]], reason: str, by: Actor) -> FlagRules:
    """Write down the next version: `rules` as models.FlagRule has them. Nothing is flagged by it until somebody else agreed
    (`adopt`). The preview tells which visits of the last thirty days would be flagged otherwise. Raises Invalid with
    everything that is wrong, SameAsBefore."""
    if found := problems(rules):
        raise Invalid({"rules": found})
    return RULES.propose(rules=rules, reason=reason)


@act(second=SECOND)
def adopt(flag_rules_id: str, *, by: Actor) -> FlagRules:
    """Have visits flagged by it from now on; what is flagged already stays so. Raises NotDraft."""
    return RULES.adopt(flag_rules_id)


@act
def withdraw(flag_rules_id: str, *, by: Actor) -> FlagRules:
    """Take a draft back. Raises NotDraft."""
    return RULES.withdraw(flag_rules_id)
