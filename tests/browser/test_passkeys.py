"""A passkey, in a real browser with an authenticator of its own: set one up, then sign in with it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from .conftest import PASSWORD, Watched


def authenticator(page: Page) -> None:
    """What a laptop with a fingerprint reader has."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_set_up_and_opens_the_account(watched: Watched) -> None:
    authenticator(watched.page)
    page = watched.sign_in_by_hand("mo@example.test")
    watched.open("/account/enrol")
    watched.accessible()
    page.get_by_role("button", name="Set up a passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    watched.accessible()
    watched.open("/sessions")
    page.locator(".me summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("E-mail").fill("mo@example.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    watched.accessible()
    page.get_by_role("button", name="Use my passkey").click()
    page.wait_for_url(f"{watched.console.url}/")
    watched.open("/account")
    expect(page.get_by_role("cell", name="Passkey").first).to_be_visible()
    watched.accessible()
