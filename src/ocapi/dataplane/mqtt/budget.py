"""How fast one source may send: a bucket that fills by time and empties by message."""

from collections import OrderedDict

from ocapi.lib import clock

KEPT = 10_000


class Budgets:
    """The buckets of the sources of one process. A source may send two seconds' worth at once."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, source: str, count: int, *, per_second: int, now: float | None = None) -> float:
        """Take messages out of a source's bucket; gives the seconds to read nothing more of that source."""
        at = clock.monotonic() if now is None else now
        most = 2.0 * per_second
        left, since = self._held.pop(source, (most, at))
        left = min(most, left + (at - since) * per_second) - count
        self._held[source] = (left, at)
        while len(self._held) > KEPT:
            self._held.popitem(last=False)
        return max(0.0, -left / per_second)
