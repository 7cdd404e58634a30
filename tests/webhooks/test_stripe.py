"""What may knock at the webhooks' door, and what each gets: recorded once, refused, or asked to come again."""

from __future__ import annotations

import json
import time
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from opsconsole import create_app
from opsconsole.db import db
from opsconsole.models import InboxEvent, RejectedDelivery

from ..conftest import settings_for
from ..house import SECRET, House
from .stripe_deliveries import an_event, body_of, signature

LIMIT = 1024 * 1024


def post(house: House, body: bytes, **headers: str) -> TestResponse:
    """Deliver bytes, genuinely signed unless `Stripe-Signature` is given."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    given.setdefault("Stripe-Signature", signature(body))
    given.setdefault("Content-Type", "application/json; charset=utf-8")
    return house.app.test_client(use_cookies=False).post("/webhooks/stripe", data=body, headers=given)


def inbox_of(house: House) -> list[Any]:
    with house.app.app_context():
        found = db.session.scalars(select(InboxEvent).order_by(InboxEvent.created_at, InboxEvent.id))
        names = [column.key for column in InboxEvent.__mapper__.column_attrs]
        return [
            SimpleNamespace(**{name: getattr(one, name) for name in names} | {"body": one.body})
            for one in found
        ]


def counted(house: House) -> dict[str, int]:
    return {row.why: row.count for row in house.rows("select why, count from rejected_counts")}


def refused(door: House, why: str, body: bytes, **headers: str) -> None:
    """A 400 in JSON, counted outside the inbox, and nothing inside it."""
    before = counted(door).get(why, 0)
    answer = post(door, body, **headers)
    assert (answer.status_code, answer.get_json()["refused"]["code"]) == (400, why), answer.get_data()
    assert counted(door)[why] == before + 1
    assert inbox_of(door) == []


# ------------------------------------------------------------------ recorded


def test_a_delivery_is_kept_byte_for_byte(house: House) -> None:
    refund = {"id": "re_1", "object": "refund", "metadata": {"opsconsole_trace": "trc_1"}, "note": "é 薬 😀"}
    event = an_event("refund.updated", refund)
    body = b" \n" + json.dumps(event, ensure_ascii=False, indent=3).encode() + b"\n\t "
    answer = post(house, body)
    assert (answer.status_code, answer.get_json()) == (200, {"recorded": True, "new": True})
    [kept] = inbox_of(house)
    assert bytes(kept.body) == body
    assert (kept.source, kept.external_id, kept.kind) == ("stripe", event["id"], "refund.updated")
    assert (kept.object_kind, kept.object_id, kept.via) == ("refund", "re_1", "webhook")
    assert (kept.status, kept.trace_id, kept.attempts) == ("received", "trc_1", 0)


def test_nothing_but_recording_is_done_in_the_request(house: House) -> None:
    before = house.checksum()
    post(house, body_of(an_event()))
    after = house.checksum()
    assert {table for table in after if after[table] != before[table]} == {"inbox_events"}
    assert house.sandbox.calls.__len__() == 0


def test_the_same_event_again_is_known(house: House) -> None:
    body = body_of(an_event())
    told = [post(house, body).get_json()["new"] for _ in range(3)]
    assert told == [True, False, False] and len(inbox_of(house)) == 1


def test_the_same_id_with_another_body_changes_nothing(house: House) -> None:
    """Each retry of Stripe's may differ in what is beside the point (pending_webhooks); the first one stays."""
    event = an_event()
    first = body_of(event)
    post(house, first)
    again = post(house, body_of({**event, "type": "charge.refunded", "pending_webhooks": 0}))
    assert (again.status_code, again.get_json()["new"]) == (200, False)
    [kept] = inbox_of(house)
    assert (bytes(kept.body), kept.kind) == (first, "refund.updated")


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(an_event("quantum.entangled", {"id": "qe_1", "object": "quantum"}), id="unknown kind"),
        pytest.param(an_event("refund.updated", {"id": "re_1", "object": "teapot"}), id="unknown object"),
        pytest.param({"id": "evt_bare", "type": "refund.updated", "created": 1}, id="no data"),
        pytest.param(an_event(data="text"), id="data of another type"),
        pytest.param(an_event(data={"object": {"id": 7, "object": "refund"}}), id="an object id that is no text"),
        pytest.param(an_event(subject={"object": "charge", "payment_intent": {"id": ["pi"]}}), id="an odd reference"),
        pytest.param(
            an_event(subject={"id": "re_1", "object": "refund", "metadata": ["opsconsole_trace"]}), id="odd metadata"
        ),
        pytest.param(
            an_event(subject={"id": "re_1", "object": "refund", "metadata": {"opsconsole_trace": "x" * 300}}),
            id="a trace that is not ours",
        ),
        pytest.param(
            an_event(subject={"id": "re_1", "object": "refund", "note": "a\0b", "other": "\ud800"}),
            id="NUL and half a surrogate deep inside",
        ),
        pytest.param(an_event(id="e" * 255), id="the longest id"),
        pytest.param(an_event(created=253402300799), id="the last second of the year 9999"),
        pytest.param(an_event(created=-62135596800), id="the first second of the year 1"),
    ],
)  # fmt: skip
def test_what_is_odd_and_harmless_is_kept_and_settled_or_ignored(house: House, event: Any) -> None:
    body = body_of(event)
    assert post(house, body).status_code == 200
    [kept] = inbox_of(house)
    assert bytes(kept.body) == body
    house.drain()
    [kept] = inbox_of(house)
    assert kept.status == "ignored" and kept.words
    shown = house.api().get("/inbox")["items"]
    assert [item["external_id"] for item in shown] == [event["id"]]


