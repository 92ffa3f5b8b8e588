"""Figures for the operator. Not covered: the processes that count, which tests/journeys start whole."""

import asyncio
import re
from datetime import timedelta

import pytest
from django.conf import settings
from prometheus_client import CollectorRegistry, generate_latest

from ocapi.kernel.jobs import api as jobs
from ocapi.kernel.jobs import standing
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants import binding
from ocapi.kernel.tenants.testing import NOW
from ocapi.lib import actor
from ocapi.main import backlog, measuring, metrics

FIGURES = re.compile(r"^(ocapi_\w+)(?:\{(.*?)\})? (\S+)$", re.MULTILINE)


def figures(text):
    return {f"{name}{{{labels}}}": float(value) for name, labels, value in FIGURES.findall(text)}


@pytest.fixture
def meter():
    registry = CollectorRegistry()
    return measuring.Meter("web", registry), lambda: figures(generate_latest(registry).decode())


class TestSurfaces:
    @pytest.mark.parametrize(("path", "surface"), [
        ("/desk/zaken/", "desk"), ("/mijn/dossier", "citizen"), ("/loket/x", "citizen"),
        ("/api/cases/v1/", "rest"), ("/o/aalter/desk/", "desk"), ("/o/aalter", "public"), ("/", "public"),
        ("/85073003328", "public"), ("/health", "health"),
    ])
    def test_of_web_are_few_and_hold_nothing_of_the_path(self, path, surface):
        assert measuring.web_surface(path) == surface

    @pytest.mark.parametrize(("path", "surface"), [
        ("/ingest/v1/streams", "ingest"), ("/static/a.css", "static"), ("/desk/", "page"),
        ("/o/aalter/", "page"),
    ])
    def test_of_the_edge_are_its_parts(self, path, surface):
        assert measuring.edge_surface(path) == surface


class TestCounting:
    def test_counts_an_answer_of_web_by_surface_and_status(self, meter):
        counting, read = meter

        def application(environ, start_response):
            start_response("404 Not Found", [])
            return [b""]

        measuring.wsgi(application, counting)({"PATH_INFO": "/desk/x"}, lambda *_: None)
        assert read()['ocapi_requests_total{process="web",status="404",surface="desk"}'] == 1
        assert read()['ocapi_request_seconds_count{process="web",surface="desk"}'] == 1

    def test_counts_a_fault_as_500_and_lets_it_through(self, meter):
        counting, read = meter

        def application(environ, start_response):
            raise RuntimeError("planted")

        with pytest.raises(RuntimeError):
            measuring.wsgi(application, counting)({"PATH_INFO": "/"}, lambda *_: None)
        assert read()['ocapi_requests_total{process="web",status="500",surface="public"}'] == 1

    def test_counts_what_the_edge_answers_and_who_left_before(self, meter):
        counting, read = meter

        async def application(scope, receive, send):
            if scope["path"] == "/health":
                await send({"type": "http.response.start", "status": 200, "headers": []})

        async def send(message):
            return None

        for path in ("/health", "/gone"):
            asyncio.run(measuring.asgi(application, counting)({"type": "http", "path": path}, None, send))
        told = read()
        assert told['ocapi_requests_total{process="web",status="200",surface="health"}'] == 1
        assert told['ocapi_requests_total{process="web",status="499",surface="page"}'] == 1


class TestBacklog:
    def test_tells_how_many_wait_and_how_long_the_oldest(self, tenant):
        for number in range(3):
            jobs.enqueue(job=standing.ROTATE_KEYS, arguments={}, due_at=NOW, key=f"planted {number}")
        tenants.rotate_keys(actor=actor.system("test"), now=NOW)  # a fact and a leaf
        found = backlog.Backlog()
        found.add(now=NOW + timedelta(seconds=90))
        assert found.jobs["waiting"] >= 3
        assert (found.oldest_job_s, found.oldest_leaf_s) == (90, 90)
        assert found.leaves == 1

    def test_is_nothing_when_nothing_waits(self, tenant):
        found = backlog.Backlog()
        found.add(now=NOW)
        assert (sum(found.jobs.values()), found.leaves, found.oldest_fact_s) == (0, 0, 0)


class TestEndpoint:
    @pytest.fixture
    def text(self, committed_tenant):
        with binding.unbound():
            yield metrics.Endpoint(metrics.Path(settings.OCAPI.data)).text().decode()

    def test_gives_what_an_operator_watches(self, text):
        told = {name.partition("{")[0] for name in figures(text)}
        assert told >= {
            "ocapi_jobs", "ocapi_oldest_due_job_seconds", "ocapi_outbox_lag_seconds", "ocapi_deliveries",
            "ocapi_oldest_staged_leaf_seconds", "ocapi_disk_free_bytes", "ocapi_database_bytes",
            "ocapi_snapshot_age_seconds", "ocapi_organizations",
        }

    def test_names_no_organization(self, text, committed_tenant):
        names = {name for each in tenants.list_tenants() for name in (each.key, str(each.uuid), *each.hosts)}
        assert [name for name in names if name in text] == []

    @pytest.mark.parametrize(("method", "path", "status"), [
        ("GET", "/metrics", "200 OK"), ("GET", "/", "404 Not Found"), ("POST", "/metrics", "404 Not Found"),
    ])
    def test_answers_one_question_only(self, committed_tenant, method, path, status):
        told = []
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path}
        with binding.unbound():
            metrics.Endpoint(metrics.Path(settings.OCAPI.data))(environ, lambda *given: told.append(given[0]))
        assert told == [status]
