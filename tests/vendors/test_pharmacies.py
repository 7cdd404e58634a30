"""The pharmacies' adapters over their sandboxes, and every code of theirs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from opsconsole.sandbox import PharmacyKeys
from opsconsole.sandbox.honeybee._turn import sign
from opsconsole.vendors import Declined, NotAuthentic
from opsconsole.vendors._wire import Answer
from opsconsole.vendors.pharmacy import FillState
from opsconsole.vendors.pharmacy import _honeybee_facts as of_honeybee
from opsconsole.vendors.pharmacy import _truepill_facts as of_truepill
from opsconsole.vendors.pharmacy.codes import ERRORS, EXCEPTIONS, PROBLEMS, SCRIPT, TRIAGE, UNKNOWN, Fixer
from opsconsole.vendors.pharmacy.honeybee import Honeybee
from opsconsole.vendors.pharmacy.truepill import Truepill

from ..sandbox.shared import sandbox_as_new
from ..sandbox.wsgi import WsgiWire
from .payments_contract import Promise
from .pharmacy_contract import ADDRESS, DIALS, PharmacyContract, fetched, submit

KEYS = PharmacyKeys("secret_truepill", "secret_honeybee", "secret_signing")
CALLS = {
    "truepill": {"submit": "POST /truepill/v1/orders", "cancel": "POST */cancel", "answer": "POST */answers",
                 "address": "POST */address"},
    "honeybee": {"submit": "POST /honeybee/orders", "cancel": "POST */cancel", "answer": "POST */response",
                 "address": "PATCH *"},
}  # fmt: skip


class SandboxWorld:
    """The sandbox from behind: its dials, its ledger, its staff."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._told: list[tuple[dict[str, str], bytes]] = []
        self.app = sandbox_as_new(
            stripe_api_key="sk_test_1",
            stripe_webhook_secret="whsec_1",
            webhook_url="http://console.example.test",
            deliver=self._keep,
            pharmacy_keys=KEYS,
        )

    def _keep(self, url: str, headers: dict[str, str], body: bytes) -> int:
        assert url == f"http://console.example.test/webhooks/pharmacy-{self.name}"
        self._told.append((headers, body))
        return 200

    def now(self) -> datetime:
        return datetime.now(UTC)

    def later(self, hours: float = 0.01) -> None:
        self.app.sandbox.advance(hours * 3600)
        self.app.sandbox.flush()

    def made(self, ref: str, what: str = "fill") -> list[str]:
        entries = self.app.sandbox.ledger(what)
        return [one["object_id"] for one in entries if one["metadata"].get("opsconsole_ref") == ref]

    def move(self, id: str, status: str, code: str | None = None) -> None:
        answer = self.app.test_client().post(
            f"/_sandbox/{self.name}/orders/{id}/move", json={"status": status, "code": code}
        )
        assert answer.status_code == 200, answer.text

    def fail(self, how: str, what: str = "submit", *, times: int | None = 1) -> None:
        method = CALLS[self.name].get(what, what if " " in what else "*")
        self.app.sandbox.fault(vendor=self.name, method=method, times=times, **DIALS[how])

    def heal(self) -> None:
        self.app.sandbox.clear_faults()

    def told(self) -> list[tuple[dict[str, str], bytes]]:
        return self._told


def with_fates(adapter: Any, kind: str, codes: list[str]) -> dict[str, str]:
    """One fill for each code: its id by the code."""
    return {
        code: submit(
            adapter, Promise(f"prm_{code}").attempt(), fate=f"{kind} {code}", prescription=f"rx {code}"
        ).id
        for code in codes
    }


class Says:
    """A wire at whose other end somebody always says the same."""

    def __init__(self, status: int, body: bytes) -> None:
        self._answer = Answer(status, {}, body)

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: Any = None) -> Answer:
        return self._answer


