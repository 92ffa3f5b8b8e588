"""Files of readings on a shelf: a folder, and a store, here a small one that speaks S3 over HTTP."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from ocapi.lib.columns import shelves

RAW = b"PAR1 some readings PAR1"
SHA = hashlib.sha256(RAW).hexdigest()


class SmallS3(BaseHTTPRequestHandler):
    """Keeps objects of one bucket; no signature is checked, which is the store's part and not ours."""

    protocol_version = "HTTP/1.1"
    objects: dict[str, bytes]
    parts: dict[str, bytes]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        given = parse_qs(parts.query)
        if not self._is_in_bucket():
            self._answer(404, b"<Error><Code>NoSuchBucket</Code></Error>", content_type="application/xml")
        elif "list-type" in given:
            prefix = given.get("prefix", [""])[0]
            held = "".join(
                f"<Contents><Key>{name}</Key><Size>{len(raw)}</Size>"
                "<LastModified>2026-11-29T09:00:00.000Z</LastModified></Contents>"
                for name, raw in sorted(self.objects.items()) if name.startswith(prefix)
            )
            count = held.count("<Key>")
            self._xml(
                f"<ListBucketResult><KeyCount>{count}</KeyCount><IsTruncated>false</IsTruncated>"
                f"{held}</ListBucketResult>"
            )
        else:
            self._object(self.objects.get(self._key()))

    def do_HEAD(self) -> None:
        key = self._key() if self._is_in_bucket() else None
        self._object(b"" if key == "" else self.objects.get(key or ""))

    def do_PUT(self) -> None:
        raw = self._body()
        given = parse_qs(urlsplit(self.path).query)
        (self.parts if "partNumber" in given else self.objects)[self._key()] = raw
        self._answer(200, b"", etag='"e"')

    def do_POST(self) -> None:
        self._body()
        if "uploads" in urlsplit(self.path).query:
            self._xml(
                "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
            )
            return
        self.objects[self._key()] = self.parts.pop(self._key())
        self._xml("<CompleteMultipartUploadResult><ETag>e</ETag></CompleteMultipartUploadResult>")

    def do_DELETE(self) -> None:
        self.objects.pop(self._key(), None)
        self._answer(204, b"")

    def _is_in_bucket(self) -> bool:
        return f"{urlsplit(self.path).path}/".startswith("/bucket/")

    def _key(self) -> str:
        return unquote(urlsplit(self.path).path).removeprefix("/bucket").strip("/")

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding") == "chunked":
            raw = b""
            while size := int(self.rfile.readline(), 16):
                raw += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        if raw and "aws-chunked" in self.headers.get("content-encoding", ""):
            length, _, rest = raw.partition(b"\r\n")
            raw = rest[: int(length.partition(b";")[0], 16)]
        return raw

    def _object(self, raw: bytes | None) -> None:
        self._answer(404 if raw is None else 200, raw or b"", etag='"e"')

    def _xml(self, text: str) -> None:
        self._answer(200, f'<?xml version="1.0"?>{text}'.encode(), content_type="application/xml")

    def _answer(self, status: int, raw: bytes, **headers: str) -> None:
        first, _, last = self.headers.get("range", "").removeprefix("bytes=").partition("-")
        whole = len(raw)
        if first and status == 200 and raw:
            status, raw = 206, raw[int(first) : int(last or whole) + 1]
            headers["content-range"] = f"bytes {first}-{int(first) + len(raw) - 1}/{whole}"
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("last-modified", "Sun, 29 Nov 2026 09:00:00 GMT")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, dict[str, bytes]]]:
    objects: dict[str, bytes] = {}
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("S3", (SmallS3,), {"objects": objects, "parts": {}}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x" * 20)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    port = server.server_address[1]
    yield f"s3://bucket/readings?region=x&scheme=http&endpoint_override=127.0.0.1:{port}", objects
    server.shutdown()
    server.server_close()


def work(shelf: shelves.Shelf, here: Path) -> None:
    """Keep, read, list, replace and remove as the worker does."""
    here.mkdir(parents=True, exist_ok=True)
    (here / "1.parquet").write_bytes(RAW)
    shelf.keep("1.parquet", here / "1.parquet")
    with pytest.raises(FileNotFoundError):
        shelf.read("manifest.json")
    for raw in (b"{}", b'{"parts":[]}'):
        shelf.write("manifest.json", raw)
        assert shelf.read("manifest.json") == raw
    assert shelf.names() == ["1.parquet", "manifest.json"]
    assert shelf.path("1.parquet", SHA).read_bytes() == RAW


def test_a_folder_is_a_shelf(tmp_path: Path) -> None:
    shelf = shelves.of("", tenant="aalter", folder=tmp_path / "parquet")
    work(shelf, tmp_path / "parquet")
    shelf.remove("1.parquet")
    assert shelf.names() == ["manifest.json"]


def test_a_store_is_a_shelf_for_other_machines(tmp_path: Path, s3: tuple[str, dict[str, bytes]]) -> None:
    address, objects = s3
    work(shelves.of(address, tenant="aalter", folder=tmp_path / "one"), tmp_path / "one")
    assert set(objects) >= {"readings/aalter/1.parquet", "readings/aalter/manifest.json"}
    far = shelves.of(address, tenant="aalter", folder=tmp_path / "two")
    copy = far.path("1.parquet", SHA)
    assert copy == tmp_path / "two" / "1.parquet" and copy.read_bytes() == RAW
    copy.write_bytes(b"rotten")
    assert far.path("1.parquet", SHA).read_bytes() == RAW
    with pytest.raises(shelves.Spoiled):
        far.path("1.parquet", "0" * 64)
    far.let_go(frozenset({"1.parquet"}))
    assert copy.exists()
    far.let_go(frozenset())
    assert not copy.exists() and far.path("1.parquet", SHA) == copy
    far.remove("1.parquet")
    far.remove("1.parquet")
    assert far.names() == ["manifest.json"] and not copy.exists()


def test_a_bucket_that_is_not_there_is_named(tmp_path: Path, s3: tuple[str, dict[str, bytes]]) -> None:
    address, _objects = s3
    assert shelves.of(address, tenant="aalter", folder=tmp_path).names() == []
    absent = shelves.of(address.replace("bucket", "emmer"), tenant="aalter", folder=tmp_path)
    with pytest.raises(OSError, match="emmer"):
        absent.names()


@pytest.mark.parametrize("address", ["file:///etc", "/srv/x", "s3:bucket", "http://x"])
def test_an_address_of_no_store_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(shelves.BadShelf):
        shelves.of(address, tenant="aalter", folder=tmp_path)
