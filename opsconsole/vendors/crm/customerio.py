"""The CRM port over Customer.io: https://docs.customer.io/integrations/api/customerio-apis

Its transactional endpoint has no idempotency key and cannot be asked about later, so a message is sent
as an event whose `id` comes from the promise: Customer.io ignores an id it has seen, and every delivery
names the event that caused it. `docs/vendors/customerio.md` tells what that promises and what it does not.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from .. import Call, Declined, Unavailable
from .._asking import Asking, Failures, clean, health
from .._wire import DEADLINE_SECONDS, Exchange, Wire, deadline
from . import FACTS, ContactFacts, CrmDelivery, MessageFacts, MessageState, Template
from . import _customerio_facts as facts

DASHBOARD = "https://fly.customer.io"
TRACK_BASE = "https://track.customer.io"
APP_BASE = "https://api.customer.io"
#: Customer.io lets no event start a campaign that is more than 72 h old; we stop well before.
LATEST_SECONDS = 48 * 3600
PAGE, MOST_PAGES = 100, 20
VALUE_LIMIT = 200
WORDS_LIMIT = 500

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
# The id must depend on nothing but the ref, so the instant in it is always this one (2026-01-01).
_ULID_MILLISECONDS = 1_767_225_600_000

FAILURES = Failures("Customer.io", forbids="Our key may not do this at Customer.io.")


class CustomerIO:
    """The CRM port over Customer.io.

    `templates` maps our codes to the events that start their campaigns. `app_key` is the App API's bearer
    key, `site_id` and `track_key` open the Track API. Several `webhook_secrets` are accepted at once, for
    rolling one. `now` is what time it is at Customer.io; `wire` and `seconds` (the deadline of one port
    method) are there for tests.
    """

    name = "customerio"

    def __init__(
        self,
        *,
        site_id: str,
        track_key: str,
        app_key: str,
        webhook_secrets: Sequence[str],
        templates: Mapping[str, Template],
        track_base: str | None = None,
        app_base: str | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        wire: Exchange | None = None,
        seconds: float = DEADLINE_SECONDS,
    ) -> None:
        if not all(webhook_secrets):
            raise ValueError("A webhook secret is empty: anybody could sign with it.")
        basic = base64.b64encode(f"{site_id}:{track_key}".encode()).decode()
        wire = wire or Wire()
        self._track = Asking(
            FAILURES, track_base or TRACK_BASE, f"Basic {basic}", _refusal, wire, fine=(200,)
        )
        self._app = Asking(FAILURES, app_base or APP_BASE, f"Bearer {app_key}", _refusal, wire, fine=(200,))
        self._secrets = tuple(secret.encode() for secret in webhook_secrets)
        self._templates = dict(templates)
        self._now = now
        self._seconds = seconds

    # messages

    def message_id(self, ref: str) -> str:
        """A ULID made of the ref alone: the same in every attempt and every round."""
        number = _ULID_MILLISECONDS << 80 | int.from_bytes(hashlib.sha256(ref.encode()).digest()[:10])
        return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))

    def send(
        self, call: Call, *, customer: str, to: str, template: str, data: dict[str, str]
    ) -> MessageFacts:
        """POST /api/v1/customers/{id}/events under the promise's id."""
        fresh = self._request(call, customer, to, template, data)
        with deadline(self._seconds):
            request = call.pin(fresh)
            earlier = request != fresh  # an attempt that may have done its work has stored its own
            if earlier or call.ask_first or call.round > 1:
                found = self._delivery_of(request["customer"], request["event"]["id"])
                if found:
                    return found
            self._check(request, earlier=earlier)
            self._track.ask(
                "POST",
                f"/api/v1/customers/{quote(request['customer'], safe='')}/events",
                lambda _: None,
                body=request["event"],
            )
        return MessageFacts(
            id=request["event"]["id"], customer=request["customer"], state=MessageState.ACCEPTED
        )

    def _request(
        self, call: Call, customer: str, to: str, template: str, data: Mapping[str, str]
    ) -> dict[str, Any]:
        """What goes out, as it is stored with the promise. `recipient` overrides the campaign's own."""
        known = self._templates.get(template)
        if known is None:
            raise Declined("template_unknown", f"There is no message called {template!r}.")
        strange, missing = sorted(set(data) - known.fields), sorted(known.fields - set(data))
        if strange or missing:
            told = [f"may not carry {', '.join(strange)}"] if strange else []
            told += [f"lacks {', '.join(missing)}"] if missing else []
            raise Declined("data_refused", f"The message {template!r} {' and '.join(told)}.")
        for field, value in data.items():
            if not isinstance(value, str) or len(value) > VALUE_LIMIT or not value.isprintable():
                raise Declined("data_refused", f"{field} must be one line of at most {VALUE_LIMIT} letters.")
        return {
            "customer": customer,
            "event": {
                "name": known.name,
                "id": self.message_id(call.ref),
                "timestamp": int(self._now().timestamp()),
                "data": {**call.tags, **data, "opsconsole_ref": call.ref, "recipient": to},
            },
        }

    def _check(self, request: Mapping[str, Any], *, earlier: bool) -> None:
        """Whether this may still be sent, and to this address. After an earlier attempt a no is no answer."""
        contact = self._contact(request["customer"])
        to = request["event"]["data"]["recipient"]
        if contact is None:
            code, words = "contact_unknown", "Customer.io does not know this customer."
        elif (contact.email or "").casefold() != to.casefold():
            code, words = "address_differs", "Customer.io holds another e-mail address for this customer."
        elif self._now().timestamp() - request["event"]["timestamp"] > LATEST_SECONDS:
            code, words = "too_late", "This message was to be sent more than two days ago."
        else:
            return
        if earlier:
            raise Unavailable(f"{words} An earlier try may have sent it.", maybe_done=True, code=code)
        raise Declined(code, words)

    def fetch_message(self, customer: str, id: str) -> MessageFacts | None:
        with deadline(self._seconds):
            return self._delivery_of(customer, id)

    def _delivery_of(self, customer: str, id: str) -> MessageFacts | None:
        """GET /v1/customers/{id}/messages, newest first, six months back: which of them did this event cause?"""
        after = ""
        for _ in range(MOST_PAGES):
            query = {"id_type": "id", "limit": str(PAGE), **({"start": after} if after else {})}
            page = self._app.find(
                f"/v1/customers/{quote(customer, safe='')}/messages?{urlencode(query)}",
                facts.page_of_messages,
            )
            messages, after = page or ([], "")
            for message in messages:
                if message.get("trigger_event_id") == id:
                    return self._app.shaped(
                        lambda m: facts.message_facts(customer, id, m), message, changes=False
                    )
            if not after:
                return None
        raise FAILURES.nonsense("a list without end", changes=False)

    # contacts

    def fetch_contact(self, customer: str) -> ContactFacts | None:
        with deadline(self._seconds):
            return self._contact(customer)

    def _contact(self, customer: str) -> ContactFacts | None:
        return self._app.find(
            f"/v1/customers/{quote(customer, safe='')}/attributes?id_type=id",
            lambda data: facts.contact_facts(customer, data),
        )

    def update_contact(
        self, call: Call, *, customer: str, email: str | None, phone: str | None
    ) -> ContactFacts:
        """PUT /api/v1/customers/{id}, then reading it back: a 200 there only says that it was taken in."""
        wanted = {name: value for name, value in (("email", email), ("phone", phone)) if value}
        with deadline(self._seconds):
            request = call.pin({"customer": customer, "attributes": wanted})
            id, attributes = request["customer"], request["attributes"]
            before = self._contact(id)
            if before is None:
                raise Declined("contact_unknown", "Customer.io does not know this customer.")
            if _shows(before, attributes):
                return before
            self._must_be_free(id, attributes.get("email"))
            body = {**attributes, "_update": True}  # never make a person who is not there
            self._track.ask("PUT", f"/api/v1/customers/{quote(id, safe='')}", lambda _: None, body=body)
            after = self._contact(id)
        if after is None or not _shows(after, attributes):
            words = "Customer.io took the change and does not show it yet."
            raise Unavailable(words, maybe_done=True, code="not_shown_yet")
        return after

    def update_facts(self, call: Call, *, customer: str, facts: dict[str, str]) -> ContactFacts:
        """PUT /api/v1/customers/{id}; "" takes an attribute away. The same once more leaves it as it is."""
        for name, value in facts.items():
            if name not in FACTS or len(value) > VALUE_LIMIT or not value.isprintable():
                raise Declined("data_refused", f"{name[:40]} may not be told to Customer.io like that.")
        with deadline(self._seconds):
            request = call.pin({"customer": customer, "facts": dict(facts)})
            held = self._contact(request["customer"])
            if held is None:
                raise Declined("contact_unknown", "Customer.io does not know this customer.")
            told = {name: value or None for name, value in request["facts"].items()}
            body = {**told, "_update": True}  # never make a person who is not there
            target = f"/api/v1/customers/{quote(request['customer'], safe='')}"
            self._track.ask("PUT", target, lambda _: None, body=body)
        shown = {name: value for name, value in told.items() if value}
        rest = {name: value for name, value in held.attributes.items() if name not in told}
        return replace(held, attributes={**rest, **shown})

    def _must_be_free(self, customer: str, email: str | None) -> None:
        """An address that somebody else has is dropped there without a word, so it is asked for before."""
        if email is None:
            return
        target = f"/v1/customers?{urlencode({'email': email})}"
        others = self._app.ask("GET", target, facts.people_found)
        if any(id != customer for id in others):
            raise Declined("address_taken", "Another customer has this e-mail address at Customer.io.")

    def contact_page(self, customer: str) -> str:
        return f"{DASHBOARD}/workspaces/last/journeys/people/{quote(customer, safe='')}"

    # what Customer.io tells us

    def read(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> CrmDelivery:
        facts.check_signature(body, headers, self._secrets, now)
        return facts.delivery(body)

    def health(self) -> Mapping[str, Any]:
        """Asks both APIs, because each has a key of its own."""

        def both() -> None:
            self._track.ask("GET", "/api/v1/accounts/region", lambda _: None)
            self._app.ask("GET", "/v1/messages?limit=1", lambda _: None)

        bases = [self._track.base_url, self._app.base_url]
        return health(FAILURES.label, bases, both, self._seconds)


def _shows(contact: ContactFacts, attributes: Mapping[str, str]) -> bool:
    held = {"email": (contact.email or "").casefold(), "phone": (contact.phone or "").casefold()}
    return all(held[name] == value.casefold() for name, value in attributes.items())


def _refusal(status: int, data: Mapping[str, Any]) -> tuple[str, str] | None:
    """Three envelopes are in use, by endpoint and not by status; whoever sends none is not Customer.io."""
    said = _said(data)
    return (f"http_{status}", said) if status in (400, 404, 413, 422) and said else None


def _said(data: Mapping[str, Any]) -> str | None:
    """What went wrong: `errors[].detail`, `errors[].message` or `meta.error`, cut to what may be shown."""
    errors, meta = data.get("errors"), data.get("meta")
    found: list[Any] = [meta.get("error")] if isinstance(meta, dict) else []
    for error in errors if isinstance(errors, list) else []:
        if isinstance(error, dict):
            found.append(error.get("detail") or error.get("message") or error.get("reason"))
    words = " ".join(word for word in found if isinstance(word, str) and word)
    return clean(words)[:WORDS_LIMIT] or None
