"""Django's connection handler, bound: `default` is the bound organization's database and no other."""

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import DEFAULT_DB_ALIAS, ConnectionHandler

from ocapi.kernel.tenants import binding, sqlite
from ocapi.kernel.tenants.data import Engine, Tenant, TenantUnbound, WrongTenant

PLATFORM = "platform"


class TenantConnections(ConnectionHandler):
    """Replaces the class of `django.db.connections`: libraries hold that object, so only its class is
    swapped.

    `default` gives the bound organization's connection, whose own alias is `t_<key>`; unbound it gives a
    wrapper that answers `.vendor` and `.features` and raises TenantUnbound on connect. Another organization's
    alias raises WrongTenant. Open connections are kept per thread, the least recently used closed first.
    """

    _connections: Any  # thread-local storage of Django's handler

    def __getitem__(self, alias: str) -> Any:
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
        connection = self._open_tenants().pop(alias, None)
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

    def _open_tenants(self) -> OrderedDict[str, Any]:
        try:
            opened: OrderedDict[str, Any] = self._connections.open_tenants
        except AttributeError:
            opened = self._connections.open_tenants = OrderedDict()
        return opened

    def _opened(self, tenant: Tenant) -> Any:
        opened = self._open_tenants()
        connection = opened.get(tenant.alias)
        if connection is not None:
            opened.move_to_end(tenant.alias)
            return connection
        connection = _wrapper(tenant)
        opened[tenant.alias] = connection
        self._evict(opened, keep=tenant.alias)
        return connection

    def _evict(self, opened: OrderedDict[str, Any], *, keep: str) -> None:
        limit = settings.OCAPI.open_tenants
        for alias in list(opened):
            if len(opened) <= limit:
                return
            if alias != keep and not opened[alias].in_atomic_block:
                opened.pop(alias).close()


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
