"""What becomes of an e-mail, as the CRM tells it: in any order, more than once, days later."""

from __future__ import annotations

from opsconsole.services import inbox

from ..house import House
from ..scenes import WINDOW, cases_of, nothing_written, only_case
from .scenes import bounced, customer, handed_over, mailbox_says, send


def test_a_bounce_is_a_case(house: House) -> None:
    message = bounced(house)
    assert (message["status"], message["final"]) == ("bounced", True)
    assert message["failure_reason"] == "550 no such mailbox"
    case = only_case(house, message["id"])
    assert case["reason"] == "message_bounced" and "550 no such mailbox" in case["says"]
    assert message["url"] in house.page().get(case["url"])


def test_a_mailbox_that_changes_its_mind_after_days(house: House) -> None:
    message = handed_over(house, customer(house)[0])
    house.later(10)
    assert house.api().get(message["url"])["status"] == "delivered"
    house.later(3 * 86400)
    mailbox_says(house, "bounced")
    assert house.api().get(message["url"])["status"] == "bounced"
    assert only_case(house, message["id"])["reason"] == "message_bounced"


def test_what_the_crm_drops_has_failed(house: House) -> None:
    url, _ = customer(house)
    house.api("shop").post(
        "/customers", {"reference": "cust-1", "name": "Jo Field", "email": "dropped@example.test"}, 201
    )
    house.contact(url.rsplit("/", 1)[-1], "dropped@example.test")
    message = handed_over(house, url)
    house.later(10)
    message = house.api().get(message["url"])
    assert (message["status"], message["failure_reason"]) == ("failed", "suppressed")
    assert only_case(house, message["id"])["reason"] == "message_bounced"


def test_reports_in_any_order_and_twice_come_to_the_same_end(house: House) -> None:
    url, _ = customer(house)
    house.sandbox.fault(vendor="customerio", kind="duplicate", method="webhook")
    house.sandbox.fault(vendor="customerio", kind="reorder", method="webhook")
    done = send(house, url)
    for seconds in (WINDOW, 10, 60):
        house.later(seconds)
    assert house.api().get(done["subject"])["status"] == "delivered"
    assert cases_of(house, done["subject"]) == []


def test_a_report_about_nothing_of_ours_is_kept_and_ignored(house: House) -> None:
    url, _ = customer(house)
    answer = house.sandbox_app.test_client().post(
        "/customerio/app/v1/send/email",
        json={
            "to": "cust-1@example.test",
            "transactional_message_id": "newsletter",
            "identifiers": {"id": url.rsplit("/", 1)[-1]},
        },
        headers={"Authorization": "Bearer app_house"},
    )
    assert answer.status_code == 200
    house.later(10)
    told = house.api().get("/inbox?source=customerio")["items"]
    assert told and {event["status"] for event in told} == {"ignored"}
    assert {event["says"] for event in told} == {"It is about nothing that we know."}


def test_a_forged_report_is_refused(house: House) -> None:
    client = house.app.test_client(use_cookies=False)
    with_nothing = client.post("/webhooks/customerio", data=b'{"event_id": "1"}')
    assert with_nothing.status_code == 400
    assert with_nothing.get_json()["refused"]["code"] == "not_authentic"
    assert house.rows("select source, count from rejected_counts") == [("customerio", 1)]
    assert house.api().get("/inbox")["items"] == []


def test_a_replay_changes_nothing_more(house: House) -> None:
    message = bounced(house)
    api = house.api()
    [event] = api.get("/inbox?kind=email.bounced")["items"]
    assert event["status"] == "settled" and event["trace"] == message["trace"]
    api.post(f"{event['url']}/replay")
    after = api.get(message["url"])
    assert after["status"] == "bounced" and len(cases_of(house, message["id"])) == 1
    with nothing_written(house):
        api.post(f"{event['url']}/replay?preview=1", {}, 200)


def test_every_report_is_settled_or_ignored_on_purpose() -> None:
    known = {kind for source, kind in inbox.ROUTES if source == "customerio"} | inbox.IGNORED["customerio"]
    from opsconsole.vendors.crm._customerio_facts import METRIC_STATES

    assert {f"email.{metric}" for metric in METRIC_STATES} <= known