def test_a_thin_event_is_kept(house: House) -> None:
    event = {
        "id": "evt_test_61thin",
        "object": "v2.core.event",
        "type": "v2.core.account.updated",
        "created": "2026-11-02T10:00:00.000Z",
        "livemode": False,
        "related_object": {"id": "acct_1", "type": "v2.core.account", "url": "/v2/core/accounts/acct_1"},
    }
    assert post(house, body_of(event)).status_code == 200
    [kept] = inbox_of(house)
    assert kept.kind == "v2.core.account.updated" and kept.occurred_at.isoformat().startswith(
        "2026-11-02T10:00:00"
    )


def test_any_of_the_live_secrets_and_any_of_the_signatures_will_do(house: House, fresh_database: str) -> None:
    body = body_of(an_event())
    theirs = signature(body, secret="whsec_old")
    rolled = create_app(settings_for(fresh_database, stripe_webhook_secret=f"{SECRET}, whsec_old"))
    for header in (theirs, theirs.replace(",v1=", f",v0=junk,v1={'0' * 64},v1=")):
        client = rolled.test_client(use_cookies=False)
        assert (
            client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": header}).status_code
            == 200
        )
    with rolled.app_context():
        db.engine.dispose()


# ------------------------------------------------------------------ not authentic

_BODY = body_of(an_event())
_NOW = signature(_BODY)
_T, _V1 = _NOW.split(",")


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(signature(_BODY, secret="whsec_of_somebody_else"), id="another secret"),
        pytest.param(signature(_BODY, secret=""), id="an empty secret"),
        pytest.param(signature(b"another body"), id="of another body"),
        pytest.param(f"{_T}", id="no signature in it"),
        pytest.param(_V1, id="no instant in it"),
        pytest.param(f"{_T},{_T},{_V1}", id="two instants"),
        pytest.param(f"{_T},v0={_V1[3:]}", id="only of another scheme"),
        pytest.param(f"{_T},{_V1[:-1]}", id="cut short"),
        pytest.param(f"{_T},{_V1}0", id="too long"),
        pytest.param(f"{_T},v1=", id="an empty signature"),
        pytest.param(f"t=-1,{_V1}", id="a negative instant"),
        pytest.param(f"t=1e9,{_V1}", id="an instant that is no whole number"),
        pytest.param(f"t={'9' * 5000},{_V1}", id="an endless instant"),
        pytest.param(f"t={'9' * 12},{_V1}", id="an instant far away"),
        pytest.param("", id="empty"),
        pytest.param(",,,===", id="noise"),
        pytest.param(f"t=\u0661\u0662,{_V1}".encode().decode("latin-1"), id="other digits"),
        pytest.param(f"{_T},v1=\xe9\xff", id="not ASCII"),
        pytest.param(f"{_T}," + ",".join(["v1=" + "0" * 64] * 200), id="hundreds of signatures"),
    ],
)
def test_what_is_not_authentic_is_counted_and_not_kept(door: House, header: str) -> None:
    refused(door, "not_authentic", _BODY, Stripe_Signature=header)


@pytest.mark.parametrize("age", [400, -400], ids=["too old", "of the future"])
def test_what_was_signed_at_another_time_is_not_authentic(door: House, age: int) -> None:
    """Signed as the test runs: what is collected early would no longer lie in the future."""
    refused(door, "not_authentic", _BODY, Stripe_Signature=signature(_BODY, age=age))


