"""Signing: what was decided is written down once, sealed, chained to what was signed before, and pinned into the audit.

A decision's hash is SHA-256 over the hash before it and its content, which is canonical JSON. Each hash also stands in the
audit entry of its act, which is sealed outside of the database's reach: whoever changes, reorders or takes away a
decision would have to change both. `opsconsole audit verify` compares them (_verify.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from ...lib import canonical
from ...models import Decision, DecisionKind, Provider, ProviderLicence, Visit, VisitAnswers
from .._act import performing, pin
from .._actor import Actor

PINNED = "decision"  # under which name the audit keeps it
LONGEST = 4000


def chained(prior: str | None, content: str) -> str:
    """The hash of a decision, in hex."""
    return hashlib.sha256(f"{prior or ''}\n{content}".encode()).hexdigest()


def sign(
    visit: Visit,
    kind: DecisionKind,
    *,
    by: Actor,
    provider: Provider | None,
    licence: ProviderLicence | None,
    reason: str | None = None,
    words: str = "",
    amends: Decision | None = None,
    **more: Any,
) -> Decision:
    """In an act that has locked the visit: write down what was decided, as the next of the visit."""
    before = Decision.of_visit(visit.id)
    at, answers = performing().now, VisitAnswers.of_visit(visit.id)
    content = canonical.dumps(
        {
            "visit": visit.id,
            "number": len(before) + 1,
            "kind": kind,
            "reason": reason,
            "words": words.strip(),
            "amends": amends.number if amends else None,
            "signed_at": at,
            "by": {"id": by.id, "name": by.label},
            "provider": {"id": provider.id, "npi": provider.npi, "name": provider.name} if provider else None,
            "licence": {"state": licence.state, "number": licence.number} if licence else None,
            "answers": _answers(answers),
        }
        | more
    )  # fmt: skip
    prior = before[-1].hash if before else None
    made = Decision(
        visit_id=visit.id,
        customer_id=visit.customer_id,
        number=len(before) + 1,
        kind=kind,
        provider_id=provider.id if provider else None,
        amends_id=amends.id if amends else None,
        prior_hash=prior,
        hash=chained(prior, content),
        signed_at=at,
        by=by.label,
        by_id=by.id,
        trace_id=performing().trace,
        created_at=at,
    )
    made.content = content
    made.add()
    pin(PINNED, f"{visit.id} {made.number} {made.hash}")
    return made


def _answers(seen: VisitAnswers | None) -> dict[str, Any] | None:
    """Which answers were before the clinician's eyes, in which version."""
    if seen is None:
        return None
    return {
        "id": seen.id,
        "version": seen.source_version,
        "asked": seen.questionnaire_id or seen.asked,
    }


def decisive(decisions: Sequence[Decision]) -> Decision | None:
    """The last one that decided something, and was not taken back."""
    for one in reversed(decisions):
        if one.kind == DecisionKind.TAKEN_BACK:
            return None
        if one.kind not in (DecisionKind.OPINION, DecisionKind.AMENDMENT):
            return one
    return None
