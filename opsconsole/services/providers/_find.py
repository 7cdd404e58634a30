"""Reading prescribers."""

from __future__ import annotations

from ...models import Provider, ProviderLicence
from .._find import Listing, exactly, licensed_in

LIST = Listing(
    Provider,
    {
        "npi": exactly(Provider.npi, "The National Provider Identifier.", few=True),
        "state": licensed_in(Provider, ProviderLicence.provider_id, ProviderLicence.state),
    },
    sorts=("created_at", "name"),
)
find = LIST.find
