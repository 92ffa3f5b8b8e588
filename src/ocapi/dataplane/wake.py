"""Being told: purge datagrams for the page cache, and cache generations as files in case one was lost.

A purge datagram on `run/front.sock` is JSON `{"tenant": key, "tags": [...]}`; no tags means every page of
that organization. Whoever sends it also touches `run/cache/<key>`, whose modification time is the generation.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ocapi.lib import codec

LARGEST_DATAGRAM = 16 << 10
POLL_S = 5.0  # with the reading itself well within the 10 s a lost datagram may cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """What a purge datagram says."""

    tenant: str
    tags: tuple[str, ...] = ()


class _Listener(asyncio.DatagramProtocol):
    def __init__(self, heard: Callable[[bytes], None]) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._heard(data)


async def listen(path: Path, heard: Callable[[bytes], None]) -> asyncio.DatagramTransport:
    """Listen for datagrams on a Unix socket that only this user may write; an earlier socket is replaced."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK)
    listener.bind(str(path))
    os.chmod(path, 0o600)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Listener(heard), sock=listener)
    return transport


def read_purge(datagram: bytes) -> Purge | None:
    """Read a purge datagram; None for anything malformed, which is ignored: the generation covers it."""
    try:
        return codec.decode_json(datagram, Purge, max_bytes=LARGEST_DATAGRAM)
    except codec.MalformedInput:
        return None


class Generations:
    """The cache generation per organization, as last read from the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, int] = {}

    def of(self, tenant: str) -> int:
        """Give an organization's generation; 0 when nothing was ever changed."""
        return self._known.get(tenant, 0)

    def read(self) -> None:
        """Read all generations anew."""
        try:
            with os.scandir(self._folder) as found:
                self._known = {item.name: item.stat().st_mtime_ns for item in found}
        except FileNotFoundError:
            self._known = {}

    async def follow(self) -> None:
        """Read all generations again and again, until cancelled."""
        while True:
            self.read()
            await asyncio.sleep(POLL_S)
