"""Lines about refused requests: who tries what is seen, and a flood of them fills no disk.

The first refusal of a kind is told at once, those of the second after it by their number. A line names the
part and the status, never an address asked for (OWASP ASVS 5.0.0, 16.3.3).
"""

import asyncio
from collections import Counter

import structlog

from ocapi.lib import clock

log = structlog.get_logger("dataplane.refusals")
TOLD = frozenset({400, 401, 403, 405, 406, 408, 411, 413, 414, 415, 422, 429, 431, 503, 507})
WINDOW_S = 1.0
SELDOM_S = 60.0
Kind = tuple[str, int]


class Refusals:
    """Counts refusals by part and status; of one event loop."""

    def __init__(self, *, window_s: float = WINDOW_S) -> None:
        self._window_s = window_s
        self._later = Counter[Kind]()

    def note(self, part: str, status: int) -> None:
        """Tell of an answer when it is a refusal, now or with those that follow."""
        if status not in TOLD:
            return
        kind = (part, status)
        if kind in self._later:
            self._later[kind] += 1
            return
        self._later[kind] = 0
        _tell(kind, 1)
        asyncio.get_running_loop().call_later(self._window_s, self._end, kind)

    def _end(self, kind: Kind) -> None:
        count = self._later.pop(kind)
        if not count:
            return
        _tell(kind, count)
        self._later[kind] = 0
        asyncio.get_running_loop().call_later(self._window_s, self._end, kind)


class Seldom:
    """Says when a fault that repeats is to be told: the first time, and then once a minute at most."""

    def __init__(self, *, every_s: float = SELDOM_S) -> None:
        self._every_s = every_s
        self._told: dict[str, tuple[float, int]] = {}

    def count(self, fault: str) -> int:
        """Give how many there were since it was told, this one too; 0 when it is to be told later."""
        now = clock.monotonic()
        told_at, untold = self._told.get(fault, (float("-inf"), 0))
        if now - told_at < self._every_s:
            self._told[fault] = told_at, untold + 1
            return 0
        self._told[fault] = now, 0
        return untold + 1


def _tell(kind: Kind, count: int) -> None:
    part, status = kind
    log.warning("refused", part=part, status=status, count=count)
