"""Reading prescribers."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from ...models import STATES, Provider, ProviderLicence
from .._find import Filter, Listing, exactly


def _licensed_in(state: str) -> ColumnElement[bool]:
    if state not in STATES:
        raise ValueError("Write two capital letters of a state or territory, like CA.")
    return Provider.id.in_(select(ProviderLicence.provider_id).where(ProviderLicence.state == state))


LIST = Listing(
    Provider,
    {
        "npi": exactly(Provider.npi, "The National Provider Identifier.", few=True),
        "state": Filter(
            _licensed_in,
            "Licensed there, or once was; two capital letters.",
            few=True,
            choices=tuple(sorted(STATES)),
        ),
    },
    sorts=("created_at", "name"),
)
find = LIST.find