@pytest.mark.parametrize("status", [400, 404, 409, 422])
@pytest.mark.parametrize("adapter", [Truepill, Honeybee])
@pytest.mark.parametrize("code", ["R022", "PC", "RX_CLARIFICATION", "no such code"])
def test_no_sentence_of_a_pharmacy_is_repeated(adapter: type[Any], code: str, status: int) -> None:
    """It may name the drug."""
    said = {
        "error": {"code": code, "message": "tretinoin 0.05 %"},
        "errorCode": code,
        "errorMessage": "tretinoin",
    }
    secrets = {"webhook_secrets": ["x"]} if adapter is Honeybee else {}
    asks = adapter(api_key="x", wire=Says(status, json.dumps(said).encode()), **secrets)
    with pytest.raises(Declined) as caught:
        asks.change_address(Promise().attempt(), id="1", ship_to=ADDRESS)
    assert "tretinoin" not in str(caught.value) and caught.value.http_status == status


class InProcess(PharmacyContract):
    @pytest.fixture
    def world(self) -> Iterator[SandboxWorld]:
        world = SandboxWorld(self.name)
        yield world


class TestTruepill(InProcess):
    name, asks, asks_code = "truepill", "TRIAGE T005", "out_of_stock"

    @pytest.fixture
    def adapter(self, world: SandboxWorld) -> Truepill:
        return Truepill(
            api_key=KEYS.truepill, base_url="http://localhost/truepill/", wire=WsgiWire(world.app)
        )

    def signed(self, body: bytes, at: datetime) -> Mapping[str, str]:
        return {}

    def test_a_webhook_is_only_a_hint(self, adapter: Truepill, world: SandboxWorld) -> None:
        submit(adapter, Promise().attempt())
        world.later()
        assert not any(one.proven for one in self.heard(adapter, world))

    def test_a_duplicate_names_the_first_one(self, adapter: Truepill, world: SandboxWorld) -> None:
        first = submit(adapter, Promise().attempt(), fate="DUPLICATE")
        world.later()
        found = [of_truepill.order_facts(one) for one in self._orders(world)]
        assert [one.state for one in found] == [FillState.ACKNOWLEDGED, FillState.ERROR]
        assert (found[1].code, found[1].duplicate_of) == ("duplicate_order", first.id)
        assert len(world.made("prm_1")) == 1
        again = submit(adapter, Promise().attempt())
        assert again.id == first.id, "the one that lives is adopted, not the one that was refused"

    def _orders(self, world: SandboxWorld) -> list[Any]:
        headers = {"Authorization": f"ApiKey {KEYS.truepill}"}
        url = "/truepill/v1/orders?metadata.opsconsole_ref=prm_1"
        return list(world.app.test_client().get(url, headers=headers).json["orders"])

    def test_every_error_has_our_code(self, adapter: Truepill, world: SandboxWorld) -> None:
        ids = with_fates(adapter, "ERROR", [*ERRORS, "X999"])
        world.later()
        for code, id in ids.items():
            now = fetched(adapter, id)
            assert (now.state, now.vendor_code, now.code) == (
                FillState.ERROR,
                code,
                ERRORS.get(code, UNKNOWN),
            )
            assert bool(now.due_on) == (code == "79")

    def test_every_triage_has_our_code_and_is_no_failure(
        self, adapter: Truepill, world: SandboxWorld
    ) -> None:
        ids = with_fates(adapter, "TRIAGE", [*TRIAGE, "T999"])
        world.later()
        for code, id in ids.items():
            now = fetched(adapter, id)
            assert (now.state, now.vendor_code, now.code) == (
                FillState.TRIAGE,
                code,
                TRIAGE.get(code, UNKNOWN),
            )
        world.later(25)
        assert {fetched(adapter, id).state for id in ids.values()} == {FillState.FILLING}

    def test_the_sandbox_refuses_what_it_cannot_read(self, adapter: Truepill, world: SandboxWorld) -> None:
        with pytest.raises(Declined) as caught:
            adapter.submit_fill(
                Promise().attempt(), order="S-1", patient="cst_1", prescription="rx_1", fill_number=1, items=[],
                ship_to=ADDRESS,
            )  # fmt: skip
        assert caught.value.code == "invalid_request" and world.made("prm_1") == []


