"""Bringing every organization up to this release: canaries first, then waves; a failure is parked.

The order and what stops the run stand in house.md 6.10. A rerun goes on where the last one ended.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import DatabaseError

from ocapi.kernel.registry.backups import proving
from ocapi.kernel.tenants import api as tenants
from ocapi.kernel.tenants.data import Busy, Engine, State, Tenant

WAVES = (1, 10, 50)
LEFT_ALONE = (State.BUILDING, State.MOVING, State.DISSOLVED)
FAULTS = (  # whatever a migration may raise; a fault of the machine (memory, a kill) ends the run instead
    DatabaseError, ArithmeticError, AssertionError, AttributeError, LookupError, OSError, RuntimeError,
    TypeError, ValueError,
)


class NotSound(RuntimeError):
    """After its migrations an organization lost rows or breaks an invariant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """What a run did. applied: migrations by key. parked: reasons by key. stopped_by: a failed canary."""

    applied: dict[str, tuple[str, ...]]
    parked: dict[str, str]
    stopped_by: str = ""


def migrate_all(*, tell: Callable[[str], None]) -> Migrated:
    """Bring every organization up: see `registry.api.migrate_all`."""
    tenants.forget()
    wanted = tenants.known_migrations()
    all_of_them = [each for each in tenants.list_tenants() if each.state not in LEFT_ALONE]
    canaries = [each for each in all_of_them if each.is_canary] + [
        each for each in all_of_them if each.is_reference and not each.is_canary
    ]
    applied: dict[str, tuple[str, ...]] = {}
    parked: dict[str, str] = {}
    for canary in canaries:
        _bring_up(canary, wanted, applied, parked)
        if parked:
            return Migrated(applied=applied, parked=parked, stopped_by=canary.key)
    rest = [each for each in all_of_them if each not in canaries]
    for number, wave in enumerate(_waves(rest), start=1):
        for tenant in wave:
            _bring_up(tenant, wanted, applied, parked)
        tell(f"wave {number}: {len(wave)} organizations, {len(parked)} parked so far")
    return Migrated(applied=applied, parked=parked)


def _waves(rest: list[Tenant]) -> Iterator[list[Tenant]]:
    left = iter(rest)
    for size in (*WAVES, max(len(rest), 1)):
        if wave := list(islice(left, size)):
            yield wave


def _bring_up(
    tenant: Tenant, wanted: frozenset[str], applied: dict[str, tuple[str, ...]], parked: dict[str, str]
) -> None:
    try:
        done = tenants.upgrade(tenant, wanted=wanted, begin=lambda: _begin(wanted))
    except Busy:
        raise  # another run is at work: it must not find what it works on parked
    except FAULTS as failure:
        parked[tenant.key] = f"{type(failure).__name__}: {failure}"
        tenants.park(tenant, parked[tenant.key])
    else:
        tenants.release(tenant)
        if done:
            applied[tenant.key] = done
    finally:
        tenants.close_connections()


def _begin(wanted: frozenset[str]) -> Callable[[], None]:
    """Count the rows of the bound organization; gives what compares them afterwards."""
    there = tenants.present_tables()
    names = [each.name for each in tenants.list_tables() if each.name in there]
    if tenants.current().engine is not Engine.SQLITE:  # in use meanwhile: only what migrations may touch
        apps = tuple({each.partition(".")[0] + "_" for each in wanted - set(tenants.applied_migrations())})
        names = [name for name in names if name.startswith(apps)]
    before = {name: tenants.count_rows(name) for name in names}
    return lambda: _require_sound(before)


def _require_sound(before: dict[str, int]) -> None:
    for table, count in before.items():
        if (found := tenants.count_rows(table)) < count:
            raise NotSound(f"{table} has {found} rows of {count}")
    if broken := proving.broken_invariants():
        raise NotSound(broken[0])
