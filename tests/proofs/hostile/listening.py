"""A listener on every address of this machine: nothing the product is sent may make it call here."""

import contextlib
import socket
import threading
from collections.abc import Iterator

FAMILIES = (socket.AF_INET, socket.AF_INET6)
WAIT_S = 0.2  # how long a packet on this machine may be on its way


class Listener:
    """One port on all addresses of both families; counts who connects."""

    def __init__(self) -> None:
        self.hits = 0
        self.port = 0
        self._sockets: list[socket.socket] = []
        self._ended = threading.Event()

    def open(self) -> None:
        """Begin to listen."""
        for family in FAMILIES:
            with contextlib.suppress(OSError):  # a machine without IPv6 has one family
                self._listen(family)
        for each in self._sockets:
            threading.Thread(target=self._accept, args=(each,), daemon=True).start()

    def _listen(self, family: socket.AddressFamily) -> None:
        each = socket.socket(family, socket.SOCK_STREAM)
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            each.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        each.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", self.port))
        each.listen(64)
        self.port = each.getsockname()[1]
        self._sockets.append(each)

    def _accept(self, listening: socket.socket) -> None:
        while not self._ended.is_set():
            try:
                came, _address = listening.accept()
            except OSError:
                return
            self.hits += 1
            came.close()

    @property
    def is_seeing(self) -> bool:
        """Tell whether a connection of our own is counted, on each family; undoes the count."""
        before = self.hits
        for each in self._sockets:
            host = "::1" if each.family == socket.AF_INET6 else "127.0.0.1"
            with contextlib.suppress(OSError), socket.create_connection((host, self.port), timeout=1) as came:
                came.settimeout(1)
                came.recv(1)  # until the listener hangs up: then it was counted
        seen, self.hits = self.hits - before, before
        return seen == len(self._sockets) > 0

    def close(self) -> None:
        """End listening."""
        self._ended.set()
        for each in self._sockets:
            each.close()


@contextlib.contextmanager
def listening() -> Iterator[Listener]:
    """Listen for a block."""
    listener = Listener()
    listener.open()
    try:
        yield listener
    finally:
        listener.close()
