"""Bringing organizations up to the migrations of this release, one by one; a failure puts its copy back.

Many organizations at once (canaries, waves, parked failures) come in a later release and stand on this.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from ocapi.kernel.tenants import binding, sqlite
from ocapi.kernel.tenants.data import Engine, Tenant
from ocapi.lib import crashpoint, durable

Name = tuple[str, str]


def known() -> frozenset[Name]:
    """Give every migration of this release, as (app, name)."""
    return frozenset(MigrationLoader(None).disk_migrations)


def upgrade(tenant: Tenant, *, wanted: frozenset[Name]) -> tuple[str, ...]:
    """Apply what the organization lacks; gives `app.name` of each, in the order of their apps.

    On SQLite the database is copied first and put back when a migration fails; PostgreSQL undoes each failed
    migration itself.
    """
    with binding.bind(tenant):
        connection = connections[tenant.alias]
        lacking = sorted(wanted - set(MigrationRecorder(connection).applied_migrations()))
        if not lacking:
            return ()
        kept = _keep_copy(tenant) if tenant.engine is Engine.SQLITE else None
        crashpoint.point("tenants.upgrade.before_migrate")
        try:
            call_command("migrate", database=tenant.alias, verbosity=0, interactive=False)
        except Exception:
            if kept is not None:
                connections.forget(tenant.alias)  # type: ignore[attr-defined]
                _put_back(kept, tenant)
            raise
        crashpoint.point("tenants.upgrade.after_migrate")
        if kept is not None:
            durable.remove_file(kept)
    return tuple(f"{app}.{name}" for app, name in lacking)


def migrate_bound() -> None:
    """Apply this release's migrations to the bound organization, which nobody uses yet."""
    call_command("migrate", database=binding.current().alias, verbosity=0, interactive=False)


def rebuild_at(migrations: Iterable[str]) -> None:
    """Make the bound organization's database anew, empty, as an older release left it."""
    tenant = binding.current()
    connections.forget(tenant.alias)  # type: ignore[attr-defined]
    if tenant.engine is Engine.SQLITE:
        durable.remove_file(sqlite.database_path(Path(settings.OCAPI.data), tenant))
    else:
        from ocapi.kernel.tenants import postgres

        postgres.create_role_and_schema(tenant)
    executor = MigrationExecutor(connections[tenant.alias])
    wanted = {(app, name) for app, _, name in (each.partition(".") for each in migrations)}
    graph = executor.loader.graph
    executor.migrate(sorted(
        each for each in wanted
        if each in graph.nodes and not any(child.key in wanted for child in graph.node_map[each].children)
    ))


def _keep_copy(tenant: Tenant) -> Path:
    """Copy the database as it is now, journal included, beside itself."""
    path = sqlite.database_path(Path(settings.OCAPI.data), tenant)
    scratch, kept = path.with_name("db.copying"), path.with_name("db.before-upgrade")
    scratch.unlink(missing_ok=True)
    source, target = sqlite3.connect(path), sqlite3.connect(scratch)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()
    durable.replace_into(scratch, kept)
    return kept


def _put_back(kept: Path, tenant: Tenant) -> None:
    path = sqlite.database_path(Path(settings.OCAPI.data), tenant)
    for journal in ("-wal", "-shm"):
        path.with_name(path.name + journal).unlink(missing_ok=True)
    durable.replace_into(kept, path)
