"""One FHIR server and what is done there: read, search, make and change. https://hl7.org/fhir/R4/http.html

It has no idempotency keys. What is made carries our ref, and the server is asked for it before anything is sent; the request
says so too (If-None-Exist), for what happens in between. What is changed names the version that it was made from (If-Match).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from .. import Declined, Unavailable
from .._asking import WrongShape, json_of, object_in
from .._wire import Answer, Exchange, NoAnswer
from ._fhir_elements import ID, Record, objects, resource
from ._fhir_references import place
from ._fhir_refusals import failure, refusal
from ._token import FAILURES, Token

MIME = "application/fhir+json"
TRIES = 3  # of one attempt, while others change the same record
CONFLICT = (409, 412)
_REPRESENTATION = {"Content-Type": MIME, "Prefer": "return=representation"}

Query = Mapping[str, str]


class Server:
    """What is asked of `base` with a token. Every failure leaves here as one of the port's two."""

    def __init__(self, base: str, token: Token, wire: Exchange) -> None:
        self.base, self.token, self._wire = base, token, wire

    # reading

    def get(self, kind: str, id: str) -> Record:
        """GET [base]/[kind]/[id]. Raises Declined for what is not there."""
        return _record(kind, self.ask("GET", at(kind, id)))

    def find(self, kind: str, id: str) -> Record | None:
        """The same, None for what is not there."""
        if not ID.fullmatch(id):
            return None
        try:
            return self.get(kind, id)
        except Declined as no:
            if no.http_status in (404, 410):
                return None
            raise

    def search(self, kind: str, *queries: Query) -> Iterator[dict[str, Any]]:
        """Resources of this kind, all pages of them. A query that the server refuses is asked as the next one says.

        A server may leave out what it does not understand of a query, and find more than was asked for.
        """
        found, link = self._first(kind, queries)
        links, told = {link}, set[str]()
        while True:
            for one in found:  # what changes meanwhile may be on two pages
                if (id := str(one.get("id"))) not in told:
                    told.add(id)
                    yield one
            if not link:
                return
            found, link = self.page(kind, link)
            if link and link in links:
                raise FAILURES.nonsense("a page that leads to itself", changes=False)
            links.add(link)

    def _first(self, kind: str, queries: Sequence[Query]) -> tuple[list[dict[str, Any]], str | None]:
        *others, last = queries
        for query in others:
            try:
                return self.page(kind, asked(kind, query))
            except Declined:  # a parameter that this server does not have
                continue
        return self.page(kind, asked(kind, last))

    def page(self, kind: str, target: str) -> tuple[list[dict[str, Any]], str | None]:
        """A Bundle of type searchset: its resources of this kind, and where what comes after is asked for."""
        answer = self.ask("GET", target, headers={"Prefer": "handling=strict"})
        with sense():
            data = resource(answer.body, "Bundle")
            told = [object_in(one["resource"]) for one in objects(data.get("entry")) if one.get("resource")]
            links = objects(data.get("link"))
            link = next((one.get("url") for one in links if one.get("relation") == "next"), None)
            if link is not None and not isinstance(link, str):
                raise WrongShape("an odd link")
            return [one for one in told if one.get("resourceType") == kind], self._inside(link, kind)

    def _inside(self, link: str | None, kind: str) -> str | None:
        """The part of a link behind our base, where it is asked for whichever host it names: our token goes nowhere
        else."""
        if not link:
            return None
        parts, base = urlsplit(link), urlsplit(self.base).path
        path = parts.path if parts.path.startswith("/") else f"{base}/{parts.path}"
        query = f"?{parts.query}" if parts.query else ""
        if path == base or path.startswith(f"{base}/"):
            return path.removeprefix(base) + query
        if path.endswith(f"/{kind}") and query:  # it knows itself under another path
            return f"/{kind}{query}"
        raise WrongShape("the next page is elsewhere")

    # writing

    def make(
        self, made: Mapping[str, Any], mine: Callable[[Mapping[str, Any]], bool], *queries: Query
    ) -> Record:
        """POST [base]/[type], unless something is there already that is `mine` among what the queries find. Raises
        Declined."""
        kind = str(made["resourceType"])
        if found := self._mine(kind, mine, queries):
            return found
        once = "&".join(f"{name}={quote(value, safe=':/|')}" for name, value in queries[0].items())
        answer = self.ask(
            "POST", f"/{kind}", headers=_REPRESENTATION | {"If-None-Exist": once}, body=json.dumps(made).encode(),
            allowed=(304, *CONFLICT),
        )  # fmt: skip
        with already_done():
            if answer.status not in CONFLICT and (told := self._told(kind, answer, mine)):
                return told
            if found := self._mine(kind, mine, queries):
                return found
        if answer.status in CONFLICT:
            said = refusal(answer.body)
            if said and said[0] in ("business-rule", "duplicate"):
                raise Declined(*said, http_status=answer.status)
            raise _conflict("Others are making the same record just now.", answer)
        raise FAILURES.nonsense("nothing is told of what was made", changes=True)

    def _told(self, kind: str, answer: Answer, mine: Callable[[Mapping[str, Any]], bool]) -> Record | None:
        """What was made, as the answer tells it, or as it stands where the answer says. What was there already must be
        ours."""
        data = json_of(answer.body)
        if isinstance(data, dict) and data.get("resourceType") == kind and ID.fullmatch(str(data.get("id"))):
            found: Record | None = _record(kind, answer)
        else:
            headers = answer.headers
            there = place(headers.get("Location") or headers.get("Content-Location") or "")
            found = self.find(*there) if there and there[0] == kind else None
        return found if found and (answer.status == 201 or mine(found.data)) else None

    def _mine(
        self, kind: str, mine: Callable[[Mapping[str, Any]], bool], queries: Sequence[Query]
    ) -> Record | None:
        """The oldest of those that are ours, if there should be several. Where the first query, which is exact, is
        refused, or finds only what is not ours because it is not understood, the wider ones are asked."""
        with sense():
            try:
                told, link = self.page(kind, asked(kind, queries[0]))
                found = [one for one in told if mine(one)]
                if found or not (told or link):
                    return _oldest(found)
            except Declined:
                if len(queries) == 1:
                    raise
            return _oldest([one for one in self.search(kind, *queries[1:] or queries) if mine(one)])

    def change(self, kind: str, id: str, edited: Callable[[Record], str | None]) -> Record:
        """PUT [base]/[kind]/[id] of what was just read, edited, with If-Match. When somebody was faster it is read again,
        so that their change stays. Nothing is written where `edited` says None: it stands so already."""
        for _ in range(TRIES):
            read = self.get(kind, id)
            with sense():
                text, version = edited(read), read.version
            if text is None:
                return read
            if changed := self._put(kind, id, text, version):
                return changed
        raise _conflict("Others are changing this record just now.", None)

    def _put(self, kind: str, id: str, text: str, version: str) -> Record | None:
        """None when it has another version by now."""
        headers = _REPRESENTATION | {"If-Match": f'W/"{version}"'}
        answer = self.ask("PUT", at(kind, id), headers=headers, body=text.encode(), allowed=CONFLICT)
        if answer.status in CONFLICT:
            return None
        with already_done():
            if not answer.body.strip() or _outcome(answer):  # done, and nothing told of it
                return self.get(kind, id)
            return _record(kind, answer)

    # asking

    def ask(
        self, method: str, target: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None,
        allowed: Sequence[int] = (),
    ) -> Answer:  # fmt: skip
        """The answer to one request that went well, or whose status is `allowed`. A token that is refused is renewed
        once."""
        answer = self._answer(method, target, headers or {}, body)
        if answer.status == 401:
            self.token.forget()
            answer = self._answer(method, target, headers or {}, body)
        if answer.status in (200, 201, 204) or answer.status in allowed:
            return answer
        raise failure(answer, changes=method != "GET")

    def _answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        sent = {"Authorization": self.token.header(), "Accept": MIME, "Cache-Control": "no-cache", **headers}
        try:
            return self._wire.exchange(method, self.base + target, sent, body)
        except NoAnswer as silence:
            raise FAILURES.silence(silence, changes=method != "GET") from None


