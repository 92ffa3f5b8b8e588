"""Bytes that change under the product: `prepare` makes one thing of each kind, `spoil KIND CASES SEED` tries.

Run inside the product's settings. Every case flips one bit or cuts the end off, then reads the thing by its
own door. What is read must be refused, by an exception that names it, or be what was kept.
"""

import json
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

KEY = "rotting"
KINDS = ("blob", "segment", "archive", "backup")
RECORDS = 40
Reading = Callable[[], object]


def _home() -> Path:
    from django.conf import settings

    return Path(settings.OCAPI.data)


def prepare() -> dict[str, Any]:
    """Make an organization with a file, a log of readings, an archive and a backup."""
    from django.conf import settings

    from ocapi.kernel.registry import api as registry
    from ocapi.kernel.registry.backups.targets import FolderTarget
    from ocapi.kernel.registry.tests import carried
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import Kind
    from ocapi.lib import clock, seglog

    now, home = clock.now(), _home()
    tenants.prepare_platform(now=now)
    tenants.build_template(cache=Path(settings.OCAPI.project) / "build")
    tenants.create(key=KEY, kind=Kind.MUNICIPALITY, is_demo=True, now=now)
    with tenants.bind(KEY):
        file, _person = carried.fill()
    writer = seglog.Writer(home / "log", segment_bytes=600)
    for number in range(RECORDS):
        writer.append([f"reading {number}".encode()])
    writer.close()
    (home / "target").mkdir()
    registry.export_tenant(key=KEY, target=home / "archive.tar", now=now)
    registry.back_up(key=KEY, target=FolderTarget(home / "target"), now=now)
    tenants.close_connections()
    return {"file": str(file)}


def spoil(kind: str, cases: int, seed: int, file: str) -> dict[str, Any]:
    """Spoil things of one kind again and again; gives how many were refused, harmless, and served as good."""
    from ocapi.kernel.tenants import api as tenants

    with tenants.bind(KEY):
        paths, reading, refusals = _things(kind, file)
        good = reading()
        told: dict[str, Any] = {"refused": 0, "harmless": 0, "served": [], "unnamed": []}
        for number in range(cases):
            coin = random.Random(f"{kind}:{number}:{seed}")
            path = coin.choice(paths)
            kept = path.read_bytes()
            where = _change(path, kept, coin)
            try:
                if reading() == good:
                    told["harmless"] += 1
                else:
                    told["served"].append(where)
            except refusals as refusal:
                told["refused"] += 1
                if not str(refusal):
                    told["unnamed"].append(where)
            finally:
                path.write_bytes(kept)
    tenants.close_connections()
    return told


def _change(path: Path, kept: bytes, coin: random.Random) -> str:
    at = coin.randrange(len(kept))
    if coin.random() < 0.2:
        path.write_bytes(kept[:at])
        return f"{path.name} cut at {at}"
    changed = bytearray(kept)
    changed[at] ^= 1 << coin.randrange(8)
    path.write_bytes(changed)
    return f"{path.name} bit at {at}"


def _things(kind: str, file: str) -> tuple[list[Path], Reading, tuple[type[Exception], ...]]:
    """Give the files that may rot, how the product reads them, and how it refuses."""
    from uuid import UUID

    from ocapi.kernel.files import api as files
    from ocapi.kernel.registry.backups import records, restoring
    from ocapi.kernel.registry.backups.targets import FolderTarget
    from ocapi.kernel.registry.carrying import checking, scratch, silent
    from ocapi.kernel.registry.carrying.data import ArchiveRefused
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import seglog

    home = _home()
    if kind == "blob":
        return [path for _sha, _size, path in files.list_blobs()], lambda: files.read(
            file=UUID(file)).content, (files.BlobDamaged,)
    if kind == "segment":
        # What nobody acknowledged yet and what rotted look alike in the last segment: it is not spoiled here.
        segments = sorted((home / "log").glob("*.seg"))[:-1]
        return segments, lambda: list(seglog.read(home / "log")), (seglog.CorruptSegment,)
    if kind == "archive":
        def archive() -> object:
            with scratch.folder() as folder:
                checking.unpack(home / "archive.tar", folder, tell=silent)
                return checking.check(folder, tell=silent).manifest

        return [home / "archive.tar"], archive, (ArchiveRefused,)
    target, uuid = FolderTarget(home / "target"), str(tenants.current().uuid)

    def backup() -> object:
        newest = next(records.newest_first(target, uuid))
        with scratch.folder() as folder:
            return restoring.assemble(target, newest, folder, silent).manifest

    return [path for path in (home / "target").rglob("*") if path.is_file()], backup, (ArchiveRefused,)


if __name__ == "__main__":
    import django

    django.setup()
    if sys.argv[1] == "prepare":
        shutil.rmtree(_home() / "log", ignore_errors=True)
        print(json.dumps(prepare()))
    else:
        print(json.dumps(spoil(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])))
