"""What moved and was not told is found once a night."""

from __future__ import annotations

from opsconsole import jobs

from ..house import House
from .scenes import followed, scan


def test_a_scan_whose_event_was_lost_is_found_at_night(house: House) -> None:
    told, lost = followed(house), followed(house)
    house.sandbox.fault(kind="drop", method="webhook", vendor="easypost")
    house.later(2 * 3600)
    assert scan(house, lost, "in_transit")["status"] == "label_created"
    house.sandbox.clear_faults()
    house.later(24 * 3600)
    with house.app.app_context():
        jobs.run_due()
    house.drain()
    assert house.api().get(lost["url"])["status"] == "in_transit"
    assert house.api().get(told["url"])["status"] == "label_created"
    [swept] = house.rows("select status, seen, missed from sweeps where source = 'easypost'")
    assert (swept.status, swept.missed) == ("done", 1) and swept.seen >= 1
    house.later(25 * 3600)
    with house.app.app_context():
        jobs.run_due()
    house.drain()
    again = house.rows("select missed from sweeps where source = 'easypost' order by created_at desc limit 1")
    assert again[0].missed == 0
