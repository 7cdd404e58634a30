"""Who acts: a person, a program with a token, or one of our own processes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Actor:
    """`kind` is staff, token or robot; `label` is what people read; `grants` are names of permissions.

    `role` is the role's id, whose limits hold; `person` and `device` tell a human apart from their accounts.
    """

    kind: str
    id: str
    label: str
    grants: frozenset[str] = field(default=frozenset(), repr=False)
    address: str | None = None
    role: str = ""
    person: str = ""
    device: str = ""
    emergency: bool = False  # has somebody's health data open (phi.break_glass)

    def may(self, permission: str) -> bool:
        return permission in self.grants

    @property
    def human(self) -> bool:
        return self.kind == "staff"


def robot(name: str) -> Actor:
    """One of our own processes. It may run only the acts that name it (`@act(robots=...)`)."""
    return Actor("robot", name, name)


WORKER = robot("worker")
CLOCK = robot("clock")
STRIPE = robot("stripe")
CONSOLE = robot("console")
