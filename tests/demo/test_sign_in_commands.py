"""`opsconsole staff add` and `opsconsole token create`: how people and programs get in without a demo."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from opsconsole.cli import main
from opsconsole.services.staff import sign_in
from opsconsole.services.tokens import actor_of
from tests.house import KEY, SECRET, House

PASSWORD = "correct horse battery"


class Terminal:
    def __init__(self, house: House) -> None:
        self._env = {
            "OPSCONSOLE_DATABASE_URL": house.app.config["SETTINGS"].database_url,
            "OPSCONSOLE_SECRET_KEY": "x" * 40,
            "OPSCONSOLE_ENV": "test",
            "STRIPE_API_KEY": KEY,
            "STRIPE_WEBHOOK_SECRET": SECRET,
        }

    def run(self, *words: str, said: str = "") -> Result:
        return CliRunner().invoke(main, list(words), input=said, env=self._env)


@pytest.fixture
def terminal(house: House) -> Terminal:
    return Terminal(house)


def test_a_person_signs_in_with_the_password_from_the_pipe(house: House, terminal: Terminal) -> None:
    added = terminal.run("staff", "add", "jo.field@example.com", "--role", "finance", said=f"{PASSWORD}\n")
    assert added.exit_code == 0, added.output
    assert PASSWORD not in added.output
    with house.app.app_context():
        assert sign_in("jo.field@example.com", PASSWORD, address="127.0.0.1")
    assert house.rows("select name from staff where email = 'jo.field@example.com'") == [("Jo Field",)]


@pytest.mark.parametrize(
    ("email", "role", "password", "why"),
    [
        ("jo@example.com", "king", PASSWORD, "Choose one of: admin"),
        ("jo@example.com", "finance", "short", "at least 15 characters"),
        ("sam@example.test", "finance", PASSWORD, "has an account already"),
        ("jo", "finance", PASSWORD, "not an e-mail address"),
    ],
)
def test_what_staff_add_refuses(
    house: House, terminal: Terminal, email: str, role: str, password: str, why: str
) -> None:
    before = house.rows("select count(*) from staff")
    refused = terminal.run("staff", "add", email, "--role", role, said=f"{password}\n")
    assert refused.exit_code == 1
    assert why in refused.output
    assert house.rows("select count(*) from staff") == before


def test_a_forgotten_password_is_set_anew_and_sessions_end(house: House, terminal: Terminal) -> None:
    sam = house.page()
    done = terminal.run("staff", "password", "sam@example.test", said=f"{PASSWORD}\n")
    assert done.exit_code == 0 and PASSWORD not in done.output
    assert sam.client.get("/orders").status_code == 303
    with house.app.app_context():
        assert sign_in("sam@example.test", PASSWORD, address="127.0.0.1")
    before = house.rows("select password_hash from staff order by id")
    for email, said, why in (
        ("sam@example.test", "short", "at least 15"),
        ("x@example.test", PASSWORD, "Nobody here"),
    ):
        refused = terminal.run("staff", "password", email, said=f"{said}\n")
        assert refused.exit_code == 1 and why in refused.output
    assert house.rows("select password_hash from staff order by id") == before


def test_a_token_is_printed_and_works(house: House, terminal: Terminal) -> None:
    made = terminal.run("token", "create", "checkout", "--role", "shop")
    assert made.exit_code == 0, made.output
    with house.app.app_context():
        actor = actor_of(made.stdout.strip(), address="127.0.0.1")
    assert actor
    assert actor.label == "token checkout"
    assert actor.may("orders.record")


def test_a_token_needs_a_role_that_exists(terminal: Terminal) -> None:
    refused = terminal.run("token", "create", "checkout", "--role", "king")
    assert refused.exit_code == 1
    assert "no role 'king'" in refused.output
