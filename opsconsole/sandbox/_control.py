"""The control side: clock, faults, ledger, what banks do, and one plain page. Loopback only, no sign-in."""

from __future__ import annotations

import inspect
import ipaddress
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request

from ._faults import CALL_KINDS, PROFILES, WEBHOOK_KINDS, BadDial
from ._sandbox import Sandbox
from .easypost import PLANS
from .fhir import DIALS
from .pharmacies import Pharmacy
from .stripe import BadLine
from .stripe._errors import ApiError

LOCAL_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")
CSP = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"


def blueprint(sandbox: Sandbox) -> Blueprint:
    control = Blueprint("control", __name__)
    control.before_request(_only_this_machine)
    control.after_request(_safe_headers)
    for wrong in (BadDial, BadLine, ValueError):
        control.register_error_handler(wrong, _refused)
    control.register_error_handler(ApiError, lambda error: (jsonify(error.body), error.status))
    _add_clock_and_faults(control, sandbox)
    _add_books(control, sandbox)
    _add_stripe(control, sandbox)
    _add_customerio(control, sandbox)
    _add_email(control, sandbox)
    _add_pharmacies(control, sandbox)
    _add_easypost(control, sandbox)
    _add_fhir(control, sandbox)

    @control.get("/")
    def page() -> str:
        return render_template(
            "sandbox.html",
            time=sandbox.time(),
            instant=_said(sandbox.clock.now()),
            counts=sandbox.stripe.counts(),
            pharmacies={"Truepill": sandbox.truepill.counts(), "Honeybee": sandbox.honeybee.counts()},
            at_the_clinic=sandbox.fhir.counts(),
            dials=sandbox.fhir.dials(),
            settings=DIALS,
            deliveries=sandbox.webhooks.counts(),
            traffic=sandbox.traffic.told(),
            faults=sandbox.faults.list(),
            call_kinds=CALL_KINDS,
            webhook_kinds=WEBHOOK_KINDS,
            profiles=PROFILES,
            plans=PLANS,
            plan=sandbox.easypost.plan_now(),
            ledger=sandbox.book.tail(25),
            mails=[mail | {"sent": _said(mail["at"])} for mail in sandbox.mailbox.mails(10)],
        )

    return control


