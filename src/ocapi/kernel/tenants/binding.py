"""One context variable holds the bound organization; everything below asks it and fails when it is empty."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token

from ocapi.kernel.tenants.data import Tenant, TenantUnbound, WrongTenant

_bound: ContextVar[Tenant | None] = ContextVar("ocapi_tenant", default=None)


def current() -> Tenant:
    """Give the bound organization, or raise TenantUnbound."""
    tenant = _bound.get()
    if tenant is None:
        raise TenantUnbound
    return tenant


def find_current() -> Tenant | None:
    """Give the bound organization, or None."""
    return _bound.get()


def set_bound(tenant: Tenant) -> Token[Tenant | None]:
    """Bind `tenant` until `reset`; raises WrongTenant when another one is bound already."""
    bound = _bound.get()
    if bound is not None and bound.uuid != tenant.uuid:
        raise WrongTenant(bound=bound.key, asked=tenant.key)
    return _bound.set(tenant)


def reset(token: Token[Tenant | None]) -> None:
    """Undo `set_bound`."""
    _bound.reset(token)


@contextmanager
def bind(tenant: Tenant) -> Iterator[Tenant]:
    """Bind `tenant` for a block; nesting another organization raises WrongTenant."""
    token = set_bound(tenant)
    try:
        yield tenant
    finally:
        reset(token)


@contextmanager
def unbound() -> Iterator[None]:
    """Run a block with no organization bound: for process loops and tests that go on to bind another."""
    token = _bound.set(None)
    try:
        yield
    finally:
        reset(token)
