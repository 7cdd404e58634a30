"""A storm: refunds are submitted and go out while workers, database, queue and answers are lost.

The driver keeps its own journal of what the console promised it (every 201) and of every death it caused,
so that the end can be compared with what the outside says, not only with the console's own words.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from .machine import Machine

LASTS = 300  # seconds at most
GROWN = 0.8  # seconds after which a worker has begun to work: killing the newborn proves nothing
AGAIN = {"busy", "in_progress"}  # refusals that say: ask again in a moment


@dataclass(frozen=True)
class Asked:
    """One refund that the driver wants: its key makes asking twice safe."""

    order: dict[str, Any]
    amount: int  # minor units; no other refund of the order has the same
    key: str

    @property
    def body(self) -> dict[str, str]:
        return {"amount": f"{self.amount / 100:.2f}", "reason": "goodwill", "note": f"chaos {self.key}"}


@dataclass
class Storm:
    """`kills` is how many workers die at least; the storm goes on until then and until all is kept. Everything else is
    harmed `harms` times while they die."""

    machine: Machine
    seed: int
    refunds: int = 200
    kills: int = 50
    harms: int = 3
    per_order: int = 8
    accepted: dict[str, dict[str, Any]] = field(default_factory=dict)  # key -> the 201's body
    deaths: dict[int, float] = field(default_factory=dict)  # worker's process id -> when it was killed
    answers: Counter[int] = field(default_factory=Counter)  # status -> how often, 0 when nobody answered
    done: Counter[str] = field(default_factory=Counter)
    lies: list[str] = field(default_factory=list)
    ahead: float = 0.0  # seconds that the console's time was ahead while workers died

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self._over = threading.Event()
        self._count = threading.Lock()

    # ------------------------------------------------------------ the plan

    def ask_for(self) -> list[Asked]:
        """Several refunds of each order, with amounts that tell them apart."""
        orders = self.machine.paid_orders(-(-self.refunds // self.per_order), amount=500_00)
        asked = [
            Asked(order, 1000 + 100 * n + self.chance.randrange(100), f"{self.seed}-{order['id']}-{n}")
            for order in orders
            for n in range(self.per_order)
        ]
        self.chance.shuffle(asked)
        return asked[: self.refunds]

    def run(self) -> list[Asked]:
        """The whole storm, and the calm after it in which everything comes to its end."""
        machine, asked = self.machine, self.ask_for()
        machine.fault("lost_answer", "POST /v1/refunds", every=5)
        machine.fault("slow", "POST /v1/refunds", seconds=0.3)  # so that whoever dies mostly holds one
        with ThreadPoolExecutor(5) as threads:
            watching = threads.submit(self._watch)
            submitting = [threads.submit(self._submit, part) for part in (asked[n::4] for n in range(4))]
            try:
                self._rage(until=lambda: all(part.done() for part in submitting))
                machine.sandbox.post("/_sandbox/clock/advance", {"seconds": 61})  # the undo windows end
                self._rage(kills=self.kills)
            finally:
                self._over.set()
            for part in (*submitting, watching):
                part.result()
        self._calm()
        return asked

    def _rage(self, *, kills: int = 0, until: Callable[[], bool] = lambda: True) -> None:
        """Harm upon harm, in random order and at random moments, until it is enough."""
        machine, chance = self.machine, self.chance
        harm: list[tuple[str, Callable[[], object]]] = [
            ("postgres restarted", lambda: machine.restart_postgres(down=chance.uniform(0, 1))),
            ("valkey killed", lambda: machine.restart_valkey(down=chance.uniform(0, 1))),
            ("valkey flushed", machine.flush_valkey),
            ("clock killed", lambda: machine.kill(machine.clock)),
            ("web killed", lambda: machine.kill(machine.web)),
        ]
        plan = [one for one in harm for _ in range(self.harms if kills else 1)]
        chance.shuffle(plan)
        last = time.monotonic() + LASTS
        while len(self.deaths) < kills or plan or not until():
            assert time.monotonic() < last, f"the storm does not end\n{machine.last_words()}"
            if plan and (not kills or chance.random() < 0.25):
                name, strike = plan.pop()
                strike()
                self.done[name] += 1
            elif kills and (grown := [worker for worker in machine.workers if worker.age > GROWN]):
                pid, at = machine.kill(chance.choice(grown))
                self.deaths[pid] = at
            machine.tend()
            time.sleep(chance.uniform(0.2, 0.8))

    def _calm(self) -> None:
        """Nothing dies any more; vendors answer; webhooks that met a closed door come again."""
        machine = self.machine
        machine.tend()
        machine.sandbox.post("/_sandbox/faults/clear")
        machine.wait(lambda: machine.api.answers("/readyz"), "the console is ready again")
        machine.wait(self._all_kept, "all promises are kept", seconds=120)
        self.ahead = machine.offset()
        machine.advance(600)
        machine.wait(self._all_heard, "all events have arrived and are settled", seconds=120)

    def _all_kept(self) -> bool:
        return not self.machine.rows("select 1 from promises where status in ('waiting', 'claimed') limit 1")

    def _all_heard(self) -> bool:
        waiting = self.machine.sandbox.get("/_sandbox/webhooks?limit=1")["counts"].get("waiting", 0)
        return not waiting and not self.machine.rows(
            "select 1 from inbox_events where status = 'received' limit 1"
        )

    # ------------------------------------------------------------ the driver

    def _submit(self, asked: list[Asked]) -> None:
        for one in asked:
            self.accepted[one.key] = self.submit(one)

    def submit(self, one: Asked) -> dict[str, Any]:
        """Ask until there is an answer, as a careful program does: always with the same key."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            url = f"{one.order['url']}/refund"
            answer = self.machine.api.ask("POST", url, one.body, **{"Idempotency-Key": one.key})
            status = answer.status_code if answer is not None else 0
            with self._count:
                self.answers[status] += 1
            if answer is not None and status == 201:
                return dict(answer.json())
            if answer is not None and status not in (502, 503):
                assert status == 409 and answer.json()["refused"]["code"] in AGAIN, (
                    f"{status}: {answer.text[:500]}"
                )
            time.sleep(0.2)
        raise AssertionError(f"{one.key} was never accepted")

    def _watch(self) -> None:
        """Read what the screen says all the while: nothing is called succeeded before it is."""
        while not self._over.wait(0.5):
            answer = self.machine.api.ask("GET", "/refunds?status=succeeded")
            if answer is None or answer.status_code == 503:
                continue
            if answer.status_code != 200:
                self.lies.append(f"GET /refunds: {answer.status_code}")
                continue
            real = {effect["object_id"] for effect in self.machine.ledger()}
            said = {refund["external_id"] for refund in answer.json()["items"]}
            self.lies += sorted(said - real)
