"""The three ways a person ends a case: retry (perhaps with a fix), mark as done outside, dismiss."""

from __future__ import annotations

from typing import Any

from ...lib.refusal import Refused
from ...models import Case, CaseStatus, Staff
from .._act import Need, act, concerns, performing, say, warn
from .._actor import Actor
from ._open import Remedy, behind, resolve


class AlreadyResolved(Refused):
    """Somebody has dealt with the case."""


class NothingToRetry(Refused):
    """No call and no event waits behind this case."""


class EndedOtherwise(Refused):
    """Another act alone ends this case: the one that it suggests."""


class NothingToSettle(Refused):
    """Nothing behind this case can be marked as done."""


@act
def retry(case_id: str, *, reason: str, fix: dict[str, Any], by: Actor) -> Case:
    """Ask again: in a new round after a no, in the same round when the outcome is unknown."""
    case = _locked(case_id)
    _warn_of_owner(case, by)
    nothing = NothingToRetry("Nothing can be tried again here: follow what the case suggests.")
    how = _remedy(case, nothing)
    if how.retry is None:
        raise nothing
    how.retry(case.behind_id, fix=fix, by=by)
    return _end(case, "retried", f"tried again: {reason}")


@act
def settle(case_id: str, *, reason: str, external_id: str, by: Actor) -> Case:
    """It was done by other means: write down where, and stop trying. Needs a second person while it may have been
    done already and nobody knows."""
    case = _locked(case_id)
    _warn_of_owner(case, by)
    how = _remedy(case, NothingToSettle("There is nothing to mark as done here: dismiss the case instead."))
    _not_alone_while_unknown(how, case, by)
    how.settle(case.behind_id, external_id=external_id, reason=reason, by=by)
    return _end(case, "settled", f"marked it as done outside ({external_id}): {reason}")


@act
def dismiss(case_id: str, *, reason: str, by: Actor) -> Case:
    """It need not happen. What waits behind the case is dropped. Needs a second person as `settle` does."""
    case = _locked(case_id)
    _warn_of_owner(case, by)
    if (how := behind(case)) and case.behind_id:
        _unless_otherwise(how)
        _not_alone_while_unknown(how, case, by)
        how.dismiss(case.behind_id, reason=reason, by=by)
    return _end(case, "dismissed", f"dismissed it: {reason}")


def _locked(case_id: str) -> Case:
    case = Case.lock(case_id)
    if case.status != CaseStatus.OPEN:
        raise AlreadyResolved(f"This case was {case.outcome or 'resolved'} already.")
    return case


def _warn_of_owner(case: Case, by: Actor) -> None:
    """Who ends what a colleague works on is told so."""
    if case.owner_id and case.owner_id != by.id:
        warn(f"{Staff.require(case.owner_id).name} has this case.")


def _remedy(case: Case, otherwise: Refused) -> Remedy:
    how = behind(case)
    if how is None:
        raise otherwise
    _unless_otherwise(how)
    return how


def _unless_otherwise(how: Remedy) -> None:
    if how.instead:
        raise EndedOtherwise(how.instead)


def _not_alone_while_unknown(how: Remedy, case: Case, by: Actor) -> None:
    if by.kind != "robot" and how.unknown(str(case.behind_id)):
        performing().needs.append(
            Need(
                "The vendor may have done it already. Two people look there before it is called done or not done."
            )
        )


def _end(case: Case, outcome: str, words: str) -> Case:
    resolve(case, outcome)
    concerns(*case.about, case.subject_id, case.behind_id)
    say(f"Case “{case.says}”: {words}")
    return case
