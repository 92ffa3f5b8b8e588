"""One step of the proof inside the product, by its name in STEPS; prints JSON last."""

import hashlib
import json
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

KEYS = ("one", "two")
PERSON = uuid5(NAMESPACE_URL, "erased")
LEAVES = 120
FILES = 12


def _prepare() -> None:
    from django.conf import settings

    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.testing import NOW

    tenants.prepare_platform(now=NOW)
    tenants.build_template(cache=Path(settings.OCAPI.project) / "build")


def fill() -> dict[str, Any]:
    """Make two organizations with persons, documents, readings and a log under several heads."""
    from ocapi.kernel.audit import api as audit
    from ocapi.kernel.files import api as files
    from ocapi.kernel.registry.tests import carried
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import Kind
    from ocapi.kernel.tenants.testing import NOW
    from ocapi.lib import actor

    _prepare()
    for key in KEYS:
        tenants.create(key=key, kind=Kind.MUNICIPALITY, is_demo=True, now=NOW)
        with tenants.bind(key):
            carried.fill()
            for number in range(LEAVES):
                at = NOW + timedelta(seconds=number)
                audit.consulted(actor=actor.system("proof"), operation="cases.read", about=(PERSON,),
                                fields=("name",), resource=f"proof/{number}", now=at)
                if number % 30 == 29:
                    audit.seal(now=at + timedelta(minutes=number))
            for number in range(FILES):
                files.keep(content=f"%PDF-1.7\n{key} {number}\n%%EOF\n".encode() * 900, name=f"{number}.pdf",
                           now=NOW)
    return {key: of(key) for key in KEYS}


def of(key: str, size: str = "") -> dict[str, Any]:
    """Give what must be the same wherever an organization goes. size: of the log to give the root at."""
    from ocapi.kernel.audit import api as audit
    from ocapi.kernel.files import api as files
    from ocapi.kernel.registry.backups import proving
    from ocapi.kernel.tenants import api as tenants

    tenants.forget()
    with tenants.bind(key) as tenant:
        tables = [table.name for table in tenants.list_tables()]
        return {
            "uuid": str(tenant.uuid), "iri": tenant.base_iri,
            "counts": {name: tenants.count_rows(name) for name in tables},
            "rows": {name: _digest(name) for name in tables},
            "blobs": sorted(
                hashlib.sha256(path.read_bytes()).hexdigest() for _, _, path in files.list_blobs()
            ),
            "inbox": (tenants.folder() / "inbox" / "0001.seg").read_bytes().decode(),
            "leaves": audit.latest_head().size,
            "root": audit.recomputed_root(size=int(size or audit.latest_head().size)).hex(),
            "findings": list(proving.findings()),
        }


def _digest(table: str) -> str:
    """Hash the rows of a table by their values: each kind of database has its own order of JSON members."""
    from ocapi.kernel.tenants import api as tenants

    digest = hashlib.sha256()
    for line in tenants.read_rows(table):
        digest.update(json.dumps(json.loads(line), sort_keys=True).encode())
    return digest.hexdigest()


