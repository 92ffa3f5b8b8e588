"""Carries facts out: the part of a delivery that waits for somebody else, so the sender is not bound then."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

from ocapi.lib import egress
from ocapi.lib.tracing import spans

LIMITS = egress.Limits(connect_seconds=3.0, total_seconds=10.0, max_bytes=64 << 10)
THREADS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One signed request, ready to go; with `organization` it goes to that inbox on this installation."""

    tenant_key: str
    delivery: UUID
    fence: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    is_internal: bool
    organization: str = ""
    trace_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What came of a parcel. status: 0 without an answer; `failure` then says why."""

    delivery: UUID
    fence: int
    status: int
    failure: str = ""
    retry_after_s: int = 0


HandOver = Callable[..., Receipt]
"""`(parcel, *, now)`: puts a parcel into the inbox of an organization of this installation."""


class Courier(Protocol):
    """Takes parcels and gives receipts, at once or later."""

    def post(self, parcel: Parcel) -> None:
        """Take a parcel."""

    def hand_over(self, put: HandOver, *, now: datetime) -> int:
        """Bring the parcels for organizations of this installation; called while none is bound."""

    def collect(self, tenant_key: str) -> tuple[Receipt, ...]:
        """Give the receipts that came in for an organization since last time."""


def allowed(url: str, *, is_internal: bool) -> egress.AllowedDestinations:
    """Give the one destination that a subscription's approval covers; plain HTTP only inside."""
    parts = urlsplit(url)
    port = parts.port or egress.DEFAULT_PORTS[parts.scheme]
    return egress.AllowedDestinations(destinations=(
        egress.Destination(
            host=parts.hostname or "", ports=frozenset({port}), plain=is_internal and parts.scheme == "http",
            internal=is_internal,
        ),
    ))


def carry(parcel: Parcel) -> Receipt:
    """Send a parcel and wait for its receipt."""
    with spans.span("webhook", trace_id=parcel.trace_id) as span:
        receipt = _carry(parcel)
        span.note("http.response.status_code", receipt.status)
        return receipt


def _carry(parcel: Parcel) -> Receipt:
    try:
        answer = egress.send(
            method="POST", url=parcel.url, headers=parcel.headers, body=parcel.body,
            allowed=allowed(parcel.url, is_internal=parcel.is_internal), limits=LIMITS,
        )
    except (egress.EgressFailed, egress.DestinationRefused) as failure:
        return Receipt(
            delivery=parcel.delivery, fence=parcel.fence, status=0, failure=failure.reason.value
        )
    asked = answer.headers.get("retry-after", "")
    return Receipt(
        delivery=parcel.delivery, fence=parcel.fence, status=answer.status,
        retry_after_s=int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 0,
    )


class WaitingCourier:
    """Sends each parcel while the caller waits: for tests and for a single visit from a shell."""

    def __init__(self, carry: Callable[[Parcel], Receipt] = carry) -> None:
        self._carry = carry
        self._near: list[Parcel] = []
        self._receipts: dict[str, list[Receipt]] = {}

    def post(self, parcel: Parcel) -> None:
        """Send the parcel now, or keep it for `hand_over` when it goes to an organization next door."""
        if parcel.organization:
            self._near.append(parcel)
            return
        self._receipts.setdefault(parcel.tenant_key, []).append(self._carry(parcel))

    def hand_over(self, put: HandOver, *, now: datetime) -> int:
        """Bring what was kept; gives how many."""
        near, self._near = self._near, []
        for parcel in near:
            self._receipts.setdefault(parcel.tenant_key, []).append(put(parcel, now=now))
        return len(near)

    def collect(self, tenant_key: str) -> tuple[Receipt, ...]:
        """Give and forget the receipts of an organization."""
        return tuple(self._receipts.pop(tenant_key, ()))


class PoolCourier:
    """Sends in a few threads, so that a slow receiver delays nobody; `arrived` is told of receipts."""

    def __init__(self, *, arrived: Callable[[str], None]) -> None:
        self._arrived = arrived
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="courier")
        self._lock = threading.Lock()
        self._near: list[Parcel] = []
        self._receipts: dict[str, list[Receipt]] = {}

    def post(self, parcel: Parcel) -> None:
        """Send the parcel when a thread is free, or keep it for `hand_over`: threads hold no database."""
        if parcel.organization:
            self._near.append(parcel)
        else:
            self._pool.submit(self._send, parcel)

    def hand_over(self, put: HandOver, *, now: datetime) -> int:
        """Bring what was kept, from the thread that visits; gives how many."""
        near, self._near = self._near, []
        for parcel in near:
            self._keep(parcel.tenant_key, put(parcel, now=now))
        return len(near)

    def collect(self, tenant_key: str) -> tuple[Receipt, ...]:
        """Give and forget the receipts of an organization."""
        with self._lock:
            return tuple(self._receipts.pop(tenant_key, ()))

    def close(self) -> None:
        """Let what is under way end; unsent parcels stay in the queue of their organization."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send(self, parcel: Parcel) -> None:
        self._keep(parcel.tenant_key, carry(parcel))

    def _keep(self, tenant_key: str, receipt: Receipt) -> None:
        with self._lock:
            self._receipts.setdefault(tenant_key, []).append(receipt)
        self._arrived(tenant_key)
