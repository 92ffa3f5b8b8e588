"""Bringing one organization up to the migrations of this release; tried on a copy first."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from ocapi.kernel.tenants import binding, closing, provision, sqlite
from ocapi.kernel.tenants.data import Busy, Engine, State, Tenant
from ocapi.lib import crashpoint, durable

Name = tuple[str, str]


def known() -> frozenset[Name]:
    """Give every migration of this release, as (app, name)."""
    return frozenset(MigrationLoader(None).disk_migrations)


def _unchecked() -> Callable[[], None]:
    """Count nothing, and compare nothing afterwards: what comes in meanwhile is no migration's doing."""
    return lambda: None


def upgrade(
    tenant: Tenant, *, wanted: frozenset[Name], begin: Callable[[], Callable[[], None]] = _unchecked
) -> tuple[str, ...]:
    """Apply what the organization lacks; gives `app.name` of each, in the order of their apps.

    begin: called before, while it is bound; what it gives is called afterwards, and what that raises counts
    as a failure. On SQLite all of it is tried on a copy first, so that a failure leaves the organization as
    it is and no write that came in meanwhile is lost; PostgreSQL undoes each failed migration itself. Raises
    Busy.
    """
    with provision.only_process(tenant.key) as is_only:
        if not is_only:
            raise Busy(tenant.key)
        with binding.bind(tenant):
            applied = MigrationRecorder(connections[tenant.alias]).applied_migrations()
        lacking = sorted(wanted - set(applied))
        if lacking:
            _upgrade(tenant, begin)
    return tuple(f"{app}.{name}" for app, name in lacking)


def _upgrade(tenant: Tenant, begin: Callable[[], Callable[[], None]]) -> None:
    if tenant.engine is Engine.SQLITE:
        with _rehearsal(tenant):
            _migrate_and_check(tenant, begin)
        begin = _unchecked
    crashpoint.point("tenants.upgrade.before_migrate")
    _migrate_and_check(tenant, begin)
    crashpoint.point("tenants.upgrade.after_migrate")


def _migrate_and_check(tenant: Tenant, begin: Callable[[], Callable[[], None]]) -> None:
    with binding.bind(tenant):
        check = begin()
        with closing.lifted(), connections[tenant.alias].execute_wrapper(_one_statement):
            call_command("migrate", database=tenant.alias, verbosity=0, interactive=False)
        check()


@contextmanager
def _rehearsal(tenant: Tenant) -> Iterator[None]:
    """Let the organization's connection lead to a copy of its database as it is now, during a block."""
    home = Path(settings.OCAPI.data) / "rehearsal" / tenant.key
    durable.remove_tree(home)  # of one that was cut short
    copy = sqlite.database_path(home, tenant)
    durable.make_directory(copy.parent)
    _copy(sqlite.database_path(Path(settings.OCAPI.data), tenant), copy)
    configured = settings.OCAPI.data
    connections.forget(tenant.alias)  # type: ignore[attr-defined]
    settings.OCAPI.data = str(home)
    try:
        yield
    finally:
        connections.forget(tenant.alias)  # type: ignore[attr-defined]
        settings.OCAPI.data = configured
        durable.remove_tree(home)


def _one_statement(execute: Any, statement: Any, params: Any, many: bool, context: Any) -> Any:
    crashpoint.point("migrate.statement.before_run")
    done = execute(statement, params, many, context)
    crashpoint.point("migrate.statement.after_run")
    return done


def park(tenant: Tenant, reason: str) -> None:
    """Stop serving an organization that could not be brought up, and note why."""
    _stop_serving(tenant, reason, note=provision.parking_note(tenant.key))


def release(tenant: Tenant) -> None:
    """Serve an organization again that was parked; one that somebody else froze stays so."""
    _serve_again(tenant, note=provision.parking_note(tenant.key))


def withhold(tenant: Tenant, reason: str) -> None:
    """Stop serving an organization that was changed by hand, and note what; no upgrade releases it."""
    _stop_serving(tenant, reason, note=provision.damage_note(tenant.key))


def give_back(tenant: Tenant) -> bool:
    """Serve an organization again that was withheld, now that it proved whole; tells whether it was."""
    return _serve_again(tenant, note=provision.damage_note(tenant.key))


def _stop_serving(tenant: Tenant, reason: str, *, note: Path) -> None:
    durable.make_directory(note.parent)
    durable.write_file(note, reason.encode())
    provision.set_state(tenant, State.FROZEN)
    generations = Path(settings.OCAPI.data) / "run" / "cache"  # the front door forgets what it kept of it
    durable.make_directory(generations)
    durable.write_file(generations / tenant.key, b"")


def _serve_again(tenant: Tenant, *, note: Path) -> bool:
    if not note.exists():
        return False
    provision.set_state(tenant, State.ACTIVE)
    durable.remove_file(note)
    return True


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


def _copy(path: Path, target: Path) -> None:
    """Copy the database as it is now, journal included; it is thrown away, so nothing need last."""
    source, copy = sqlite3.connect(path), sqlite3.connect(target)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()
