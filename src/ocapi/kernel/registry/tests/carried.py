"""An organization made to be carried, what is known of it, and ways to spoil its archive."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.audit import api as audit
from ocapi.kernel.files import api as files
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.carrying import signing
from ocapi.kernel.registry.carrying.data import Manifest
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Kind
from ocapi.kernel.tenants.testing import NOW, a_staff_member
from ocapi.lib import actor as actors
from ocapi.lib import codec
from ocapi.lib.identifiers import synthetic_insz

KEY = "carried"
NUMBER = synthetic_insz(date(1985, 3, 7), 112)
PDF = b"%PDF-1.7\ncarried\n%%EOF\n"
READING = b"readings that were not added up yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """An organization's two archives, and what must be the same wherever it goes."""

    folder: Path
    tar: Path
    code: str
    manifest: Manifest
    uuid: UUID
    file: UUID
    person: UUID
    counts: dict[str, int]


def fill() -> tuple[UUID, UUID]:
    """Give the bound organization a person, a document, a setting, a reading and a log; (file, person)."""
    person = accounts.create_person(
        given_name="Noor", family_name="Peeters", national_number=NUMBER, actor=actors.system("test"), now=NOW
    )
    file = files.receive(chunks=[PDF], name="brief.pdf", now=NOW)
    registry.save_setting(name="organization.name", value="Gedragen", actor=a_staff_member(), now=NOW)
    audit.consulted(actor=actors.system("test"), operation="cases.read", about=(person.uuid,),
                    fields=("name",), resource="case/1", now=NOW)
    inbox = tenants.folder() / "inbox" / "0001.seg"
    inbox.write_bytes(READING)
    return file.uuid, person.uuid


def make(home: Path) -> Carried:
    """Make the organization, export it both ways, and remove it."""
    tenant = tenants.create(key=KEY, kind=Kind.MUNICIPALITY, is_demo=True, now=NOW)
    with tenants.bind(KEY):
        file, person = fill()
    folder, tar = home / "archive", home / "archive.tar"
    registry.export_tenant(key=KEY, target=folder, now=NOW)
    made = registry.export_tenant(key=KEY, target=tar, now=NOW)
    with tenants.bind(KEY):
        counts = {table.name: tenants.count_rows(table.name) for table in tenants.list_tables()}
    tenants.delete(key=KEY)
    return Carried(folder=folder, tar=tar, code=made.code, manifest=made.manifest, uuid=tenant.uuid,
                   file=file, person=person, counts=counts)


def resign(folder: Path, change: Callable[[dict[str, Any]], None] = lambda manifest: None) -> None:
    """Make an archive consistent again after its files were changed, and sign it: who holds the key can."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    sums = "".join(
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names
        if name not in ("manifest.json", "signature.json", "SHA256SUMS")
    )
    (folder / "SHA256SUMS").write_text(sums)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    manifest["sums_sha256"] = hashlib.sha256(sums.encode()).hexdigest()
    change(manifest)
    raw = codec.encode_json(manifest)
    (folder / "manifest.json").write_bytes(raw)
    (folder / "signature.json").write_bytes(signing.sign(raw))


def a_tar(path: Path, *entries: tuple[tarfile.TarInfo | str, bytes]) -> Path:
    """Write a tar with these entries."""
    with tarfile.open(path, "w") as archive:
        for entry, content in entries:
            info = tarfile.TarInfo(entry) if isinstance(entry, str) else entry
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path
