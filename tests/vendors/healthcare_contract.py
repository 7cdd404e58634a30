"""What any adapter of the healthcare port must keep: a test file subclasses `HealthcareContract` and
`HealthcareReportsContract`.

It gives two fixtures: `adapter`, and `world`, the vendor's side of things: it has patients, goes wrong on demand, and has
its own book of what was really written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

import pytest

from opsconsole.vendors import Call, Declined, NotAuthentic, NotParseable, Unavailable
from opsconsole.vendors.healthcare import Healthcare, PatientFacts, PostalAddress

from .payments_contract import Promise

OLD = PostalAddress("1 Old Street", "Fresno", "CA", "93650")
NEW = PostalAddress("2 New Street", "Reno", "NV", "89501", "Flat 3")
SECRETS = ("Melanoma", "Featherstonehaugh")  # what of a patient must get into no message

# fault -> maybe_done, credentials, changes written
FAULTS = {
    "lost answer": (True, False, 1),
    "lost before": (True, False, 0),
    "garbage": (True, False, 1),
    "error after": (True, False, 1),
    "error before": (True, False, 0),
    "down": (True, False, 0),
    "slow down": (False, False, 0),
    "bad key": (False, True, 0),
    "forbidden": (False, True, 0),
    "not even a token": (False, True, 0),
}


class World(Protocol):
    """The vendor, as a test sees it from behind."""

    def now(self) -> datetime: ...

    def later(self, hours: float = 1) -> None:
        """Move the vendor's time on."""
        ...

    def patient(self, address: PostalAddress | None = OLD) -> str:
        """A new patient with SECRETS in their record. Returns the id."""
        ...

    def move(self, patient: str, address: PostalAddress) -> None:
        """The vendor's own staff writes down another address."""
        ...

    def everything_else(self, patient: str) -> Any:
        """All that the vendor keeps of a patient beside the address and the version."""
        ...

    def written(self, patient: str) -> int:
        """How often the patient was really changed by a caller, from the vendor's own book."""
        ...

    def fail(self, how: str, *, times: int | None = 1) -> None:
        """The next changes go wrong: a key of FAULTS."""
        ...

    def heal(self) -> None: ...

    def interfere(self, patient: str, times: int) -> None:
        """So many times, between our reading of a patient and our writing, somebody else changes them."""
        ...

    def told(self) -> list[tuple[dict[str, str], bytes]]:
        """Every delivery so far: headers and body."""
        ...

    def sign(self, body: bytes, *, as_us: bool = True) -> dict[str, str]:
        """The headers the vendor would send with this body, or somebody else would."""
        ...


def change(adapter: Healthcare, call: Call, patient: str, to: PostalAddress = NEW) -> PatientFacts:
    return adapter.change_address(call, patient=patient, ship_to=to.as_json)


def fetched(adapter: Healthcare, id: str) -> PatientFacts:
    found = adapter.fetch_patient(id)
    assert found is not None
    return found


class Fixtures:
    @pytest.fixture
    def adapter(self) -> Healthcare:
        raise NotImplementedError

    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError


