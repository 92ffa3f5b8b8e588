"""Which organization a request is bound to, around a stand-in for Django. Not covered: Django's own pages."""

import errno
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError

from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Engine, Kind, State, Tenant, UnknownTenant
from ocapi.main.wsgi import Environ, StartResponse, Web


def organization(key: str, number: int, *, state: State = State.ACTIVE) -> Tenant:
    return Tenant(
        uuid=UUID(int=number),
        key=key,
        base_iri=f"https://{key}.example",
        kind=Kind.MUNICIPALITY,
        state=state,
        engine=Engine.SQLITE,
        schema_number=1,
        hosts=(f"{key}.localhost",),
    )


LISTED = {
    "aalter": organization("aalter", 1),
    "beta": organization("beta", 2),
    "gamma": organization("gamma", 3, state=State.FROZEN),
}


class Body:
    """A body that tells to whom it is bound while it is read and when it is closed."""

    closed_bound_to = ""

    def __iter__(self) -> Iterator[bytes]:
        yield tenants.current().key.encode()

    def close(self) -> None:
        Body.closed_bound_to = tenants.current().key


def django(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [("X-Script", environ.get("SCRIPT_NAME", "")), ("X-Path", environ["PATH_INFO"])])
    return Body()


@pytest.fixture(autouse=True)
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_key(key: str) -> Tenant:
        if key not in LISTED:
            raise UnknownTenant(key)
        return LISTED[key]

    def by_host(host: str) -> Tenant:
        return by_key(host.removesuffix(".localhost") if host.endswith(".localhost") else "")

    monkeypatch.setattr(tenants, "by_key", by_key)
    monkeypatch.setattr(tenants, "by_host", by_host)
    monkeypatch.setattr(tenants, "list_tenants", lambda: tuple(LISTED.values()))


def ask(
    path: str, *, host: str, is_prefix_allowed: bool = True, **environ: str
) -> tuple[int, dict[str, str], str]:
    """Run one request to its end and give status, headers in lower case and body."""
    seen: dict[str, Any] = {}

    def start(status: str, headers: list[tuple[str, str]], *rest: object) -> None:
        seen.update(status=int(status[:3]), headers={name.lower(): value for name, value in headers})

    web = Web(django, is_prefix_allowed=is_prefix_allowed)
    answer = web({"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_HOST": host, **environ}, start)
    body = b"".join(answer)
    close = getattr(answer, "close", None)
    if close is not None:
        close()
    return seen["status"], seen["headers"], body.decode()


def locked() -> OperationalError:
    """Give what Django raises when somebody else writes to SQLite for too long."""
    failure, cause = OperationalError("locked"), sqlite3.OperationalError("database is locked")
    cause.sqlite_errorname = "SQLITE_BUSY"
    failure.__cause__ = cause
    return failure


