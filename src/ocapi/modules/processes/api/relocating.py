"""Put a run at another element than its drawing leads to: asked by one member of staff, done by another."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from ocapi.kernel.access import api as access
from ocapi.kernel.audit import api as audit
from ocapi.lib.actor import Actor
from ocapi.modules.processes.data import AskedRelocation, Relocations
from ocapi.modules.processes.services import relocating, steps
from ocapi.modules.processes.services.storing import Held

OPERATION = "processes.relocate"


def list_relocations(*, instance: UUID, actor: Actor, now: datetime) -> Relocations:
    """Give where a run can be put elsewhere and what was asked of it, with no value of a variable.

    A wish of somebody leaves a consultation leaf: it says why. Raises InstanceNotFound, NotAllowed.
    """
    access.require(actor, OPERATION)
    with transaction.atomic():
        row = steps.find_locked(instance)
        found = Relocations(places=relocating.places(row), asked=relocating.asked(row, actor))
        if found.asked:
            audit.consulted(
                actor=actor, operation=OPERATION, about=(), fields=("reason", "askedBy"), now=now,
                resource=f"processInstance/{row.uuid}", reference=row.business_key,
            )
    return found


def list_asked_relocations(*, actor: Actor) -> tuple[AskedRelocation, ...]:
    """Give the relocations that wait for a colleague, oldest first, at most 100. Raises NotAllowed.

    Who asks one, and why, is what `list_relocations` gives, after a leaf.
    """
    access.require(actor, "processes.list_incidents")
    return relocating.waiting()


def ask_relocation(
    *, instance: UUID, token: int, target: str, reason: str, actor: Actor, now: datetime
) -> UUID:
    """Ask to let a run go on elsewhere, and say why in at most 300 characters; again takes its place.

    Raises InstanceNotFound, NotRunning, StepNotPossible (cantRelocate, reasonMissing), SamePerson for who is
    no person, NotAllowed.
    """
    access.require(actor, OPERATION)
    with transaction.atomic():
        row = steps.find_locked(instance)
        made = relocating.ask(row, token=token, target=target, reason=reason, actor=actor, now=now)
        _changed(row, "asked", actor=actor, now=now)
    return made


def confirm_relocation(*, instance: UUID, relocation: UUID, actor: Actor, now: datetime) -> None:
    """Do what a colleague asked: what stood there ends, and the run goes on at the other element.

    Raises InstanceNotFound, RelocationNotFound (also when the run has gone on meanwhile), SamePerson,
    NotRunning, StepNotPossible, NotAllowed.
    """
    access.require(actor, OPERATION)
    with steps.one_step():
        row = steps.find_locked(instance)
        relocating.confirm(row, relocation, actor=actor, now=now)
        _changed(row, "done", actor=actor, now=now)


def withdraw_relocation(*, instance: UUID, relocation: UUID, actor: Actor, now: datetime) -> None:
    """Forget what was asked. Raises InstanceNotFound, RelocationNotFound, NotAllowed."""
    access.require(actor, OPERATION)
    with transaction.atomic():
        row = steps.find_locked(instance)
        relocating.withdraw(row, relocation)
        _changed(row, "withdrawn", actor=actor, now=now)


def _changed(row: Held, outcome: str, *, actor: Actor, now: datetime) -> None:
    audit.changed(
        actor=actor, operation=OPERATION, resource=f"processInstance/{row.uuid}", now=now, outcome=outcome,
        fields=("token",), reference=row.business_key,
    )
