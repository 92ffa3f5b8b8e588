"""One connection as packets: bounded in size and time, both ends use it."""

import asyncio
from collections.abc import Coroutine, Iterable

from ocapi.lib.mqtt import packets
from ocapi.lib.mqtt.packets import V311, BadPacket, Kind, Packet, Reason

WRITE_S = 10.0  # a peer that reads nothing for so long is gone


class Closed(Exception):
    """The other side is gone, or said nothing for too long."""


class Wire:
    """Reads and writes packets. version: until CONNECT said otherwise, 3.1.1."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        max_bytes: int,
        version: int = V311,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._max_bytes = max_bytes
        self._sending = asyncio.Lock()
        self.version = version

    async def receive(self, *, within_s: float, only: Kind | None = None) -> Packet:
        """Give the next packet; raises Closed, or BadPacket for one that is wrong or too large.

        only: the one type that is waited for; another is refused at its first byte.
        """
        try:
            async with asyncio.timeout(within_s):
                first = (await self._reader.readexactly(1))[0]
                if only is not None and first >> 4 != only:
                    raise BadPacket(Reason.PROTOCOL_ERROR, f"{only.name} comes first")
                size = await self._size()
                if size > self._max_bytes:
                    raise BadPacket(Reason.TOO_LARGE, f"a packet has at most {self._max_bytes} bytes")
                body = await self._reader.readexactly(size)
        except (TimeoutError, asyncio.IncompleteReadError, OSError):
            raise Closed from None
        return packets.decode(first, body, version=self.version)

    async def send(self, several: Iterable[Packet]) -> None:
        """Write packets and wait until the other side takes them; raises Closed."""
        raw = b"".join(packets.encode(each, version=self.version) for each in several)
        try:
            async with self._sending, asyncio.timeout(WRITE_S):
                self._writer.write(raw)
                await self._writer.drain()
        except (TimeoutError, OSError):
            raise Closed from None

    def close(self) -> None:
        """Hang up, whatever is still on its way."""
        self._writer.transport.abort()

    async def end(self) -> None:
        """Hang up when what was written is on its way."""
        self._writer.close()
        try:
            async with asyncio.timeout(1.0):
                await self._writer.wait_closed()
        except (TimeoutError, OSError):
            self.close()

    async def _size(self) -> int:
        found = 0
        for place in range(4):
            byte = (await self._reader.readexactly(1))[0]
            found |= (byte & 0x7F) << (7 * place)
            if byte < 0x80:
                return found
        raise BadPacket(Reason.MALFORMED, "a length has more than four bytes")


async def until_one_ends(*works: Coroutine[None, None, object]) -> None:
    """Do the works of one connection at once; with the first that ends, all end. Raises what it raises."""
    tasks = [asyncio.create_task(each) for each in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for each in done:
            each.result()
    finally:
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