def back(target: str, key: str, plant: str = "") -> dict[str, Any]:
    """Restore an organization into an empty folder and give what it is."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.registry.backups.targets import FolderTarget
    from ocapi.lib import clock

    _prepare()
    kept = FolderTarget(Path(target))
    uuids = {each.record.manifest.organization.key: each.record.manifest.organization.uuid
             for each in registry.list_backups(target=kept)}
    with _planted(plant):
        registry.restore(target=kept, uuid=uuids[key], now=clock.now())
    return of(key)


def rot(target: str, seed: str, cases: str, plant: str = "") -> dict[str, Any]:
    """Damage one object at a time and restore: each must be refused by its place. Gives what was not."""
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.registry.backups.targets import FolderTarget
    from ocapi.kernel.registry.carrying.data import ArchiveRefused
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import clock

    _prepare()
    home, coin, unseen = Path(target), random.Random(seed), []
    kept = registry.list_backups(target=FolderTarget(home))[0]
    uuid, key = kept.record.manifest.organization.uuid, kept.record.manifest.organization.key
    used = _used(FolderTarget(home), kept)
    with _planted(plant):
        for number in range(int(cases)):
            path = home / coin.choice(used)
            way, sound = _damage(path, coin)
            try:
                registry.restore(target=FolderTarget(home), uuid=uuid, now=clock.now())
            except ArchiveRefused as refusal:
                if refusal.place != path.relative_to(home).as_posix():
                    unseen.append(f"{number} {way} {path.name}: named {refusal}")
            else:
                unseen.append(f"{number} {way} {path.name}: served as good")
                tenants.delete(key=key)
            finally:
                path.write_bytes(sound)
    return {"cases": int(cases), "unseen": unseen}


def _used(target: Any, kept: Any) -> list[str]:
    """Give the objects the newest state of an organization is made of, and its record."""
    from ocapi.kernel.registry.backups import pieces, restoring

    files = [kept.record.index, *restoring.files_of(target, kept.record.index)]
    names = {pieces.place_of(piece) for file in files for piece in file.pieces}
    uuid, number = kept.record.manifest.organization.uuid, kept.record.number
    return [*sorted(names), f"records/{uuid}/{number:012d}.json"]


def _damage(path: Path, coin: random.Random) -> tuple[str, bytes]:
    sound = path.read_bytes()
    path.chmod(0o600)
    # The newest record gone is an older state: found at the next pass, by what the source remembers.
    way = coin.choice(("bit", "cut", "other") if path.suffix == ".json" else ("bit", "cut", "gone", "other"))
    if way == "bit":
        place = coin.randrange(len(sound))
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 1 << coin.randrange(8)]) + sound[place + 1 :])
    elif way == "cut":
        path.write_bytes(sound[: coin.randrange(len(sound))])
    elif way == "gone":
        path.unlink()
    else:
        path.write_bytes(coin.randbytes(len(sound)))
    return way, sound


def erase(target: str, plant: str = "") -> dict[str, Any]:
    """Erase a person after a backup, back up, restore the older state: how many ties came back."""
    from ocapi.kernel.audit import api as audit
    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.registry.backups.targets import FolderTarget
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.testing import a_citizen
    from ocapi.lib import actor, clock

    kept, now = FolderTarget(Path(target)), clock.now()
    key = KEYS[1]
    registry.back_up(key=key, target=kept, now=now)
    uuid = str(tenants.by_key(key).uuid)
    with tenants.bind(key):
        audit.forget_person(person=PERSON, actor=actor.system("proof"), now=now)
    registry.back_up(key=key, target=kept, now=now + timedelta(minutes=1))
    with _planted(plant):
        registry.restore(target=kept, uuid=uuid, now=now + timedelta(minutes=2), at=now, replace=True)
    with tenants.bind(key):
        citizen = a_citizen(person=PERSON)
        back = audit.list_consultations(person=PERSON, actor=citizen, now=now, page_size=100).items
    return {"back": len(back)}


def forge(target: str, plant: str = "") -> dict[str, Any]:
    """Write a record that says another state, signed by somebody else: it must not be taken."""
    from cryptography.hazmat.primitives.asymmetric import ec

    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.registry.backups.targets import FolderTarget
    from ocapi.kernel.registry.carrying import signing
    from ocapi.kernel.registry.carrying.data import ArchiveRefused
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.keyring import SigningKey
    from ocapi.lib import clock

    _prepare()
    kept = FolderTarget(Path(target))
    newest = registry.list_backups(target=kept)[0].record
    uuid, number = newest.manifest.organization.uuid, newest.number
    path = Path(target) / "records" / uuid / f"{number:012d}.json"
    sound = path.read_bytes()
    raw = sound.splitlines()[0].replace(b'"is_demo":true', b'"is_demo":false')
    stranger = SigningKey(kid="stranger", private=ec.generate_private_key(ec.SECP256R1()))
    mine, mac = tenants.platform_signing_key, tenants.installation_mac
    tenants.platform_signing_key, tenants.installation_mac = lambda: stranger, lambda message: bytes(32)
    try:
        signature = signing.sign(raw)
    finally:
        tenants.platform_signing_key, tenants.installation_mac = mine, mac
    path.chmod(0o600)
    path.write_bytes(raw + b"\n" + signature + b"\n")
    try:
        with _planted(plant):
            registry.restore(target=kept, uuid=uuid, now=clock.now())
        tenants.delete(key=newest.manifest.organization.key)
    except ArchiveRefused as refusal:
        return {"refused": refusal.reason}
    finally:
        path.write_bytes(sound)
    return {"refused": ""}


def append(target: str, plant: str = "") -> dict[str, Any]:
    """Tell what a target says of itself, and whether what was added can be taken away all the same."""
    from ocapi.kernel.registry.backups.targets import FolderTarget

    kept = FolderTarget(Path(target))
    with _planted(plant):
        said = kept.is_append_only()
    kept.add("objects/aa/kept", b"kept")
    try:
        (Path(target) / "objects" / "aa" / "kept").unlink()
    except PermissionError:
        return {"said": said, "kept": True}
    return {"said": said, "kept": False}


@contextmanager
def _planted(name: str) -> Iterator[None]:
    """Blunt the product, as a canary asks."""
    from ocapi.kernel.registry.backups import erasures, restoring
    from ocapi.kernel.registry.backups.pieces import place_of
    from ocapi.kernel.registry.backups.targets import FolderTarget
    from ocapi.kernel.registry.carrying import checking, reading, signing
    from ocapi.kernel.tenants import api as tenants

    def unproved(target: Any, file: Any) -> Iterator[bytes]:
        return (target.read(place_of(piece)) for piece in file.pieces)

    def one_row_less(table: Any, checked: Any, _tell: Any) -> None:
        lines = reading.lines_of(checked.folder / "tables" / f"{table.name}.jsonl")
        if table.name == "files_file":
            next(lines)
        tenants.load_rows(table, lines)

    plants: dict[str, list[tuple[Any, str, Callable[..., Any]]]] = {
        "": [],
        "a changed piece served as good": [
            (restoring, "read_pieces", unproved), (checking, "check_sums", lambda *_given, **_more: None)],
        "a backup the application can delete": [(FolderTarget, "is_append_only", lambda _self: True)],
        "an erased person brought back": [(erasures, "replay", lambda _erased, now: 0)],
        "a row lost on the way": [(reading, "_load_table", one_row_less)],
        "a record anybody signed is taken": [(signing, "verify", lambda _message, _raw, trusted="": "")],
    }
    whole = [(place, attribute, getattr(place, attribute)) for place, attribute, _blunt in plants[name]]
    for place, attribute, blunt in plants[name]:
        setattr(place, attribute, blunt)
    try:
        yield
    finally:
        for place, attribute, sound in whole:
            setattr(place, attribute, sound)


STEPS: dict[str, Callable[..., Any]] = {
    "fill": fill, "ledger": of, "rot": rot, "erase": erase, "forge": forge, "append": append, "back": back,
}


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(STEPS[sys.argv[1]](*sys.argv[2:])))
