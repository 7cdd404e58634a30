"""Every route and every act, for every role, on one's own, another's and no thing: as the one table of roles says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from opsconsole.db import db
from opsconsole.lib.refusal import Denied
from opsconsole.services import ACTS, _act, staff, tokens
from opsconsole.services._act import parameters
from opsconsole.services.staff import MARKS, MATRIX
from opsconsole.views import _who

from ..house import PEOPLE, TOKENS, House
from .matrix_scenes import PEOPLE_ROLES, PROGRAM_ROLES, SYSTEM, Scenes

ASKED = {"/why": "?act=refunds.issue", "/search": "?q=cust"}  # what a page cannot do without
READERS = ("support", "clinician", "shop")  # whose own is not another's: they read both
DONE = {200, 201, 202, 303, 409, 422}  # done, asked for, or refused by the act itself: the right was there


class SecurityLog:
    """What the security log was told, instead of standard error."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    def warning(self, event: str, **values: Any) -> None:
        self.told.append({"event": event, **values})

    info = warning


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> SecurityLog:
    log = SecurityLog()
    monkeypatch.setattr(_who, "security", log)
    monkeypatch.setattr(_act, "security", log)
    return log


@dataclass(frozen=True)
class Cell:
    """One request. `which` is own, other or foreign; a route without a subject has only `own`."""

    permission: str
    method: str
    url: str
    which: str
    act: bool


# What they answer depends on who revealed what: tests/phi.
APART = {"/phi/<record_id>/<field>/reveal", "/reveals/<reveal_id>"}


def cells(house: House, scenes: Scenes, role: str) -> Iterator[Cell]:
    """Every request that the routes make possible, from the routes themselves."""
    for rule in house.app.url_map.iter_rules():
        view: Any = house.app.view_functions[rule.endpoint]
        if rule.endpoint == "static" or view.permission in ("public", "own") or rule.rule in APART:
            continue
        if view.permission not in MATRIX:
            pytest.fail(
                f"{rule.rule} needs {view.permission}, which no role has: add its row to _TABLE in "
                "opsconsole/services/staff/_roles.py, with a mark for each role."
            )
        [*names] = [name for name in rule.arguments if name != "system"]
        for which, path in _paths(rule.rule, names, scenes, role):
            for method in sorted(rule.methods & {"GET", "POST"}):
                if which == "other" and method == "GET" and role not in READERS:
                    continue
                url = path + ASKED.get(rule.rule, "")
                yield Cell(view.permission, method, url, which, hasattr(view, "act"))


def _paths(rule: str, names: list[str], scenes: Scenes, role: str) -> Iterator[tuple[str, str]]:
    path = rule.replace("<system>", SYSTEM)
    if not names:
        yield "own", path
        return
    [name] = names
    noun = f"{rule.split('/')[1].rstrip('s')}_id" if name == "record_id" else name
    own, other = scenes.pair(noun, role)
    foreign = f"{own.partition('_')[0]}_nosuchthing"
    for which, id in {"own": own, "other": other, "foreign": foreign}.items():
        if which == "other" and other == own:
            continue
        yield which, re.sub(r"<(?:\w+:)?\w+>", id, path)


def expected(cell: Cell, role: str, program: bool) -> set[int]:
    """The answers that the table allows."""
    if MATRIX[cell.permission][role] == "-":
        return {403}
    missing = {404} if cell.which == "foreign" else set()
    if cell.act and cell.method == "GET" and program:
        return {405, 422} | missing  # programs have no use for the form, which may ask for something first
    if missing:
        return missing if cell.method == "GET" else {404, 422}  # a form is read before its subject is
    return DONE if cell.act else {200, 303}


class Knocker:
    """Somebody of a role at the doors: a person with a session and its CSRF token, or a program with a bearer token."""

    def __init__(self, house: House, role: str, program: bool) -> None:
        self.client = house.app.test_client(use_cookies=not program)
        self.headers = {"Accept": "application/json"}
        if program:
            self.headers["Authorization"] = f"Bearer {TOKENS[role]}"
            return
        page = house.page(role)
        page.get("/search")
        self.client = page.client
        self.headers["X-CSRFToken"] = page.html.partition('name="csrf-token" content="')[2].partition('"')[0]

    def ask(self, cell: Cell) -> int:
        page = cell.act and cell.method == "GET" and "Authorization" not in self.headers
        headers = self.headers | ({"Accept": "text/html"} if page else {})
        body = {"json": {}} if cell.method == "POST" else {}
        return self.client.open(cell.url, method=cell.method, headers=headers, **body).status_code  # type: ignore[arg-type]


