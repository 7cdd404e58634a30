from __future__ import annotations

import json
import time

import pytest
import stripe

from .conftest import CONSOLE, SECRET, World

DAY = 86400


def verified(world: World, tolerance: int = 300) -> list[str]:
    """Types of the events received, each with its signature checked."""
    types = []
    for _, headers, body in world.received:
        stripe.WebhookSignature.verify_header(body, headers["Stripe-Signature"], SECRET, tolerance)
        types.append(json.loads(body)["type"])
    return types


def test_events_are_signed_and_sent_once_flushed(world: World) -> None:
    payment = world.pay()
    world.refund(payment, 100)
    assert world.received == []
    assert world.sandbox.flush() == 5
    assert verified(world) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "refund.created",
        "charge.refunded",
    ]
    assert world.sandbox.flush() == 0
    url, headers, body = world.received[-1]
    assert url == f"{CONSOLE}/webhooks/stripe"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["User-Agent"].startswith("Stripe/1.0")
    assert body.startswith(b'{\n  "id": "evt_'), "indented, as Stripe sends it"


def test_the_sdk_reads_an_event(world: World) -> None:
    payment = world.pay()
    refund = world.sdk.v1.refunds.create({"payment_intent": payment.id}, {"idempotency_key": "ref:1"})
    world.sandbox.flush()
    _, headers, body = world.received[-2]
    event = stripe.Webhook.construct_event(body, headers["Stripe-Signature"], SECRET)
    assert (event.type, event.api_version, event.livemode) == ("refund.created", "2026-10-28.endive", False)
    assert event.data.object["id"] == refund.id
    assert event.request is not None and event.request.idempotency_key == "ref:1"
    assert event.request.id is not None and event.request.id.startswith("req_")
    assert event.pending_webhooks == 1
    assert world.sdk.v1.events.retrieve(event.id).pending_webhooks == 0


def test_signatures_carry_real_time_and_objects_sandbox_time(world: World) -> None:
    world.sandbox.advance(30 * DAY)
    payment = world.pay()
    world.sandbox.flush()
    assert payment.created > time.time() + 29 * DAY
    assert len(verified(world)) == 3
    sent = int(world.received[0][1]["Stripe-Signature"].split(",")[0].removeprefix("t="))
    assert abs(sent - time.time()) < 5


def test_a_failed_delivery_is_tried_again_and_signed_anew(world: World) -> None:
    world.sdk.v1.customers.create()
    world.answers += [500, 503]
    assert world.sandbox.flush() == 0
    assert world.sandbox.flush() == 0, "not due yet"
    world.sandbox.advance(2)
    assert world.sandbox.flush() == 0
    (delivery,) = world.sandbox.webhooks.list(10)
    assert (delivery["state"], delivery["attempts"], delivery["last_status"]) == ("waiting", 2, 503)
    assert len(world.sdk.v1.events.list({"delivery_success": False}).data) == 1
    world.sandbox.advance(10)
    assert world.sandbox.flush() == 1
    assert len(verified(world)) == 3
    assert world.sdk.v1.events.list({"delivery_success": False}).data == []
    assert len(world.sdk.v1.events.list({"delivery_success": True}).data) == 1


def test_after_three_days_stripe_gives_up(world: World) -> None:
    world.sdk.v1.customers.create()
    world.answers += [500] * 20
    for _ in range(20):
        world.sandbox.advance(DAY)
        world.sandbox.flush()
    assert world.sandbox.webhooks.counts() == {"failed": 1}
    assert len(world.received) == 11


def test_a_console_that_is_not_there(world: World) -> None:
    def nobody(url: str, headers: dict[str, str], body: bytes) -> int:
        raise ConnectionRefusedError

    world.sandbox.webhooks._deliver = nobody
    world.sdk.v1.customers.create()
    assert world.sandbox.flush() == 0
    assert world.sandbox.webhooks.list(1)[0]["last_error"] == "ConnectionRefusedError"


def test_dropped_webhooks_are_found_in_the_list(world: World) -> None:
    world.sandbox.fault(method="webhook", kind="drop")
    world.refund(world.pay())
    assert world.sandbox.flush() == 0
    missed = world.sdk.v1.events.list({"delivery_success": False, "types": ["refund.created"]}).data
    assert [event.type for event in missed] == ["refund.created"]
    assert world.control("POST", "stripe/redeliver", {"event": missed[0].id}).json == {"deliveries": 1}
    world.sandbox.clear_faults()
    assert world.sandbox.flush() == 1


