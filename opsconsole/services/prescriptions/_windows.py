"""How long things may take before somebody is told: domain.md 8.4."""

from __future__ import annotations

from datetime import timedelta

#: A prescription is sent and nobody says that it arrived. Until then sending it again may make two of it.
ACK_WINDOW = timedelta(hours=4)
#: It is signed, and nothing says that it was sent.
UNSENT_FOR = timedelta(hours=1)
