"""What each process counts of its requests: by surface and status, with times; no name, path or organization.

Only when `OCAPI_METRICS_PORT` is set; the processes write to files under `run/metrics`, which the worker adds
up.
"""

import re
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram

from ocapi.lib import clock
from ocapi.lib.tracing import spans

BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
WEB_SURFACES = {
    "desk": "desk", "mijn": "citizen", "loket": "citizen", "api": "rest", "account": "sign-in",
    "oauth": "sign-in", "health": "health",
}
EDGE_SURFACES = ("fsc", "r1", "ingest", "ngsi-ld", "ogc", "ldes", "sparql", "static", "health", "idp")
_PREFIX = re.compile(r"/o/[a-z][a-z0-9-]{1,30}(?=/|$)")
Asgi = Callable[[Any, Any, Any], Awaitable[None]]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Meter:
    """Counts the requests of one kind of process; `process` names it in the figures."""

    def __init__(self, process: str, registry: CollectorRegistry | None = None) -> None:
        self._process = process
        home = {} if registry is None else {"registry": registry}
        self._requests = Counter(
            "ocapi_requests", "Requests answered.", ("process", "surface", "status"), **home  # type: ignore[arg-type]
        )
        self._seconds = Histogram(
            "ocapi_request_seconds", "Time until the answer was made, in seconds.", ("process", "surface"),
            buckets=BOUNDS_S, **home,  # type: ignore[arg-type]
        )

    def count(self, *, surface: str, status: str, began_at: float) -> None:
        """Count one answer; status: its three digits."""
        self._requests.labels(self._process, surface, status).inc()
        self._seconds.labels(self._process, surface).observe(clock.monotonic() - began_at)


def wsgi(application: Wsgi, meter: Meter) -> Wsgi:
    """Give the application with its requests counted."""

    def measured(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began_at, told = clock.monotonic(), ["500"]

        def start(status: str, *rest: Any) -> Any:
            told[0] = status[:3]
            return start_response(status, *rest)

        surface = web_surface(str(environ.get("PATH_INFO", "")))
        try:
            return application(environ, start)
        finally:
            meter.count(surface=surface, status=told[0], began_at=began_at)

    return measured


def traced(application: Wsgi) -> Wsgi:
    """Give the application with a span around each request that front began a trace for."""

    def timed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        parent = environ.get("HTTP_TRACEPARENT", "")  # only our own front door writes one
        with spans.span("web", trace_id=environ.get("HTTP_BELGOV_TRACE_ID", ""), parent=parent) as span:

            def start(status: str, *rest: Any) -> Any:
                span.note("http.response.status_code", int(status[:3]))
                return start_response(status, *rest)

            span.note("ocapi.surface", web_surface(str(environ.get("PATH_INFO", ""))))
            span.note("http.request.method", environ.get("REQUEST_METHOD", ""))
            return application(environ, start)

    return timed


def asgi(application: Asgi, meter: Meter) -> Asgi:
    """Give the application with its HTTP requests counted."""

    async def measured(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        began_at, told = clock.monotonic(), ["499"]  # the sender left before there was an answer

        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                told[0] = str(message["status"])
            await send(message)

        try:
            await application(scope, receive, sending)
        finally:
            meter.count(surface=edge_surface(scope["path"]), status=told[0], began_at=began_at)

    return measured


def web_surface(path: str) -> str:
    """Give the surface of a web page by the first part of its path; what is not known is public."""
    return WEB_SURFACES.get(_first(_PREFIX.sub("", path, count=1)), "public")


def edge_surface(path: str) -> str:
    """Give the part of the data plane that answers, or `page` for what is handed on to web."""
    first = _first(path)
    return first if first in EDGE_SURFACES else "page"


def _first(path: str) -> str:
    return path[1:].partition("/")[0]
