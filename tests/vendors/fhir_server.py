"""A FHIR server of somebody else's, as a wire: what the standard leaves open it does otherwise than our sandbox.

It names itself by another host, keeps elements we have never heard of, and does not all that FHIR has (`quirks`). Every body
that comes in must be what R4 allows.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from requests.structures import CaseInsensitiveDict

from opsconsole.vendors._wire import Answer, NoAnswer
from opsconsole.vendors.healthcare.fhir import Fhir

from . import fhir_r4

BASE = "https://ehr.example.test/r4"
ELSEWHERE = "http://10.0.0.7:8080/r4"
MIME = "application/fhir+json"
PATIENT = {"MedicationRequest": "subject", "Task": "for", "Encounter": "subject"}

# How a server may be, as far as FHIR lets it.
QUIRKS = frozenset({
    "minimal",  # tells where a record is, and not what it is
    "silent",  # tells nothing of what was made
    "outcome",  # answers with an OperationOutcome that says that all went well
    "no identifier",  # cannot search by identifier, nor make conditionally
    "no patient",  # cannot search by patient
    "lenient",  # leaves out what it does not understand of a search
    "unconditional",  # does not know If-None-Exist
    "no sort",
    "bare",  # versions stand in ETags only
    "remembers",  # answers a search as it did before, unless it is asked not to
    "no scopes",  # knows scopes by other names
})  # fmt: skip


class OtherServer:
    """`kept` is (kind, id) -> its versions. The next writes go wrong as `faults` say: "lost before", "lost after",
    "500 after", "garbage". `before_write` is called once with the server, before each write."""

    def __init__(self, *quirks: str) -> None:
        assert set(quirks) <= QUIRKS
        self.quirks = set(quirks)
        self.kept: dict[tuple[str, str], list[dict[str, Any]]] = {}
        self.faults: list[str] = []
        self.before_write: list[Any] = []
        self.asked: list[tuple[str, str, CaseInsensitiveDict[str], bytes | None]] = []
        self.page_size = 2
        self.overlap = 0  # records that stand on two pages, because something changed meanwhile
        self._memory: dict[str, Answer] = {}
        self.missing: set[str] = set()  # kinds that it does not have
        self.away: set[str] = set()  # kinds that cannot be read just now
        self.binaries: dict[str, tuple[str, bytes]] = {}

    def adapter(self) -> Fhir:
        return Fhir(base_url=BASE, client_id="me", client_secret="s", webhook_secrets=["s"], wire=self)

    # from behind

    def keep(self, resource: Mapping[str, Any]) -> str:
        """Somebody at the clinic writes it down: a new record, or a new version of one."""
        kept = copy.deepcopy(dict(resource))
        id = kept.setdefault("id", f"{len(self.kept) + 1:04}")
        versions = self.kept.setdefault((kept["resourceType"], id), [])
        version = str(len(versions) + 1)
        kept["meta"] = kept.get("meta", {}) | {
            "versionId": version, "lastUpdated": f"2026-11-22T00:00:{self._number():02}.5Z",
        }  # fmt: skip
        versions.append(kept)
        return str(id)

    def _number(self) -> int:
        return sum(map(len, self.kept.values())) % 60

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [versions[-1] for (one, _), versions in self.kept.items() if one == kind]

    def requests(self, method: str) -> list[tuple[str, str, CaseInsensitiveDict[str], bytes | None]]:
        return [one for one in self.asked if one[0] == method and "token" not in one[1]]

    # from the front

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: Any = None) -> Answer:
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == "https://ehr.example.test", f"asked elsewhere: {url}"
        path = parts.path.removeprefix("/r4")
        self.asked.append((method, url.removeprefix(BASE), CaseInsensitiveDict(headers), body))
        if path == "/.well-known/smart-configuration":
            return Answer(404, {}, b"")
        if path == "/oauth2/token" and "no scopes" in self.quirks and b"scope" in body:
            return Answer(400, {}, b'{"error": "invalid_scope"}')
        if path == "/oauth2/token":
            return Answer(200, {}, b'{"access_token": "t1", "token_type": "Bearer", "expires_in": 3600}')
        assert headers["Authorization"] == "Bearer t1"
        query = dict(parse_qsl(parts.query))
        if method == "GET":
            return self._get(path, query, CaseInsensitiveDict(headers))
        return self._write(method, path, CaseInsensitiveDict(headers), json.loads(body))

    def _get(self, path: str, query: dict[str, str], headers: CaseInsensitiveDict[str]) -> Answer:
        kind, _, id = path.strip("/").partition("/")
        if kind == "Binary":
            return self._binary(id)
        if kind in self.missing:
            return refusal(404, "not-supported")
        if kind in self.away:
            return refusal(503, "transient")
        if not id:
            asked, again = f"{kind} {query}", headers.get("Cache-Control") != "no-cache"
            if not (again and "remembers" in self.quirks and asked in self._memory):
                self._memory[asked] = self._search(kind, query)
            return self._memory[asked]
        versions = self.kept.get((kind, id))
        return self._shown(200, versions[-1]) if versions else refusal(404, "not-found")

    def _binary(self, id: str) -> Answer:
        if id not in self.binaries:
            return refusal(404, "not-found")
        kind, data = self.binaries[id]
        return Answer(200, CaseInsensitiveDict({"Content-Type": kind}), data)

    def _shown(self, status: int, resource: dict[str, Any], body: bytes | None = None) -> Answer:
        told = copy.deepcopy(resource)
        version = told["meta"]["versionId"]
        if "bare" in self.quirks:
            del told["meta"]["versionId"]
        place = f"{ELSEWHERE}/{told['resourceType']}/{told['id']}/_history/{version}"
        headers = {"ETag": f'W/"{version}"', "Content-Type": MIME} | (
            {"Location": place} if status == 201 else {}
        )
        return Answer(
            status, CaseInsensitiveDict(headers), json.dumps(told).encode() if body is None else body
        )

    def _search(self, kind: str, query: dict[str, str]) -> Answer:
        if kind == "":  # where its next links lead
            query = dict(parse_qsl(query["_getpages"]))
            kind = query.pop("_kind")
        known = {
            "_lastUpdated",
            "_count",
            "_offset",
            "url",
            "version",
            "identifier",
            "patient",
            "subject",
            "_sort",
        }
        known -= {quirk.removeprefix("no ") for quirk in self.quirks} | (
            {"_sort"} if "no sort" in self.quirks else set()
        )
        if strange := query.keys() - known:
            if "lenient" not in self.quirks:
                return refusal(400, "not-supported")
            query = {name: value for name, value in query.items() if name not in strange}
        found = [one for one in self.all(kind) if self._fits(kind, one, query)]
        start = int(query.get("_offset", 0))
        rest = urlencode({**query, "_kind": kind, "_offset": start + self.page_size - self.overlap})
        link = [{"relation": "self", "url": f"{ELSEWHERE}/{kind}"}]
        if len(found) > start + self.page_size:
            link.append({"relation": "next", "url": f"{ELSEWHERE}?{urlencode({'_getpages': rest})}"})
        outcome = {
            "resource": {"resourceType": "OperationOutcome", "issue": []},
            "search": {"mode": "outcome"},
        }
        entries = [{"resource": one} for one in found[start : start + self.page_size]] + [outcome]
        bundle = {"resourceType": "Bundle", "type": "searchset", "link": link, "entry": entries}
        return Answer(200, CaseInsensitiveDict({"Content-Type": MIME}), json.dumps(bundle).encode())

    def _fits(self, kind: str, one: dict[str, Any], query: dict[str, str]) -> bool:
        found = re.search(r"Patient/[^/]+", one.get(PATIENT.get(kind, ""), {}).get("reference", ""))
        subject = found[0] if found else ""
        told = [f"{held.get('system')}|{held.get('value')}" for held in one.get("identifier", [])]
        return (
            query.get("identifier") in (None, *told)
            and query.get("url") in (None, one.get("url"))
            and query.get("version") in (None, one.get("version"))
            and query.get("patient") in (None, subject.rpartition("/")[2])
            and query.get("subject") in (None, subject)
            and one["meta"]["lastUpdated"] > query.get("_lastUpdated", "gt")[2:]
        )

    def _write(
        self, method: str, path: str, headers: CaseInsensitiveDict[str], given: dict[str, Any]
    ) -> Answer:
        assert headers["Content-Type"] == MIME and headers["Prefer"] == "return=representation"
        if self.before_write:
            self.before_write.pop()(self)
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "lost before":
            raise NoAnswer("", sent=True)
        answer = self._done(method, path, headers, given)
        if fault == "lost after":
            raise NoAnswer("", sent=True)
        if fault == "500 after":
            return Answer(500, {}, b"")
        return Answer(answer.status, {}, b"<html>") if fault == "garbage" else answer

    def _done(
        self, method: str, path: str, headers: CaseInsensitiveDict[str], given: dict[str, Any]
    ) -> Answer:
        kind, _, id = path.strip("/").partition("/")
        if kind in fhir_r4.RESOURCES:
            fhir_r4.check(given)
        assert given["resourceType"] == kind
        if method == "PUT":
            now = self.kept[kind, id][-1]
            if headers["If-Match"] != f'W/"{now["meta"]["versionId"]}"':
                return refusal(412, "conflict")
            assert given["id"] == id
            self.keep(given)
            return self._made(200, self.kept[kind, id][-1])
        assert "id" not in given
        if "unconditional" not in self.quirks and "no identifier" not in self.quirks:
            once = dict(parse_qsl(headers["If-None-Exist"]))
            found = [one for one in self.all(kind) if self._fits(kind, one, once)]
            if found:
                return self._made(200, found[0]) if len(found) == 1 else refusal(412, "multiple-matches")
        return self._made(201, self.kept[kind, self.keep(given)][-1])

    def _made(self, status: int, kept: dict[str, Any]) -> Answer:
        if "silent" in self.quirks:
            return Answer(status, {}, b"")
        if "minimal" in self.quirks:
            return self._shown(status, kept, b"")
        if "outcome" in self.quirks:
            return self._shown(status, kept, json.dumps(outcome("informational", "information")).encode())
        return self._shown(status, kept)


def outcome(code: str, severity: str = "error") -> dict[str, Any]:
    said = {"severity": severity, "code": code, "diagnostics": "Featherstonehaugh takes tretinoin"}
    return {"resourceType": "OperationOutcome", "issue": [said]}


def refusal(status: int, code: str) -> Answer:
    return Answer(status, CaseInsensitiveDict({"Content-Type": MIME}), json.dumps(outcome(code)).encode())
