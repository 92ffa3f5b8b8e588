"""Bringing one organization up to the migrations of this release; a failure puts its copy back."""

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from ocapi.kernel.tenants import binding, provision, sqlite, succession, template
from ocapi.kernel.tenants.data import Busy, Engine, State, Tenant
from ocapi.lib import crashpoint, durable

Name = tuple[str, str]


def known() -> frozenset[Name]:
    """Give every migration of this release, as (app, name)."""
    return frozenset(MigrationLoader(None).disk_migrations)


def upgrade(
    tenant: Tenant, *, wanted: frozenset[Name], check: Callable[[], None] = lambda: None
) -> tuple[str, ...]:
    """Apply what the organization lacks; gives `app.name` of each, in the order of their apps.

    check: done afterwards, while it is bound; what it raises counts as a failure. On SQLite the database is
    copied first and put back on a failure; PostgreSQL undoes each failed migration itself. Raises Busy.
    """
    with provision.only_process(tenant.key) as is_only:
        if not is_only:
            raise Busy(tenant.key)
        return _upgrade(tenant, wanted, check)


def _upgrade(tenant: Tenant, wanted: frozenset[Name], check: Callable[[], None]) -> tuple[str, ...]:
    with binding.bind(tenant):
        connection = connections[tenant.alias]
        lacking = sorted(wanted - set(MigrationRecorder(connection).applied_migrations()))
        if not lacking:
            return ()
        kept = _keep_copy(tenant) if tenant.engine is Engine.SQLITE else None
        crashpoint.point("tenants.upgrade.before_migrate")
        try:
            with succession.lifted(), connection.execute_wrapper(_one_statement):
                call_command("migrate", database=tenant.alias, verbosity=0, interactive=False)
            check()
        except Exception:
            if kept is not None:
                connections.forget(tenant.alias)  # type: ignore[attr-defined]
                _put_back(kept, tenant)
                durable.remove_file(kept)
            raise
        crashpoint.point("tenants.upgrade.after_migrate")
        if kept is not None:
            durable.remove_file(kept)
    return tuple(f"{app}.{name}" for app, name in lacking)


def _one_statement(execute: Any, statement: Any, params: Any, many: bool, context: Any) -> Any:
    crashpoint.point("migrate.statement.before_run")
    done = execute(statement, params, many, context)
    crashpoint.point("migrate.statement.after_run")
    return done


def park(tenant: Tenant, reason: str) -> None:
    """Stop serving an organization that could not be brought up, and note why."""
    note = provision.parking_note(tenant.key)
    durable.make_directory(note.parent)
    durable.write_file(note, reason.encode())
    provision.set_state(tenant, State.FROZEN)


def release(tenant: Tenant) -> None:
    """Serve an organization again that was parked; one that somebody else froze stays so."""
    note = provision.parking_note(tenant.key)
    if note.exists():
        provision.set_state(tenant, State.ACTIVE)
        durable.remove_file(note)


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
    """Write the copy into the database file, in one transaction: who has it open reads the old state again.

    A file put in its place would leave them writing to one that has no name any more.
    """
    path = sqlite.database_path(Path(settings.OCAPI.data), tenant)
    source, target = sqlite3.connect(kept), sqlite3.connect(path, timeout=sqlite.BUSY_TIMEOUT_S)
    try:
        source.backup(target)
    finally:
        target.close()
        source.close()
    template.assert_pragmas_hold(path)
