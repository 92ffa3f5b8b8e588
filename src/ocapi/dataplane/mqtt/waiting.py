"""Packets that were read and wait for their turn: bounded by number and by bytes, taken in groups."""

import asyncio

from ocapi.lib.mqtt.packets import Packet, Publish

AT_ONCE = 256  # packets in a group
MOST_BYTES = 1 << 20  # of one connection; a reader that waits here lets the sender wait


class Waiting:
    """The packets of one connection between who reads and who stores."""

    def __init__(self) -> None:
        self._packets: list[Packet] = []
        self._bytes = 0
        self._some = asyncio.Event()
        self._room = asyncio.Event()

    async def put(self, packet: Packet) -> None:
        """Add a packet when there is room."""
        while len(self._packets) >= AT_ONCE or self._bytes >= MOST_BYTES:
            self._room.clear()
            await self._room.wait()
        self._packets.append(packet)
        self._bytes += len(packet.payload) if isinstance(packet, Publish) else 0
        self._some.set()

    async def group(self) -> list[Packet]:
        """Give all that wait, at least one."""
        await self._some.wait()
        found, self._packets, self._bytes = self._packets, [], 0
        self._some.clear()
        self._room.set()
        return found
