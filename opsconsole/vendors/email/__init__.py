"""Writing to our own staff: what we need of a mail server. Customers are written to by the CRM.

Mail has no keys: what is sent again carries the same Message-ID, by which mailboxes may show it once. So nothing may
go by mail that would do harm when it came twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode

from ...lib import passwords
from .. import Call

HERE = "{link}"  # where the link stands in a text
PLACE = re.compile(r"/[a-z/-]{1,100}")


@dataclass(frozen=True)
class Sent:
    """The server took it in. `says` is its own word for that."""

    message_id: str
    says: str


@dataclass(frozen=True)
class Links:
    """Links that prove something: made at the moment they are sent, and again when they come back, so that what opens a
    door is kept nowhere. `site` is the console's own address; `key` is known to its processes alone."""

    site: str
    key: bytes

    def to(self, place: str, proves: str) -> str:
        """The address of a page of ours, for whoever reads this mail."""
        return f"{self.site}{place}?{urlencode({'of': proves, 'token': proof(self.key, place, proves)})}"

    def __repr__(self) -> str:
        return f"Links({self.site!r})"


def proof(key: bytes, place: str, proves: str) -> str:
    """What only the link to that page for that purpose holds: 43 letters, digits, dashes."""
    return passwords.derived(key, "link", place, proves)


class Email(Protocol):
    """Raises Unavailable when the server gives no definite answer, Declined when it says no."""

    def send(
        self,
        call: Call,
        *,
        to: str,
        subject: str,
        text: str,
        place: str | None = None,
        proves: str | None = None,
    ) -> Sent:
        """One message of plain text to one colleague.

        Where the text says {link} stands the address of our page `place` with what proves `proves`. It is made
        while sending; what is pinned and what is answered never hold it.
        """
        ...
