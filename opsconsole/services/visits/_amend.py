"""Adding words to what was signed. Nothing of it is ever changed."""

from __future__ import annotations

from ...lib.refusal import Invalid, Refused
from ...models import Decision, DecisionKind, Visit
from .._act import act, performing, say
from .._actor import Actor
from ._licences import licence_to_decide
from ._sign import LONGEST, sign
from ._who import deciding


class NothingSigned(Refused):
    """There is nothing yet to add to."""


@act(private=("words",))
def amend(
    visit_id: str, *, number: int | None = None, words: str, provider: str | None = None, by: Actor
) -> Visit:
    """Add words to a decision of the visit, by its number; the last one unless given.

    Raises NothingSigned, NotLicensed, NotAClinician, Invalid.
    """
    visit = Visit.lock(visit_id)
    signs = deciding(by, provider, visit, performing().now)
    licence = licence_to_decide(visit, signs, performing().now)
    signed = [one for one in Decision.of_visit(visit.id) if one.kind != DecisionKind.AMENDMENT]
    if not signed:
        raise NothingSigned("Nothing is signed yet: there is nothing to add to.")
    chosen = [one for one in signed if one.number == number] if number is not None else signed[-1:]
    if not chosen:
        raise Invalid({"number": ["The visit has no decision of that number."]})
    if not 3 <= len(words.strip()) <= LONGEST:
        raise Invalid({"words": [f"Write something, {LONGEST:,} characters at most."]})
    sign(visit, DecisionKind.AMENDMENT, by=by, provider=signs, licence=licence, words=words, amends=chosen[0])
    say(f"{signs.name} added to decision {chosen[0].number}")
    return visit
