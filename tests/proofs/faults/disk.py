"""The disk fills up while the product serves, and gets room again."""

import contextlib
import errno
import os
import shutil
import sys
import time
from pathlib import Path

from tests.proofs.faults.serving import Served, served, wrong

DISK_BYTES = 24 << 20
BACK_WITHIN_S = 5.0
UNSHARE = ("unshare", "--map-root-user", "--mount")


def is_possible() -> bool:
    """Tell whether this machine lets us have a small disk of our own."""
    return shutil.which("unshare") is not None and os.system(f"{' '.join(UNSHARE)} true 2>/dev/null") == 0


def fill_up(folder: Path, *, seconds: float) -> tuple[str, str]:
    """Let the disk be full for that long; gives what is wrong, and what there is to tell."""
    command = (*UNSHARE, sys.executable, "-m", "tests.proofs.faults.small_disk", str(folder), str(DISK_BYTES))
    with served(folder, command=command) as client:
        assert client.program.process is not None
        pid = str(client.program.process.pid)
        seen_from_here = Path(f"/proc/{pid}/root{folder}")
        before = client.processes()
        for number in range(3):
            client.file(f"before {number}")
        is_open = client.consult() == 200
        client.seen.consultations.clear()
        _take_all_room(seen_from_here)
        tries = _while_full(client, seconds)
        looks, consulted = dict(client.seen.looks), dict(client.seen.consultations)
        (seen_from_here / "ballast").unlink()
        back_s = client.until_filed("after", within_s=30.0)
        kept = client.kept("nsenter", "--preserve-credentials", "--user", "--mount", "--target", pid)["names"]
        is_same = client.processes() == before
    found = wrong(client.seen, kept)
    checks = {
        found: found,
        f"no write of {tries} was refused: the disk was not full": not client.seen.refused,
        f"reading failed: {looks}": set(looks) != {200},
        "the worklist was not to be seen before": not is_open,
        f"consulted without room for a leaf: {consulted}": set(consulted) != {507},
        f"it took {back_s:.1f} s to take cases again": back_s > BACK_WITHIN_S,
        "a process was started anew": not is_same,
    }
    return (
        "; ".join(text for text, is_so in checks.items() if is_so),
        f"disk full for {seconds:.0f} s: {len(client.seen.refused)} of {tries} writes refused with 507, "
        f"{looks.get(200, 0)} pages read, taking cases again after {back_s:.1f} s",
    )


def _take_all_room(folder: Path) -> None:
    handle = os.open(folder / "ballast", os.O_WRONLY | os.O_CREAT)
    try:
        for size in (1 << 20, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    os.write(handle, b"\0" * size)
    finally:
        os.close(handle)
    free = os.statvfs(folder).f_bavail
    if free:
        raise OSError(errno.EIO, f"{free} blocks are still free")


def _while_full(client: Served, seconds: float) -> int:
    until, number = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        number += 1
        client.file(f"full {number}")
        client.look()
        client.consult()
    return number
