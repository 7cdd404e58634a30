"""What any adapter of the tracking port must keep: a test file subclasses `TrackingContract` and
`TrackingReportsContract`.

It gives two fixtures: `adapter`, and `world`, the vendor's side of things: it scans parcels, goes wrong on demand, and
has its own book of what it really follows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Protocol

import pytest

from opsconsole.vendors import Call, Declined, NotAuthentic, NotParseable, Unavailable
from opsconsole.vendors.tracking import ParcelState, PostalAddress, TrackerFacts, Tracking, Verdict

from .payments_contract import Promise

CODE = "9400111206206406260787"
GIVEN = PostalAddress("12 MAIN ST", "TEMPE", "AZ", "85281")

# fault -> maybe_done, credentials, parcels followed
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
}


class World(Protocol):
    """The vendor, as a test sees it from behind."""

    def now(self) -> datetime:
        """What time it is for the vendor's objects."""
        ...

    def later(self, hours: float = 1) -> None:
        """Move the vendor's time on, and let fall due what then falls due."""
        ...

    def quiet(self) -> None:
        """Parcels that are followed from now on do not move by themselves."""
        ...

    def scan(self, tracker: str, status: str, *, hours_ago: float = 0, city: str = "Tempe") -> None:
        """A carrier scans a parcel; the vendor hears of it `hours_ago` later."""
        ...

    def followed(self, code: str) -> int:
        """How many watches were really made for a number, from the vendor's own book."""
        ...

    def fail(self, how: str, *, times: int | None = 1) -> None:
        """The next calls that follow a parcel go wrong: a key of FAULTS."""
        ...

    def heal(self) -> None: ...

    def told(self) -> list[tuple[dict[str, str], bytes]]:
        """Every delivery so far: headers and body."""
        ...

    def sign(self, body: bytes, *, as_us: bool = True) -> dict[str, str]:
        """The headers the vendor would send with this body, or somebody else would."""
        ...


def follow(adapter: Tracking, call: Call, code: str = CODE, carrier: str = "USPS") -> TrackerFacts:
    return adapter.follow(call, carrier=carrier, tracking_code=code)


def fetched(adapter: Tracking, id: str) -> TrackerFacts:
    found = adapter.fetch(id)
    assert found is not None
    return found


class Fixtures:
    @pytest.fixture
    def adapter(self) -> Tracking:
        raise NotImplementedError

    @pytest.fixture
    def world(self) -> World:
        raise NotImplementedError


