"""Which outside systems are down: what waits for one of them is one incident's, not a cause each."""

from __future__ import annotations

from collections.abc import Mapping

from .. import incidents


def down() -> Mapping[str, str]:
    """The id of the incident of each port that is down, or of which what waited still goes out."""
    return {port: incident.id for port, incident in incidents.by_port().items()}
