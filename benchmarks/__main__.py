"""python -m benchmarks: measure and print one table. Exits 0 whatever it finds: a ratio is no gate."""

from __future__ import annotations

import argparse
import os
import time

from . import cases, charges, kinds, live, pages, promises, sealing, strangers, webhooks
from .parts import Parts
from .table import Row, show

MEASURES = {
    "promises": promises.measure,  # first: they want a system with nothing else to do
    "seals": sealing.measure,
    "pages": pages.measure,
    "live": live.measure,
    "search": kinds.measure,
    "webhooks": webhooks.measure,
    "strangers": strangers.measure,
    "charges": charges.measure,
    "cases": cases.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--customers", type=int, default=2000, help="how much data there is")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each rate is measured")
    parser.add_argument("--only", choices=MEASURES, action="append", help="these alone; may be repeated")
    given = parser.parse_args()
    began = time.monotonic()
    print(f"Starting PostgreSQL, Valkey and the sandbox, with {given.customers:,} customers …", flush=True)
    rows: list[Row] = []
    with Parts(given.customers) as parts:
        print(parts.size(), flush=True)
        for name, measure in MEASURES.items():
            if not given.only or name in given.only:
                print(f"{name.capitalize()} …", flush=True)
                rows += measure(parts, given.seconds)
    show(rows)
    print(
        f"{time.monotonic() - began:.0f} s in all, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
        "goals are those of a quiet machine."
    )


main()
