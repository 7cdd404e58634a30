"""A real `opsconsole up` and a real Chromium, as somebody who has just read the README has them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PASSWORD = "demo-password"
# The colours differ between the themes, all else does not: in dark only they are looked at.
AXE_RUNS: dict[str, dict[str, Any]] = {
    "light": {"rules": {"target-size": {"enabled": True}}},
    "dark": {"runOnly": ["color-contrast", "link-in-text-block"]},
}
AXE_FINDS = """async options =>
    (await axe.run(document, options)).violations.map(one => [one.id, ...one.nodes.slice(0, 3).map(node => node.target)])
"""
# Of all text on a page: its colour, size and weight, and every colour that it stands on. This is what contrast is made of.
LOOKS = """left_out => {
    const known = new Map()
    const ground = el => {
        if (!known.has(el)) {
            const of = getComputedStyle(el), own = of.backgroundImage + of.backgroundColor + of.opacity
            known.set(el, (el.parentElement ? ground(el.parentElement) : '') + (own === CLEAR ? '' : ' ' + own))
        }
        return known.get(el)
    }
    const CLEAR = 'none' + 'rgba(0, 0, 0, 0)' + '1'
    const looks = new Set()
    for (const el of document.querySelectorAll('body *')) {
        if (![...el.childNodes].some(node => node.nodeType === 3 && node.data.trim())) continue
        if (left_out.some(part => el.closest(part))) continue
        const of = getComputedStyle(el), link = el.tagName === 'A'
        const beside = link ? of.textDecorationLine + getComputedStyle(el.parentElement).color : ''
        looks.add([of.color, of.fontSize, of.fontWeight, of.textShadow, beside, ground(el)].join('|'))
    }
    return [...looks]
}"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path).replace(os.sep, "/"):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


class Console:
    """A running console: its address, its sandbox's, its demo token."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.url, self.sandbox = (f"http://localhost:{_free_port()}" for _ in range(2))
        ports = [re.sub(r"\D", "", url) for url in (self.url, self.sandbox)]
        where = ["--port", ports[0], "--sandbox-port", ports[1]]
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("OPSCONSOLE_", "STRIPE_"))}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "opsconsole.cli", "up", "--home", str(home), "--customers", "60", *where],
            env=environ,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._wait()
        self.token = json.loads((home / "secrets.json").read_text())["OPSCONSOLE_DEMO_TOKEN"]
        self.sessions: dict[str, Any] = {}  # by e-mail, the cookies of who has signed in

    def _wait(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            assert self.process.poll() is None, self.process.stdout and self.process.stdout.read()
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/readyz", timeout=2)
                return
            time.sleep(0.2)
        raise AssertionError("the console did not get ready")

    def ask(self, path: str, body: dict[str, Any] | None = None, *, key: str = "") -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return _json(f"{self.url}{path}", body, headers | ({"Idempotency-Key": key} if key else {}))

    def world(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """The sandbox's control side."""
        return _json(f"{self.sandbox}/_sandbox{path}", body, {"Content-Type": "application/json"})

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)


def _json(url: str, body: dict[str, Any] | None, headers: dict[str, str]) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=20) as answer:
        return json.load(answer)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="session")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    running = Console(tmp_path_factory.mktemp("console"))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed: make test installs it where it can")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


class Watched:
    """A page that must stay silent: no error in its console, no violation of its content policy."""

    def __init__(self, context: BrowserContext, console: Console) -> None:
        self.page: Page = context.new_page()
        self.console = console
        self.complaints: list[str] = []
        self.page.on("console", lambda said: self._heard(said.type, said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _heard(self, kind: str, text: str) -> None:
        if text.startswith(("htmx:sendAbort", "htmx:afterRequest")):
            return  # a page that was left took a request along; what fails otherwise htmx tells by another name
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def open(self, path: str) -> Page:
        self.page.goto(f"{self.console.url}{path}")
        return self.page

    def sign_in(self, email: str) -> Page:
        """The home page of somebody. They sign in once; another test goes on with their session."""
        if email in self.console.sessions:
            self.page.context.add_cookies(self.console.sessions[email])
            return self.open("/")
        page = self.sign_in_by_hand(email)
        self.console.sessions[email] = page.context.cookies()
        return page

    def sign_in_by_hand(self, email: str) -> Page:
        page = self.open("/sign-in")
        page.get_by_label("E-mail").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"{self.console.url}/")
        return page

    def accessible(self) -> None:
        """axe finds nothing on the page as it stands, in light and in dark."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE)
        for scheme, options in AXE_RUNS.items():
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found = self.page.evaluate(
                AXE_FINDS, {**options, "resultTypes": ["violations"], "preload": False}
            )
            assert not found, f"{self.page.url} {scheme}: {found}"
        self.page.emulate_media(color_scheme="light")


@pytest.fixture
def watched(chromium: Browser, console: Console) -> Iterator[Watched]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = Watched(context, console)
    yield page
    context.close()
    assert not page.complaints, page.complaints


@pytest.fixture
def plain(chromium: Browser, console: Console) -> Iterator[Watched]:
    """A browser without JavaScript."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, java_script_enabled=False)
    yield Watched(context, console)
    context.close()
