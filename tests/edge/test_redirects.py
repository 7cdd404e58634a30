"""Nobody is led out of the house: every way to a redirect, with every way to write another host."""

from __future__ import annotations

import ast
from pathlib import Path
from urllib.parse import quote

from ..house import PASSWORD, PEOPLE, House

ASVS = {"1.2.2": "URLs", "3.7.2": "redirects"}
CODE = Path(__file__).parent.parent.parent / "opsconsole"
EVIL = (
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example", "https://evil.example",
    "http:/evil.example", "/%2f/evil.example", "%2f%2fevil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "data:text/html,x", "/\t/evil.example", "/\n/evil.example", " //evil.example", "//evil.example@localhost",
    "//localhost@evil.example", "/.//evil.example", "/;@evil.example", "\u2215\u2215evil.example", "//evil%E3%80%82example",
)  # fmt: skip
PARAMETERS = ("next", "then", "return", "return_to", "url", "redirect", "back", "continue")


def inside(target: str | None) -> bool:
    """Would every browser stay here? One slash, no backslash, nothing it would drop."""
    target = (target or "").removeprefix("http://localhost")  # routing writes its own redirects out
    return bool(target) and target[0] == "/" and target[1:2] not in ("/", "\\") and target.isprintable()  # type: ignore[index]


def test_signing_in_leads_into_the_house(house: House) -> None:
    """By a parameter, by the address that was asked for, by what a session kept."""
    for evil in EVIL:
        leads_inside(house, evil)


def leads_inside(house: House, evil: str) -> None:
    client = house.app.test_client()
    for path in (
        evil,
        f"/{evil}",
        f"/orders?next={quote(evil)}",
        *(f"/sign-in?{name}={quote(evil)}" for name in PARAMETERS),
    ):
        bare, _, query = path.partition("?")
        sent = {"PATH_INFO": bare.encode().decode("latin-1")}
        answer = client.get("/", query_string=query, headers={"Accept": "text/html"}, environ_overrides=sent)
        if "Location" in answer.headers:
            assert inside(answer.headers["Location"]), (path, answer.headers["Location"])
        assert not any(name.startswith("HX-") for name, _ in answer.headers), path
    with client.session_transaction() as session:
        session["next"] = evil
    page = client.get("/sign-in").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    email = PEOPLE["support"][0]
    done = client.post("/sign-in", data={"csrf_token": token, "email": email, "password": PASSWORD})
    assert done.status_code == 303 and inside(done.headers["Location"]), done.headers["Location"]


def test_searching_leads_into_the_house(house: House) -> None:
    page = house.page()
    for evil in EVIL:
        answer = page.client.get(f"/search?q={quote(evil)}")
        assert answer.status_code == 200 or inside(answer.headers.get("Location")), evil


def test_no_view_redirects_to_what_was_sent() -> None:
    """Each redirect's target is a literal, a record's URL or one of these names, which were looked at."""
    looked_at = {"next_url", "url_for('sessions.sign_in')", "found.straight.url", "request_made['url']"}
    looked_at |= {"asked.then or done.body['subject']"}
    for file in (CODE / "views").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("redirect", "flask.redirect"):
                target = node.args[0]
                if not isinstance(target, ast.Constant) and ast.unparse(target) not in looked_at:
                    assert "request." not in ast.unparse(target), f"{file.name}:{node.lineno}"
            if isinstance(node, ast.Constant) and node.value in ("HX-Redirect", "HX-Location", "Location"):
                raise AssertionError(f"{file.name}:{node.lineno}: redirect() says where to")