class TestHost:
    @pytest.mark.parametrize("host", ["aalter.localhost:8000", "aalter.localhost", "AALTER.localhost:8000"])
    def test_a_known_host_binds_until_the_body_is_closed(self, host: str) -> None:
        Body.closed_bound_to = ""
        status, headers, body = ask("/dienst/x", host=host)
        assert (status, body, headers["x-path"]) == (200, "aalter", "/dienst/x")
        assert Body.closed_bound_to == "aalter"
        assert tenants.find_current() is None

    def test_an_unknown_host_is_421_and_names_no_organization(self) -> None:
        status, _, body = ask("/", host="delta.localhost:8000")
        assert status == 421
        assert not any(key in body for key in LISTED)

    def test_an_organization_that_is_not_active_is_503(self) -> None:
        status, headers, _ = ask("/", host="gamma.localhost")
        assert (status, "retry-after" in headers) == (503, True)

    def test_to_a_machine_that_is_a_problem(self) -> None:
        status, headers, body = ask("/api/cases/v1/cases", host="gamma.localhost")
        assert (status, headers["content-type"], int(headers["retry-after"]) > 0) == (
            503, "application/problem+json", True)
        assert '"urn:problem-type:belgif:serviceUnavailable"' in body

    def test_a_registry_that_does_not_answer_is_503_and_a_full_one_507(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        closed: list[bool] = []
        monkeypatch.setattr(tenants, "close_connections", lambda: closed.append(True))
        for number, expected in ((errno.ENOSPC, 507), (None, 503)):
            def fail(host: str, number: int | None = number) -> Tenant:
                if number is not None:
                    raise OSError(number, "no room")
                raise locked()
            monkeypatch.setattr(tenants, "by_host", fail)
            status, headers, body = ask("/", host="aalter.localhost")
            assert (status, "retry-after" in headers) == (expected, True)
            assert "opnieuw" in body
        assert closed == [True, True]

    def test_a_defect_is_not_taken_for_an_outage(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(host: str) -> Tenant:
            raise ValueError(host)
        monkeypatch.setattr(tenants, "by_host", fail)
        with pytest.raises(ValueError, match="aalter"):
            ask("/", host="aalter.localhost")

    @pytest.mark.parametrize(("path", "kind"), [("/zoeken", "text/html"), ("/api/cases/v1/cases", "json")])
    def test_an_address_with_the_character_nul_is_refused(self, path: str, kind: str) -> None:
        status, headers, _body = ask(path, host="aalter.localhost", QUERY_STRING="q=a%00b")
        assert status == 400
        assert kind in headers["content-type"]

    def test_health_needs_no_organization(self) -> None:
        assert ask("/health", host="")[0] == 200


class TestPrefix:
    def test_it_stands_for_the_host_and_becomes_the_script_name(self) -> None:
        status, headers, body = ask("/o/beta/dienst/x", host="localhost:8000")
        assert (status, body, headers["x-script"], headers["x-path"]) == (200, "beta", "/o/beta", "/dienst/x")

    def test_without_its_slash_it_is_sent_on(self) -> None:
        status, headers, _ = ask("/o/beta", host="127.0.0.1:8000")
        assert (status, headers["location"]) == (308, "/o/beta/")

    @pytest.mark.parametrize(("path", "host", "is_allowed"), [
        ("/o/beta/", "localhost", False),
        ("/o/beta/", "evil.example", True),
        ("/o/delta/", "localhost", True),
        ("/dienst/x", "localhost", True),
    ])
    def test_it_counts_only_on_this_machine_and_in_a_demo(
        self, path: str, host: str, is_allowed: bool
    ) -> None:
        assert ask(path, host=host, is_prefix_allowed=is_allowed)[0] == 421

    def test_below_an_organizations_own_host_it_is_an_ordinary_path(self) -> None:
        status, headers, body = ask("/o/beta/", host="aalter.localhost")
        assert (body, headers["x-script"], headers["x-path"]) == ("aalter", "", "/o/beta/")

    def test_the_bare_address_lists_the_organizations_of_a_demo(self) -> None:
        _, _, body = ask("/", host="localhost:8000")
        assert 'href="http://aalter.localhost:8000/"' in body
        assert "gamma" not in body


class TestSender:
    def test_the_trace_id_is_the_fronts_or_our_own(self) -> None:
        given = ask("/", host="aalter.localhost", HTTP_BELGOV_TRACE_ID="0123-abc")[1]["belgov-trace-id"]
        own = ask("/", host="aalter.localhost", HTTP_BELGOV_TRACE_ID="<script>")[1]["belgov-trace-id"]
        assert given == "0123-abc"
        assert len(own) == 36

    def test_the_trace_id_is_what_pages_show_and_stands_there_once(self) -> None:
        seen: list[str] = []
        told: list[tuple[str, str]] = []

        def page(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
            seen.append(environ["ocapi.trace_id"])
            start_response("404 Not Found", [("BelGov-Trace-Id", environ["ocapi.trace_id"])])
            return Body()

        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_HOST": "aalter.localhost",
                   "HTTP_BELGOV_TRACE_ID": "0123-abc"}
        answer = Web(page, is_prefix_allowed=True)(environ, lambda status, headers: told.extend(headers))
        answer.close()  # type: ignore[attr-defined]
        assert seen == ["0123-abc"]
        assert [value for name, value in told if name == "BelGov-Trace-Id"] == ["0123-abc"]
