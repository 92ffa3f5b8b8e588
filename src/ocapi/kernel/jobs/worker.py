"""The loop of the worker process: one organization after the other, woken by datagram, swept every 30 s."""

import heapq
import logging
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import DatabaseError

from ocapi.kernel.jobs import neighbors, visiting
from ocapi.kernel.jobs.callers import Callers
from ocapi.kernel.jobs.courier import PoolCourier
from ocapi.kernel.jobs.errands import Errands
from ocapi.kernel.outbox import api as outbox
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import State, UnknownTenant
from ocapi.lib import clock

SWEEP = timedelta(seconds=30)
LONGEST_NAP_S = 1.0  # how soon a stop is noticed
AFTER_FAILURE = timedelta(seconds=30)
AFTER_OUTAGE = timedelta(seconds=2)
BUDGET_MS = 200
MAX_JOBS = 50
LARGEST_KEY = 64

log = logging.getLogger("ocapi.worker")


class Agenda:
    """When each organization wants the next visit, soonest first."""

    def __init__(self) -> None:
        self._due: dict[str, datetime] = {}
        self._heap: list[tuple[datetime, str]] = []

    def set(self, key: str, due_at: datetime) -> None:
        """Plan a visit, instead of a later one."""
        held = self._due.get(key)
        if held is None or due_at < held:
            self._due[key] = due_at
            heapq.heappush(self._heap, (due_at, key))

    def take(self, now: datetime) -> str | None:
        """Take the organization that is due longest, or None."""
        while self._heap and self._heap[0][0] <= now:
            due_at, key = heapq.heappop(self._heap)
            if self._due.get(key) == due_at:
                del self._due[key]
                return key
        return None

    def next_due_at(self) -> datetime | None:
        """Give the soonest due time, or None."""
        return self._heap[0][0] if self._heap else None


def worker_loop(
    stop: threading.Event, *, errands: Errands | None = None, on_sweep: Callable[[], None] = lambda: None
) -> None:
    """Serve every organization of the installation until `stop` is set; closes what it opened.

    errands: does long jobs beside the loop; without it they are done in it. on_sweep: what else is done each
    30 s; brief, since everybody waits for it.
    """
    path = outbox.worker_socket()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    agenda, swept_at = Agenda(), None
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.bind(str(path))
        courier = PoolCourier(arrived=lambda key: _ring(str(path), key))
        callers = Callers(arrived=lambda key: _ring(str(path), key))
        try:
            while not stop.is_set():
                now = clock.now()
                if swept_at is None or not timedelta() <= now - swept_at < SWEEP:
                    swept_at = now if _sweep(agenda, now) else now - SWEEP + AFTER_OUTAGE
                    _beside(on_sweep)
                key = agenda.take(now)
                if key is not None:
                    _visit(key, agenda, courier, errands, callers)
                    _hand_over(courier)
                _listen(bell, agenda, wait_s=_nap(agenda, swept_at))
        finally:
            if errands is not None:
                errands.close()
            for key in callers.close():
                _settle(key, callers)
            courier.close()
            tenants.close_connections()
            path.unlink(missing_ok=True)


def _sweep(agenda: Agenda, now: datetime) -> bool:
    """Plan a visit to every organization; tells whether the registry answered."""
    try:
        for tenant in tenants.list_tenants():
            agenda.set(tenant.key, now)
    except DatabaseError as error:
        log.error("the registry does not answer", extra={"error": type(error).__name__})
        tenants.close_connections()
        return False
    return True


def _beside(on_sweep: Callable[[], None]) -> None:
    try:
        on_sweep()
    except Exception as error:  # the process loop: the visits go on, and the next sweep tries again
        log.error("what is done each sweep failed", extra={"error": type(error).__name__}, exc_info=True)
        tenants.close_connections()


def _visit(
    key: str, agenda: Agenda, courier: PoolCourier, errands: Errands | None, callers: Callers
) -> None:
    now = clock.now()
    try:
        with tenants.bind(key) as tenant:
            if tenant.state is not State.ACTIVE:
                return  # it is being moved, or parked: the sweep looks again
            if tenant.is_replaced(now):
                result = visiting.finish(
                    now=now, budget_ms=BUDGET_MS, max_jobs=MAX_JOBS, courier=courier, callers=callers
                )
            else:
                result = visiting.visit(
                    now=now, budget_ms=BUDGET_MS, max_jobs=MAX_JOBS, courier=courier, errands=errands,
                    callers=callers,
                )
    except UnknownTenant:
        return
    except Exception as error:  # the process loop: one organization's trouble must not stop the others
        outage = tenants.outage_of(error)
        if outage is None:
            log.error("visit failed", extra={"tenant": key, "error": type(error).__name__}, exc_info=True)
        else:
            log.warning("visit put off", extra={"tenant": key, "outage": outage.value})
            tenants.close_connections()
        agenda.set(key, now + (AFTER_OUTAGE if outage else AFTER_FAILURE))
        return
    if result.next_due_at is not None:
        agenda.set(key, result.next_due_at)


def _settle(key: str, callers: Callers) -> None:
    """Keep what came in answer before the loop ended; what can't be kept is asked again after a new start."""
    try:
        with tenants.bind(key) as tenant:
            if tenant.state is State.ACTIVE:
                visiting.settle(callers, now=clock.now())
    except Exception as error:  # the process loop: the lease ends and the job is run again
        said = {"tenant": key, "error": type(error).__name__}
        log.error("an answer was not kept", extra=said, exc_info=True)


def _hand_over(courier: PoolCourier) -> None:
    try:
        courier.hand_over(neighbors.hand_over, now=clock.now())
    except Exception as error:  # the process loop: the lease ends and the parcel is sent again
        log.error("hand-over failed", extra={"error": type(error).__name__}, exc_info=True)


def _nap(agenda: Agenda, swept_at: datetime) -> float:
    now = clock.now()
    until = min(filter(None, (agenda.next_due_at(), swept_at + SWEEP)))
    return min(max((until - now).total_seconds(), 0.0), LONGEST_NAP_S)


def _listen(bell: socket.socket, agenda: Agenda, *, wait_s: float) -> None:
    """Wait for a datagram, then take all that have come; each names an organization with work."""
    bell.settimeout(wait_s)
    try:
        while True:
            key = bell.recv(LARGEST_KEY).decode("ascii", "replace")
            if key:
                agenda.set(key, clock.now())
            bell.settimeout(0.0)
    except (TimeoutError, BlockingIOError):
        return


def _ring(path: str, key: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.setblocking(False)
        try:
            bell.sendto(key.encode(), path)
        except OSError:
            return  # the sweep finds the receipt
