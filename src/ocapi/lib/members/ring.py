"""Which member a series belongs to: a consistent hash, so that one who joins takes only its own share.

Each member stands at many points of a circle; a key belongs to the first point behind it. Every process that
knows the same names gives the same answer, and no name depends on the order they are written in.
"""

from bisect import bisect_right
from collections.abc import Iterable
from hashlib import blake2b

POINTS = 256  # of each member: shares differ by some 6 %


class Ring:
    """The circle of some members."""

    def __init__(self, names: Iterable[str]) -> None:
        points = sorted((_place(f"{name}#{each}"), name) for name in set(names) for each in range(POINTS))
        if not points:
            raise ValueError("a ring has a member")
        self._places = [place for place, _name in points]
        self._names = [name for _place, name in points]

    def owner(self, key: str) -> str:
        """Give the member a key belongs to: always one, and always the same."""
        at = bisect_right(self._places, _place(key))
        return self._names[at % len(self._names)]


def _place(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
