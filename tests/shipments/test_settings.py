"""What follows parcels may be left out, but not half."""

from __future__ import annotations

import pytest

from opsconsole.config import Misconfigured, Settings, adapters

NEEDED = {
    "OPSCONSOLE_DATABASE_URL": "postgresql://opsconsole@localhost/opsconsole",
    "OPSCONSOLE_SECRET_KEY": "x" * 40,
    "STRIPE_API_KEY": "sk_test_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
}
PARCELS = {"EASYPOST_API_KEY": "EZTK-key", "EASYPOST_WEBHOOK_SECRET": "event-secret"}


def test_without_its_settings_no_parcel_is_followed() -> None:
    assert "tracking" not in adapters(Settings.from_environment(NEEDED | dict.fromkeys(PARCELS, "")))


def test_with_all_of_them_it_is_connected_and_tells_no_secret() -> None:
    settings = Settings.from_environment(NEEDED | PARCELS)
    assert adapters(settings)["tracking"].name == "easypost"
    assert "EZTK-key" not in repr(settings) and "event-secret" not in repr(settings)


@pytest.mark.parametrize("missing", PARCELS)
def test_half_of_them_stop_the_start_with_a_sentence(missing: str) -> None:
    half = {name: value for name, value in PARCELS.items() if name != missing}
    with pytest.raises(Misconfigured, match=f"{missing} is not set"):
        Settings.from_environment(NEEDED | half)


def test_a_base_alone_is_half_and_a_key_has_no_colon() -> None:
    with pytest.raises(Misconfigured, match="EASYPOST_API_KEY"):
        Settings.from_environment(NEEDED | {"EASYPOST_API_BASE": "https://api.easypost.com"})
    with pytest.raises(Misconfigured, match="EASYPOST_API_KEY"):
        Settings.from_environment(NEEDED | PARCELS | {"EASYPOST_API_KEY": "a:b"})
