"""Changing the rules: propose -> adopt, by a second person; or withdraw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from ...db import db
from ...lib.refusal import Invalid
from ...models import STATES, Measure, Pharmacy, Product, RoutingRules, Rule, Then
from .._act import act, warn
from .._actor import Actor
from .._versions import Versions
from ._simulate import simulate

RULES = Versions(RoutingRules, "the routing rules", lambda version, active: [simulate(version, active).says])
MOST_RULES, MOST_NAMED = 30, 100
SECOND = "Where medicine is made up is never changed by one person alone."


@act
def propose(
    *, rules: Sequence[Mapping[str, Any]], ranking: Sequence[str], reason: str, by: Actor
) -> RoutingRules:
    """Write down rules as the next version. Nothing goes by them until somebody else agreed (`adopt`).

    A rule is {"skus": [..], "states": [..], "then": "prefer" | "only" | "avoid", "pharmacies": [id, URL or name, ..]};
    empty `skus` or `states` mean any; the first rule weighs the most. `ranking` are measures ("cost", "stock", "capacity",
    "rank"), of which the first decides. The preview tells what would have moved in the last 30 days. Raises Invalid, with
    the rule and the field at fault, and SameAsBefore.
    """
    asked, measures = _rules(rules), _ranking(ranking)
    _warn_of_strangers(asked)
    return RULES.propose(
        rules=[rule.as_json for rule in asked],
        ranking=[measure.value for measure in measures],
        reason=reason,
    )


@act(second=SECOND)
def adopt(routing_id: str, *, by: Actor) -> RoutingRules:
    """Have orders go by a draft from now on; what has a fill stays where it is. Raises NotDraft."""
    return RULES.adopt(routing_id)


@act
def withdraw(routing_id: str, *, by: Actor) -> RoutingRules:
    """Take a draft back. Raises NotDraft."""
    return RULES.withdraw(routing_id)


def _rules(asked: Sequence[Mapping[str, Any]]) -> list[Rule]:
    """The rules that were asked for. Raises Invalid with {"rules-0-states": [words]}."""
    if len(asked) > MOST_RULES:
        raise Invalid({"rules": [f"At most {MOST_RULES} rules."]})
    everyone = list(db.session.scalars(select(Pharmacy)))
    by_name = {name: one.id for one in everyone for name in (one.id, one.url, one.name.casefold())}
    found: list[Rule] = []
    errors: dict[str, list[str]] = {}
    for index, one in enumerate(asked):
        wrong = _wrong(index + 1, one, by_name)
        errors |= {f"rules-{index}-{field}": [words] for field, words in wrong.items()}
        if not wrong:
            who = tuple(dict.fromkeys(_known(name, by_name) or "" for name in one["pharmacies"]))
            found.append(Rule(Then(one["then"]), who, frozenset(one["skus"]), frozenset(one["states"])))
    if errors:
        raise Invalid(errors)
    return found


def _wrong(number: int, one: Mapping[str, Any], by_name: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with a rule: field -> words that name it."""
    wrong: dict[str, str] = {}
    if one["then"] not in [then.value for then in Then]:
        wrong["then"] = f"Rule {number}: choose one of {', '.join(Then)}."
    if strange := [state for state in one["states"] if state not in STATES]:
        wrong["states"] = f"Rule {number}: {strange[0]} is no state. Write two capital letters, like CA."
    if long := [sku for sku in one["skus"] if len(sku) > 60]:
        wrong["skus"] = f"Rule {number}: {long[0][:20]}… is too long for a SKU."
    if unknown := [name for name in one["pharmacies"] if _known(name, by_name) is None]:
        names = ", ".join(sorted(name for name in by_name if "/" not in name and not name.startswith("pha_")))
        wrong["pharmacies"] = f"Rule {number}: there is no pharmacy {unknown[0]}. There are: {names}."
    elif not one["pharmacies"]:
        wrong["pharmacies"] = f"Rule {number}: name at least one pharmacy."
    for field in ("skus", "states", "pharmacies"):
        if len(one[field]) > MOST_NAMED:
            wrong[field] = f"Rule {number}: at most {MOST_NAMED} at once."
    return wrong


def _known(name: str, by_name: Mapping[str, str]) -> str | None:
    return by_name.get(name) or by_name.get(name.casefold())


def _ranking(asked: Sequence[str]) -> list[Measure]:
    if strange := [name for name in asked if name not in [one.value for one in Measure]]:
        raise Invalid({"ranking": [f"{strange[0]} is no measure. Choose of {', '.join(Measure)}."]})
    if len(set(asked)) < len(asked):
        raise Invalid({"ranking": ["Name each measure once."]})
    if not asked:
        raise Invalid({"ranking": [f"Say what decides: one or more of {', '.join(Measure)}."]})
    return [Measure(name) for name in asked]


def _warn_of_strangers(rules: Sequence[Rule]) -> None:
    """Products that nobody registered are allowed, and mostly a slip."""
    named = {sku for rule in rules for sku in rule.skus}
    known = set(db.session.scalars(select(Product.sku).where(Product.sku.in_(named)))) if named else set()
    if strange := sorted(named - known):
        warn(f"No product is registered as {', '.join(strange)}.")
