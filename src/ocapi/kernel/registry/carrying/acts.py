"""The leaf that each act of carrying leaves in the log of the organization it carries."""

from datetime import datetime

from ocapi.kernel.audit import api as audit
from ocapi.kernel.tenants import api as tenants
from ocapi.lib.actor import system

ACTOR = system("registry.carry")


def record(operation: str, *, now: datetime) -> None:
    """Leave a leaf of a work of the system on the bound organization as a whole, under a signed head."""
    stage(operation, now=now)
    audit.seal(now=now)


def stage(operation: str, *, now: datetime) -> None:
    """Leave the leaf without a head: the root stays what it was."""
    audit.changed(
        actor=ACTOR, operation=operation, resource=f"organization/{tenants.current().uuid}", now=now,
    )
