"""How much one address and one person may ask. Kept in this process: no request waits for another server.

The honest bound: with N web processes somebody gets at most N times as much, and a restart forgets. It keeps
one of us, or one script, from taking the console away from the others; it is no defence against many addresses.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

REMEMBERED = 20_000  # of each kind; who was quiet for longest is forgotten first
POLL = 0.1  # what a page's own look costs, where a click costs 1


@dataclass(frozen=True)
class Rate:
    """So many requests a second for ever, and so many at once."""

    a_second: float
    at_once: float


ADDRESS = Rate(40, 800)  # an office behind one address; everything but webhooks, files and health
READS = Rate(10, 200)  # a person
WRITES = Rate(2, 40)  # a person's acts: whoever is faster is no person
PROGRAM = Rate(50, 1000)  # a token's, of either kind


class Buckets:
    """Token buckets by key. `generous` multiplies every rate."""

    def __init__(self, generous: float, clock: Callable[[], float]) -> None:
        self.generous = generous
        self.clock = clock
        self.left: OrderedDict[tuple[str, Rate], tuple[float, float]] = OrderedDict()
        self.lock = threading.Lock()

    def take(self, who: str, rate: Rate, cost: float = 1.0) -> float:
        """0 when there was enough, else the seconds after which there will be; what is refused costs nothing."""
        key, now = (who, rate), self.clock()
        pace, most = rate.a_second * self.generous, rate.at_once * self.generous
        with self.lock:
            left, at = self.left.pop(key, (most, now))
            left = min(most, left + (now - at) * pace)
            enough = left >= cost
            self.left[key] = (left - cost if enough else left, now)
            while len(self.left) > REMEMBERED:
                self.left.popitem(last=False)
        return 0.0 if enough else (cost - left) / pace


def household(address: str) -> str:
    """What counts as one address: a customer of a provider has 2^64 addresses in IPv6."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return found.exploded[:19]
