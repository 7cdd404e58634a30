"""The same sign-in with another OpenID provider: oidc-provider, which runs by Node, and wants PKCE of everybody.

What it needs is installed once, by the lock beside it, into a cache of the tests. Without Node, npm or a way to its
packages these are skipped.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask

from ..house import House, PageClient
from .sign_in_scenes import SAM, page, production
from .test_link_identity import BASE, link

PROGRAM = Path(__file__).with_name("identity_provider")
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "opsconsole-tests"
BACK = f"{BASE}/sign-in/oidc/back"
PEOPLE = {
    "sam-1": {"email": SAM, "email_verified": True, "name": "Sam R."},
    "sam-2": {"email": SAM, "email_verified": True, "name": "Sam R."},
    "unverified": {"email": SAM, "email_verified": False, "name": "Sam R."},
    "foreign": {"email": "sam@elsewhere.test", "email_verified": True, "name": "Sam E."},
    "nobody": {"email": "nobody@example.test", "email_verified": True, "name": "No Body"},
}


@pytest.fixture(scope="module")
def program() -> Path:
    """The program beside its packages, as the lock says."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("The second OpenID provider needs Node and npm, and one of them is not here.")
    lock = (PROGRAM / "package-lock.json").read_bytes()
    home = CACHE / f"identity-provider-{hashlib.sha256(lock).hexdigest()[:12]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "installing.lock", "w") as alone:  # the suite runs in several processes
        fcntl.flock(alone, fcntl.LOCK_EX)
        _install(home)
    return home


def _install(home: Path) -> None:
    if not (home / "ready").exists():
        shutil.rmtree(home, ignore_errors=True)
        shutil.copytree(PROGRAM, home)
        install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        try:
            done = subprocess.run(install, cwd=home, capture_output=True, text=True, timeout=120)
        except subprocess.TimeoutExpired:
            pytest.skip("The second OpenID provider's packages did not come within two minutes.")
        if done.returncode:
            pytest.skip(f"The second OpenID provider could not be installed: {done.stderr.strip()[-200:]}")
        (home / "ready").touch()
    shutil.copy(PROGRAM / "provider.mjs", home)


@pytest.fixture(scope="module")
def provider(program: Path) -> Iterator[str]:
    command = ["node", "provider.mjs", json.dumps(PEOPLE), "console", BACK]
    with subprocess.Popen(
        command, cwd=program, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as running:
        assert running.stdout
        address = running.stdout.readline().strip()
        assert address.startswith("http://localhost:"), "it did not start"
        yield address
        running.terminate()


@pytest.fixture
def real(house: House, provider: str) -> Flask:
    return production(
        house, base_url=BASE, oidc_issuer=provider, oidc_client_id="console",
        oidc_client_secret="a-secret-of-the-tests", oidc_allowed_domains=("example.test",),
    )  # fmt: skip


def agree(url: str, subject: str) -> str:
    """In a browser of its own at the provider: sign in as that person. Returns where the browser comes back to."""
    asked = parse_qs(urlsplit(url).query)
    assert asked["code_challenge_method"] == ["S256"] and asked["code_challenge"] and asked["nonce"]
    browser = requests.Session()
    form = browser.get(url, timeout=10)  # it sends on to its page of sign-in
    assert form.status_code == 200 and "/interaction/" in form.url, form.text
    answer = browser.post(
        form.url, data={"prompt": "login", "login": subject}, allow_redirects=False, timeout=10
    )
    while not answer.headers["Location"].startswith(BASE):
        answer = browser.get(answer.headers["Location"], allow_redirects=False, timeout=10)
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def come(person: PageClient, subject: str) -> PageClient:
    answer = person.client.get("/sign-in/oidc", headers={"Host": "localhost"})
    back = person.client.get(
        agree(answer.headers["Location"], subject), headers={"Accept": "text/html"}, follow_redirects=True
    )
    person.html, person.url = back.get_data(as_text=True), back.request.path
    return person


def test_sign_in_all_the_way_once_an_admin_has_linked_it(house: House, real: Flask) -> None:
    assert "Ask an admin to link it" in come(page(house, real), "sam-1").html
    assert house.rows("select * from sign_ins") == []
    link(house, "sam-1")
    sam = come(page(house, real), "sam-1")
    assert sam.url == "/account/enrol" and "Set up a second factor" in sam.html
    assert house.rows("select how from sign_ins where how = 'oidc'") == [("oidc",)]
    other = come(page(house, real), "sam-2")
    assert "Ask an admin to link it" in other.html, "another subject with the same address is somebody else"


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("unverified", "is verified"),
        ("foreign", "not an address of this company"),
        ("nobody", "has no account here"),
    ],
)
def test_who_is_refused_with_words_and_nothing_is_written(
    house: House, real: Flask, subject: str, words: str
) -> None:
    before = house.checksum()
    person = come(page(house, real), subject)
    assert words in person.html and person.client.get("/orders").status_code == 303
    assert house.checksum() == before


def test_it_wants_the_proof_of_who_began(house: House, real: Flask, provider: str) -> None:
    """PKCE for real: a code that was caught on its way is worth nothing without this browser's verifier."""
    sam = page(house, real)
    back = agree(sam.client.get("/sign-in/oidc").headers["Location"], "sam-1")
    with sam.client.session_transaction() as kept:
        kept["oidc"] = kept["oidc"] | {"verifier": "x" * 64}
    answer = sam.client.get(back, headers={"Accept": "text/html"})
    assert answer.status_code == 409 and "does not hold" in answer.text