def test_no_signature_at_all(house: House) -> None:
    answer = house.app.test_client(use_cookies=False).post("/webhooks/stripe", data=_BODY)
    assert (answer.status_code, counted(house)) == (400, {"not_authentic": 1})
    [sample] = house.rows("select * from rejected_deliveries")
    assert sample.why.startswith("not_authentic: ") and sample.source == "stripe"
    with house.app.app_context():
        kept = db.session.scalars(select(RejectedDelivery)).one().sample
    assert (sample.size, kept, sample.address) == (len(_BODY), _BODY[:1024], "127.0.0.1")
    assert inbox_of(house) == []


def test_a_forgery_of_a_known_event_changes_nothing(house: House) -> None:
    event = an_event()
    post(house, body_of(event))
    forged = body_of({**event, "type": "refund.failed"})
    assert post(house, forged, Stripe_Signature=signature(forged, secret="whsec_mine")).status_code == 400
    assert [row.kind for row in inbox_of(house)] == ["refund.updated"]


def test_an_event_of_the_other_mode_is_not_ours(house: House, fresh_database: str) -> None:
    live = create_app(settings_for(fresh_database, env="production", stripe_api_key="sk_live_1"))
    body = body_of(an_event(livemode=False))
    answer = live.test_client(use_cookies=False).post(
        "/webhooks/stripe", data=body, headers={"Stripe-Signature": signature(body)}
    )
    assert (answer.status_code, inbox_of(house), counted(house)) == (400, [], {"not_authentic": 1})
    with live.app_context():
        db.engine.dispose()


# ------------------------------------------------------------------ authentic, and not an event


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\0", id="a NUL byte"),
        pytest.param(b"\xff\xfe{}", id="not UTF-8"),
        pytest.param(body_of(an_event()).replace(b"refund", b"ref\xc3\x28und"), id="broken UTF-8 inside"),
        pytest.param(b"\xef\xbb\xbf" + body_of(an_event()), id="a byte order mark"),
        pytest.param(body_of(an_event())[:-5], id="truncated"),
        pytest.param(body_of(an_event()) + b"{}", id="two documents"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b"[" + body_of(an_event()) + b"]", id="an event in a list"),
        pytest.param(b'"evt_1"', id="a string"),
        pytest.param(b"17", id="a number"),
        pytest.param(b"true", id="true"),
        pytest.param(body_of(an_event(created=float("nan"))), id="NaN"),
        pytest.param(body_of(an_event(data={"object": {"amount": float("inf")}})), id="Infinity deep inside"),
        pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, id="very deep objects"),
        pytest.param(b"[" * 500_000, id="very deep lists"),
        pytest.param(b'{"id": 1' + b"0" * 20_000 + b"}", id="a number without end"),
        pytest.param(b"{}", id="an empty object"),
        pytest.param(body_of(an_event(object="refund")), id="an object that is no event"),
        pytest.param(body_of(an_event(object=None)), id="object null"),
        pytest.param(body_of(an_event(id=None)), id="no id"),
        pytest.param(body_of(an_event(id="")), id="an empty id"),
        pytest.param(body_of(an_event(id=7)), id="an id that is no text"),
        pytest.param(body_of(an_event(id=["evt_1"])), id="an id in a list"),
        pytest.param(body_of(an_event(id="e" * 256)), id="an id too long"),
        pytest.param(body_of(an_event(id="evt_\0")), id="NUL in the id"),
        pytest.param(body_of(an_event(id="evt_\ud800")), id="half a surrogate in the id"),
        pytest.param(body_of(an_event(id="evt_1\n")), id="a line break in the id"),
        pytest.param(body_of(an_event(id="../../admin")), id="a path as id"),
        pytest.param(body_of(an_event(type=None)), id="no type"),
        pytest.param(body_of(an_event(kind="")), id="an empty type"),
        pytest.param(body_of(an_event(kind="a b")), id="a blank in the type"),
        pytest.param(body_of(an_event(kind="refund\0")), id="NUL in the type"),
        pytest.param(body_of(an_event(kind="refund.\udfff")), id="half a surrogate in the type"),
        pytest.param(body_of(an_event(kind="k" * 201)), id="a type too long"),
        pytest.param(body_of(an_event(created="yesterday")), id="an instant in words"),
        pytest.param(body_of(an_event(created=True)), id="an instant that is true"),
        pytest.param(body_of(an_event(created=10**30)), id="an instant out of time"),
        pytest.param(body_of(an_event(subject={"id": "re_\0", "object": "refund"})), id="NUL in the object's id"),
        pytest.param(body_of(an_event(subject={"id": "r" * 999, "object": "refund"})), id="an object's id too long"),
        pytest.param(
            body_of(an_event(subject={"object": "refund", "metadata": {"opsconsole_trace": "trc_\0"}})),
            id="NUL in the trace",
        ),
    ],
)  # fmt: skip
def test_what_is_no_event_is_counted_and_not_kept(door: House, body: bytes) -> None:
    refused(door, "not_parseable", body)


