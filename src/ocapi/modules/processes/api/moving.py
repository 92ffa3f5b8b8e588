"""Let running instances go on in another version: look at each first, then move each, by the worker."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.lib.actor import Actor
from ocapi.modules.processes.data import Migration, MigrationPlan, Misfit
from ocapi.modules.processes.services import arming, looking, moving

MIGRATE = "processes.migrate"


def list_misfits(*, source: UUID, target: UUID, actor: Actor) -> tuple[Misfit, ...]:
    """Give the elements of a version that another lacks, each with those that may take its place.

    Raises ProcessNotFound, StepNotPossible for another process, NotAllowed.
    """
    access.require(actor, MIGRATE)
    return moving.misfits(arming.Move(MigrationPlan(source=source, target=target)))


def ask_migration(*, plan: MigrationPlan, actor: Actor, now: datetime) -> UUID:
    """Let the worker tell of each running instance whether it can move; nothing moves yet.

    Raises ProcessNotFound, StepNotPossible (otherProcess, sameVersion, nodeUnknown), NotAllowed.
    """
    access.require(actor, MIGRATE)
    with transaction.atomic():
        return moving.ask(plan, actor=actor, now=now)


def get_migration(*, migration: UUID, actor: Actor) -> Migration:
    """Give how far a migration is. Raises MigrationNotFound, NotAllowed."""
    access.require(actor, MIGRATE)
    return moving.told(moving.row_of(migration))


def list_migrations(*, definition: UUID, actor: Actor) -> tuple[Migration, ...]:
    """Give the last twenty migrations of a version, newest first. Raises ProcessNotFound, NotAllowed."""
    access.require(actor, MIGRATE)
    return moving.of_version(looking.row_of(definition))


def carry_out_migration(*, migration: UUID, actor: Actor, now: datetime) -> None:
    """Let the worker move each instance that can, each in a transaction of its own; the others stay.

    Raises MigrationNotFound when it is gone, not looked at yet or carried out before, and NotAllowed.
    """
    access.require(actor, MIGRATE)
    with transaction.atomic():
        row = moving.carry_out(migration, now=now)
        audit.changed(
            actor=actor, operation=MIGRATE, now=now, fields=("definition",),
            resource=f"processDefinition/{row.target.uuid}",
        )


def go_on_migrating(*, migration: UUID, now: datetime) -> None:
    """Deal with the next instances of a migration, for the worker."""
    moving.go_on(migration, now=now)
