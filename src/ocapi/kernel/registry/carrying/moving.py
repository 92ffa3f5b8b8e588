"""Moving an organization to the other kind of database, by the same lines of JSON an archive has."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ocapi.kernel.registry.carrying import reading, scratch
from ocapi.kernel.registry.carrying.acts import record
from ocapi.kernel.registry.carrying.data import ArchiveRefused, Progress, Reason
from ocapi.kernel.registry.carrying.sinks import FolderSink
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import AlreadyThere, Engine, State, Tenant
from ocapi.lib import crashpoint

OTHER = {Engine.SQLITE: Engine.POSTGRES, Engine.POSTGRES: Engine.SQLITE}


def move(*, key: str, engine: Engine, now: datetime, tell: Progress) -> Tenant:
    """Move an organization; see `registry.api.move_tenant`."""
    tenant = tenants.by_key(key)
    tenants.prepare_engine(engine)
    if tenant.engine is engine:
        if tenant.state is State.ACTIVE:
            tenants.take_database_away(replace(tenant, engine=OTHER[engine]))  # left by a move cut short
        raise AlreadyThere(key, engine)
    tenants.set_state(tenant, State.MOVING)
    try:
        with scratch.folder() as folder, tenants.bind_tenant(tenant), tenants.lifted():
            tenants.require_this_release()
            record("tenants.move", now=now)
            with tenants.held():
                moved = _transplant(folder / "tables", tenant, engine, tell)
                tenants.make_useless()
    except BaseException:
        tenants.set_state(tenant, State.ACTIVE)
        raise
    tenants.take_database_away(tenant)
    return moved


def _transplant(folder: Path, tenant: Tenant, engine: Engine, tell: Progress) -> Tenant:
    tables = tenants.list_tables()
    with FolderSink(folder) as sink:
        for table in tables:
            sink.put(f"{table.name}.jsonl", (line + b"\n" for line in tenants.read_rows(table.name)))
        sink.finish()
    counts = {table.name: tenants.count_rows(table.name) for table in tables}
    log = reading.log_state()

    def fill() -> None:
        crashpoint.point("tenants.move.before_load")
        with tenants.loading():
            for table in tables:
                tenants.load_rows(table, reading.lines_of(folder / f"{table.name}.jsonl"))
                found = tenants.count_rows(table.name)
                if found != counts[table.name]:
                    raise ArchiveRefused(
                        Reason.COUNT_DIFFERS, place=table.name, detail=f"{found} rows of {counts[table.name]}"
                    )
                if found:
                    tell(f"{table.name}: {found} rows")
            if reading.log_state() != log:
                raise ArchiveRefused(Reason.ROOT_DIFFERS, place="audit_leaf")

    return tenants.transplant(tenant=tenant, engine=engine, fill=fill)
