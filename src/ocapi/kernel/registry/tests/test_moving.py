"""Moving between the kinds of database. Not covered: kills in between (`ocapi proof restore`)."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DatabaseError, connection

from ocapi.kernel.accounts import api as accounts
from ocapi.kernel.audit import api as audit
from ocapi.kernel.files import api as files
from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry.carrying import moving
from ocapi.kernel.registry.tests import carried
from ocapi.kernel.registry.tests.carried import KEY, NUMBER, PDF
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import AlreadyThere, Engine, Kind, NoServer, State
from ocapi.kernel.tenants.testing import NOW, a_server_beside

pytestmark = pytest.mark.server


@pytest.fixture
def both(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that reaches a server, whichever kind of database it makes by itself."""
    url = settings.OCAPI.database_url or a_server_beside()
    monkeypatch.setattr(settings, "OCAPI", replace(settings.OCAPI, database_url=url))


@pytest.fixture
def filled(both: None) -> Iterator[tuple[object, object]]:
    tenants.create(key=KEY, kind=Kind.MUNICIPALITY, is_demo=True, now=NOW)
    with tenants.bind(KEY):
        made = carried.fill()
        audit.seal(now=NOW)
    yield made
    tenants.delete(key=KEY)


def other() -> Engine:
    return moving.OTHER[tenants.by_key(KEY).engine]


def counts() -> dict[str, int]:
    with tenants.bind(KEY):
        return {table.name: tenants.count_rows(table.name) for table in tenants.list_tables()}


class TestMove:
    def test_there_and_back_keeps_rows_log_and_what_is_sealed(self, filled: tuple[object, object]) -> None:
        file, person = filled
        before, home = counts(), tenants.by_key(KEY).engine
        for engine in (other(), home):
            registry.move_tenant(key=KEY, engine=engine, now=NOW)
            tenant = tenants.by_key(KEY)
            assert (tenant.engine, tenant.state) == (engine, State.ACTIVE)
            with tenants.bind(KEY):
                assert connection.vendor.startswith(engine.value)
                assert audit.recomputed_root(size=audit.latest_head().size) == audit.latest_head().root
                assert accounts.national_number_of(person) == NUMBER
                assert files.read(file=file).content == PDF
                audit.seal(now=NOW)
        after = counts()
        grown = {"audit_leaf": 2, "audit_head": 2}
        assert {name: after[name] - count for name, count in before.items() if name != "audit_node"} == {
            name: grown.get(name, 0) for name in before if name != "audit_node"}
        database = Path(settings.OCAPI.data) / "tenants" / KEY / "db.sqlite"
        assert database.exists() == (home is Engine.SQLITE)

    def test_that_fails_leaves_it_where_it_was_and_served(
        self, filled: tuple[object, object], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before, home = counts(), tenants.by_key(KEY).engine
        def fail() -> None:
            raise RuntimeError("planted")

        monkeypatch.setattr(moving.reading, "log_state", fail)
        with pytest.raises(RuntimeError, match="planted"):
            registry.move_tenant(key=KEY, engine=other(), now=NOW)
        tenant = tenants.by_key(KEY)
        assert (tenant.engine, tenant.state) == (home, State.ACTIVE)
        assert counts()["accounts_person"] == before["accounts_person"]

    def test_lets_nobody_write_to_what_is_left_behind(
        self, filled: tuple[object, object], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        told: list[object] = []
        old = tenants.by_key(KEY)
        waits = threading.Event()

        def write_late() -> None:
            with tenants.bind_tenant(old):
                connection.ensure_connection()
                waits.set()
                try:
                    files.keep(content=PDF + b"late", name="laat.pdf", now=NOW)
                    told.append("acknowledged")
                except DatabaseError as failure:
                    told.append(failure)
            tenants.close_connections()

        late = threading.Thread(target=write_late)
        transplant = moving.tenants.transplant

        def and_meanwhile(**given: object) -> object:
            moved = transplant(**given)
            late.start()
            assert waits.wait(10)
            return moved

        monkeypatch.setattr(moving.tenants, "transplant", and_meanwhile)
        registry.move_tenant(key=KEY, engine=other(), now=NOW)
        late.join(30)
        assert told != []
        assert told != ["acknowledged"]
        assert counts()["files_file"] == 1

    def test_refuses_to_go_where_it_is_and_where_no_server_is(
        self, filled: tuple[object, object], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(AlreadyThere, match=KEY):
            registry.move_tenant(key=KEY, engine=tenants.by_key(KEY).engine, now=NOW)
        if other() is Engine.POSTGRES:
            monkeypatch.setattr(settings, "OCAPI", replace(settings.OCAPI, database_url=""))
            with pytest.raises(NoServer, match="OCAPI_DATABASE_URL"):
                registry.move_tenant(key=KEY, engine=Engine.POSTGRES, now=NOW)
