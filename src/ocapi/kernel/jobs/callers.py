"""Jobs that ask somebody outside: threads without a database wait for the answer, and the loop goes on.

The loop serves one organization after the other. Somebody who answers a byte at a time would keep letters,
terms and revocations of all of them waiting, as long as he may.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from ocapi.kernel.jobs.extensions import Outside, jobs
from ocapi.kernel.jobs.queue import Claim
from ocapi.kernel.tenants import api as tenants

THREADS = 12  # at once, over all organizations
OF_A_KIND = 4  # of one job: a mail server that hangs leaves threads for what processes call
OF_ONE = 2  # of one job and organization
LAST_WORDS_S = 2.0  # answers that come within so long after a stop still count; the supervisor waits for 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A claimed job whose question is under way. answer: gives what came, or raises what went wrong."""

    tenant_key: str
    claimed: Claim
    outside: Outside
    answer: Future[Any]


@dataclass(slots=True)
class Callers:
    """Asks in threads. arrived: told, in such a thread, whose answer came, and who waited for room."""

    arrived: Callable[[str], None]
    _pool: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(THREADS, thread_name_prefix="caller")
    )
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _asked: list[Asked] = field(default_factory=list)
    _turned_away: set[str] = field(default_factory=set)

    def ask(self, claimed: Claim, outside: Outside) -> None:
        """Have the question of a job of the bound organization asked."""
        key = tenants.current().key
        asked = Asked(
            tenant_key=key, claimed=claimed, outside=outside, answer=self._pool.submit(outside.ask)
        )
        with self._lock:
            self._asked.append(asked)
        asked.answer.add_done_callback(lambda _answer: self._tell(key))

    def without_room(self) -> tuple[str, ...]:
        """Give the jobs of which the bound organization can't ask more now; it is told when that changes."""
        key = tenants.current().key
        with self._lock:
            busy = [(each.tenant_key, each.claimed.name) for each in self._asked]
            full = tuple(
                name for name in outside_names()
                if len(busy) >= THREADS
                or sum(other == name for _key, other in busy) >= OF_A_KIND
                or busy.count((key, name)) >= OF_ONE
            )
            if full:
                self._turned_away.add(key)
        return full

    def answered(self, tenant_key: str) -> tuple[Asked, ...]:
        """Give, once, what of an organization was answered since last time."""
        with self._lock:
            found = tuple(
                each for each in self._asked if each.tenant_key == tenant_key and each.answer.done()
            )
            self._asked = [each for each in self._asked if each not in found]
        return found

    def under_way(self, tenant_key: str) -> tuple[Claim, ...]:
        """Give the jobs of an organization that wait for an answer."""
        with self._lock:
            return tuple(each.claimed for each in self._asked if each.tenant_key == tenant_key)

    def close(self) -> tuple[str, ...]:
        """Ask nothing more; gives the organizations whose answers came before or just now."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            asked = tuple(self._asked)
        wait([each.answer for each in asked], timeout=LAST_WORDS_S)
        return tuple(dict.fromkeys(each.tenant_key for each in asked if each.answer.done()))

    def _tell(self, key: str) -> None:
        with self._lock:
            keys, self._turned_away = {key, *self._turned_away}, set()
        for each in keys:
            self.arrived(each)


def outside_names() -> tuple[str, ...]:
    """Give the names of the jobs that ask somebody outside."""
    return tuple(each.name for each in jobs if each.is_outside)
