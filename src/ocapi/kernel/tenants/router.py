"""Sends every model to the bound organization's database, and the tenant registry to the platform's."""

from typing import Any

from ocapi.kernel.tenants import binding
from ocapi.kernel.tenants.connections import PLATFORM
from ocapi.kernel.tenants.data import WrongTenant


class TenantRouter:
    """Raises when nothing is bound, and when an instance of another organization is read or written."""

    def db_for_read(self, model: type, **hints: Any) -> str:
        return self._alias(model, hints)

    def db_for_write(self, model: type, **hints: Any) -> str:
        return self._alias(model, hints)

    def allow_relation(self, left: Any, right: Any, **hints: Any) -> bool:
        return bool(left._state.db == right._state.db)

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return (db == PLATFORM) == (app_label == "tenants")

    def _alias(self, model: Any, hints: dict[str, Any]) -> str:
        if model._meta.app_label == "tenants":
            return PLATFORM
        bound = binding.current()
        instance = hints.get("instance")
        origin = getattr(getattr(instance, "_state", None), "db", None)
        if origin not in (None, bound.alias):
            raise WrongTenant(bound=bound.key, asked=str(origin))
        return bound.alias