def test_duplicates_arrive_three_times(world: World) -> None:
    world.sandbox.fault(method="webhook refund.*", kind="duplicate")
    world.refund(world.pay())
    assert world.sandbox.flush() == 7
    assert verified(world).count("refund.created") == 3


def test_reordered_webhooks_arrive_newest_first(world: World) -> None:
    world.sandbox.fault(method="webhook", kind="reorder")
    world.pay()
    world.sandbox.flush()
    assert verified(world) == ["payment_intent.succeeded", "charge.succeeded", "payment_intent.created"]


def test_delayed_webhooks_arrive_once_their_time_has_come(world: World) -> None:
    world.sandbox.fault(method="webhook", kind="delay", seconds=3600)
    world.sdk.v1.customers.create()
    assert world.sandbox.flush() == 0
    world.sandbox.advance(3601)
    assert world.sandbox.flush() == 1


@pytest.mark.parametrize(
    ("kind", "complaint"),
    [("wrong_secret", "No signatures found matching"), ("stale", "outside the tolerance")],
)
def test_bad_signatures(world: World, kind: str, complaint: str) -> None:
    world.sandbox.fault(method="webhook", kind=kind, times=1)
    world.answers.append(400)
    world.sdk.v1.customers.create()
    world.sandbox.flush()
    with pytest.raises(stripe.SignatureVerificationError, match=complaint):
        verified(world)
    world.received.clear()
    world.sandbox.advance(2)
    assert world.sandbox.flush() == 1, "the next try is sound"
    assert verified(world) == ["customer.created"]


def test_a_storm_of_everything_again(world: World) -> None:
    world.pay()
    world.sandbox.flush()
    assert world.control("POST", "stripe/redeliver", {"event": None, "times": 3}).json == {"deliveries": 9}
    assert world.sandbox.flush() == 9
    assert len({json.loads(body)["id"] for _, _, body in world.received}) == 3


def test_events_are_listed_by_type_and_time_for_thirty_days(world: World) -> None:
    world.refund(world.pay())
    events = world.sdk.v1.events
    assert {event.type for event in events.list({"type": "charge.*"}).data} == {
        "charge.succeeded",
        "charge.refunded",
    }
    chosen = events.list({"types": ["refund.created", "charge.refunded"]}).data
    assert [event.type for event in chosen] == ["charge.refunded", "refund.created"]
    both = {"type": "refund.created", "types[]": "charge.refunded"}
    assert world.call("GET", "/v1/events", query_string=both).status_code == 400
    last = events.list({"limit": 1}).data[0]
    world.sandbox.advance(DAY)
    world.sdk.v1.customers.create()
    since = events.list({"ending_before": last.id}).data
    assert [event.type for event in since] == ["customer.created", "refund.updated"]
    world.sandbox.advance(31 * DAY)
    assert events.list().data == []
    assert world.call("GET", f"/v1/events/{last.id}").status_code == 404


def test_endpoints_made_by_the_api_have_their_own_secret(world: World) -> None:
    endpoint = world.sdk.v1.webhook_endpoints.create(
        {"url": "http://127.0.0.1:9999/hook", "enabled_events": ["customer.created"]}
    )
    assert endpoint.secret is not None and endpoint.api_version == "2026-10-28.endive"
    world.pay()
    world.sdk.v1.customers.create()
    assert world.sandbox.flush() == 5
    ours = [sent for sent in world.received if sent[0] == endpoint.url]
    assert len(ours) == 1
    stripe.WebhookSignature.verify_header(ours[0][2], ours[0][1]["Stripe-Signature"], endpoint.secret, 300)
    assert len(world.sdk.v1.webhook_endpoints.list().data) == 2
    world.sdk.v1.webhook_endpoints.delete(endpoint.id)
    world.sdk.v1.customers.create()
    assert world.sandbox.flush() == 1
    bad = {"url": "nowhere", "enabled_events[]": "*"}
    assert world.call("POST", "/v1/webhook_endpoints", data=bad).status_code == 400
