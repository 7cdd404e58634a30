"""What the rules about refunds have in common: the row of a refund, and what shows how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select

from ....models import Refund, Stuck
from ...prescriptions import Evidence
from .._scope import Scope


def of_refunds(scope: Scope, *, since: Any, code: Any, **told: Any) -> Select[Any]:
    """The beginning of a statement about refunds."""
    return scope.rows(
        Refund, since=since, waits=since, payment=Refund.payment_id, code=code, amount=Refund.amount,
        currency=Refund.currency, **told,
    )  # fmt: skip


def shown(stuck: Stuck) -> Sequence[Evidence]:
    """The refund, and by what the customer's bank finds it."""
    refund = Refund.require(stuck.subject_id)
    reference = refund.reference_number
    return [
        Evidence("Refund", refund.state.value.replace("_", " "), refund.url),
        *([Evidence("The bank’s trace number", reference)] if reference else []),
    ]
