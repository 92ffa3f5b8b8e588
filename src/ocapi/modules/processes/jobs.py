"""Background work of processes; each keeps its own short transactions."""

from datetime import datetime
from uuid import UUID

from ocapi.kernel.jobs.extensions import Outside, job
from ocapi.modules.processes import api


@job("processes.fire_timers", is_atomic=False)
def fire_timers(*, now: datetime) -> None:
    """Fire the timers that are due; it is queued for the instant of the first."""
    api.fire_timers(now=now)


@job("processes.call", is_atomic=False)
def call(*, call: str, now: datetime) -> Outside | None:
    """Do a connector's work."""
    return api.run_call(call=UUID(call), now=now)


@job("processes.call_outside", is_atomic=False, is_outside=True)
def call_outside(*, call: str, now: datetime) -> Outside | None:
    """Do the work of a connector that asks a system outside."""
    return api.run_call(call=UUID(call), now=now)


@job("processes.deliver", is_atomic=False)
def deliver(*, message: str, now: datetime) -> None:
    """Deliver what an instance sent."""
    api.deliver_message(message=UUID(message), now=now)


@job("processes.test_connection", is_atomic=False, is_outside=True)
def test_connection(*, code: str, now: datetime) -> Outside | None:
    """Try whether a system outside answers."""
    return api.run_test(code=code, now=now)


@job("processes.migrate", is_atomic=False)
def migrate(*, migration: str, now: datetime) -> None:
    """Deal with the next instances that move to another version."""
    api.go_on_migrating(migration=UUID(migration), now=now)
