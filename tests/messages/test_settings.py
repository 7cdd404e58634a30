"""The CRM may be left out, but not half."""

from __future__ import annotations

import pytest

from opsconsole.config import Misconfigured, Settings, adapters

NEEDED = {
    "OPSCONSOLE_DATABASE_URL": "postgresql://opsconsole@localhost/opsconsole",
    "OPSCONSOLE_SECRET_KEY": "x" * 40,
    "STRIPE_API_KEY": "sk_test_1",
    "STRIPE_WEBHOOK_SECRET": "whsec_1",
}
CRM = {
    "CUSTOMERIO_SITE_ID": "site",
    "CUSTOMERIO_API_KEY": "track-key",
    "CUSTOMERIO_WEBHOOK_SECRET": "signing-key",
}


def test_without_its_settings_no_crm_is_connected() -> None:
    nothing = dict.fromkeys(CRM, "")  # as compose files set what is missing
    assert "crm" not in adapters(Settings.from_environment(NEEDED | nothing))


def test_with_all_of_them_it_is_and_one_key_may_open_both() -> None:
    settings = Settings.from_environment(NEEDED | CRM)
    assert adapters(settings)["crm"].name == "customerio"
    assert settings.customerio_app_api_key == "track-key"
    assert "track-key" not in repr(settings) and "signing-key" not in repr(settings)
    apart = Settings.from_environment(NEEDED | CRM | {"CUSTOMERIO_APP_API_KEY": "app-key"})
    assert (apart.customerio_api_key, apart.customerio_app_api_key) == ("track-key", "app-key")


@pytest.mark.parametrize("missing", CRM)
def test_half_of_them_stop_the_start_with_a_sentence(missing: str) -> None:
    half = {name: value for name, value in CRM.items() if name != missing}
    with pytest.raises(Misconfigured, match=f"{missing} is not set"):
        Settings.from_environment(NEEDED | half)


def test_a_base_alone_is_half() -> None:
    with pytest.raises(Misconfigured, match="CUSTOMERIO_SITE_ID"):
        Settings.from_environment(NEEDED | {"CUSTOMERIO_TRACK_BASE": "https://track-eu.customer.io"})
