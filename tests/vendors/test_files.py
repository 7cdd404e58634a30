"""Where files are kept: a folder and S3, by one contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opsconsole.config import Misconfigured, Settings, adapters
from opsconsole.vendors import Unavailable
from opsconsole.vendors._wire import Answer, NoAnswer
from opsconsole.vendors.files import Files
from opsconsole.vendors.files.folder import Folder
from opsconsole.vendors.files.s3 import S3

from ..shipments.test_settings import NEEDED


class Bucket:
    """A store that keeps what is put, behind the wire of S3's adapter."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.heard: list[tuple[str, str, Mapping[str, str]]] = []
        self.says: Answer | NoAnswer | None = None

    def exchange(self, method: str, url: str, headers: Mapping[str, str], body: Any = None) -> Answer:
        self.heard.append((method, url, headers))
        if isinstance(self.says, NoAnswer):
            raise self.says
        if self.says:
            return self.says
        if method == "PUT":
            self.kept[url] = body or b""
            return Answer(200, {}, b"")
        return Answer(200, {}, self.kept[url]) if url in self.kept else Answer(404, {}, b"<Error/>")


def s3_over(bucket: Bucket, **more: Any) -> S3:
    told = {
        "endpoint": "https://s3.example.test",
        "bucket": "files",
        "region": "us-east-1",
        "key": "AK",
        "secret": "SK",
    }
    return S3(**{**told, **more}, wire=bucket)


@pytest.fixture(params=["folder", "s3"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Files:
    return Folder(tmp_path / "files") if request.param == "folder" else s3_over(Bucket())


def test_what_is_put_is_got_and_nothing_else(files: Files) -> None:
    assert files.get("atc_1.content") is None
    files.put("atc_1.content", b"\x00sealed")
    files.put("atc_1.content", b"\x00sealed again")
    files.put("atc_1.thumbnail", b"")
    assert files.get("atc_1.content") == b"\x00sealed again"
    assert files.get("atc_1.thumbnail") == b""
    assert files.get("atc_2.content") is None


@pytest.mark.parametrize("name", ["", "..", "../x", "x/y", "x y", "x\x00", "x.y.z", "é"])
def test_names_are_ours(files: Files, name: str) -> None:
    for ask in (lambda: files.put(name, b"x"), lambda: files.get(name)):
        with pytest.raises(ValueError, match="no name"):
            ask()


def test_health_tells_where_files_go(files: Files) -> None:
    health = files.health()
    assert set(health) == {"base_url", "reachable", "words", "sandbox"} and health["reachable"]
    assert "SK" not in str(health)


def test_a_folder_that_cannot_be_written_to_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file, no folder")
    with pytest.raises(Unavailable) as caught:
        Folder(tmp_path / "files").put("x", b"y")
    assert not caught.value.maybe_done
    with pytest.raises(Unavailable):
        Folder(tmp_path / "files").get("x")


def test_requests_are_signed_as_amazon_documents_it() -> None:
    """The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html is of virtual hosts and
    signs a range too; this is the same sum, worked out once by hand for our headers."""
    bucket = Bucket()
    at = datetime(2013, 5, 24, tzinfo=UTC)
    s3 = s3_over(bucket, prefix="/a b/", now=lambda: at)
    s3.put("atc_1.content", b"x")
    [(method, url, headers)] = bucket.heard
    assert (method, url) == ("PUT", "https://s3.example.test/files/a%20b/atc_1.content")
    assert headers["x-amz-date"] == "20130524T000000Z"
    assert (
        headers["x-amz-content-sha256"] == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    )
    head, _, signature = headers["Authorization"].rpartition("Signature=")
    assert head == (
        "AWS4-HMAC-SHA256 Credential=AK/20130524/us-east-1/s3/aws4_request,"
        "SignedHeaders=host;x-amz-content-sha256;x-amz-date,"
    )
    assert len(signature) == 64
    s3_over(bucket, secret="other", prefix="/a b/", now=lambda: at).put("atc_1.content", b"x")
    assert bucket.heard[1][2]["Authorization"] != headers["Authorization"]


@pytest.mark.parametrize(
    ("says", "maybe_done", "credentials"),
    [
        (Answer(403, {}, b""), False, True),
        (Answer(500, {}, b""), True, False),
        (Answer(301, {}, b""), True, False),
        (NoAnswer("", sent=False), False, False),
        (NoAnswer("", sent=True), True, False),
    ],
)
def test_every_failure_of_the_store_is_unavailable(
    says: Answer | NoAnswer, maybe_done: bool, credentials: bool
) -> None:
    bucket = Bucket()
    bucket.says = says
    for ask in (lambda: s3_over(bucket).put("x", b"y"), lambda: s3_over(bucket).get("x")):
        with pytest.raises(Unavailable) as caught:
            ask()
        assert (caught.value.maybe_done, caught.value.credentials) == (maybe_done, credentials)


def test_the_setting_chooses_and_malformed_ones_stop_the_start(tmp_path: Path) -> None:
    def connected(**more: str) -> Any:
        return adapters(Settings.from_environment(NEEDED | more))["files"]

    assert connected(OPSCONSOLE_HOME=str(tmp_path)).health()["base_url"] == (tmp_path / "files").as_uri()
    assert connected(FILES_URL=f"file://{tmp_path}/a%20b").health()["base_url"] == (tmp_path / "a b").as_uri()
    s3 = connected(FILES_URL="s3://AK:S%2FK@s3.example.test/bucket/pre?region=eu-west-1")
    assert (s3._endpoint, s3._bucket, s3._prefix, s3._region, s3._secret) == (
        "https://s3.example.test", "bucket", "pre", "eu-west-1", "S/K",
    )  # fmt: skip
    settings = Settings.from_environment(NEEDED | {"FILES_URL": "s3://AK:topsecret@s3.example.test/bucket"})
    assert "topsecret" not in repr(settings)
    for wrong in ("ftp://x", "s3://host/bucket", "s3://a:b@host", "file://host/x", "/a/folder", "file:x"):
        with pytest.raises(Misconfigured, match="FILES_URL"):
            connected(FILES_URL=wrong)
