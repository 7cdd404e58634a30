"""python -m benchmarks: measure and print one table. Exits 0 whatever it finds: a ratio is no gate."""

from __future__ import annotations

import argparse
import os
import time

from . import live, pages, promises, sealing, webhooks
from .parts import Parts
from .table import Row, show


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--customers", type=int, default=2000, help="how much data there is")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each rate is measured")
    given = parser.parse_args()
    began = time.monotonic()
    print(
        f"Starting PostgreSQL, Valkey and the sandbox, and making {given.customers} customers …", flush=True
    )
    rows: list[Row] = []
    with Parts(given.customers) as parts:
        for name, measure in (
            ("Promises", promises.measure),  # first: they want a system with nothing else to do
            ("Seals", sealing.measure),
            ("Pages", pages.measure),
            ("Live pages", live.measure),
            ("Webhooks", webhooks.measure),
        ):
            print(f"{name} …", flush=True)
            rows += measure(parts, given.seconds)
    show(rows)
    print(
        f"{time.monotonic() - began:.0f} s in all, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
        "goals are those of a quiet machine."
    )


main()
