"""The healthcare system may be left out, but not half."""

from __future__ import annotations

import pytest

from opsconsole.config import Misconfigured, Settings, adapters

from ..shipments.test_settings import NEEDED

PATIENTS = {
    "HEALTHCARE_BASE_URL": "https://ehr.example.test/r4/",
    "HEALTHCARE_CLIENT_ID": "console",
    "HEALTHCARE_CLIENT_SECRET": "client-secret",
    "HEALTHCARE_WEBHOOK_SECRET": "hook-secret",
}


def test_without_its_settings_nobody_is_asked_for_patients() -> None:
    assert "healthcare" not in adapters(Settings.from_environment(NEEDED | dict.fromkeys(PATIENTS, "")))


def test_with_all_of_them_it_is_connected_and_tells_no_secret() -> None:
    settings = Settings.from_environment(NEEDED | PATIENTS)
    assert adapters(settings)["healthcare"].name == "fhir"
    assert "client-secret" not in repr(settings) and "hook-secret" not in repr(settings)


@pytest.mark.parametrize("missing", PATIENTS)
def test_half_of_them_stop_the_start_with_a_sentence(missing: str) -> None:
    half = {name: value for name, value in PATIENTS.items() if name != missing}
    with pytest.raises(Misconfigured, match=f"{missing} is not set"):
        Settings.from_environment(NEEDED | half)