class Asked:
    """What stands beside a record at its server, each asked for once. What may not be read is not there."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._read: dict[tuple[str, str], Mapping[str, Any] | None] = {}
        self._found: dict[tuple[str, str, str], str | None] = {}

    def read(self, kind: str, id: str) -> Mapping[str, Any] | None:
        if (kind, id) not in self._read:
            with _may_lack():
                found = self._server.find(kind, id)
                self._read[kind, id] = found.data if found else None
        return self._read.setdefault((kind, id), None)

    def find(self, kind: str, system: str, value: str) -> str | None:
        wanted = (kind, system, value)
        if wanted not in self._found:
            with _may_lack():
                found = self._server.search(kind, {"identifier": f"{system}|{value}"})
                ids = {Record(one).id for one in found if has(one, system, value)}
                self._found[wanted] = ids.pop() if len(ids) == 1 else None
        return self._found.setdefault(wanted, None)


def _oldest(found: Sequence[Mapping[str, Any]]) -> Record | None:
    told = [Record(one) for one in found]
    return min(told, key=lambda one: (str(one.updated_at or ""), one.id), default=None)


def has(data: Mapping[str, Any], system: str, value: str) -> bool:
    """Does it carry this identifier?"""
    told = objects(data.get("identifier"))
    return any((one.get("system"), one.get("value")) == (system, value) for one in told)


def at(kind: str, id: str) -> str:
    return f"/{kind}/{quote(id, safe='')}"


def asked(kind: str, query: Query) -> str:
    return f"/{kind}?{urlencode(query)}"


@contextlib.contextmanager
def sense() -> Iterator[None]:
    """What is read in here and has not the shape that FHIR promises is no answer."""
    try:
        yield
    except WrongShape as wrong:
        raise FAILURES.nonsense(str(wrong), changes=False) from None


@contextlib.contextmanager
def already_done() -> Iterator[None]:
    """A change was sent: whatever fails in here, it may have been made."""
    try:
        yield
    except WrongShape as wrong:
        raise FAILURES.nonsense(str(wrong), changes=True) from None
    except Unavailable as silence:
        silence.maybe_done = True
        raise
    except Declined as no:
        raise Unavailable(no.words, maybe_done=True, code=no.code, http_status=no.http_status) from None


@contextlib.contextmanager
def _may_lack() -> Iterator[None]:
    """What is beside a record is told if it can be; only silence is worth another attempt."""
    try:
        yield
    except Declined:
        pass
    except Unavailable as silence:
        if silence.http_status != 403:
            raise


def _record(kind: str, answer: Answer) -> Record:
    with sense():
        return Record.of(kind, answer.body, answer.headers.get("ETag") or "")


def _outcome(answer: Answer) -> bool:
    data = json_of(answer.body)
    return isinstance(data, dict) and data.get("resourceType") == "OperationOutcome"


def _conflict(words: str, answer: Answer | None) -> Unavailable:
    return Unavailable(words, maybe_done=False, code="conflict", http_status=answer.status if answer else 412)
