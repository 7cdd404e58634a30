"""`opsconsole reconcile`: a comparison from the command line, with workers or without."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator

import pytest
from click.testing import CliRunner, Result

from opsconsole import cli, vendors
from opsconsole.jobs import reconcile

from ..house import House
from .scenes import fill_behind, fill_missing_there, filled, findings

Command = Callable[..., Result]


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """The command over the house's own console, which the sandbox answers in this process."""

    @contextlib.contextmanager
    def acting() -> Iterator[None]:
        with house.app.app_context():
            yield

    monkeypatch.setattr(cli, "_acting", acting)

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli.main, ["reconcile", *words])

    yield run


def test_it_tells_by_kind_what_is_left_and_fails(house: House, run: Command) -> None:
    fill_missing_there(house)
    told = run()
    assert told.exit_code == 1, told.output
    assert "Fill is missing there                 1         0" in told.output and "1 left" in told.output
    assert len(findings(house)) == 1


def test_it_mends_what_is_merely_stale_and_is_content(house: House, run: Command) -> None:
    fill_behind(house)
    assert run().exit_code == 1
    told = run("--fix", "--json")
    assert told.exit_code == 0, told.output
    said = json.loads(told.output)
    assert (said["open"], said["repaired"], said["waits_for"]) == ({}, {"fill_behind": 1}, None)
    assert house.api().get(said["run"])["by"] == "console"
    assert "Nothing differs." in run().output


def test_who_does_not_answer_is_named(house: House, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(house)
    monkeypatch.setattr(reconcile, "PATIENCE", 2.0)
    house.sandbox.fault(kind="rate_limit", method="GET /truepill/v1/orders", vendor="truepill")
    told = run()
    assert (
        told.exit_code == 1 and "Truepill asks us to slow down. The workers go on from here." in told.output
    )
    house.sandbox.clear_faults()
    house.later(3600)
    assert run().exit_code == 0


def test_nobody_to_compare_with(house: House, run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendors, "_ports", {})
    told = run()
    assert told.exit_code == 1 and "Nobody is connected to compare with" in told.output


def test_bad_use_is_a_sentence(run: Command) -> None:
    told = run("--mend")
    assert told.exit_code == 2 and "No such option" in told.output
