"""Putting right what keeps a prescription from being filled: one of the acts that the diagnosis offers, by whoever may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...lib import canonical
from ...lib.refusal import Refused
from ...models import Order, Prescription, Record
from .._act import ACTS, Need, act, concerns, performing, say
from .._actor import Actor
from .._frozen import thaw
from .causes import ASK, Finding, Offer, diagnose


class NotTheCause(Refused):
    """That does not keep it here, or not any more."""


class NotOffered(Refused):
    """That would not put it right."""


class NotYours(Refused):
    """Somebody else has to do it."""


class UnderWay(Refused):
    """It is being put right: doing more could do it twice."""


@act(private=("inputs",))
def fix(subject_id: str, *, code: str, choice: str | None, inputs: Mapping[str, Any], by: Actor) -> Record:
    """Do what the diagnosis of an order or a prescription offers for `code`: `choice` says which, the first unless given,
    and `inputs` are that act's own. It runs within, so what it changes, promises, refuses and asks a second person for is
    its own, and so is its undo. Returns what the act returns. Raises NotTheCause, NotOffered, NotYours, UnderWay, and
    whatever the act raises.
    """
    subject = subject_of(subject_id)
    finding, offer = chosen(subject, diagnose(subject, performing().now), code, choice)
    if finding.waits:
        raise UnderWay(
            f"{finding.waits.says} Nothing else has to be done now.",
            blockers=[_way(finding.waits.says, finding.waits.url, "See it")],
        )
    if why_not := why_not_yours(offer, by):
        raise NotYours(why_not, blockers=next_steps(subject, finding, by))
    wanted = ACTS[offer.act]
    performing().undo = wanted.undo
    if offer.second:
        performing().needs.append(Need(offer.second))
    concerns(subject.id, subject.customer_id)
    made = wanted(offer.subject, by=by, **thaw(wanted, canonical.plain(inputs)))
    for name, on, more in offer.then:
        ACTS[name](on, by=by, **more)
    say(f"{finding.title}: {offer.label[0].lower()}{offer.label[1:]}")
    return made if isinstance(made, Record) else subject


def subject_of(id: str) -> Order | Prescription:
    """An order or a prescription by its id. Raises NotFound."""
    return Order.require(id) if id.startswith(f"{Order.PREFIX}_") else Prescription.require(id)


def chosen(
    subject: Order | Prescription, findings: Sequence[Finding], code: str | None, choice: str | None
) -> tuple[Finding, Offer]:
    """The cause and the offer that are asked for; the first of each, where nobody chose. Raises NotTheCause, NotOffered."""
    finding = next((one for one in findings if code in (None, one.code)), None)
    if finding is None:
        now = f"What does is: {findings[0].title.lower()}." if findings else "Nothing does."
        words = f"“{(code or '').replace('_', ' ')}” does not keep it here, or not any more. {now}"
        raise NotTheCause(words, field="code")
    offer = finding.offer(choice)
    if offer is None:
        raise NotOffered(
            "That is nothing to be done from here now: look at what is offered.", field="choice",
            blockers=[_way(one.does, subject.url, one.label) for one in finding.offers[:3]],
        )  # fmt: skip
    return finding, offer


def why_not_yours(offer: Offer, by: Actor) -> str | None:
    """Why `by` may not do it; None when they may."""
    lacking = next((name for name in offer.acts if not ACTS[name].permits(by)), None)
    return None if lacking is None else f"“{offer.label}” takes the right {lacking}, which you do not have."


def next_steps(subject: Order | Prescription, finding: Finding, by: Actor) -> list[dict[str, Any]]:
    """What somebody can do who may not do what is suggested: another offer that is theirs, a clinician for what is a
    clinician's, else a word to whoever may."""
    mine = [one for one in finding.offers if one.within and not why_not_yours(one, by)]
    mine.sort(key=lambda one: one.act != ASK)
    if mine:
        url = f"{subject.url}/fix?code={finding.code}&choice={mine[0].choice}"
        lead = "A clinician has to decide: send it" if mine[0].act == ASK else "You can do this instead: "
        says = (
            f"{lead} {mine[0].label.removeprefix('Send it ')}."
            if mine[0].act == ASK
            else f"{lead}{mine[0].label}."
        )
        return [_way(says, url, mine[0].label)]
    who = f"{finding.mover} has to do it: leave them a note on the order."
    order = subject.url if isinstance(subject, Order) else f"/customers/{subject.customer_id}"
    return [_way(who, f"{order}/note", "Leave a note")]


def _way(says: str, url: str, label: str) -> dict[str, Any]:
    return {"code": "next_step", "says": says, "fix": {"act": None, "url": url, "label": label}}