def _said(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _only_this_machine() -> None:
    """Refuse other machines, and other sites' pages in a browser on this one."""
    if not ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback:
        abort(403)
    if not LOCAL_HOST.fullmatch(request.host):
        abort(403)
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        abort(403)


def _safe_headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CSP
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    return response


def _refused(error: Exception) -> tuple[Response, int]:
    return jsonify(error=str(error)), 400


def _add_clock_and_faults(control: Blueprint, sandbox: Sandbox) -> None:
    @control.get("/_sandbox/clock")
    def clock() -> Any:
        return sandbox.time()

    @control.post("/_sandbox/clock/advance")
    def advance() -> Any:
        return _told(sandbox.advance(_number(_given(), "seconds")))

    @control.get("/_sandbox/faults")
    def faults() -> Any:
        return {"faults": sandbox.faults.list()}

    @control.post("/_sandbox/faults")
    def add_fault() -> Any:
        return _told({"id": sandbox.fault(**_dial(_given()))})

    @control.delete("/_sandbox/faults")
    @control.post("/_sandbox/faults/clear")
    def clear_faults() -> Any:
        sandbox.clear_faults()
        return _told({"faults": []})

    @control.delete("/_sandbox/faults/<id>")
    def remove_fault(id: str) -> Any:
        return {"faults": sandbox.faults.list()} if sandbox.faults.remove(id) else abort(404)


def _add_books(control: Blueprint, sandbox: Sandbox) -> None:
    @control.get("/_sandbox/ledger")
    def ledger() -> Any:
        since = request.args.get("since", 0, int)
        limit = request.args.get("limit", None, int)
        return {"entries": sandbox.book.entries(request.args.get("kind"), since, limit)}

    @control.get("/_sandbox/requests")
    def calls() -> Any:
        return {"requests": list(sandbox.calls)[-request.args.get("limit", 100, int) :]}

    @control.get("/_sandbox/traffic")
    def traffic() -> Any:
        return {"traffic": sandbox.traffic.told()}

    @control.delete("/_sandbox/traffic")
    @control.post("/_sandbox/traffic/clear")
    def clear_traffic() -> Any:
        sandbox.traffic.clear()
        return _told({"traffic": {}})

    @control.get("/_sandbox/webhooks")
    def webhooks() -> Any:
        return {
            "counts": sandbox.webhooks.counts(),
            "deliveries": sandbox.webhooks.list(request.args.get("limit", 100, int)),
        }


def _add_email(control: Blueprint, sandbox: Sandbox) -> None:
    @control.get("/_sandbox/email")
    def mails() -> Any:
        return {"mails": sandbox.mailbox.mails(request.args.get("limit", 50, int))}


def _add_stripe(control: Blueprint, sandbox: Sandbox) -> None:
    @control.post("/_sandbox/stripe/load")
    def load() -> Any:
        return sandbox.load(_lines())

    @control.post("/_sandbox/stripe/refunds/<id>/move")
    def move(id: str) -> Any:
        given = _only(_given(), "status", "failure_reason", "pending_reason", "reference")
        return sandbox.stripe.move_refund(id, **{"status": "", **given})

    @control.post("/_sandbox/stripe/disputes")
    def dispute() -> Any:
        given = _only(_given(), "payment_intent", "amount", "reason", "status")
        return sandbox.stripe.dispute(**{"payment_intent": "", **given})

    @control.post("/_sandbox/stripe/disputes/<id>/close")
    def close_dispute(id: str) -> Any:
        return sandbox.stripe.close_dispute(id, str(_only(_given(), "status").get("status")))

    @control.post("/_sandbox/stripe/tax")
    def tax() -> Any:
        working = _only(_given(), "working").get("working")
        if not isinstance(working, bool):
            raise ValueError("working must be true or false")
        sandbox.stripe.tax_works(working)
        return {"working": working}

    @control.post("/_sandbox/stripe/payouts/<id>/fail")
    def fail_payout(id: str) -> Any:
        return sandbox.stripe.fail_payout(id, str(_only(_given(), "code").get("code")))

    @control.post("/_sandbox/stripe/fraud_warnings")
    def warn() -> Any:
        given = _only(_given(), "payment_intent", "fraud_type")
        return sandbox.stripe.warn(**{"payment_intent": "", **given})

    @control.post("/_sandbox/stripe/dunning")
    def dun() -> Any:
        given = _only(_given(), "days", "end")
        if not isinstance(given.get("days", []), list):
            raise ValueError("days must be a list of whole numbers")
        return sandbox.stripe.dun(**given)

    @control.post("/_sandbox/stripe/redeliver")
    def redeliver() -> Any:
        given = _only(_given(), "event", "times")
        times = given.get("times", 1)
        if type(times) is not int or not 1 <= times <= 100:
            raise ValueError("times must be a whole number from 1 to 100")
        added = sandbox.webhooks.redeliver("stripe", given.get("event"), times, sandbox.clock.now())
        return {"deliveries": added}


def _add_customerio(control: Blueprint, sandbox: Sandbox) -> None:
    @control.post("/_sandbox/customerio/messages/<id>/report")
    def report(id: str) -> Any:
        return sandbox.customerio.report(id, str(_only(_given(), "metric").get("metric")))

    @control.post("/_sandbox/customerio/load")
    def load_people() -> Any:
        return sandbox.customerio.load(_lines())


def _add_easypost(control: Blueprint, sandbox: Sandbox) -> None:
    @control.post("/_sandbox/easypost/plan")
    def plan() -> Any:
        return _told(sandbox.easypost.plan(str(_only(_given(), "plan").get("plan"))))

    @control.post("/_sandbox/easypost/scan")
    def scan() -> Any:
        given = _only(_given(), "tracker", "status", "hours_ago", "detail", "message", "city", "state")
        tracker, status = str(given.pop("tracker", "")), str(given.pop("status", ""))
        hours = _number({"hours_ago": 0, **given}, "hours_ago")
        words = {name: str(value) for name, value in given.items() if name != "hours_ago"}
        return _told(sandbox.easypost.scan(tracker, status, hours_ago=hours, **words))

    @control.post("/_sandbox/easypost/forget")
    def forget_tracker() -> Any:
        tracker = str(_only(_given(), "tracker").get("tracker"))
        sandbox.easypost.forget(tracker)
        return _told({"forgotten": tracker})

    @control.post("/_sandbox/easypost/load")
    def load_trackers() -> Any:
        return sandbox.easypost.load(_lines())


def _add_fhir(control: Blueprint, sandbox: Sandbox) -> None:
    acts = ("set", "move", "flag", "licence", "answer", "sign", "set_status", "dispense", "forget")

    @control.post(f"/_sandbox/fhir/<any({', '.join(acts)}):act>")
    def at_the_clinic(act: str) -> Any:
        """What `fhir.Clinic` has under that name; the page's forms send text only."""
        given, run = _given(), getattr(sandbox.fhir, act)
        for name, kind in (
            ("quantity", float),
            ("days", int),
            ("answers", json.loads),
            ("photos", json.loads),
        ):
            if isinstance(given.get(name), str):
                given[name] = kind(given[name])
        try:
            inspect.signature(run).bind(**given)
        except TypeError as odd:
            raise ValueError(f"{act}: {odd}") from None
        return _told(run(**given))

    @control.post("/_sandbox/fhir/load")
    def load_resources() -> Any:
        return sandbox.fhir.load(_lines())


def _add_pharmacies(control: Blueprint, sandbox: Sandbox) -> None:
    pharmacies: dict[str, Pharmacy[Any]] = {
        "truepill": sandbox.truepill,
        "honeybee": sandbox.honeybee,
    }

    @control.post("/_sandbox/<any(truepill, honeybee):name>/orders/<id>/move")
    def move_order(name: str, id: str) -> Any:
        return _told(_moved(pharmacies[name], id, _given()))

    @control.post("/_sandbox/pharmacies/move")
    def move_any_order() -> Any:
        """What the page's form sends: the order's number says whose it is."""
        given = _given()
        id = str(given.pop("order", ""))
        return _told(_moved(pharmacies["honeybee" if id.startswith("hb-") else "truepill"], id, given))

    @control.post("/_sandbox/<any(truepill, honeybee):name>/orders/<id>/amend")
    def amend_order(name: str, id: str) -> Any:
        return _told(pharmacies[name].amend(id, _given()))

    @control.post("/_sandbox/<any(truepill, honeybee):name>/orders/<id>/forget")
    def forget_order(name: str, id: str) -> Any:
        pharmacies[name].forget(id)
        return _told({"forgotten": id})

    @control.post("/_sandbox/<any(truepill, honeybee):name>/load")
    def load_orders(name: str) -> Any:
        return pharmacies[name].load(_lines())


def _moved(pharmacy: Pharmacy[Any], id: str, given: dict[str, Any]) -> dict[str, Any]:
    given = _only(given, "status", "code")
    return pharmacy.move(id, str(given.get("status")), given.get("code"))


def _given() -> dict[str, Any]:
    """The JSON object or the form of the page. Raises ValueError when it is neither."""
    if request.mimetype == "application/x-www-form-urlencoded":
        return {name: value for name, value in request.form.items() if value != ""}
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise ValueError("send a JSON object")
    return given


def _told(answer: dict[str, Any]) -> Any:
    """The page's forms go back to the page, everybody else gets the answer."""
    if request.mimetype == "application/x-www-form-urlencoded":
        return redirect("/", 303)
    return answer


def _only(given: dict[str, Any], *names: str) -> dict[str, Any]:
    strange = sorted(set(given) - set(names))
    if strange:
        raise ValueError(f"unknown: {', '.join(strange)}")
    return given


def _number(given: dict[str, Any], name: str) -> float:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError(f"{name} must be a number")
    return float(value)


def _dial(given: dict[str, Any]) -> dict[str, Any]:
    """Forms carry text only: turn the numbers of a dial into numbers."""
    dial = dict(given)
    for name, number in (("every", int), ("times", int), ("bytes", int), ("seconds", float)):
        if isinstance(dial.get(name), str):
            dial[name] = number(dial[name])
    return dial


def _lines() -> Iterator[Any]:
    """The JSON lines of the body, read as they come."""
    for raw in request.stream:
        if raw.strip():
            try:
                yield json.loads(raw)
            except ValueError:
                raise BadLine("a line is not JSON") from None
