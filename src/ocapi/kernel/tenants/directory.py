"""The organizations of this installation in memory, read anew when the platform database changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connections

from ocapi.kernel.tenants.connections import PLATFORM
from ocapi.kernel.tenants.data import Engine, Kind, State, Succession, Tenant, UnknownTenant
from ocapi.lib import clock

FRESH_S = 1.0  # longest time a web worker answers from a list that another process changed


class Directory:
    """Keys and host names of all tenants; 300 rows, read whole when older than a second and changed."""

    def __init__(self) -> None:
        self._by_key: dict[str, Tenant] = {}
        self._by_host: dict[str, Tenant] = {}
        self._by_uuid: dict[UUID, Tenant] = {}
        self._read_at = float("-inf")
        self._version: object = None

    def forget(self) -> None:
        """Read anew at the next question."""
        self._read_at = float("-inf")
        self._version = None

    def by_key(self, key: str) -> Tenant:
        """Give the tenant with that key, or raise UnknownTenant."""
        self._refresh()
        try:
            return self._by_key[key]
        except KeyError:
            raise UnknownTenant(key) from None

    def by_host(self, host: str) -> Tenant:
        """Give the tenant served under a host name (no port), or raise UnknownTenant."""
        self._refresh()
        try:
            return self._by_host[host.lower()]
        except KeyError:
            raise UnknownTenant(host) from None

    def by_uuid(self, uuid: UUID) -> Tenant:
        """Give the tenant with that identity, or raise UnknownTenant."""
        self._refresh()
        try:
            return self._by_uuid[uuid]
        except KeyError:
            raise UnknownTenant(str(uuid)) from None

    def find_heir(self, tenant: Tenant, *, at: datetime) -> Tenant | None:
        """Give the last of those that took each other's place by an instant; None: nobody, or not here."""
        heir, seen = tenant, {tenant.uuid}
        while heir.succession is not None and heir.succession.is_in_force(at):
            following = self._by_uuid.get(heir.succession.new)
            if following is None or following.uuid in seen:
                return None
            seen.add(following.uuid)
            heir = following
        return None if heir is tenant else heir

    def all(self) -> tuple[Tenant, ...]:
        """Give every tenant, by key."""
        self._refresh()
        return tuple(self._by_key[key] for key in sorted(self._by_key))

    def _refresh(self) -> None:
        if clock.monotonic() - self._read_at < FRESH_S:
            return
        version = _data_version()
        if version is None or version != self._version:
            self._read()
            self._version = version
        self._read_at = clock.monotonic()

    def _read(self) -> None:
        from ocapi.kernel.tenants.models import HostRow, SuccessionRow, TenantRow

        held = SuccessionRow.objects.using(PLATFORM).filter(undone_at__isnull=True)
        successions = {row.old: succession_of(row) for row in held if row.confirmed_at is not None}

        hosts: dict[int, list[str]] = {}
        for host in HostRow.objects.using(PLATFORM).filter(valid_until__isnull=True).order_by("name"):
            hosts.setdefault(host.tenant_id, []).append(host.name)
        by_key = {}
        for row in TenantRow.objects.using(PLATFORM).order_by("key"):
            by_key[row.key] = Tenant(
                uuid=row.uuid,
                key=row.key,
                base_iri=row.base_iri,
                kind=Kind(row.kind),
                state=State(row.state),
                engine=Engine(row.engine),
                schema_number=row.schema_number,
                hosts=tuple(hosts.get(row.id, ())),
                is_reference=row.is_reference,
                is_canary=row.is_canary,
                is_demo=row.is_demo,
                edition=(row.id, row.cache_generation),
                succession=successions.get(row.uuid),
            )
        self._by_key = by_key
        self._by_uuid = {tenant.uuid: tenant for tenant in by_key.values()}
        self._by_host = {host: tenant for tenant in by_key.values() for host in tenant.hosts}


def succession_of(row: Any) -> Succession:
    """Give the row of a succession as others may see it."""
    return Succession(
        uuid=row.uuid, old=row.old, new=row.new, new_name=row.new_name, new_base_iri=row.new_base_iri,
        on=row.on_day, planned_at=row.planned_at, planned_by=row.planned_by, confirmed_at=row.confirmed_at,
        confirmed_by=row.confirmed_by,
    )


def _data_version() -> object:
    connection = connections[PLATFORM]
    if connection.vendor != "sqlite":
        return None
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return (cursor.fetchone()[0], id(connection.connection))


directory = Directory()

