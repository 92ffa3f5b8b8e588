"""Writing an archive of the bound organization from one state of its database."""

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO

from ocapi.kernel.audit import api as audit
from ocapi.kernel.audit.data import Head, NoHead, instant_text
from ocapi.kernel.files import api as files
from ocapi.kernel.registry.carrying import readme, scratch, signing
from ocapi.kernel.registry.carrying.data import (
    AUDIT,
    BLOBS,
    FILES,
    FORMAT,
    KEYS,
    MANIFEST,
    README,
    SCHEMA,
    SIGNATURE,
    SUMS,
    TABLES,
    VERSION,
    ArchiveRefused,
    Counted,
    LogState,
    Manifest,
    Organization,
    Progress,
    Reason,
)
from ocapi.kernel.registry.carrying.sinks import CHUNK, HELD_BYTES, Part, Sink, chunks_of
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Table, Tenant
from ocapi.lib import codec, crashpoint

NAME = re.compile(r"(?!.*(?:^|/)\.{1,2}(?:/|$))[A-Za-z0-9._@+-]+(?:/[A-Za-z0-9._@+-]+)*")
LONGEST_NAME = 240
CARRIED_FOLDERS = ("capture", "evidence", "inbox", "published", "rdf")
TOLD_EVERY = 10_000  # rows
EMPTY_LOG = LogState(leaves=0, root=hashlib.sha256(b"").hexdigest())


def require_name(name: str) -> str:
    """Give a file name back when an archive may hold it; raises ArchiveRefused: badName."""
    if len(name) > LONGEST_NAME or not NAME.fullmatch(name):
        raise ArchiveRefused(Reason.BAD_NAME, place=repr(name[:LONGEST_NAME]))
    return name


class Writer:
    """Writes the parts of one archive and keeps account of them."""

    def __init__(self, sink: Sink, sums: IO[bytes], tell: Progress) -> None:
        self._sink = sink
        self._sums = sums
        self._tell = tell
        self.rows: dict[str, int] = {}
        self.counted = {BLOBS: [0, 0], FILES: [0, 0]}

    def put(self, name: str, chunks: Iterable[bytes]) -> Part:
        """Write one file and note its hash."""
        part = self._sink.put(require_name(name), chunks)
        self._sums.write(f"{part.sha256}  {name}\n".encode())
        if (counted := self.counted.get(name.partition("/")[0])) is not None:
            counted[0] += 1
            counted[1] += part.size
        return part

    def put_table(self, table: Table) -> None:
        """Write the rows of one table."""
        self.rows[table.name] = 0
        self.put(f"{TABLES}/{table.name}.jsonl", self._lines(table))

    def _lines(self, table: Table) -> Iterator[bytes]:
        for count, line in enumerate(tenants.read_rows(table.name), start=1):
            self.rows[table.name] = count
            if count % TOLD_EVERY == 0:
                self._tell(f"{table.name}: {count} rows")
            yield line + b"\n"

    def put_blobs(self) -> None:
        """Write every blob that a file has, after its bytes proved to be what their name says."""
        for sha256, size, path in files.list_blobs():
            try:
                part = self.put(f"{BLOBS}/{sha256[:2]}/{sha256}", chunks_of(path))
            except FileNotFoundError:
                raise ArchiveRefused(Reason.SOURCE_DAMAGED, place=str(path), detail="missing") from None
            if (part.sha256, part.size) != (sha256, size):
                raise ArchiveRefused(Reason.SOURCE_DAMAGED, place=str(path), detail="its bytes have changed")
            if self.counted[BLOBS][0] % 1000 == 0:
                self._tell(f"{self.counted[BLOBS][0]} blobs")

    def put_folders(self, home: Path) -> None:
        """Write the other files of the organization's folder.

        After the snapshot: a log may then hold more than the rows know, which is rolled up later. The other
        way round the rows would be ahead of the log, and what came next would be taken for known.
        """
        for folder in CARRIED_FOLDERS:
            for path in sorted((home / folder).rglob("*")):
                if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                    name = path.relative_to(home).as_posix()
                    self.put(f"{FILES}/{name}", chunks_of(path, size=path.stat().st_size))


def write(
    *, sink: Sink, now: datetime, code: str, tell: Progress,
    conclude: Callable[[Manifest, bytes], None] | None = None,
) -> Manifest:
    """Write an archive of the bound organization into `sink` and finish it. Gives its manifest.

    code: under which its keys are sealed besides the installation's secret. conclude: takes manifest.json
    instead of the sink, to sign and keep it elsewhere. Raises ArchiveRefused, NotThisRelease.
    """
    tenant = tenants.current()
    tenants.require_this_release()
    tables = tenants.list_tables()
    with tempfile.SpooledTemporaryFile(max_size=HELD_BYTES) as sums:
        writer = Writer(sink, sums, tell)
        writer.put(README, [readme.text(tenant, tables).encode()])
        writer.put(SCHEMA, [codec.encode_json({"tables": tables})])
        writer.put(KEYS, [signing.seal_keys(tenant.uuid, code)])
        crashpoint.point("tenants.export.before_tables")
        with tenants.reading_snapshot():
            migrations = tenants.applied_migrations()
            for table in tables:
                writer.put_table(table)
            crashpoint.point("tenants.export.after_tables")
            log = _put_log(writer)
            writer.put_blobs()
        writer.put_folders(tenants.folder())
        digest = _finish_sums(sink, sums)
        manifest = Manifest(
            format=FORMAT, version=VERSION, organization=_organization(tenant), taken_at=instant_text(now),
            migrations=migrations, rows=writer.rows, blobs=_counted(writer, BLOBS),
            files=_counted(writer, FILES), audit=log, sums_sha256=digest,
        )
    raw = codec.encode_json(manifest)
    if conclude is not None:
        conclude(manifest, raw)
        return manifest
    sink.put(MANIFEST, [raw])
    sink.put(SIGNATURE, [signing.sign(raw)])
    sink.finish()
    return manifest


def _put_log(writer: Writer) -> LogState:
    with scratch.folder() as folder:
        try:
            head: Head = audit.export_log(folder=folder)
        except NoHead:
            return EMPTY_LOG
        for path in sorted(folder.iterdir()):
            writer.put(f"{AUDIT}/{path.name}", chunks_of(path))
        return LogState(leaves=head.size, root=head.root.hex())


def _finish_sums(sink: Sink, sums: IO[bytes]) -> str:
    sums.seek(0)
    return sink.put(SUMS, iter(lambda: sums.read(CHUNK), b"")).sha256


def _counted(writer: Writer, folder: str) -> Counted:
    count, size = writer.counted[folder]
    return Counted(count=count, bytes=size)


def _organization(tenant: Tenant) -> Organization:
    return Organization(
        uuid=str(tenant.uuid), key=tenant.key, base_iri=tenant.base_iri, kind=tenant.kind.value,
        hosts=tenant.hosts, is_reference=tenant.is_reference, is_canary=tenant.is_canary,
        is_demo=tenant.is_demo, succession=tenant.succession,
    )
