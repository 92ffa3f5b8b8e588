"""The template: one migrated, empty database that every new organization starts from."""

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from ocapi.kernel.tenants import binding, sqlite
from ocapi.kernel.tenants.connections import PLATFORM
from ocapi.kernel.tenants.data import Engine, Kind, State, TemplateMissing, Tenant
from ocapi.lib import clock, durable, ids


def template_path() -> Path:
    """Give the path of the SQLite template under the data folder."""
    return Path(settings.OCAPI.data) / "template" / "tenant.sqlite"


def statements_path(cache: Path) -> Path:
    """Give where `cache` keeps what makes an empty organization on PostgreSQL, by its migrations."""
    return cache / f"statements-{migrations_hash()}.json"


def migrations_hash() -> str:
    """Give a hash over all migration files, so that an unchanged template is copied instead of rebuilt."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    digest = hashlib.sha256()
    for label, name in sorted(loader.disk_migrations):
        module = loader.disk_migrations[label, name].__module__
        digest.update(f"{label}.{name}\n".encode())
        if module.startswith("ocapi."):
            digest.update(_source_of(module))
    return digest.hexdigest()[:16]


def _source_of(module: str) -> bytes:
    import importlib

    file = importlib.import_module(module).__file__
    return Path(file).read_bytes() if file else b""


def build(*, cache: Path) -> Path:
    """Build the SQLite template, or copy it from `cache` when no migration changed since.

    cache: folder for built templates, named by `migrations_hash`. Gives the template's path.
    """
    target = template_path()
    kept = cache / f"template-{migrations_hash()}.sqlite"
    if not kept.exists():
        durable.make_directory(cache)
        scratch = cache / f"building-{ids.token(6)}"
        _migrate_into(scratch)
        durable.replace_into(scratch / "tenants" / "template" / "db.sqlite", kept)
        durable.remove_tree(scratch)
    content = kept.read_bytes()
    durable.make_directory(target.parent)
    if not target.exists() or target.read_bytes() != content:
        durable.write_file(target, content)
    return target


@contextmanager
def scratch(home: Path) -> Iterator[Tenant]:
    """Bind a throw-away organization whose data folder is `home`: to build the template,
    to make migrations.
    """
    now = clock.now()
    throw_away = Tenant(
        uuid=ids.new_uuid(now),
        key="template",
        base_iri="urn:template",
        kind=Kind.AGENCY,
        state=State.BUILDING,
        engine=Engine.SQLITE,
        schema_number=1,
    )
    durable.make_directory(sqlite.database_path(home, throw_away).parent)
    configured = settings.OCAPI.data
    settings.OCAPI.data = str(home)
    try:
        with binding.unbound(), binding.bind(throw_away):
            yield throw_away
    finally:
        connections.forget(throw_away.alias)  # type: ignore[attr-defined]
        settings.OCAPI.data = configured


def _migrate_into(home: Path) -> None:
    with scratch(home) as throw_away:
        call_command("migrate", database=throw_away.alias, verbosity=0, interactive=False)
    _fold_journal(sqlite.database_path(home, throw_away))


def _fold_journal(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(truncate)")
    connection.execute("VACUUM")
    connection.execute("PRAGMA journal_mode = delete")
    connection.close()


def migrate_platform() -> None:
    """Bring the platform database up to date; only the tenant registry lives there."""
    if settings.DATABASES[PLATFORM]["ENGINE"].endswith("sqlite3"):
        durable.make_directory(Path(settings.DATABASES[PLATFORM]["NAME"]).parent)
    call_command("migrate", "tenants", database=PLATFORM, verbosity=0, interactive=False)


def read_template() -> bytes:
    """Give the bytes of the SQLite template, or raise TemplateMissing."""
    path = template_path()
    if not path.exists():
        raise TemplateMissing(str(path))
    return path.read_bytes()


def assert_pragmas_hold(path: Path) -> None:
    """Open a copied database once with the pragmas of record, so that a bad copy is found before it is
    served.
    """
    connection = sqlite3.connect(path)
    try:
        sqlite.apply_pragmas(connection)
        found = connection.execute("PRAGMA quick_check").fetchone()[0]
    finally:
        connection.close()
    if found != "ok":
        raise sqlite.PragmaRefused(f"the copied database fails its check: {found}")
