"""Passwords for brokers of others: a sealed file each, beside the log; a command writes them.

A file `<broker>.secret` holds one in the clear, as releases before this one left it; it is taken until the
worker has sealed it.
"""

from pathlib import Path
from uuid import UUID

from ocapi.lib import durable
from ocapi.lib.sealed import NotSealed, Sealer

FOLDER = "brokers"  # of an organization's capture
SEALED, PLAIN = ".sealed", ".secret"
PURPOSE = "capture.brokers"


def keep(capture: Path, broker: str, password: bytes, *, sealer: Sealer, owner: UUID) -> None:
    """Keep a password. capture: the organization's folder of that name. Durable when this returns."""
    folder = capture / FOLDER
    durable.make_directory(folder)
    sealed = sealer.seal(password, purpose=PURPOSE, owner=_owner(owner, broker))
    durable.write_file(folder / f"{broker}{SEALED}", sealed)
    durable.remove_file(folder / f"{broker}{PLAIN}")


def read(capture: Path, broker: str, *, sealer: Sealer, owner: UUID) -> bytes:
    """Give the password for a broker, empty when none is kept. Raises NotSealed when it doesn't open."""
    folder = capture / FOLDER
    try:
        sealed = durable.read_file(folder / f"{broker}{SEALED}")
    except FileNotFoundError:
        try:
            return durable.read_file(folder / f"{broker}{PLAIN}").strip()
        except FileNotFoundError:
            return b""
    return sealer.open(sealed, purpose=PURPOSE, owner=_owner(owner, broker))


def left(capture: Path, *, sealer: Sealer, owner: UUID) -> list[str]:
    """Give the brokers whose password stands in the clear, or not under the present secret."""
    folder = capture / FOLDER
    if not folder.is_dir():
        return []
    names = durable.DISK.names(folder)
    found = [name.removesuffix(PLAIN) for name in names if name.endswith(PLAIN)]
    for name in names:
        broker = name.removesuffix(SEALED)
        if name.endswith(SEALED) and broker not in found:
            sealed = durable.read_file(folder / name)
            if not sealer.is_current(sealed, purpose=PURPOSE, owner=_owner(owner, broker)):
                found.append(broker)
    return found


def seal_anew(capture: Path, *, sealer: Sealer, owner: UUID) -> int:
    """Seal every password under the present secret, also those in the clear; gives how many were not.

    One that opens under no secret came from another installation: it stays, and is counted as left.
    """
    done = 0
    for broker in left(capture, sealer=sealer, owner=owner):
        try:
            password = read(capture, broker, sealer=sealer, owner=owner)
        except NotSealed:
            continue
        keep(capture, broker, password, sealer=sealer, owner=owner)
        done += 1
    return done


def _owner(owner: UUID, broker: str) -> bytes:
    return owner.bytes + broker.encode()