def test_every_route_answers_every_role_as_the_table_says(house: House, log: SecurityLog) -> None:
    scenes = Scenes(house)
    wrong, asked = [], 0
    for role in (*PEOPLE_ROLES, *PROGRAM_ROLES):
        program = role in PROGRAM_ROLES
        knocker = Knocker(house, role, program)
        all_cells = list(cells(house, scenes, role))
        asked += len(all_cells)
        denied = dict.fromkeys(cell for cell in all_cells if expected(cell, role, program) == {403})
        before, heard = house.checksum(), len(log.told)
        answers = [(cell, knocker.ask(cell)) for cell in denied]
        assert house.checksum() == before, f"what {role} may not do wrote something"
        told = [(one["event"], one["act"]) for one in log.told[heard:]]
        assert told == [("denied", cell.permission) for cell in denied], (
            f"{role}: the security log misses some"
        )
        answers += [(cell, knocker.ask(cell)) for cell in all_cells if cell not in denied]
        wrong += [
            f"{role} {cell.method} {cell.url} ({cell.which}): {code}, not {expected(cell, role, program)}"
            for cell, code in answers
            if code not in expected(cell, role, program)
        ]
    assert not wrong, "\n".join(wrong)
    assert asked > 100 * len(staff.ROLES)


def test_nobody_unknown_gets_anything(house: House) -> None:
    client = house.app.test_client(use_cookies=False)
    for rule in house.app.url_map.iter_rules():
        view: Any = house.app.view_functions[rule.endpoint]
        if rule.endpoint == "static" or view.permission == "public" or "GET" not in rule.methods:
            continue
        url = re.sub(r"<[^>]+>", "x_1", rule.rule)
        assert client.get(url, headers={"Accept": "application/json"}).status_code == 401, url
        page = client.get(url, headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["Location"]) == (303, "/sign-in"), url


def test_pages_about_oneself_are_no_programs(house: House) -> None:
    for rule in house.app.url_map.iter_rules():
        if getattr(house.app.view_functions[rule.endpoint], "permission", "") == "own":
            url = re.sub(r"<[^>]+>", "x_1", rule.rule)
            for method in sorted(rule.methods & {"GET", "POST"}):
                headers = {"Accept": "application/json", "Authorization": f"Bearer {TOKENS['demo']}"}
                client = house.app.test_client(use_cookies=False)
                assert client.open(url, method=method, headers=headers).status_code == 403, (method, url)


def actor(role: str) -> Any:
    """A program of each role, as the services know it. Only inside the app."""
    return tokens.actor_of(TOKENS[role], address="127.0.0.1")


@pytest.mark.parametrize("role", [*TOKENS])
def test_every_act_called_directly_is_allowed_or_denied_as_the_table_says(
    house: House, log: SecurityLog, role: str
) -> None:
    before = house.checksum()
    with house.app.app_context():
        by = actor(role)
        for name, act in ACTS.items():
            if not act.robots and name not in MATRIX:
                pytest.fail(f"The act {name} has no row: add one to _TABLE in services/staff/_roles.py.")
            allowed = name in MATRIX and MATRIX[name][role] != "-"
            assert act.permits(by) == allowed, (role, name)
            if not allowed:
                log.told.clear()
                with pytest.raises(Denied):
                    act("x_1", by=by, **dict.fromkeys(parameters(act)))
                assert [(one["act"], one["by"]) for one in log.told] == [(name, by.id)]
        db.session.rollback()
    assert house.checksum() == before


def test_the_table_says_what_the_acts_say() -> None:
    roles = {*staff.ROLES}
    for permission, row in MATRIX.items():
        assert {*row} == roles and {*row.values()} <= {*MARKS}, permission
        act = ACTS.get(permission)
        always = "2" in row.values()
        assert always == bool(act and act.second), (
            f"{permission}: a 2 in the table is @act(second=...), and back"
        )
        assert {*row.values()} - {"-"} <= {"2"} if always else True
        assert ("L" in row.values()) == (permission in staff.LIMITS), permission
    assert {role for act in staff.LIMITS.values() for role in act} == {
        role for role, mark in MATRIX["refunds.issue"].items() if mark == "L"
    }


def test_the_auditor_reads_everything_and_changes_nothing() -> None:
    for permission, row in MATRIX.items():
        reads = (permission.endswith(".read") and permission != "reveals.read") or permission in (
            "notes.read_phi",
            "customers.read_names",
        )
        assert (row["auditor"] != "-") == reads, permission


def test_the_shop_sees_neither_people_nor_what_they_may_nor_what_they_did() -> None:
    assert {permission for permission, row in MATRIX.items() if row["shop"] != "-"} == {
        "customers.read", "customers.record", "orders.read", "orders.record", "products.read", "products.record",
        "payments.read", "pharmacies.offer", "refunds.read", "shipments.read", "shipments.record", "why.read",
        "adjustments.read", "billing.charge", "billing.portal", "billing.sync",
    }  # fmt: skip


def test_a_new_console_has_just_what_the_table_says(house: House) -> None:
    held = {(row.name, row.permission) for row in house.rows(
        "select roles.name, permission from grants join roles on roles.id = grants.role_id"
    )}  # fmt: skip
    assert held == {(role, right) for right, row in MATRIX.items() for role in row if row[role] != "-"}
    assert {*PEOPLE} | {*PROGRAM_ROLES} == {*staff.ROLES}
