"""Turns at web: organizations share its places, so that a flood at one makes only its own visitors wait.

Web works on a few requests at once. Whoever comes while it is busy waits in the line of the organization
that was asked; a free place goes to the organization that holds the fewest, among those to the next in the
round, and there to who waits longest. As long as others come too, no organization holds the last place: it
stays free for who comes next door. Who comes alone gets the first place that is free, who comes in numbers
the last one: each place may be a process of its own, and the first is the one that is in a hurry. A line that
is full, or too slow, turns people away before anything was promised to them. When all lines together are
full, who comes to an organization with a shorter line takes the place of the last one in the longest.
"""

import asyncio
from bisect import insort
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from ocapi.lib import clock

SHARED_S = 1.0
"""How long after somebody came to another organization one of the places is kept free of this one."""


class LineFull(Exception):
    """As many wait for this organization, or for all together, as may; or somebody waited long enough.

    Or gave way, from the end of the longest line, to who came to an organization with fewer.
    """


class Turns:
    """The places at web and the lines before them; of one event loop.

    at_once: requests web works on together. longest: of one line. total: who may wait in all of them.
    patience_s: how long anybody waits. monotonic: gives seconds that only go up.
    """

    def __init__(
        self, *, at_once: int, longest: int, total: int, patience_s: float,
        monotonic: Callable[[], float] = clock.monotonic,
    ) -> None:
        self._patience_s = patience_s
        self._at_once = at_once
        self._longest = longest
        self._total = total
        self._waiting = 0
        self._lines: OrderedDict[str, deque[asyncio.Future[int]]] = OrderedDict()
        self._free = list(range(at_once))  # the places nobody holds, in their order
        self._held = Counter[str]()  # places by organization; of those that hold one
        self._monotonic = monotonic
        self._came = ("", float("-inf"))  # the last organization that came, and when
        self._came_other = float("-inf")  # when one before it came that was another

    def is_full(self, organization: str) -> bool:
        """Tell whether who comes now would be turned away at once."""
        return not (self._may_wait(organization) or self._may_hold(organization))

    @asynccontextmanager
    async def taken(self, organization: str) -> AsyncIterator[int]:
        """Wait for a place and hold it for a block, which gets its number; raises LineFull, at once when the
        line is full.
        """
        self._note(organization)
        if self._may_hold(organization) and organization not in self._lines:
            place = self._take(organization, is_alone=organization not in self._held)
        else:
            place = await self._wait(organization)
        try:
            yield place
        finally:
            self._give_back(organization, place)

    def _take(self, organization: str, *, is_alone: bool) -> int:
        self._held[organization] += 1
        return self._free.pop(0 if is_alone else -1)

    def _may_wait(self, organization: str) -> bool:
        """Tell whether this organization's line may grow, at the cost of the longest when all are full."""
        waiting = len(self._lines.get(organization, ()))
        if waiting >= self._longest:
            return False
        return self._waiting < self._total or len(self._longest_line()) > waiting + 1

    def _longest_line(self) -> deque[asyncio.Future[int]]:
        return max(self._lines.values(), key=len, default=deque())

    def _note(self, organization: str) -> None:
        last, at = self._came
        if last != organization:
            self._came_other = at
        self._came = (organization, self._monotonic())

    def _may_hold(self, organization: str) -> bool:
        """Tell whether a place is free that this organization may have."""
        if not self._free:
            return False
        held = self._held.get(organization, 0)
        if not held or held < self._at_once - 1:
            return True
        last, at = self._came
        others = self._came_other if last == organization else at
        return self._monotonic() - others > SHARED_S

    async def _wait(self, organization: str) -> int:
        if not self._may_wait(organization):
            raise LineFull(organization)
        if self._waiting >= self._total:
            self._turn_away()
        place: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(organization, deque()).append(place)
        self._waiting += 1
        try:
            async with asyncio.timeout(self._patience_s):
                return await place
        except (asyncio.CancelledError, TimeoutError) as left:
            if place.done() and not place.cancelled() and place.exception() is None:
                self._give_back(organization, place.result())  # given a place, it left in the same moment
            if isinstance(left, TimeoutError):
                raise LineFull(organization) from None
            raise

    def _turn_away(self) -> None:
        """Let the last one of the longest line go with a word; it is never the only one of its line."""
        place = self._longest_line().pop()
        self._waiting -= 1
        if not place.done():  # who left already stands there until its turn comes
            place.set_exception(LineFull())

    def _give_back(self, organization: str, place: int) -> None:
        self._held[organization] -= 1
        if not self._held[organization]:
            del self._held[organization]
        insort(self._free, place)
        while self._is_next_served():
            pass

    def _is_next_served(self) -> bool:
        """Give a place to who waits longest at the organization whose turn it is; False when nobody may."""
        while allowed := [name for name in self._lines if self._may_hold(name)]:
            organization = min(allowed, key=lambda name: self._held.get(name, 0))  # the first of the fewest
            line = self._lines.pop(organization)
            place = line.popleft()
            self._waiting -= 1
            if line:
                self._lines[organization] = line  # at the end of the round
            if not place.done():
                place.set_result(self._take(organization, is_alone=False))
                return True
        return False
