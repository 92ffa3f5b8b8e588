"""Django's connection handler, bound: `default` is the bound organization's database and no other."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DEFAULT_DB_ALIAS, ConnectionHandler

from ocapi.kernel.tenants import binding, closing, sqlite
from ocapi.kernel.tenants.data import Engine, Tenant, TenantUnbound, WrongTenant

PLATFORM = "platform"
Place = tuple[str, Engine, tuple[int, int]]


class TenantConnections(ConnectionHandler):
    """Replaces the class of `django.db.connections`: libraries hold that object, so only its class is
    swapped.

    `default` gives the bound organization's connection, whose own alias is `t_<key>`; unbound it gives a
    wrapper that answers `.vendor` and `.features` and raises TenantUnbound on connect. Another organization's
    alias raises WrongTenant. Open connections are kept per thread, the least recently used closed first; one
    to a database that was moved or restored since is not used again.
    """

    _connections: Any  # thread-local storage of Django's handler
    _latest: threading.local  # by thread: the organization asked for last, and its connection

    def __getitem__(self, alias: str) -> Any:
        if alias == DEFAULT_DB_ALIAS and (known := self._known(binding.find_current())) is not None:
            return known
        if alias == PLATFORM:
            return self._fixed(PLATFORM)
        tenant = binding.find_current()
        if alias == DEFAULT_DB_ALIAS:
            return self._fixed(DEFAULT_DB_ALIAS) if tenant is None else self._opened(tenant)
        if tenant is None:
            raise TenantUnbound
        if alias != tenant.alias:
            raise WrongTenant(bound=tenant.key, asked=alias)
        return self._opened(tenant)

    def __iter__(self) -> Iterator[str]:
        return iter((DEFAULT_DB_ALIAS, PLATFORM))

    def all(self, initialized_only: bool = False) -> list[Any]:
        """Give this thread's connections, open organizations included,
        so that Django's clean-up reaches them.
        """
        opened = list(self._open_tenants().values())
        fixed = [
            self._fixed(alias) for alias in self if not initialized_only or hasattr(self._connections, alias)
        ]
        return fixed + opened

    def forget(self, alias: str) -> None:
        """Close this thread's connection of that organization, if it is open."""
        self._latest.__dict__.clear()
        opened = self._open_tenants()
        for place in [each for each in opened if each[0] == alias]:
            opened.pop(place).close()

    def forget_engine(self, tenant: Tenant) -> None:
        """Close this thread's connection to the database of that kind; another kind's may be open too."""
        self._latest.__dict__.clear()
        connection = self._open_tenants().pop((tenant.alias, tenant.engine, tenant.edition), None)
        if connection is not None:
            connection.close()

    def create_connection(self, alias: str) -> BaseDatabaseWrapper:
        configured = self.settings[alias]
        if configured["ENGINE"].endswith("sqlite3"):
            is_platform = alias == PLATFORM
            return (sqlite.SqliteWrapper if is_platform else sqlite.UnboundSqlite)(configured, alias)
        from ocapi.kernel.tenants import postgres

        is_platform = alias == PLATFORM
        return (postgres.PlatformWrapper if is_platform else postgres.UnboundPostgres)(configured, alias)

    def _fixed(self, alias: str) -> Any:
        try:
            return getattr(self._connections, alias)
        except AttributeError:
            connection = self.create_connection(alias)
            setattr(self._connections, alias, connection)
            return connection

    def _open_tenants(self) -> OrderedDict[Place, Any]:
        try:
            opened: OrderedDict[Place, Any] = self._connections.open_tenants
        except AttributeError:
            opened = self._connections.open_tenants = OrderedDict()
        return opened

    def _known(self, tenant: Tenant | None) -> Any:
        """Give the connection when this very binding asked last: a step asks some twenty times."""
        latest = self._latest.__dict__
        return latest.get("connection") if tenant is not None and latest.get("tenant") is tenant else None

    def _opened(self, tenant: Tenant) -> Any:
        connection = self._found(tenant)
        self._latest.__dict__.update(tenant=tenant, connection=connection)
        return connection

    def _found(self, tenant: Tenant) -> Any:
        opened, place = self._open_tenants(), (tenant.alias, tenant.engine, tenant.edition)
        connection = opened.get(place)
        if connection is not None:
            opened.move_to_end(place)
            return connection
        connection = _wrapper(tenant)
        if tenant.succession is not None:
            connection.execute_wrappers.append(closing.guard(tenant))
        opened[place] = connection
        self._evict(opened, keep=place)
        return connection

    def _evict(self, opened: OrderedDict[Place, Any], *, keep: Place) -> None:
        limit = settings.OCAPI.open_tenants
        for place in list(opened):
            is_past = place[0] == keep[0]  # the same organization's, before it was moved or restored
            if len(opened) <= limit and not is_past:
                continue
            if place != keep and not opened[place].in_atomic_block:
                opened.pop(place).close()


def _wrapper(tenant: Tenant) -> BaseDatabaseWrapper:
    if tenant.engine is Engine.SQLITE:
        path = sqlite.database_path(Path(settings.OCAPI.data), tenant)
        return sqlite.SqliteWrapper(sqlite.database_settings(path), tenant.alias)
    from ocapi.kernel.tenants import postgres

    return postgres.TenantWrapper(postgres.tenant_settings(tenant), tenant.alias)


def install() -> None:
    """Swap the class of Django's connection handler; the settings module calls it before `django.setup()`."""
    from django import db

    db.connections.__class__ = TenantConnections
    db.connections._latest = threading.local()  # type: ignore[attr-defined]