class HealthcareContract(Fixtures):
    """What is called."""

    def test_a_patients_address_is_told(self, adapter: Healthcare, world: World) -> None:
        found = fetched(adapter, id := world.patient())
        assert (found.id, found.address, found.active) == (id, OLD, True)
        assert found.version and found.updated_at
        assert not [word for word in SECRETS if word in repr(found)]

    def test_a_patient_without_an_address_has_none(self, adapter: Healthcare, world: World) -> None:
        assert fetched(adapter, world.patient(None)).address is None

    @pytest.mark.parametrize("id", ["nobody", "../Patient", "", "a b", "x" * 65])
    def test_who_is_not_there_is_none(self, adapter: Healthcare, world: World, id: str) -> None:
        assert adapter.fetch_patient(id) is None

    @pytest.mark.parametrize("before", [OLD, None])
    def test_the_address_changes_and_nothing_else(
        self, adapter: Healthcare, world: World, before: PostalAddress | None
    ) -> None:
        id = world.patient(before)
        kept, was = world.everything_else(id), fetched(adapter, id)
        done = change(adapter, Promise().attempt(), id)
        assert (done.id, done.address) == (id, NEW) and done.version != was.version
        assert fetched(adapter, id) == done
        assert world.everything_else(id) == kept and world.written(id) == 1

    @pytest.mark.parametrize("ask_first", [False, True])
    @pytest.mark.parametrize("round", [1, 2])
    @pytest.mark.parametrize("hours", [0, 30])
    def test_what_stands_so_already_is_not_written(
        self, adapter: Healthcare, world: World, hours: float, round: int, ask_first: bool
    ) -> None:
        id, promise = world.patient(), Promise()
        first = change(adapter, promise.attempt(), id)
        world.later(hours)
        assert change(adapter, promise.attempt(round=round, ask_first=ask_first), id) == first
        assert change(adapter, Promise("prm_2").attempt(), id) == first
        assert world.written(id) == 1

    @pytest.mark.parametrize("how", FAULTS)
    def test_a_fault_says_whether_it_may_be_done(self, adapter: Healthcare, world: World, how: str) -> None:
        maybe_done, credentials, writes = FAULTS[how]
        id, promise = world.patient(), Promise()
        world.fail(how)
        with pytest.raises(Unavailable) as caught:
            change(adapter, promise.attempt(), id)
        assert (caught.value.maybe_done, caught.value.credentials) == (maybe_done, credentials)
        assert world.written(id) == writes
        world.heal()
        assert change(adapter, promise.attempt(), id).address == NEW
        assert world.written(id) == 1

    def test_who_was_faster_keeps_their_change(self, adapter: Healthcare, world: World) -> None:
        id = world.patient()
        world.interfere(id, 2)
        assert change(adapter, Promise().attempt(), id).address == NEW
        assert "interfered" in json.dumps(world.everything_else(id))

    def test_a_patient_whom_everybody_changes_is_tried_again_later(
        self, adapter: Healthcare, world: World
    ) -> None:
        id = world.patient()
        world.interfere(id, 3)
        with pytest.raises(Unavailable) as caught:
            change(adapter, Promise().attempt(), id)
        assert not caught.value.maybe_done
        assert fetched(adapter, id).address == OLD

    @pytest.mark.parametrize("id", ["nobody", "a/b"])
    def test_the_address_of_nobody_is_declined(self, adapter: Healthcare, world: World, id: str) -> None:
        with pytest.raises(Declined) as caught:
            change(adapter, Promise().attempt(), id)
        assert caught.value.code and caught.value.words

    def test_a_no_tells_of_no_patient(self, adapter: Healthcare, world: World) -> None:
        id = world.patient()
        with pytest.raises(Declined) as caught:
            change(adapter, Promise().attempt(), id, replace(NEW, city="  "))
        told = caught.value.words
        assert told and not [word for word in (*SECRETS, "New Street", "89501") if word in told]

    def test_health_tells_where_calls_go_and_no_secret(self, adapter: Healthcare, world: World) -> None:
        health = adapter.health()
        assert set(health) == {"base_url", "reachable", "words", "sandbox"}
        assert health["reachable"] is True
        world.later()  # what let us in has run out
        world.fail("not even a token", times=None)
        sick = adapter.health()
        assert sick["words"] != health["words"]
        assert "secret" not in json.dumps([health, sick])


class HealthcareReportsContract(Fixtures):
    """What the vendor tells."""

    def event(self, adapter: Healthcare, world: World) -> bytes:
        world.move(world.patient(), NEW)
        return world.told()[-1][1]

    def test_every_change_is_told_once_and_names_the_patient(self, adapter: Healthcare, world: World) -> None:
        id = world.patient()
        world.move(id, NEW)
        world.later()
        change(adapter, Promise().attempt(), id, OLD)
        read = [adapter.read(body, headers, now=world.now()) for headers, body in world.told()]
        assert [(one.about, one.object_id) for one in read[-2:]] == [("patient", id)] * 2
        assert len({one.external_id for one in read}) == len(read)
        assert [one.body for one in read] == [body for _, body in world.told()]
        assert not [word for word in SECRETS if word in repr(read)]

    def test_what_was_not_heard_is_listed_under_the_same_id(self, adapter: Healthcare, world: World) -> None:
        early = world.patient()
        world.later(48)
        since = int(world.now().timestamp()) - 3600
        ids = [world.patient() for _ in range(3)]
        for id in ids:
            world.move(id, NEW)
        world.later(0)
        heard = {adapter.read(body, headers, now=world.now()).external_id for headers, body in world.told()}
        found, after = [], None
        while True:
            page = adapter.events(since=since, after=after)
            found += page.items
            if (after := page.next) is None:
                break
        assert {one.object_id for one in found} >= {*ids} and early not in {one.object_id for one in found}
        assert {one.external_id for one in found} <= heard
        at = [one.occurred_at for one in found]
        assert at == sorted(at)

    def test_a_forged_delivery_is_not_authentic(self, adapter: Healthcare, world: World) -> None:
        body, now = self.event(adapter, world), world.now()
        ours = world.sign(body)
        adapter.read(body, ours, now=now)
        forgeries: list[tuple[bytes, Mapping[str, str]]] = [
            (body, {}),
            (body, world.sign(body, as_us=False)),
            (body + b" ", ours),
            (body[:-1], ours),
            (b"", ours),
            (body, dict.fromkeys(ours, "")),
            *((body, {**ours, name: value[:-1]}) for name, value in ours.items()),
            *((body, {**ours, name: value + "é"}) for name, value in ours.items()),
            *((body, {**ours, name: value * 1000}) for name, value in ours.items()),
            *((body, {**ours, name.lower(): value}) for name, value in ours.items()),
        ]
        for forged, headers in forgeries:
            with pytest.raises(NotAuthentic):
                adapter.read(forged, headers, now=now)

    @pytest.mark.parametrize(
        "body",
        [b"", b"{", b"null", b"[]", b"5", b'"text"', b"{}", b"\xff\xfe{}", b"[" * 200_000, b'{"id": NaN}'],
    )
    def test_a_genuine_delivery_that_is_no_record_is_not_parseable(
        self, adapter: Healthcare, world: World, body: bytes
    ) -> None:
        with pytest.raises(NotParseable):
            adapter.read(body, world.sign(body), now=world.now())
