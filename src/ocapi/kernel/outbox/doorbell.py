"""Wakes the worker after a commit: one datagram with the organization's key. Its sweep is the net."""

import socket
from pathlib import Path

from django.conf import settings

from ocapi.kernel.tenants import api as tenants


def socket_path() -> Path:
    """Give the path of the worker's socket."""
    return Path(settings.OCAPI.data) / "run" / "worker.sock"


def ring() -> None:
    """Tell the worker that the bound organization has work; nobody listening is no error."""
    key = tenants.current().key.encode()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.setblocking(False)
        try:
            bell.sendto(key, f"{settings.OCAPI.data}/run/worker.sock")
        except OSError:
            return  # no worker, or one that is busy: its sweep finds the work within 30 s
