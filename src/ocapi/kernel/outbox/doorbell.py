"""Wakes the worker after a commit: one datagram with the organization's key. Its sweep is the net."""

import socket
from pathlib import Path

from django.conf import settings

from ocapi.kernel.tenants import api as tenants


def socket_path() -> Path:
    """Give the path of the worker's socket."""
    return Path(settings.OCAPI.data) / "run" / "worker.sock"


class Bell:
    """A socket to ring with, made at the first ring and kept: one for each would cost more than the ring."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    def ring(self, key: str, at: str) -> None:
        """Send a key; nobody listening is no error."""
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)
        try:
            self._socket.sendto(key.encode(), at)
        except OSError:
            return  # no worker, or one that is busy: its sweep finds the work within 30 s


BELL = Bell()


def ring() -> None:
    """Tell the worker that the bound organization has work."""
    BELL.ring(tenants.current().key, f"{settings.OCAPI.data}/run/worker.sock")
