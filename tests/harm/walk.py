"""A random walk over every act of the console: people and programs click, workers and the clock go on, the outside errs.

A walk is a list of seeds, one a step, so that it can be repeated and made shorter. What a step does is decided by its seed
and by what is there; that most of it is refused is right. After each step every guard of `services/harm` is asked.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import text
from wtforms import BooleanField, DateField, Field, FieldList, Form, FormField, IntegerField
from wtforms.fields import DateTimeLocalField, SelectFieldBase

from opsconsole import jobs
from opsconsole.db import db
from opsconsole.jobs.schedule import SCHEDULE
from opsconsole.lib.refusal import Refused
from opsconsole.models import REGISTRY
from opsconsole.services import CLOCK, harm, inbox, outbox
from opsconsole.services.harm import GUARDS
from opsconsole.views._fields import MoneyField

from ..house import House
from ..sandbox.clinic import sound

ROLES = ("demo", "demo", "demo", "support", "ops_lead", "clinician", "finance", "shop")
#: Acts that a walk leaves alone, and why.
LEFT_OUT = {
    "staff": "who may do what does not change what may be done to patients",
    "roles": "the same",
    "limits": "the same",
    "tokens": "the same",
    "approvals": "a token approves nothing; what is approved runs as the act that was asked for",
    "phi": "reading",
    "keys": "the keyring's, from the command line",
    "attachments": "a file beside something",
    "notes": "words beside something",
}
TEXTS = ("Seen", "The customer called", "2026-12-01", "NC-050-60", "R0001", "price_1", "skin-intake")


@dataclass(frozen=True)
class Door:
    """One act's route. `of` is the noun that its address names, None where it names none."""

    act: str
    url: str
    of: str | None
    form: type[Form]


@dataclass
class Walk:
    """`happened` counts what became of each act: its name and its HTTP status."""

    house: House
    happened: Counter[tuple[str, int]] = field(default_factory=Counter)
    trodden: list[int] = field(default_factory=list)
    learned: dict[tuple[str, str], list[str]] = field(
        default_factory=dict
    )  # what a refused form said may be chosen

    def __post_init__(self) -> None:
        self.doors = doors(self.house.app)
        self.apis = {role: self.house.api(role) for role in set(ROLES)}

    def step(self, seed: int) -> None:
        """Raises AssertionError with the guard that was broken, or for an answer that is none."""
        self.trodden.append(seed)
        rng = random.Random(seed)
        before = self.broken()
        kind = rng.choices((self.click, self.work, self.clock, self.wait, self.outside), (70, 14, 8, 5, 3))[0]
        kind(rng)
        after = self.broken()
        if kind == self.click:
            assert after <= before, f"step {seed}: {sorted(after - before)} after {self.last}"
        else:
            self._have_cases(after - before, seed)

    def broken(self) -> set[tuple[str, str]]:
        with self.house.app.app_context():
            on = db.session.connection()
            found = {(code, one.subject) for code, guard in GUARDS.items() for one in guard.broken(on)}
            db.session.rollback()
            return found

    def _have_cases(self, new: set[tuple[str, str]], seed: int) -> None:
        """What came from outside, or with time, is looked for by the sweep; what our workers do opens its case at once."""
        if new:
            with self.house.app.app_context():
                harm.sweep_nightly(by=CLOCK)
        for code, subject in new:
            rows = self.house.rows(
                "select 1 from cases where reason = :reason and subject_id = :subject and status = 'open'",
                reason=GUARDS[code].reason, subject=subject,
            )  # fmt: skip
            assert rows, f"step {seed}: nobody was told of {code} at {subject}"

    # what a step may be

    last = ""

    def click(self, rng: random.Random) -> None:
        """Somebody asks for some act, of something that is there, with what its form allows or nearly so."""
        door = rng.choice(self.doors)
        url = door.url
        if door.of and not (id := self._some(door.of, rng)):
            return
        if door.of:
            url = url.replace("<id>", id)
        body = dict(self._filled(door, rng))
        self.last = f"{door.act} {url} {body}"
        answer = self.apis[rng.choice(ROLES)].client.post(
            url, json=body, headers={**self.apis["demo"].headers, "Idempotency-Key": f"walk {rng.random()}"}
        )
        self.happened[door.act, answer.status_code] += 1
        if answer.status_code == 422:
            self._learn(door, answer.get_json().get("errors", {}))
        assert answer.status_code in (201, 202, 401, 403, 404, 409, 422), (
            f"{self.last}: {answer.get_data(as_text=True)[:400]}"
        )

    def _learn(self, door: Door, errors: dict[str, list[str]]) -> None:
        for name, said in errors.items():
            for words in said:
                if isinstance(words, str) and (found := CHOICES.match(words)):
                    self.learned[door.act, name] = found[1].split(", ")

    def work(self, rng: random.Random) -> None:
        """A worker does some of what is due, in any order; webhooks come, or do not yet."""
        self.last = "a worker"
        with self.house.app.app_context():
            due = [*(("keep", id) for id, _ in outbox.due()), *(("settle", id) for id, _ in inbox.due())]
            db.session.rollback()
            for job, id in rng.sample(due, min(len(due), rng.randint(1, 6))):
                getattr(jobs, job)(id)
            db.session.rollback()
        if rng.random() < 0.7:
            self.house.sandbox.flush()

    def clock(self, rng: random.Random) -> None:
        scheduled = rng.choice(SCHEDULE)
        self.last = f"the clock: {scheduled.name}"
        with self.house.app.app_context():
            try:
                scheduled.run()
            except Refused:  # a guard has said no: the act is not done, and comes round again
                self.happened[f"clock {scheduled.name}", 409] += 1
            db.session.rollback()

    def wait(self, rng: random.Random) -> None:
        span = rng.choice((30, 130, 3700, 86_400, 9 * 86_400, 32 * 86_400))
        self.last = f"{timedelta(seconds=span)} later"
        self.house.advance(span)

    def outside(self, rng: random.Random) -> None:
        """A clinic, a pharmacy or a customer does something by themselves; a vendor fails for a while."""
        does = rng.choice(OUTSIDE)
        self.last = f"outside: {does.__name__}"
        does(self.house, rng)

    # what a form is filled with

    def _some(self, noun: str, rng: random.Random) -> str | None:
        table = TABLES[noun]
        rows = self.house.rows(f"select id from {table} order by created_at desc, id limit 12")
        return str(rng.choice(rows)[0]) if rows else None

    def _filled(self, door: Door, rng: random.Random) -> Iterator[tuple[str, Any]]:
        for one in door.form():
            known = self.learned.get((door.act, one.short_name))
            if one.flags.required or known or rng.random() < 0.35:
                value = rng.choice(known) if known else self._value(one, rng)
                if value is not None:
                    yield one.short_name, value

    def _value(self, one: Field, rng: random.Random) -> Any:
        if isinstance(one, SelectFieldBase):
            choices = [choice[0] for choice in one.iter_choices()] if one.choices else []
            if choices:
                return rng.choice(choices)
        if isinstance(one, BooleanField):
            return rng.random() < 0.5
        if isinstance(one, IntegerField):
            return rng.choice((0, 1, 1, 2, 3, 12, 60))
        if isinstance(one, MoneyField):
            return f"{rng.choice((0, 1, 5, 10, 60, 61, 200))}.{rng.choice(('00', '50'))}"
        if isinstance(one, DateField | DateTimeLocalField):
            at = self.house.rows("select instant() as at")[0].at + timedelta(days=rng.randint(-2, 70))
            return at.date().isoformat() if isinstance(one, DateField) else at.isoformat()[:16]
        if isinstance(one, FieldList | FormField):
            return None
        return self._named(one.short_name, rng)

    def _named(self, name: str, rng: random.Random) -> Any:
        """Fields that hold the id of something are called like it."""
        if name in TABLES:
            return self._some(name, rng)
        return rng.choice(TEXTS)


