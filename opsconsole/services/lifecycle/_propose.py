"""Changing the policy: propose -> adopt, by a second person; or withdraw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...lib.refusal import Invalid
from ...models import (
    ANYWHERE,
    STATES,
    Ending,
    LifecyclePolicy,
    NoticeKind,
    NoticeRule,
    RetryStep,
)  # fmt: skip
from .. import messages
from .._act import act
from .._actor import Actor
from .._versions import Versions
from ._simulate import simulate

POLICY = Versions(
    LifecyclePolicy, "the lifecycle policy", lambda version, active: simulate(version, active).says
)
SECOND = "What customers are charged and told is never changed by one person alone."
MOST_STEPS, MOST_RULES, LAST_DAY = 12, 60, 60
SAFETY = 2  # days between a window's ends, so that a message that fails for a day is still sent within it
TOLD = ("card_declined_soft", "card_declined_hard", "payment_last_call")


@act
def propose(
    *, steps: Sequence[Mapping[str, Any]], hard: Sequence[str], hard_message: str | None, ends_on_day: int,
    ends_with: str, notices: Sequence[Mapping[str, Any]], reason: str, by: Actor,
) -> LifecyclePolicy:  # fmt: skip
    """Write down the next version. Nothing goes by it until somebody else agreed (`adopt`).

    A step is {"day", "tries", "message"}; a row of `notices` {"kind", "state", "from_days", "earliest", "latest", "law",
    "source"}. The preview tells what would have differed in the last 90 days. Raises Invalid, with the row and the field at
    fault, and SameAsBefore.
    """
    errors: dict[str, list[str]] = {}
    asked, rules = _steps(steps, ends_on_day, errors), _rules(notices, errors)
    codes = sorted({code.strip().lower().replace(" ", "_") for code in hard if code.strip()})
    if strange := [code for code in codes if len(code) > 60 or not code.replace("_", "").isalnum()]:
        errors["hard"] = [f"{strange[0][:40]} is no decline code."]
    if ends_with not in [one.value for one in Ending]:
        errors["ends_with"] = [f"Choose one of {', '.join(Ending)}."]
    if not 1 <= ends_on_day <= LAST_DAY:
        errors["ends_on_day"] = [f"Between 1 and {LAST_DAY} days after the first no."]
    if hard_message and hard_message not in TOLD:
        errors["hard_message"] = [f"Choose one of {', '.join(TOLD)}."]
    if errors:
        raise Invalid(errors)
    return POLICY.propose(
        steps=[one.as_json for one in asked],
        hard=codes,
        hard_message=hard_message or None,
        ends_on_day=ends_on_day,
        ends_with=ends_with,
        notices=[one.as_json for one in rules],
        reason=reason,
    )


@act(second=SECOND)
def adopt(lifecycle_id: str, *, by: Actor) -> LifecyclePolicy:
    """Have a draft hold from now on. An unpaid invoice goes on by the version under which it began; notices that are not
    sent yet go by the new one. Raises NotDraft."""
    return POLICY.adopt(lifecycle_id)


@act
def withdraw(lifecycle_id: str, *, by: Actor) -> LifecyclePolicy:
    """Take a draft back. Raises NotDraft."""
    return POLICY.withdraw(lifecycle_id)


def _steps(
    asked: Sequence[Mapping[str, Any]], ends_on_day: int, errors: dict[str, list[str]]
) -> list[RetryStep]:
    found: list[RetryStep] = []
    if len(asked) > MOST_STEPS:
        errors["steps"] = [f"At most {MOST_STEPS} steps."]
    for index, one in enumerate(asked):
        step = RetryStep(one["day"], bool(one["tries"]), one["message"] or None)
        at = f"steps-{index}"
        if step.day is None or not 0 <= step.day < ends_on_day:
            errors[f"{at}-day"] = [
                f"Step {index + 1}: from day 0 to the day before the last, {ends_on_day - 1}."
            ]
        elif found and step.day <= found[-1].day:
            errors[f"{at}-day"] = [f"Step {index + 1}: each day once, in their order."]
        elif step.tries and step.day == 0:
            errors[f"{at}-tries"] = [f"Step {index + 1}: on day 0 Stripe tries the card itself."]
        elif not step.tries and not step.message:
            errors[f"{at}-message"] = [f"Step {index + 1}: try the card, tell the customer, or both."]
        elif step.message and step.message not in TOLD:
            errors[f"{at}-message"] = [f"Step {index + 1}: choose one of {', '.join(TOLD)}."]
        else:
            found.append(step)
    return found


def _rules(asked: Sequence[Mapping[str, Any]], errors: dict[str, list[str]]) -> list[NoticeRule]:
    found: list[NoticeRule] = []
    if len(asked) > MOST_RULES:
        errors["notices"] = [f"At most {MOST_RULES} rows."]
    for index, one in enumerate(asked):
        wrong = _wrong_rule(one)
        errors |= {
            f"notices-{index}-{field}": [f"Row {index + 1}: {words}"] for field, words in wrong.items()
        }
        if wrong:
            continue
        rule = NoticeRule.read(one)
        if any((rule.kind, rule.state, rule.from_days) == (r.kind, r.state, r.from_days) for r in found):
            errors[f"notices-{index}-state"] = [f"Row {index + 1}: there is a row for just that already."]
        found.append(rule)
    return found


def _wrong_rule(one: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with a row: field -> words."""
    wrong: dict[str, str] = {}
    numbers = {name: one[name] for name in ("from_days", "earliest", "latest")}
    if one["kind"] not in [kind.value for kind in NoticeKind]:
        wrong["kind"] = f"choose one of {', '.join(NoticeKind)}."
    if one["state"] != ANYWHERE and one["state"] not in STATES:
        wrong["state"] = (
            f"{str(one['state'])[:20]} is no state. Write two capital letters, or * for everywhere else."
        )
    if missing := [name for name, value in numbers.items() if value is None or not 1 <= value <= 400]:
        wrong[missing[0]] = "from 1 to 400 days."
    elif numbers["earliest"] - numbers["latest"] < SAFETY:
        wrong["earliest"] = f"at least {SAFETY} days before the latest, so that there is time to try again."
    if len(one["source"]) > 300:
        wrong["source"] = "at most 300 letters."
    elif one["law"] and not one["source"].strip():
        wrong["source"] = "say which law asks for it."
    return wrong


def labels() -> dict[str, str]:
    """What the messages that a step may send are called."""
    return {code: messages.TEMPLATES[code].label for code in TOLD}