class TrackingContract(Fixtures):
    """What is called."""

    # once per parcel

    def test_a_parcel_is_followed_to_the_door(self, adapter: Tracking, world: World) -> None:
        made = follow(adapter, Promise().attempt())
        assert (made.tracking_code, made.carrier, made.state) == (CODE, "USPS", ParcelState.LABEL_CREATED)
        world.later(24 * 5)
        there = fetched(adapter, made.id)
        assert (there.id, there.state, there.strange) == (made.id, ParcelState.DELIVERED, False)
        at = [scan.occurred_at for scan in there.scans]
        assert at == sorted(at) and len(at) >= 4 and there.promised_on
        assert there.scans[-1].place and there.scans[-1].raw_status == "delivered"

    @pytest.mark.parametrize("ask_first", [False, True])
    @pytest.mark.parametrize("round", [1, 2])
    @pytest.mark.parametrize("hours", [0, 30])
    def test_the_same_promise_again_is_one_watch(
        self, adapter: Tracking, world: World, hours: float, round: int, ask_first: bool
    ) -> None:
        promise = Promise()
        first = follow(adapter, promise.attempt())
        world.later(hours)
        assert follow(adapter, promise.attempt(round=round, ask_first=ask_first)).id == first.id
        assert world.followed(CODE) == 1

    @pytest.mark.parametrize("how", FAULTS)
    def test_a_fault_says_whether_it_may_be_done(self, adapter: Tracking, world: World, how: str) -> None:
        maybe_done, credentials, watches = FAULTS[how]
        promise = Promise()
        world.fail(how)
        with pytest.raises(Unavailable) as caught:
            follow(adapter, promise.attempt())
        assert (caught.value.maybe_done, caught.value.credentials) == (maybe_done, credentials)
        assert world.followed(CODE) == watches
        world.heal()
        follow(adapter, promise.attempt())
        assert world.followed(CODE) == 1

    def test_a_number_that_is_used_again_is_another_watch_and_its_old_scans_are_dated(
        self, adapter: Tracking, world: World
    ) -> None:
        first = follow(adapter, Promise().attempt())
        world.later(24 * 120)
        again = follow(adapter, Promise().attempt())
        assert again.id != first.id and world.followed(CODE) == 2
        assert all(scan.occurred_at > world.now() - timedelta(days=1) for scan in again.scans)

    @pytest.mark.parametrize(
        ("code", "carrier"), [("", "USPS"), ("no number!", "USPS"), (CODE, "Pigeon Post")]
    )
    def test_what_is_no_parcel_is_declined(
        self, adapter: Tracking, world: World, code: str, carrier: str
    ) -> None:
        with pytest.raises(Declined) as caught:
            follow(adapter, Promise().attempt(), code, carrier)
        assert caught.value.words and caught.value.http_status

    def test_what_is_not_followed_is_none(self, adapter: Tracking, world: World) -> None:
        assert adapter.fetch("trk_nosuchthing") is None

    # what the vendor knows

    def test_scans_are_in_the_order_in_which_they_happened(self, adapter: Tracking, world: World) -> None:
        world.quiet()
        id = follow(adapter, Promise().attempt()).id
        world.later(40)
        for status, hours in (
            ("out_for_delivery", 1),
            ("in_transit", 20),
            ("delivered", 0),
            ("in_transit", 30),
        ):
            world.scan(id, status, hours_ago=hours)
        parcel = fetched(adapter, id)
        assert [scan.raw_status for scan in parcel.scans][-4:] == [
            "in_transit", "in_transit", "out_for_delivery", "delivered",
        ]  # fmt: skip

    def test_a_late_scan_is_the_vendors_state_no_more(self, adapter: Tracking, world: World) -> None:
        world.quiet()
        id = follow(adapter, Promise().attempt()).id
        world.later(40)
        world.scan(id, "delivered")
        world.scan(id, "in_transit", hours_ago=20)
        assert fetched(adapter, id).state is ParcelState.DELIVERED

    def test_a_word_that_we_do_not_know_is_kept_and_is_no_error(
        self, adapter: Tracking, world: World
    ) -> None:
        world.quiet()
        id = follow(adapter, Promise().attempt()).id
        world.later(2)
        world.scan(id, "NewStatusX")
        parcel = fetched(adapter, id)
        assert (parcel.state, parcel.raw_status, parcel.strange) == (ParcelState.UNKNOWN, "NewStatusX", True)
        assert (parcel.scans[-1].state, parcel.scans[-1].strange) == (ParcelState.UNKNOWN, True)

    def test_many_are_fetched_one_after_the_other(self, adapter: Tracking, world: World) -> None:
        ids = [follow(adapter, Promise(f"prm_{n}").attempt(), f"{CODE[:-1]}{n}").id for n in range(2)]
        found = adapter.fetch_each([ids[0], "trk_nosuch", ids[1]])
        assert found.of == adapter.name and [*found.items] == [ids[0], "trk_nosuch", ids[1]]
        assert found.items["trk_nosuch"] is None and found.items[ids[1]] == fetched(adapter, ids[1])

    def test_what_moved_is_listed_page_by_page(self, adapter: Tracking, world: World) -> None:
        world.quiet()
        ids = [follow(adapter, Promise().attempt(), f"{CODE}{n}").id for n in range(3)]
        world.later(48)
        since = int(world.now().timestamp()) - 3600
        world.scan(ids[1], "in_transit")
        found, after = [], None
        while True:
            page = adapter.updated(since, after)
            found += page.items
            if (after := page.next) is None:
                break
        assert [one.id for one in found] == [ids[1]]
        assert {one.id for one in adapter.updated(since - 49 * 3600).items} == set(ids)

    # addresses

    def test_an_address_that_mail_reaches_is_verified(self, adapter: Tracking, world: World) -> None:
        found = adapter.verify(GIVEN)
        assert (found.verdict, found.normalised and found.normalised.zip[:5]) == (Verdict.VERIFIED, "85281")

    def test_an_address_is_corrected_to_how_the_post_writes_it(self, adapter: Tracking, world: World) -> None:
        found = adapter.verify(replace(GIVEN, line1="12 Main Street"))
        assert found.verdict is Verdict.CORRECTED
        assert found.normalised == GIVEN

    def test_an_address_that_nobody_finds_says_why(self, adapter: Tracking, world: World) -> None:
        found = adapter.verify(replace(GIVEN, line1="1 Nowhere"))
        assert (found.verdict, found.normalised) == (Verdict.UNVERIFIABLE, None)
        assert found.words

    def test_health_tells_where_calls_go_and_no_secret(self, adapter: Tracking, world: World) -> None:
        health = adapter.health()
        assert set(health) == {"base_url", "reachable", "words", "sandbox"}
        assert health["reachable"] is True
        world.fail("bad key", times=None)
        sick = adapter.health()
        assert sick["words"] != health["words"]
        assert "secret" not in json.dumps([health, sick])


class TrackingReportsContract(Fixtures):
    """What the vendor tells."""

    def event(self, adapter: Tracking, world: World) -> bytes:
        follow(adapter, Promise().attempt())
        world.later()
        return world.told()[-1][1]

    def test_every_move_of_a_parcel_is_told_once_and_names_it(self, adapter: Tracking, world: World) -> None:
        parcel = follow(adapter, Promise().attempt())
        world.later(24 * 5)
        read = [adapter.read(body, headers, now=world.now()) for headers, body in world.told()]
        assert read[0].kind == "tracker.created"
        assert {item.kind for item in read[1:]} == {"tracker.updated"} and len(read) >= 4
        assert {(item.about, item.object_id) for item in read} == {("tracker", parcel.id)}
        assert len({item.external_id for item in read}) == len(read)
        assert [item.body for item in read] == [body for _, body in world.told()]

    def test_a_forged_delivery_is_not_authentic(self, adapter: Tracking, world: World) -> None:
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
    def test_a_genuine_delivery_that_is_no_event_is_not_parseable(
        self, adapter: Tracking, world: World, body: bytes
    ) -> None:
        with pytest.raises(NotParseable):
            adapter.read(body, world.sign(body), now=world.now())

    def test_a_word_that_we_do_not_know_is_told_too(self, adapter: Tracking, world: World) -> None:
        world.quiet()
        id = follow(adapter, Promise().attempt()).id
        world.scan(id, "NewStatusX")
        world.later(0)
        headers, body = world.told()[-1]
        told: Any = adapter.read(body, headers, now=world.now())
        assert (told.kind, told.object_id) == ("tracker.updated", id)