def test_an_event_of_no_time_is_dated_by_its_arrival(house: House) -> None:
    """Authentic as it is, it is better kept than lost: only `created` is missing."""
    event = an_event()
    del event["created"]
    assert post(house, body_of(event)).status_code == 200
    [kept] = inbox_of(house)
    assert abs(kept.occurred_at.timestamp() - time.time()) < 60


# ------------------------------------------------------------------ too large, too much, too bad


def test_a_body_of_one_mebibyte_is_taken_and_one_byte_more_is_not(house: House) -> None:
    empty = len(body_of(an_event(padding="")))
    body = body_of(an_event(padding="x" * (LIMIT - empty)))
    assert len(body) == LIMIT
    assert post(house, body).status_code == 200
    answer = post(house, body + b" ")
    assert answer.status_code == 413 and answer.is_json
    assert len(inbox_of(house)) == 1 and counted(house) == {}


def test_a_body_that_only_claims_to_be_large_is_not_read(house: House) -> None:
    claims = {"CONTENT_LENGTH": str(LIMIT + 1)}
    answer = house.app.test_client(use_cookies=False).post(
        "/webhooks/stripe", data=b"{}", environ_overrides=claims
    )
    assert answer.status_code == 413 and answer.is_json


def test_a_flood_of_forgeries_fills_a_corner_only(house: House) -> None:
    for number in range(60):
        body = b"%d" % number * 2000
        assert post(house, body, Stripe_Signature=signature(body, secret="whsec_mine")).status_code == 400
    assert counted(house) == {"not_authentic": 60}
    samples = house.rows("select size, length(sample) as kept from rejected_deliveries")
    assert len(samples) == 50
    assert max(row.kept for row in samples) < 1100 and max(row.size for row in samples) == 4000


def test_only_posts_are_deliveries(house: House) -> None:
    assert house.app.test_client(use_cookies=False).get("/webhooks/stripe").status_code == 405


def test_a_source_that_nobody_knows_is_not_found(house: House) -> None:
    answer = house.app.test_client(use_cookies=False).post("/webhooks/unheard-of", data=b"{}")
    assert answer.status_code == 404 and answer.is_json


def test_neither_cookie_nor_token_nor_form_makes_a_difference(house: House) -> None:
    """Authenticity is the signature alone: a signed-in browser cannot send one, a token is not asked for."""
    token = house.api("admin").headers["Authorization"]
    body = body_of(an_event())
    assert post(house, body, Authorization=token, Stripe_Signature="t=1,v1=0").status_code == 400
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert post(house, body, **form).status_code == 200
    assert len(inbox_of(house)) == 1


def test_without_a_database_stripe_is_asked_to_send_it_again() -> None:
    app = create_app(settings_for("postgresql+psycopg://opsconsole@/opsconsole?host=/nonexistent"))
    client = app.test_client(use_cookies=False)
    body = body_of(an_event())
    answer = client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": signature(body)})
    assert (answer.status_code, answer.get_json()["refused"]["code"]) == (503, "database_unavailable")
    forged = client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": "t=1,v1=0"})
    assert forged.status_code == 400
    large = client.post("/webhooks/stripe", data=b" " * (LIMIT + 1))
    assert large.status_code == 413
    with app.app_context():
        db.engine.dispose()


@pytest.mark.own_app
def test_connections_that_the_server_has_ended_meanwhile_are_replaced(house: House) -> None:
    assert post(house, body_of(an_event())).status_code == 200
    others = "datname = current_database() and usename = current_user and pid <> pg_backend_pid()"
    assert house.rows(f"select pg_terminate_backend(pid) from pg_stat_activity where {others}")
    answer = post(house, body_of(an_event()))
    assert (answer.status_code, answer.get_json()) == (200, {"recorded": True, "new": True})
    assert len(inbox_of(house)) == 2
