"""Bringing one organization up to a release. Not covered: many at once, which a later command does."""

from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connections
from django.db.migrations.recorder import MigrationRecorder

from ocapi.kernel.tenants import binding, sqlite, upgrading

LAST = ("jobs", "0003_trace")


@pytest.fixture
def behind(committed_tenant):
    """An organization made with the release before: without what one migration brought."""
    with binding.unbound(), binding.bind(committed_tenant):
        connection = connections[committed_tenant.alias]
        from django.core.management import call_command

        call_command("migrate", "jobs", "0002_neighbors", database=committed_tenant.alias, verbosity=0)
        assert LAST not in MigrationRecorder(connection).applied_migrations()
    return committed_tenant


class TestUpgrade:
    def test_applies_what_is_lacking_and_says_so(self, behind):
        with binding.unbound():
            assert upgrading.upgrade(behind, wanted=upgrading.known()) == (".".join(LAST),)
            assert upgrading.upgrade(behind, wanted=upgrading.known()) == ()

    def test_leaves_the_database_as_it_is_when_a_migration_fails(self, behind, monkeypatch):
        if settings.OCAPI.store != "sqlite":
            pytest.skip("PostgreSQL undoes a failed migration itself")

        def fail(*_args, database, **_kwargs):
            connections[database].cursor().execute("DROP TABLE jobs_job")
            raise OperationalError("planted")

        monkeypatch.setattr(upgrading, "call_command", fail)
        with binding.unbound():
            with pytest.raises(OperationalError, match="planted"):
                upgrading.upgrade(behind, wanted=upgrading.known())
            with binding.bind(behind):
                tables = connections[behind.alias].introspection.table_names()
        assert "jobs_job" in tables
        assert not (Path(settings.OCAPI.data) / "rehearsal" / behind.key).exists()

    def test_throws_away_what_a_rehearsal_cut_short_left(self, behind):
        if settings.OCAPI.store != "sqlite":
            pytest.skip("PostgreSQL has no copy to rehearse on")
        left = sqlite.database_path(Path(settings.OCAPI.data) / "rehearsal" / behind.key, behind)
        left.parent.mkdir(parents=True)
        left.write_bytes(b"torn")
        with binding.unbound():
            assert upgrading.upgrade(behind, wanted=upgrading.known()) == (".".join(LAST),)
        assert not left.exists()
