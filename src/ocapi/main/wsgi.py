"""The web process: Django as WSGI, with the organization bound around it, never in a middleware."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any

from ocapi.lib import collecting

collecting.pause()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ocapi.main.settings")

from django.conf import settings  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import DatabaseError  # noqa: E402

_django = get_wsgi_application()  # before anything that holds models

from ocapi.dataplane import pages  # noqa: E402
from ocapi.kernel.tenants import api as tenants  # noqa: E402
from ocapi.kernel.tenants.data import State, Tenant, UnknownTenant  # noqa: E402
from ocapi.lib import clock, ids  # noqa: E402
from ocapi.main import archived, errors, logs, supervisor  # noqa: E402

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
PREFIX = re.compile(r"/o/([a-z][a-z0-9-]{1,30})(/.*)?", re.DOTALL)
TRACE = re.compile(r"[A-Za-z0-9-]{1,36}")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
RETRY_AFTER_S = "60"


class Web:
    """Finds the organization, binds it, runs Django, and unbinds when the answer's body is closed."""

    def __init__(self, django: Application, *, is_prefix_allowed: bool) -> None:
        self._django = django
        self._is_prefix_allowed = is_prefix_allowed

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        trace_id = _trust_the_front(environ)
        logs.begin_request(trace_id)
        if "%00" in environ.get("QUERY_STRING", "") or "\0" in environ.get("PATH_INFO", ""):
            return _answer(_no_nul(environ, trace_id), environ, start_response)
        if environ.get("PATH_INFO") == "/health":
            healthy = pages.json_answer(200, {"status": "UP"}, trace_id=trace_id)
            return _answer(healthy, environ, start_response)
        try:
            found = self._find(environ, trace_id)
            edge = found if isinstance(found, pages.Answer) else _instead_of(found, environ, trace_id)
        except (DatabaseError, OSError) as failure:
            outage = tenants.outage_of(failure)
            if outage is None:
                raise
            tenants.close_connections()
            edge = errors.outage_page(outage, trace_id=trace_id)
        if edge is not None:
            return _answer(edge, environ, start_response)
        assert isinstance(found, Tenant)
        with ExitStack() as stack:
            stack.enter_context(tenants.bind_tenant(found))
            body = self._django(environ, _tracing(start_response, environ, found))
            return _Bound(body, stack.pop_all())

    def _find(self, environ: Environ, trace_id: str) -> Tenant | pages.Answer:
        host = _host(environ)
        try:
            return tenants.by_host(host)
        except UnknownTenant:
            if not (self._is_prefix_allowed and host in LOOPBACK):
                return pages.at(environ.get("PATH_INFO", ""), 421, trace_id=trace_id)
        path = environ.get("PATH_INFO", "")
        prefix = PREFIX.fullmatch(path)
        if prefix is None:
            return _index(environ, trace_id) if path == "/" else pages.at(path, 421, trace_id=trace_id)
        return _under_prefix(environ, prefix[1], prefix[2] or "", trace_id)


def _instead_of(tenant: Tenant, environ: Environ, trace_id: str) -> pages.Answer | None:
    """Give what is answered without the organization: it is not served now, or its successor answers."""
    at = clock.now()
    address = archived.successor_address(tenant, environ, at=at) if tenant.is_replaced(at) else ""
    if address and tenant.state is State.DISSOLVED:
        return archived.gone(tenant, address=address, trace_id=trace_id)
    if tenant.state is not State.ACTIVE:
        return _not_served(environ, trace_id)
    if not address:
        return None
    environ[archived.ADDRESS] = address
    return archived.moved(tenant, environ, address=address, trace_id=trace_id, at=at)


def _not_served(environ: Environ, trace_id: str) -> pages.Answer:
    """Answer 503, to machines as a problem: what is parked or moving is never served as good."""
    extra = (("retry-after", RETRY_AFTER_S),)
    if environ.get("PATH_INFO", "").startswith("/api/"):
        detail = "this organization is not served now"
        return pages.problem(503, "serviceUnavailable", trace_id=trace_id, detail=detail, extra=extra)
    return pages.page(503, trace_id=trace_id, extra=extra)


class _Bound:
    """The body of an answer; closing it closes Django's and then unbinds the organization."""

    def __init__(self, body: Iterable[bytes], stack: ExitStack) -> None:
        self._body = body
        self._stack = stack

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        """End the request."""
        with self._stack:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()