class TestHoneybee(InProcess):
    name, asks, asks_code = "honeybee", "EXCEPTION OOS", "out_of_stock"

    @pytest.fixture
    def adapter(self, world: SandboxWorld) -> Honeybee:
        return Honeybee(
            api_key=KEYS.honeybee, webhook_secrets=["secret_new", KEYS.honeybee_webhook_secret],
            base_url="http://localhost/honeybee", wire=WsgiWire(world.app),
        )  # fmt: skip

    def signed(self, body: bytes, at: datetime) -> Mapping[str, str]:
        return sign(body, KEYS.honeybee_webhook_secret, at.timestamp())

    def test_every_exception_has_our_code(self, adapter: Honeybee, world: SandboxWorld) -> None:
        ids = with_fates(adapter, "EXCEPTION", [*EXCEPTIONS, "SOMETHING_NEW"])
        world.later()
        for type, id in ids.items():
            now = fetched(adapter, id)
            assert (now.state, now.vendor_code) == (FillState.EXCEPTION, type)
            assert now.code == EXCEPTIONS.get(type, UNKNOWN)

    def test_what_the_pharmacy_cancels_says_why(self, adapter: Honeybee, world: SandboxWorld) -> None:
        id = submit(adapter, Promise().attempt(), fate="NEVER").id
        world.later()
        now = fetched(adapter, id)
        assert (now.state, now.code) == (FillState.CANCELED, "pharmacy_declined")

    @pytest.mark.parametrize("seconds", [-302, 302, 86400])
    def test_a_stale_or_future_delivery_is_not_authentic(
        self, adapter: Honeybee, world: SandboxWorld, seconds: int
    ) -> None:
        now = world.now()
        with pytest.raises(NotAuthentic):
            adapter.read(b"{}", self.signed(b"{}", now + timedelta(seconds=seconds)), now=now)

    def test_a_forged_delivery_is_not_authentic(self, adapter: Honeybee, world: SandboxWorld) -> None:
        submit(adapter, Promise().attempt())
        world.later()
        headers, body = world.told()[0]
        forgeries = [
            (body, {}),
            (body, sign(body, KEYS.honeybee_webhook_secret, world.now().timestamp(), "wrong_secret")),
            (body, sign(body, KEYS.honeybee_webhook_secret, world.now().timestamp(), "stale")),
            (body + b" ", headers),
            (body, headers | {"X-HONEYBEE-SIGNATURE": headers["X-Honeybee-Signature"]}),
            (body, {"X-Honeybee-Signature": headers["X-Honeybee-Signature"] + "é"}),
        ]
        for forged, given in forgeries:
            with pytest.raises(NotAuthentic):
                adapter.read(forged, given, now=world.now())
        assert adapter.read(body, headers, now=world.now()).proven

    def test_an_empty_secret_is_refused(self) -> None:
        with pytest.raises(ValueError, match="empty"):
            Honeybee(api_key="x", webhook_secrets=[""])


def test_every_status_that_is_documented_is_mapped() -> None:
    assert {"Processing", "Filling", "Shipped", "Delivered", "On Hold", "Canceled"} <= set(of_honeybee.STATES)
    assert {"success", "error", "triage", "TRANSIT", "DELIVERED"} <= set(of_truepill.STATES)
    assert FillState.UNKNOWN not in {*of_honeybee.STATES.values(), *of_truepill.STATES.values()}


def test_one_table_has_every_code_of_the_field_once_with_who_may_fix_what() -> None:
    assert {"PC", "R003", "R005", "R5", "R022", "R026", "R015", "79", "NR", "R024", "R1", "DT", "DI", "62", "09", "R2",
            "R3", "75", "12", "R004", "R009", "R4"} == set(ERRORS)  # fmt: skip
    assert {"T013", "T009", "T045", "T001", "T005", "T003", "T006"} == set(TRIAGE)
    assert {"S", "D", "U", "OS", "P", "G", "T"} == set(SCRIPT)
    for field in ("errors", "triage", "script", "exceptions"):
        words = [word for problem in PROBLEMS.values() for word in getattr(problem, field)]
        assert len(words) == len(set(words)), field
    of_the_prescription = {"sig_unclear", "quantity_mismatch", "no_refills", "rx_expired", "therapy_change"}
    assert {PROBLEMS[code].fixer for code in of_the_prescription} == {Fixer.CLINICIAN}