def doors(app: Flask) -> list[Door]:
    """Every act that somebody may ask for, but for those that are left out."""
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        act = getattr(view, "act", None)
        if act is None or "POST" not in (rule.methods or ()) or act.name.split(".")[0] in LEFT_OUT:
            continue
        names = sorted(rule.arguments)
        if len(names) > 1:
            continue
        of = names[0].removesuffix("_id") if names else None
        url = rule.rule.replace(f"<{names[0]}>", "<id>") if names else rule.rule
        found.append(Door(act.name, url, NOUNS.get(of, of) if of else None, view.form))
    return sorted(found, key=lambda one: (one.act, one.url))


#: Names in addresses that are not the noun's own.
NOUNS = {
    "credit-note": "credit_note", "routing": "routing_rules", "lifecycle": "lifecycle_policy", "event": "inbox_event",
    "flag": "review_flag", "request": "prescription_request",
}  # fmt: skip
TABLES = {
    re.sub(r"(?<!^)(?=[A-Z])", "_", one.__name__).lower(): one.__tablename__ for one in REGISTRY.values()
} | {"fix": "group_fixes"}
CHOICES = re.compile(r"^Choose one of: (.+)\.$")


def shorter(seeds: Sequence[int], fails: Callable[[Sequence[int]], bool]) -> list[int]:
    """As few steps as still fail: halves, quarters … are left out as long as what is left fails."""
    kept, size = list(seeds), max(len(seeds) // 2, 1)
    while size:
        at = 0
        while at < len(kept):
            tried = kept[:at] + kept[at + size :]
            if tried and fails(tried):
                kept = tried
            else:
                at += size
        size //= 2
    return kept


# what the outside does by itself


def _stops(house: House, rng: random.Random) -> None:
    """Somebody at the clinic changes how a prescription stands, perhaps to a word that nobody knows."""
    rows = house.rows("select external_id from prescriptions where external_id like 'rx-%' order by id")
    wanted = rng.choice(("cancelled", "stopped", "on-hold", "active", "NewStatusX"))
    with suppress(ValueError):
        house.sandbox.fhir.set_status(rng.choice(rows).external_id, wanted)


def _prescribes(house: House, rng: random.Random) -> None:
    """Somebody at the clinic prescribes the same once more, without asking anybody."""
    id = f"rx-walk-{rng.randrange(10**9)}"
    terms = {"validityPeriod": {"end": "2028-01-01"}, "numberOfRepeatsAllowed": rng.randint(0, 3)}
    made = sound("MedicationRequest", id=id, status="draft", identifier=None, dispenseRequest=terms)
    house.sandbox.fhir.load([made])
    house.sandbox.fhir.sign(id)


def _dispenses(house: House, rng: random.Random) -> None:
    rows = house.rows("select external_id from prescriptions order by id")
    with suppress(ValueError):
        house.sandbox.fhir.dispense(rng.choice(rows).external_id)


def _opts_out(house: House, rng: random.Random) -> None:
    query = "update profiles set facts = facts || jsonb_build_object('unsubscribed', true) where system = 'customerio'"
    with house.app.app_context():
        db.session.execute(text(query))
        db.session.commit()


OUTSIDE: tuple[Callable[[House, random.Random], None], ...] = (_stops, _prescribes, _dispenses, _opts_out)