def _trust_the_front(environ: Environ) -> str:
    """Take over what front or nginx says of the sender: only they reach this socket. Gives the trace id."""
    sender = environ.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2].strip()
    if sender:
        environ["REMOTE_ADDR"] = sender
    scheme = environ.get("HTTP_X_FORWARDED_PROTO", "")
    if scheme in ("http", "https"):
        environ["wsgi.url_scheme"] = scheme
    given = environ.get("HTTP_BELGOV_TRACE_ID", "")
    trace_id = given if TRACE.fullmatch(given) else str(ids.new_uuid(clock.now()))
    environ["HTTP_BELGOV_TRACE_ID"] = trace_id
    environ["ocapi.trace_id"] = trace_id  # what pages show as reference and log lines carry
    return trace_id


def _no_nul(environ: Environ, trace_id: str) -> pages.Answer:
    """Refuse an address with the character NUL, which no text of ours and no text of PostgreSQL may hold."""
    if not environ.get("PATH_INFO", "").startswith("/api/"):
        return pages.page(400, trace_id=trace_id)
    issue = pages.Issue(kind="invalidInput", place="query", name="$", detail="the character NUL")
    return pages.problem(400, "badRequest", trace_id=trace_id, issues=(issue,))


def _host(environ: Environ) -> str:
    """Give the host name asked for, in lower case and without port."""
    host = str(environ.get("HTTP_HOST", "")).lower()
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def _under_prefix(environ: Environ, key: str, rest: str, trace_id: str) -> Tenant | pages.Answer:
    try:
        tenant = tenants.by_key(key)
    except UnknownTenant:
        return pages.at(environ.get("PATH_INFO", ""), 421, trace_id=trace_id)
    if not rest:
        moved = pages.Text(title="Verplaatst", explanation="Dit adres eindigt op een streep.", advice="")
        return pages.render(308, moved, trace_id=trace_id, extra=(("location", f"/o/{key}/"),))
    environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/o/{key}"
    environ["PATH_INFO"] = rest
    return tenant


def _index(environ: Environ, trace_id: str) -> pages.Answer:
    """List the organizations of a demo: the bare address belongs to none of them."""
    _, colon, port = str(environ.get("HTTP_HOST", "")).rpartition(":")
    suffix = f":{port}" if colon and port.isdigit() else ""
    served = [tenant for tenant in tenants.list_tenants() if tenant.state is State.ACTIVE and tenant.hosts]
    text = pages.Text(
        title="OCAPI: kies een organisatie",
        explanation="Dit is een demo. Elke organisatie heeft haar eigen adres en haar eigen gegevens.",
        advice="Kies hieronder waar te beginnen." if served else "Er is nog geen organisatie.",
        links=tuple((f"http://{tenant.hosts[0]}{suffix}/", tenant.key) for tenant in served),
    )
    return pages.render(200, text, trace_id=trace_id)


def _tracing(start_response: StartResponse, environ: Environ, tenant: Tenant) -> StartResponse:
    """Add the trace id, who took its place, and the organization's key for the page cache, which front takes
    off again.
    """
    own = [("BelGov-Trace-Id", environ["ocapi.trace_id"]), ("Ocapi-Tenant", tenant.key)]
    if archived.ADDRESS in environ:
        own.append(("Link", archived.link(environ[archived.ADDRESS])))

    def start(status: str, headers: list[tuple[str, str]], *rest: object) -> Any:
        once = [pair for pair in headers if pair[0] != "BelGov-Trace-Id"]
        return start_response(status, [*once, *own], *rest)

    return start


def _answer(answer: pages.Answer, environ: Environ, start_response: StartResponse) -> list[bytes]:
    start_response(f"{answer.status} {'OK' if answer.status < 300 else 'Edge'}", list(answer.headers))
    return [b"" if environ.get("REQUEST_METHOD") == "HEAD" else answer.body]


def _bound_key() -> str:
    bound = tenants.find_current()
    return bound.key if bound else ""


supervisor.end_with_parent()
logs.configure(_bound_key)
application: Application = Web(
    _django, is_prefix_allowed=settings.OCAPI.is_demo or settings.OCAPI.is_debug
)
if settings.OCAPI.traces:
    from ocapi.main import measuring

    application = measuring.traced(application)
if settings.OCAPI.metrics_port:
    from ocapi.main import measuring

    application = measuring.wsgi(application, measuring.Meter("web"))
collecting.resume()
