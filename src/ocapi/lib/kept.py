"""A bounded memory of what is costly to make: the least recently used goes first."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """What was made by key, at most `most` of it. A key names something that never changes.

    Any thread may ask; two that ask for the same at once may both make it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._held: OrderedDict[str, T] = OrderedDict()

    def get(self, key: str, make: Callable[[str], T]) -> T:
        """Give what was made for a key, else make it; an error of `make` is passed on and not kept."""
        with self._lock:
            held = self._held.get(key)
            if held is not None:
                self._held.move_to_end(key)
                return held
        made = make(key)
        with self._lock:
            self._held[key] = made
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        return made
