"""Closes the database of an organization whose place another has taken: it can then only be read."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ocapi.kernel.tenants.data import Replaced, Tenant
from ocapi.lib import clock

STILL_WRITTEN = (
    "account_", "accounts_", "audit_", "auth_", "django_session", "jobs_", "mfa_", "outbox_",
    "registry_erasure", "socialaccount_",
)
"""Tables of signing in to read, of the log of who read, and of handing on what happened before the day."""
_READS = re.compile(
    r"\s*(?:SELECT|SAVEPOINT|RELEASE|ROLLBACK|BEGIN|COMMIT|PRAGMA|SET|SHOW|EXPLAIN|VALUES)\b", re.I
)
_WRITES = re.compile(
    r'\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE(?:\s+ONLY)?|DELETE\s+FROM|REPLACE\s+INTO|MERGE\s+INTO)\s+"?(\w+)"?',
    re.I,
)
_QUERY = re.compile(r"\s*WITH\b", re.I)
_lifted: ContextVar[bool] = ContextVar("ocapi_archive_lifted", default=False)


@contextmanager
def lifted() -> Iterator[None]:
    """Let the house itself write to an organization that was replaced: migrations, new keys."""
    token = _lifted.set(True)
    try:
        yield
    finally:
        _lifted.reset(token)


def guard(tenant: Tenant) -> Callable[..., Any]:
    """Give an execute wrapper that lets nothing change in an organization from the day it is replaced."""
    succession = tenant.succession

    def execute(run: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        is_closed = succession is not None and not _lifted.get() and succession.is_in_force(clock.now())
        if is_closed and not is_harmless(str(sql)):
            assert succession is not None
            raise Replaced(succession)
        return run(sql, params, many, context)

    return execute


def is_harmless(sql: str) -> bool:
    """Tell whether a statement only reads, or writes what is still written in an archive."""
    if _READS.match(sql):
        return True
    written = _WRITES.findall(sql)
    if _QUERY.match(sql):
        return all(table.startswith(STILL_WRITTEN) for table in written)
    return bool(written) and written[0].startswith(STILL_WRITTEN)  # what follows is ON CONFLICT DO UPDATE
