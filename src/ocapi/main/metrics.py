"""`GET /metrics` for the operator, in the text format of Prometheus, by the worker on a port of its own.

The figures are sums over all organizations; no label names one, and none holds personal data.
"""

import shutil
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, multiprocess
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from ocapi.lib import clock

KEPT_S = 10.0  # figures from databases are read at most this often, however many ask
PROCESSES = ("web", "worker", "dataplane", "idp")


class Sums:
    """Adds up what waits in every organization: read when somebody asks, one organization bound at a time."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._lock = threading.Lock()
        self._kept: tuple[Metric, ...] = ()
        self._kept_at = float("-inf")

    def collect(self) -> Iterator[Metric]:
        """Give the figures, at most `KEPT_S` old."""
        with self._lock:
            if clock.monotonic() - self._kept_at >= KEPT_S:
                self._kept = (*_waiting(clock.now()), *_machine(self._data, clock.now()))
                self._kept_at = clock.monotonic()
        yield from self._kept


def _waiting(now: datetime) -> Iterator[Metric]:
    from ocapi.kernel.tenants import api as tenants
    from ocapi.main import backlog

    jobs = GaugeMetricFamily("ocapi_jobs", "Jobs by state; `dead` wait for a person.", labels=["state"])
    sends = GaugeMetricFamily("ocapi_deliveries", "Deliveries to subscribers by state.", labels=["state"])
    states = GaugeMetricFamily("ocapi_organizations", "Organizations by state.", labels=["state"])
    found = backlog.Backlog()
    counted: dict[str, int] = {}
    for tenant in tenants.list_tenants():
        counted[tenant.state.value] = counted.get(tenant.state.value, 0) + 1
        with tenants.bind_tenant(tenant):
            found.add(now=now)
    tenants.close_connections()  # of this thread: the next question comes in another one
    for family, values in ((jobs, found.jobs), (sends, found.deliveries), (states, counted)):
        for state, count in sorted(values.items()):
            family.add_metric([state], count)
        yield family
    for name, text, value in found.gauges():
        yield GaugeMetricFamily(f"ocapi_{name}", text, value=value)


def _machine(data: Path, now: datetime) -> Iterator[Metric]:
    disk = shutil.disk_usage(data)
    yield GaugeMetricFamily("ocapi_disk_free_bytes", "Free on the disk of the data folder.", value=disk.free)
    yield GaugeMetricFamily("ocapi_disk_bytes", "Size of that disk.", value=disk.total)
    yield GaugeMetricFamily("ocapi_database_bytes", "All databases together.", value=_database_bytes(data))
    yield GaugeMetricFamily(
        "ocapi_snapshot_age_seconds", "Age of the policy snapshot; reissued every 10 minutes.",
        value=_age_s(data / "snapshot" / "index.json", now),
    )
    starts = CounterMetricFamily(
        "ocapi_process_starts", "Starts of each process since `ocapi up`.", labels=["process"]
    )
    for name, count in _starts(data):
        starts.add_metric([name], count)
    yield starts


def _database_bytes(data: Path) -> int:
    from django.conf import settings
    from django.db import connections

    if settings.OCAPI.store == "sqlite":
        files = (data / "platform.sqlite", *data.glob("tenants/*/db.sqlite"))
        return sum(path.stat().st_size for path in files)
    with connections["platform"].cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        size: int = cursor.fetchone()[0]
    connections["platform"].close()  # of this thread
    return size


def _age_s(path: Path, now: datetime) -> float:
    try:
        return max(0.0, now.timestamp() - path.stat().st_mtime)
    except FileNotFoundError:
        return float("inf")


def _starts(data: Path) -> Iterator[tuple[str, int]]:
    try:
        lines = (data / "run" / "starts").read_text().splitlines()
    except FileNotFoundError:
        return
    for name, _, count in (line.partition(" ") for line in lines):
        if name in PROCESSES and count.isdigit():
            yield name, int(count)


class Endpoint:
    """The WSGI application: one path, read only."""

    def __init__(self, data: Path) -> None:
        self._sums = Sums(data)
        self._folder = data / "run" / "metrics"

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one question."""
        if environ.get("PATH_INFO") != "/metrics" or environ.get("REQUEST_METHOD") != "GET":
            start_response("404 Not Found", [("Content-Type", "text/plain")])
            return [b"GET /metrics\n"]
        body = self.text()
        start_response("200 OK", [("Content-Type", CONTENT_TYPE_LATEST), ("Content-Length", str(len(body)))])
        return [body]

    def text(self) -> bytes:
        """Give every figure as Prometheus reads it."""
        registry = CollectorRegistry()
        registry.register(self._sums)
        if self._folder.is_dir():
            multiprocess.MultiProcessCollector(registry, path=str(self._folder))  # type: ignore[no-untyped-call]
        return generate_latest(registry)


class _Threaded(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 16


class _Quiet(WSGIRequestHandler):
    timeout = 10  # seconds a slow asker may take

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the library's own name)
        return None


def serve(data: Path, *, host: str, port: int) -> WSGIServer:
    """Answer on this address from a thread of its own; gives the server, to shut down at the end."""
    server = make_server(host, port, Endpoint(data), server_class=_Threaded, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server
