"""Bringing many organizations up. Not covered: kills in between (`ocapi proof crash`), old code serving.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from ocapi.kernel.registry import api as registry
from ocapi.kernel.registry import migrating
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Busy, Kind, State, Tenant
from ocapi.kernel.tenants.testing import NOW

LAST = "jobs.0003_trace"
KEY = "behind"


@pytest.fixture
def behind(installation: Path) -> Iterator[Tenant]:
    """An organization made with the release before."""
    made = tenants.create(key=KEY, kind=Kind.MUNICIPALITY, now=NOW)
    with tenants.bind_tenant(made):
        call_command("migrate", "jobs", "0002_neighbors", database=made.alias, verbosity=0)
    yield made
    tenants.delete(key=KEY)


def state() -> State:
    tenants.forget()
    return tenants.by_key(KEY).state


class TestOne:
    def test_is_brought_up_and_served(self, behind: Tenant) -> None:
        done = registry.migrate_all()
        assert (done.applied[KEY], done.parked) == ((LAST,), {})
        assert registry.migrate_all().applied == {}
        assert state() is State.ACTIVE

    def test_that_fails_is_as_it_was_and_parked_until_a_run_that_succeeds(
        self, behind: Tenant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(migrating.proving, "broken_invariants", lambda: ["invariant x does not hold"])
        done = registry.migrate_all()
        assert "invariant x" in done.parked[KEY]
        assert state() is State.FROZEN
        with tenants.bind(KEY):
            is_back = LAST not in tenants.applied_migrations()
        assert is_back == (settings.OCAPI.store == "sqlite")
        monkeypatch.undo()
        registry.migrate_all()
        assert state() is State.ACTIVE
        with tenants.bind(KEY):
            assert LAST in tenants.applied_migrations()

    @pytest.mark.skipif(settings.OCAPI.store != "sqlite", reason="PostgreSQL has no copy to rehearse on")
    def test_that_fails_keeps_what_was_written_meanwhile(
        self, behind: Tenant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Old code serves on: what it acknowledges while the migration runs is there after the failure."""
        import sqlite3

        live = Path(settings.OCAPI.data) / "tenants" / KEY / "db.sqlite"

        def fail_after_a_write() -> list[str]:
            with sqlite3.connect(live) as served:
                served.execute("INSERT INTO registry_setting (uuid, name, value, changed_at)"
                               " VALUES ('00', 'organization.name', 'Bevestigd', '2026-11-23 09:30:00')")
            served.close()
            return ["invariant x does not hold"]

        monkeypatch.setattr(migrating.proving, "broken_invariants", fail_after_a_write)
        assert KEY in registry.migrate_all().parked
        with tenants.bind(KEY):
            assert registry.setting("organization.name") == "Bevestigd"
            assert LAST not in tenants.applied_migrations()

    def test_that_loses_a_session_meanwhile_is_not_parked(
        self, behind: Tenant, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Somebody signs out while it runs: that is not the migration's doing."""
        from django.contrib.sessions.models import Session

        with tenants.bind(KEY):
            Session.objects.create(session_key="a", session_data="", expire_date=NOW)
        command, live = call_command, Path(settings.OCAPI.data) / "tenants" / KEY / "db.sqlite"

        def migrate(*given: object, **more: object) -> None:
            if settings.OCAPI.store == "sqlite":
                import sqlite3

                with sqlite3.connect(live) as served:
                    served.execute("DELETE FROM django_session")
                served.close()
            else:
                Session.objects.all().delete()
            command(*given, **more)

        monkeypatch.setattr("ocapi.kernel.tenants.upgrading.call_command", migrate)
        assert registry.migrate_all().parked == {}

    def test_that_loses_rows_is_parked(self, behind: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
        with tenants.bind(KEY), connection.cursor() as cursor:
            cursor.execute("INSERT INTO jobs_schedule (name, due_at) VALUES ('planted', %s)", [NOW])
        require = migrating._require_sound

        def after_loss(counts: dict[str, int]) -> None:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM jobs_schedule")
            require(counts)

        monkeypatch.setattr(migrating, "_require_sound", after_loss)
        done = registry.migrate_all()
        assert done.parked[KEY] == "NotSound: jobs_schedule has 0 rows of 1"
        if settings.OCAPI.store == "sqlite":
            with tenants.bind(KEY):
                assert tenants.count_rows("jobs_schedule") == 1

    def test_frozen_by_somebody_stays_frozen_also_when_one_of_its_key_was_parked_before(
        self, behind: Tenant
    ) -> None:
        tenants.park(behind, "planted")
        tenants.delete(key=KEY)
        behind = tenants.create(key=KEY, kind=Kind.MUNICIPALITY, now=NOW)
        tenants.set_state(behind, State.FROZEN)
        registry.migrate_all()
        assert state() is State.FROZEN

    def test_that_another_run_is_at_is_left_to_it(self, behind: Tenant) -> None:
        from ocapi.kernel.tenants.testing import another_process_at

        with another_process_at(KEY), pytest.raises(Busy, match=KEY):
            registry.migrate_all()
        assert state() is State.ACTIVE


class TestMany:
    @pytest.fixture
    def many(self, behind: Tenant, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """Three hundred organizations in name only; gives the order in which they were brought up."""
        made = [replace(behind, key=f"o{number:03}") for number in range(298)]
        made.append(replace(behind, key="z-reference", is_reference=True))
        made.append(replace(behind, key="z-canary", is_canary=True))
        order: list[str] = []

        def upgrade(tenant: Tenant, **_given: object) -> tuple[str, ...]:
            order.append(tenant.key)
            if tenant.key in self.failing:
                raise ValueError("planted")
            return (LAST,)

        monkeypatch.setattr(tenants, "list_tenants", lambda: tuple(made))
        monkeypatch.setattr(tenants, "upgrade", upgrade)
        self.parked: list[str] = []
        monkeypatch.setattr(tenants, "park", lambda tenant, reason: self.parked.append(tenant.key))
        monkeypatch.setattr(tenants, "release", lambda tenant: None)
        return order

    failing: tuple[str, ...] = ()

    def test_go_by_canaries_then_waves_of_one_ten_fifty_and_the_rest(self, many: list[str]) -> None:
        told: list[str] = []
        done = registry.migrate_all(tell=told.append)
        assert many[:4] == ["z-canary", "z-reference", "o000", "o001"]
        assert (len(many), len(done.applied)) == (300, 300)
        assert [words.split(",")[0] for words in told] == [
            "wave 1: 1 organizations", "wave 2: 10 organizations", "wave 3: 50 organizations",
            "wave 4: 237 organizations"]

    def test_go_on_when_one_fails(self, many: list[str]) -> None:
        self.failing = ("o005", "o200")
        done = registry.migrate_all()
        assert (list(done.parked), self.parked) == (["o005", "o200"], ["o005", "o200"])
        assert len(done.applied) == 298

    def test_stop_when_a_canary_fails(self, many: list[str]) -> None:
        self.failing = ("z-canary",)
        done = registry.migrate_all()
        assert (done.stopped_by, many, done.applied) == ("z-canary", ["z-canary"], {})
